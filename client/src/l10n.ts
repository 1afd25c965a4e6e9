/**
 * How text reaches people. Files that build text take a `Wording`, because they are unit-tested where `vscode` does not
 * exist; activation passes the real one.
 */
export interface Wording {
	/** `vscode.l10n.t`: the message in the user's language, `{0}` and on replaced by the arguments. */
	readonly t: (message: string, ...args: (string | number | boolean)[]) => string;
	/** A number as the user's language groups it. */
	readonly number: (value: number) => string;
	/** A date and time in full, for tooltips. */
	readonly time: (unixMs: number) => string;
}

export function wording(t: Wording['t'], locale: string): Wording {
	const numbers = new Intl.NumberFormat(locale);
	const times = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
	return { t, number: (value) => numbers.format(value), time: (unixMs) => times.format(unixMs) };
}
