/**
 * What each block of 1,024 records of the log has, by coverage and type: whoever looks for the changes of a watch or of a type
 * passes over blocks without any. A block that was pruned in part may say more than it has.
 */
import { CHANGE_TYPES, type LogRecord, seal, unseal } from './records.ts';
import type { Tables } from './tables.ts';

const BLOCK_BITS = 10;
const HEADER = 4;
/** A coverage and a bit for each type. */
const SHARE = 5;

/** The block of a record. */
export function blockOf(seq: number): number {
	return seq >>> BLOCK_BITS;
}

/** The first sequence number of a block. */
export function firstOfBlock(block: number): number {
	return block * 2 ** BLOCK_BITS;
}

/** Coverage → types, a bit for each. */
type Block = Map<number, number>;

/** @throws DamagedRecordError */
export function readBlock({ logBlocks }: Pick<Tables, 'logBlocks'>, block: number): Block {
	const value = logBlocks.get(block);
	const found: Block = new Map();
	if (value !== undefined) {
		unseal(value, HEADER, 'block of the log');
		for (let at = HEADER; at < value.length; at += SHARE) {
			found.set(value.readUInt32LE(at), value.readUInt8(at + 4));
		}
	}
	return found;
}

/** Whether a block may have a record of these; an index of an older schema cannot tell. `type` undefined: any. */
export function mayHave(
	tables: Partial<Pick<Tables, 'logBlocks'>>,
	block: number,
	isCovered: (coverage: number) => boolean,
	type: number | undefined,
): boolean {
	if (tables.logBlocks === undefined) {
		return true;
	}
	const bits = type === undefined ? 0xff : 1 << type;
	for (const [coverage, types] of readBlock({ logBlocks: tables.logBlocks }, block)) {
		if ((types & bits) !== 0 && isCovered(coverage)) {
			return true;
		}
	}
	return false;
}

/** The blocks that one transaction adds to, each written once. */
export class LogBlocks {
	readonly #tables: Pick<Tables, 'logBlocks'>;
	readonly #blocks = new Map<number, Block>();

	constructor(tables: Pick<Tables, 'logBlocks'>) {
		this.#tables = tables;
	}

	add(seq: number, { type, coverage }: LogRecord): void {
		if (CHANGE_TYPES[type] === undefined) {
			return;
		}
		let block = this.#blocks.get(blockOf(seq));
		if (block === undefined) {
			block = readBlock(this.#tables, blockOf(seq));
			this.#blocks.set(blockOf(seq), block);
		}
		block.set(coverage, (block.get(coverage) ?? 0) | (1 << type));
	}

	flush(): void {
		for (const [number, block] of this.#blocks) {
			writeBlock(this.#tables, number, block);
		}
		this.#blocks.clear();
	}
}

export function writeBlock({ logBlocks }: Pick<Tables, 'logBlocks'>, number: number, block: Block): void {
	const out = Buffer.allocUnsafe(HEADER + block.size * SHARE);
	let at = HEADER;
	for (const [coverage, types] of block) {
		at = out.writeUInt32LE(coverage, at);
		at = out.writeUInt8(types, at);
	}
	logBlocks.putSync(number, seal(out));
}

/** Forgets the blocks that lie wholly before a sequence number. */
export function pruneBlocks(tables: Pick<Tables, 'logBlocks'>, before: number): void {
	for (const block of Array.from(tables.logBlocks.getKeys({ end: blockOf(before) }))) {
		tables.logBlocks.removeSync(block);
	}
}
