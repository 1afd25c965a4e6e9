import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { closingLine, tallyOfNode, tallyOfPlaywright } from '../../scripts/test/tally.mjs';
import { root } from '../../scripts/setup/paths.mjs';

const node = { tests: 0, suites: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0, topLevel: 0 };
const NODE: Record<
	string,
	[counts: object | string | undefined, exitCode: number, expected: string, problem?: RegExp]
> = {
	'all passed': [{ ...node, passed: 3 }, 0, '3 passed, 0 failed, 0 skipped'],
	'cancelled tests have failed': [
		{ ...node, passed: 1, failed: 1, cancelled: 2 },
		1,
		'1 passed, 3 failed, 0 skipped',
	],
	'a test to do is a skipped one': [{ ...node, passed: 1, skipped: 1, todo: 2 }, 0, '1 passed, 0 failed, 3 skipped'],
	'no test': [node, 0, '0 passed, 1 failed, 0 skipped', /contain no test/],
	'no report': [undefined, 9, '0 passed, 1 failed, 0 skipped', /exit code 9 before/],
	'half a report': ['{"passed":', 9, '0 passed, 1 failed, 0 skipped', /exit code 9 before/],
	'counts that contradict the exit code': [
		{ ...node, passed: 3 },
		7,
		'3 passed, 1 failed, 0 skipped',
		/exit code 7 although/,
	],
};

const stats = { expected: 0, unexpected: 0, flaky: 0, skipped: 0 };
const PLAYWRIGHT: typeof NODE = {
	'all passed': [{ stats: { ...stats, expected: 3 }, errors: [] }, 0, '3 passed, 0 failed, 0 skipped'],
	'flaky tests have failed': [
		{ stats: { ...stats, expected: 3, flaky: 1, unexpected: 1 }, errors: [] },
		1,
		'3 passed, 2 failed, 0 skipped',
	],
	skipped: [{ stats: { ...stats, expected: 3, skipped: 1 }, errors: [] }, 0, '3 passed, 0 failed, 1 skipped'],
	'a spec that cannot be loaded': [{ stats, errors: [{}] }, 1, '0 passed, 1 failed, 0 skipped'],
	'no test': [{ stats, errors: [] }, 0, '0 passed, 1 failed, 0 skipped', /contain no test/],
	'no report': [undefined, 1, '0 passed, 1 failed, 0 skipped', /before it reported/],
};

for (const [runner, tally, cases] of [
	['node:test', tallyOfNode, NODE],
	['Playwright', tallyOfPlaywright, PLAYWRIGHT],
] as const) {
	for (const [name, [report, exitCode, expected, problem]] of Object.entries(cases)) {
		test(`tally of ${runner}: ${name}`, () => {
			const result = tally(typeof report === 'object' ? JSON.stringify(report) : report, exitCode);
			assert.equal(closingLine(result), expected);
			if (problem) {
				assert.match(result.problems.join('\n'), problem);
			} else {
				assert.deepEqual(result.problems, []);
			}
		});
	}
}

const FILES: Record<string, [source: string, expected: string]> = {
	'tests of every kind': [
		`test('a', () => {}); test('b', () => { throw new Error('b'); }); test.skip('c', () => {}); test.todo('d');`,
		'1 passed, 1 failed, 2 skipped',
	],
	'a file that cannot be loaded': ['import "./missing.mjs";', '0 passed, 1 failed, 0 skipped'],
	// What passed before is lost with the process's output.
	'a process that ends in the middle': [
		`test('a', () => {}); test('b', () => process.exit(3));`,
		'0 passed, 1 failed, 0 skipped',
	],
};

for (const [name, [source, expected]] of Object.entries(FILES)) {
	test(`counts that node --test writes: ${name}`, () => {
		const folder = mkdtempSync(join(tmpdir(), 'tally-'));
		try {
			const file = join(folder, 'a.test.mjs');
			writeFileSync(file, `import { test } from 'node:test';\n${source}\n`);
			const { NODE_TEST_CONTEXT: _, ...env } = process.env;
			const reporter = `--test-reporter=${join(root, 'scripts', 'test', 'node-reporter.mjs')}`;
			const run = spawnSync(process.execPath, ['--test', reporter, file], { encoding: 'utf8', env });
			assert.equal(closingLine(tallyOfNode(run.stdout, run.status ?? 1)), expected);
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
}
