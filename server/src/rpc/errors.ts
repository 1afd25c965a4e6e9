/** Errors across the wire: the message is the user's sentence, the code travels as data. */
import { ResponseError } from 'vscode-languageserver/node';
import { type ErrorCode, FiletideError } from '#shared/errors.ts';
import type { ErrorData } from '#shared/protocol.ts';
import { describeError } from '../platform/log.ts';

/** JSON-RPC leaves -32000 to -32099 to servers. */
const SERVER_ERROR = -32_000;

export function toResponseError(error: unknown): ResponseError<ErrorData> {
	const code = error instanceof FiletideError ? error.code : 'INTERNAL';
	return new ResponseError(SERVER_ERROR, describeError(error), { code });
}

/** The error that the other side threw. */
export function fromResponseError(error: unknown): Error {
	const data = (error as { data?: Partial<ErrorData> }).data;
	return error instanceof ResponseError && typeof data?.code === 'string'
		? new FiletideError(data.code as ErrorCode, error.message)
		: error instanceof Error
			? error
			: new Error(String(error));
}
