/**
 * Error codes. A code is classified once, where the error arises, and worded for the user at the edge.
 */
export const ErrorCodes = {
	/** The setting `filetide.watches` or a config file does not fit the schema. */
	configInvalid: 'CONFIG_INVALID',
	/** A glob in `include` or `ignore` cannot be parsed. */
	patternInvalid: 'PATTERN_INVALID',
	/** The root does not exist (the watch waits for it). */
	rootMissing: 'ROOT_MISSING',
	/** The root is not a folder. */
	rootNotAFolder: 'ROOT_NOT_A_FOLDER',
	/** The root or a folder beneath cannot be read. */
	unreadable: 'UNREADABLE',
	/** The watch waits until the workspace is trusted. */
	untrusted: 'UNTRUSTED',
	/** No watch has this id. */
	watchUnknown: 'WATCH_UNKNOWN',
	/** The watch was stopped. */
	watchStopped: 'WATCH_STOPPED',
	/** The source failed; a reconcile covers for it. */
	sourceFailed: 'SOURCE_FAILED',
	/** The index could not be written (disk full, read-only, I/O error). */
	indexWriteFailed: 'INDEX_WRITE_FAILED',
	/** The index's data file is damaged, or is none; it was put aside and a new index begun. */
	indexDamaged: 'INDEX_DAMAGED',
	/** LMDB lost its hold on the index (no memory for its map); it was opened anew. */
	indexUnusable: 'INDEX_UNUSABLE',
	/** The index's data file was removed or replaced by another one. */
	indexReplaced: 'INDEX_REPLACED',
	/** The index was written by a newer Filetide. */
	schemaTooNew: 'SCHEMA_TOO_NEW',
	/** The index was written by an older Filetide, and no server has migrated it yet. */
	schemaTooOld: 'SCHEMA_TOO_OLD',
	/** The other side of the socket speaks another protocol. */
	protocolMismatch: 'PROTOCOL_MISMATCH',
	/** `sync` did not finish in time. */
	syncTimeout: 'SYNC_TIMEOUT',
	/** The dependency graph is not kept. */
	graphOff: 'GRAPH_OFF',
	/** Git does not know a revision, or there is no repository. */
	revisionUnknown: 'REVISION_UNKNOWN',
	/** A cursor is not of this index, or older than what it remembers. */
	cursorUnknown: 'CURSOR_UNKNOWN',
	/** A path is in no watch. */
	notCovered: 'NOT_COVERED',
} as const;

export type ErrorCode = (typeof ErrorCodes)[keyof typeof ErrorCodes];

/** An error whose message is one sentence for the user. */
export class FiletideError extends Error {
	readonly code: ErrorCode;
	constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
		super(message, options);
		this.name = 'FiletideError';
		this.code = code;
	}
}
