/** What a language brings: the engine knows none (DESIGN.md §6). */
import type { FileFacts, Request } from './facts.ts';
import type { FileEntry } from './store.ts';

/** What is known of a language without its parser: whoever keeps the graph reads no file. */
export interface LanguageNames {
	readonly name: string;
	/** Whether files of this name are read by it. */
	reads(path: string): boolean;
	/** Names of members that something outside the program calls: that nobody mentions them says nothing. */
	isCalledFromOutside(member: string): boolean;
}

export interface Language extends LanguageNames {
	/** @param path absolute; decides between dialects */
	extract(path: string, text: string): FileFacts;
	/**
	 * What a module is that is installed: what those see of it who ask for it.
	 *
	 * @param path absolute, in `node_modules`
	 * @throws when it cannot be read
	 */
	installed(path: string, resolver: ModuleResolver): FileEntry;
}

/** Finds the files that requests lead to. */
export interface ModuleResolver {
	/** The path of a file, or `package:…`, `unresolved:…` or `glob:…` (store.ts). */
	resolve(from: string, request: Request): string;
	/** See `FileEntry.awaits`. */
	awaited(from: string, requests: readonly Request[]): string[];
	/** Files have come or gone: what was found, or missed, may be so no longer. */
	forget(): void;
}
