/**
 * Where the worker threads' code is: beside this bundle in dist/, or, when Node runs the TypeScript sources directly
 * (unit tests), in the source tree.
 */
const WORKERS = {
	writer: '../engine/writer-main.ts',
	drain: '../watching/drain-main.ts',
	crawl: '../engine/crawl-main.ts',
	graph: '../engine/graph-main.ts',
	'graph-reader': '../engine/reader-main.ts',
	verify: '../engine/verify-main.ts',
} as const;

/** URL to pass to `new Worker`. The bundle names are those of esbuild.mjs. */
export function workerEntry(name: keyof typeof WORKERS): URL {
	return import.meta.url.endsWith('.ts')
		? new URL(WORKERS[name], import.meta.url)
		: new URL(`./${name}.cjs`, import.meta.url);
}
