import { type Wording, wording } from './l10n.ts';

/** English without VS Code: what the unit tests read. */
export const plainWording: Wording = wording(
	(message, ...args) => message.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole)),
	'en',
);
