import { defineConfig } from '@playwright/test';
import { ci } from '../../scripts/test/ci.mjs';

/** `npm test` sets both; for a run by hand: CHROMIUM where Debian's is not, and where to put the machine's report. */
const { CHROMIUM = '/usr/bin/chromium', FILETIDE_E2E_REPORT } = process.env;

export default defineConfig({
	testDir: '.',
	outputDir: '../../artifacts/e2e',
	// One VS Code with its browser needs 1.1 GB and, while it starts, more than one core.
	workers: 1,
	forbidOnly: ci,
	// A test that fails now and then has found something.
	retries: 0,
	timeout: 120_000,
	expect: { timeout: 20_000 },
	reporter: [
		['list'],
		...(FILETIDE_E2E_REPORT === undefined ? [] : [['json', { outputFile: FILETIDE_E2E_REPORT }] as const]),
	],
	use: {
		viewport: { width: 1280, height: 800 },
		screenshot: 'only-on-failure',
		trace: 'retain-on-failure',
		launchOptions: {
			executablePath: CHROMIUM,
			args: [
				// Root in a container cannot have the sandbox; the only page is our own.
				'--no-sandbox',
				'--disable-gpu',
				'--disable-quic',
				'--disable-dev-shm-usage',
				'--no-first-run',
				'--disable-background-networking',
				'--disable-component-update',
				'--disable-sync',
			],
		},
	},
});
