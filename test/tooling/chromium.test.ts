import assert from 'node:assert/strict';
import { delimiter } from 'node:path';
import { test } from 'node:test';
import { ensureChromium } from '../../scripts/chromium.mjs';

interface Case {
	/** What exists on the machine. */
	files?: string[];
	chromium?: string;
	debianRoot?: boolean;
	/** What apt-get brings. */
	installs?: string;
	expected: string | RegExp;
	installed?: boolean;
}

const CASES: Record<string, Case> = {
	'CHROMIUM wins': { chromium: '/opt/chrome', files: ['/opt/chrome', '/usr/bin/chromium'], expected: '/opt/chrome' },
	'CHROMIUM names nothing': {
		chromium: '/opt/chrome',
		files: ['/usr/bin/chromium'],
		expected: /CHROMIUM names \/opt\/chrome/,
	},
	'an empty CHROMIUM is none': { chromium: '', files: ['/usr/bin/chromium'], expected: '/usr/bin/chromium' },
	'on PATH': { files: ['/usr/local/bin/google-chrome'], expected: '/usr/local/bin/google-chrome' },
	'root on Debian installs': {
		debianRoot: true,
		installs: '/usr/bin/chromium',
		expected: '/usr/bin/chromium',
		installed: true,
	},
	'root on Debian, installed already': {
		debianRoot: true,
		files: ['/usr/bin/chromium'],
		expected: '/usr/bin/chromium',
	},
	'the package brings no browser': { debianRoot: true, expected: /apt-get install chromium/, installed: true },
	'nothing there and not allowed to install': { expected: /apt-get install chromium.*CHROMIUM/s },
};

for (const [
	name,
	{ files = [], chromium, debianRoot = false, installs, expected, installed = false },
] of Object.entries(CASES)) {
	test(`Chromium: ${name}`, async () => {
		const present = new Set(files);
		let installations = 0;
		const found = ensureChromium({
			path: ['/usr/local/bin', '/usr/bin'].join(delimiter),
			chromium,
			exists: (path) => present.has(path),
			debianRoot,
			install: async () => {
				installations++;
				if (installs !== undefined) {
					present.add(installs);
				}
			},
		});
		if (typeof expected === 'string') {
			assert.equal(await found, expected);
		} else {
			await assert.rejects(found, expected);
		}
		assert.equal(installations, installed ? 1 : 0);
	});
}
