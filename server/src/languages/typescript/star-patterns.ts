/** Patterns with one `*` at most, as configurations and manifests have them. */

/** What a pattern's `*` stands for in a text: empty when it has none and is the text itself; undefined when it does not fit. */
export function starOf(pattern: string, text: string): string | undefined {
	const [start = '', end] = pattern.split('*');
	if (end === undefined) {
		return text === pattern ? '' : undefined;
	}
	const fits = text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
	return fits ? text.slice(start.length, text.length - end.length) : undefined;
}

/** A target with what the `*` of its pattern stands for. */
export function filled(target: string, star: string): string {
	return target.replaceAll('*', () => star);
}
