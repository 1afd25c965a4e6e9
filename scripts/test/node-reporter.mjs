/**
 * A reporter for `node --test` that writes the final counts as JSON and nothing else; tally.mjs reads them.
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} events
 */
export default async function* countsAsJson(events) {
	for await (const event of events) {
		// Each file has a summary too; the run's own names no file.
		if (event.type === 'test:summary' && event.data.file === undefined) {
			yield JSON.stringify(event.data.counts);
		}
	}
}
