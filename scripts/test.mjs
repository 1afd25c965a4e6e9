// Checks and tests everything, from a fresh clone.
//   npm test                            all parts (scripts/test/parts.mjs), on after a failure
//   node scripts/test.mjs unit e2e      these parts
import { runMain, sentences, setUp } from './setup.mjs';
import { seconds } from './setup/step.mjs';
import { ci } from './test/ci.mjs';
import { closingLine, failure, sum } from './test/tally.mjs';

/** @typedef {import('./test/tally.mjs').Tally} Tally */
/** @typedef {{ name: string, tally: Tally, took: string }} Result */

await runMain(async () => {
	try {
		await setUp(import.meta.url);
	} catch (error) {
		report([{ name: 'set-up', tally: failure(sentences(error)), took: '' }]);
		return;
	}
	// Imported late: it needs what the set-up has installed.
	const { PARTS } = await import('./test/parts.mjs');
	const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PARTS);
	const unknown = names.filter((name) => !Object.hasOwn(PARTS, name));
	if (unknown.length > 0) {
		console.error(`Unknown: ${unknown.join(', ')}. The parts are ${Object.keys(PARTS).join(', ')}.`);
		process.exitCode = 2;
		return;
	}
	/** @type {Result[]} */
	const results = [];
	for (const [name, part] of Object.entries(PARTS).filter(([key]) => names.includes(key))) {
		console.log(`\n── ${part.title} ──`);
		const since = Date.now();
		const tally = await runPart(part, names, results);
		results.push({ name, tally, took: seconds(since) });
		console.log(`${name}: ${closingLine(tally)}, ${seconds(since)}`);
	}
	report(results);
});

/**
 * @param {import('./test/parts.mjs').Part} part
 * @param {string[]} names
 * @param {Result[]} before
 * @returns {Promise<Tally>}
 */
async function runPart(part, names, before) {
	const broken = before.find(({ name, tally }) => part.needs?.includes(name) && tally.failed > 0);
	if (broken) {
		return failure(`Not run, which counts as a failure: it needs "${broken.name}", which failed.`);
	}
	try {
		return await part.run(names);
	} catch (error) {
		return failure(sentences(error));
	}
}

/** @param {Result[]} results */
function report(results) {
	console.log('\n── Summary ──');
	for (const { name, tally, took } of results) {
		console.log(`${tally.failed === 0 ? '✓' : '✗'} ${name.padEnd(12)} ${took.padStart(8)}   ${closingLine(tally)}`);
		for (const problem of tally.problems) {
			console.log(`  ${problem.replaceAll('\n', '\n  ')}`);
		}
	}
	const total = sum(results.map(({ tally }) => tally));
	if (ci && total.skipped > 0) {
		console.log(`${total.skipped} skipped: under CI that is a failure.`);
	}
	if (total.failed > 0 || (ci && total.skipped > 0)) {
		process.exitCode = 1;
	}
	console.log(closingLine(total));
}
