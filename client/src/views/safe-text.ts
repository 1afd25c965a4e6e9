/**
 * A name from disk or settings as one harmless line. Control characters become their Unicode pictures, and characters
 * that reorder text are replaced: a file's name must not disguise itself, nor break a row.
 */
export function oneLine(text: string): string {
	return (
		text
			// oxlint-disable-next-line no-control-regex -- they are what is looked for
			.replace(/[\u0000-\u001f]/g, (character) => String.fromCodePoint(0x2400 + (character.codePointAt(0) ?? 0)))
			.replace(/[\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
	);
}

/** At most `limit` characters, cut between words where that loses little. */
export function shorten(text: string, limit: number): string {
	const line = oneLine(text);
	if (line.length <= limit) {
		return line;
	}
	const cut = line.slice(0, limit - 1);
	const space = cut.lastIndexOf(' ');
	return `${(space > limit / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}
