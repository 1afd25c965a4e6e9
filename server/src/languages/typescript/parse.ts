/** The parser, by its fastest way that works here. */
import { parseSync, type ParseResult, rawTransferSupported } from 'oxc-parser';

type Parsed = Pick<ParseResult, 'program' | 'comments' | 'errors' | 'module'>;

const OPTIONS = { sourceType: 'unambiguous' } as const;
const RAW_OPTIONS = { ...OPTIONS, experimentalRawTransfer: true };

/**
 * Whether the tree may be read from the parser's own memory, which takes a third of the time that it takes as JSON. That needs
 * 6 GB of address space, though hardly any memory, and modules that a bundle may not have: undefined until it was tried.
 */
let isRaw: boolean | undefined;

/** @param path decides what dialect it is; never read */
export function parse(path: string, text: string): Parsed {
	isRaw ??= rawTransferSupported() && tryRaw('probe.ts', '') !== undefined;
	const parsed = isRaw ? tryRaw(path, text) : undefined;
	return parsed ?? parseSync(path, text, OPTIONS);
}

/** Undefined where it does not work: then the slower way says what is wrong, if anything is wrong with the text. */
function tryRaw(path: string, text: string): Parsed | undefined {
	try {
		return parseSync(path, text, RAW_OPTIONS);
	} catch {
		isRaw = false;
		return undefined;
	}
}
