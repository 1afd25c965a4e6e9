/** The most that a VSIX may weigh, in bytes. */
export const VSIX_BUDGET = 4 * 1024 * 1024;

/**
 * The most that each bundle may weigh, in bytes, minified. Start-up time follows size, so a dependency that doubles
 * a bundle must be noticed. Raise one on purpose, together with the change that needs it.
 */
export const BUNDLE_BUDGETS = {
	'extension.cjs': 600_000,
	'server.cjs': 1_000_000,
	'filetide.cjs': 1_050_000,
	'writer.cjs': 300_000,
	'drain.cjs': 150_000,
	'crawl.cjs': 80_000,
	'graph.cjs': 220_000,
	'graph-reader.cjs': 280_000,
	'verify.cjs': 200_000,
};

/** @param {number} bytes */
export const kilobytes = (bytes) => `${Math.round(bytes / 1000).toLocaleString('en')} kB`;
