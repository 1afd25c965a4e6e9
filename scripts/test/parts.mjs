import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureHost } from '../../test/host/install.mjs';
import { ensureChromium } from '../chromium.mjs';
import { hostTarget, vsixFile } from '../package/targets.mjs';
import { ensureBuild } from '../setup/bundles.mjs';
import { artifacts, root } from '../setup/paths.mjs';
import { runTool } from './run-tool.mjs';
import { PASSED, failure, sum, tallyOfNode, tallyOfPlaywright } from './tally.mjs';

/** @typedef {import('./tally.mjs').Tally} Tally */

/**
 * @typedef {object} Part
 * @property {string} title
 * @property {string[]} [needs] parts whose failure makes this one pointless
 * @property {(names: string[]) => Promise<Tally>} run takes the names of all parts of this run
 */

/** After this a part hangs. The longest takes a third of it on two cores that have nothing else to do. */
const LIMIT_MINUTES = 18;

/**
 * In the order in which they run: what is quick and tells most comes first.
 * @type {Record<string, Part>}
 */
export const PARTS = {
	format: { title: 'Format', run: () => checker('oxfmt', ['--check']) },
	typecheck: { title: 'Types', run: () => checker('tsc', ['-b']) },
	lint: { title: 'Lint', run: () => checker('oxlint', ['--type-aware', '--deny-warnings']) },
	unused: { title: 'Unused code', run: () => checker('knip', []) },
	unit: {
		title: 'Unit tests',
		run: () =>
			nodeTests('unit', ['{shared,server,client}/**/*.test.ts', 'test/{unit,architecture,tooling}/**/*.test.ts']),
	},
	build: { title: 'Build', run: build },
	integration: {
		title: 'Integration tests',
		needs: ['build'],
		run: async (names) => {
			if (!names.includes('build')) {
				await ensureBuild();
			}
			return nodeTests('integration', ['test/integration/**/*.test.ts']);
		},
	},
	package: { title: 'Packages', run: packages },
	e2e: { title: 'End-to-end tests', needs: ['build', 'package'], run: endToEnd },
};

/**
 * @param {string} command
 * @param {string[]} parameters
 * @returns {Promise<Tally>}
 */
async function checker(command, parameters) {
	const exitCode = await runTool(command, parameters, { limitMinutes: LIMIT_MINUTES });
	return exitCode === 0 ? PASSED : failure(`\`${[command, ...parameters].join(' ')}\` found something.`);
}

/**
 * @param {string} name
 * @param {string[]} patterns
 * @returns {Promise<Tally>}
 */
async function nodeTests(name, patterns) {
	const files = globSync(patterns, { cwd: root, exclude: ['**/node_modules'] });
	if (files.length === 0) {
		return failure(`There is no test file: nothing matches ${patterns.join(' or ')}.`);
	}
	const report = reportFile(name);
	const reporters = [
		'--test-reporter=spec',
		'--test-reporter-destination=stdout',
		'--test-reporter=./scripts/test/node-reporter.mjs',
		`--test-reporter-destination=${report}`,
	];
	// Tests wait for debounce and the disk more than they compute.
	const parameters = ['--test', '--test-concurrency=2', ...reporters, ...files.sort()];
	const exitCode = await runTool(process.execPath, parameters, { limitMinutes: LIMIT_MINUTES });
	return tallyOfNode(read(report), exitCode);
}

async function build() {
	await ensureBuild();
	return PASSED;
}

/** Notices, packages, and a look into the packages. */
async function packages() {
	const notices = await checker(process.execPath, ['scripts/notices.mjs', '--check']);
	const made = await checker(process.execPath, ['scripts/package.mjs']);
	const looked = made.failed === 0 ? [await nodeTests('package', ['test/package/**/*.test.ts'])] : [];
	return sum([notices, made, ...looked]);
}

/** @param {string[]} names */
async function endToEnd(names) {
	const specs = 'test/e2e/**/*.spec.ts';
	if (globSync(specs, { cwd: root }).length === 0) {
		return failure(`There is no test file: nothing matches ${specs}.`);
	}
	const chromium = await ensureChromium();
	await ensureHost();
	if (!names.includes('package')) {
		const made = await checker(process.execPath, ['scripts/package.mjs', hostTarget()]);
		if (made.failed > 0) {
			return made;
		}
	}
	const report = reportFile('e2e');
	const env = {
		...process.env,
		CHROMIUM: chromium,
		FILETIDE_VSIX: vsixFile(hostTarget()),
		FILETIDE_E2E_REPORT: report,
	};
	const exitCode = await runTool('playwright', ['test', '-c', 'test/e2e'], { limitMinutes: LIMIT_MINUTES, env });
	return tallyOfPlaywright(read(report), exitCode);
}

/**
 * Where a runner writes its counts. A report of an earlier run is deleted: it must not be taken for this one's.
 * @param {string} name
 */
function reportFile(name) {
	const folder = join(artifacts, 'reports');
	mkdirSync(folder, { recursive: true });
	const file = join(folder, `${name}.json`);
	rmSync(file, { force: true });
	return file;
}

/** @param {string} file */
const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
