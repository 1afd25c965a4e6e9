/** A request that the server refused, or that got no answer because the server is gone. */
export class RequestFailure extends Error {
	/** One of `shared/errors.ts` when the server gave one. */
	readonly code: string | undefined;
	readonly serverGone: boolean;

	constructor(message: string, details: { code?: string | undefined; serverGone: boolean; cause?: unknown }) {
		super(message, { cause: details.cause });
		this.name = 'RequestFailure';
		this.code = details.code;
		this.serverGone = details.serverGone;
	}
}
