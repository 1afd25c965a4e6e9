/** `declare module '*.svg'`: how those who declare a pattern and those who import what fits it find each other. */

/** The name of the program under which a pattern is declared. */
export function ambientModule(pattern: string): string {
	return `module ${pattern}`;
}

/** Specifiers that lead to sources, or to packages: nobody declares patterns of those. */
const PLAIN = /^(?:node:)?[^:!?]*$/;
const SOURCE = /(?:^|\/)[^/]*\.(?:[cm]?[jt]s|[jt]sx|json)$|(?:^|\/)[^./]*$|(?:^|\/)\.{1,2}$/;

/** The patterns that a specifier may fit, with the `*` before a dot or a query, or behind a protocol; none for most specifiers. */
export function patternsOf(specifier: string): string[] {
	if (PLAIN.test(specifier) && SOURCE.test(specifier)) {
		return [];
	}
	const ends = Array.from(specifier.matchAll(/[.?!](?=[^/])/g), ({ index }) => `*${specifier.slice(index)}`);
	const starts = Array.from(specifier.matchAll(/[:!/]/g), ({ index }) => `${specifier.slice(0, index + 1)}*`);
	return [...ends, ...starts];
}
