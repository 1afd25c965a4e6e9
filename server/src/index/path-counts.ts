/**
 * The rows of `path_stats`: own live counters, and the subtree's where these differ, as they do for folders alone. No counter is
 * larger than the log's last sequence number, so 32 bits hold it: a file's row has 20 bytes, and a batch of changes writes half
 * as many pages as with 64 bits each.
 */
import { LIVE, PATH_COUNTS } from './counts.ts';
import { DamagedRecordError, seal, unpackCounts, unseal } from './records.ts';
import { Scratch, viewOf } from './scratch.ts';

const OWN_BYTES = 4 + LIVE * 4;
const BYTES = 4 + PATH_COUNTS * 4;
/** Before schema 3: all of them, as 64-bit floats. */
const FLOAT_BYTES = 4 + PATH_COUNTS * 8;

const SCRATCH = new Scratch(BYTES);

/**
 * @param row {@link PATH_COUNTS} numbers. What is less than 0, which only damaged counters come to, is stored as 0
 * @returns good until the next call: lmdb copies what it is given
 */
export function packPathCounts(row: readonly number[]): Buffer {
	const { view } = SCRATCH;
	let bytes = OWN_BYTES;
	for (let i = 0; i < LIVE; i++) {
		const [own = 0, subtree = 0] = [row[i], row[LIVE + i]];
		view.setUint32(4 + i * 4, Math.max(0, own), true);
		view.setUint32(OWN_BYTES + i * 4, Math.max(0, subtree), true);
		if (own !== subtree) {
			bytes = BYTES;
		}
	}
	return seal(SCRATCH.of(bytes));
}

/**
 * @param row filled, and returned
 * @throws DamagedRecordError
 */
export function unpackPathCounts(value: Buffer, row: number[] = []): number[] {
	const { length } = value;
	if (length === FLOAT_BYTES) {
		return unpackCounts(value, PATH_COUNTS, row);
	}
	if (length !== OWN_BYTES && length !== BYTES) {
		throw new DamagedRecordError('counters');
	}
	unseal(value, length, 'counters');
	const view = viewOf(value);
	const subtreeAt = length === BYTES ? OWN_BYTES : 4;
	for (let i = 0; i < LIVE; i++) {
		row[i] = view.getUint32(4 + i * 4, true);
		row[LIVE + i] = view.getUint32(subtreeAt + i * 4, true);
	}
	return row;
}
