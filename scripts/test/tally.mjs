/**
 * What a part of the tests came to.
 * @typedef {object} Tally
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} problems sentences about failures that the part's own output does not explain
 */

/** @type {Tally} */
export const PASSED = { passed: 1, failed: 0, skipped: 0, problems: [] };

/**
 * One failure, explained.
 * @param {string} problem
 * @returns {Tally}
 */
export const failure = (problem) => ({ passed: 0, failed: 1, skipped: 0, problems: [problem] });

/**
 * @param {Tally[]} tallies
 * @returns {Tally}
 */
export function sum(tallies) {
	const total = { ...PASSED, passed: 0, problems: tallies.flatMap(({ problems }) => problems) };
	for (const { passed, failed, skipped } of tallies) {
		total.passed += passed;
		total.failed += failed;
		total.skipped += skipped;
	}
	return total;
}

/**
 * From the counts that node-reporter.mjs has written.
 * @param {string | undefined} report
 * @param {number} exitCode
 * @returns {Tally}
 */
export function tallyOfNode(report, exitCode) {
	/** @type {Record<'tests' | 'passed' | 'failed' | 'cancelled' | 'skipped' | 'todo', number> | undefined} */
	const counts = parse(report);
	if (counts === undefined) {
		return failure(`The test runner ended with exit code ${exitCode} before it reported anything.`);
	}
	const { passed, skipped, todo } = counts;
	// An unfinished test (`todo`) says as little as a skipped one, whatever it did.
	return settle(
		{ passed, failed: counts.failed + counts.cancelled, skipped: skipped + todo, problems: [] },
		exitCode,
	);
}

/**
 * From the report of Playwright's reporter `json`.
 * @param {string | undefined} report
 * @param {number} exitCode
 * @returns {Tally}
 */
export function tallyOfPlaywright(report, exitCode) {
	/**
	 * `flaky` are tests that failed and then passed. Errors are those of no test: a spec file that cannot be loaded.
	 * @type {{ stats: Record<'expected' | 'unexpected' | 'flaky' | 'skipped', number>, errors: unknown[] } | undefined}
	 */
	const result = parse(report);
	if (result === undefined) {
		return failure(`Playwright ended with exit code ${exitCode} before it reported anything.`);
	}
	const { expected, unexpected, flaky, skipped } = result.stats;
	const failed = unexpected + flaky + result.errors.length;
	return settle({ passed: expected, failed, skipped, problems: [] }, exitCode);
}

/**
 * Makes sure that counts and exit code agree, and that something was tested at all.
 * @param {Tally} tally
 * @param {number} exitCode
 * @returns {Tally}
 */
function settle(tally, exitCode) {
	if (exitCode !== 0 && tally.failed === 0) {
		return sum([
			tally,
			failure(`The test runner ended with exit code ${exitCode} although it reported no failure.`),
		]);
	}
	if (tally.passed + tally.failed + tally.skipped === 0) {
		return failure('The test files contain no test.');
	}
	return tally;
}

/** @param {string | undefined} report */
function parse(report) {
	try {
		return report === undefined ? undefined : JSON.parse(report);
	} catch (error) {
		if (error instanceof SyntaxError) {
			// The runner was ended while it wrote.
			return undefined;
		}
		throw error;
	}
}

/**
 * The line that ends every run.
 * @param {Tally} tally
 */
export const closingLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;
