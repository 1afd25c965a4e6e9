/** Random changes of a tree from a seed. */
import { appendFileSync, chmodSync, mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { walk } from './oracle.ts';

/** mulberry32: numbers from 0 up to, not including, `below`. */
export function random(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (state + 0x6d_2b_79_f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
	};
}

/** Makes changes in a folder, one a call. */
export class RandomChanges {
	readonly #root: string;
	readonly #next: (below: number) => number;
	#serial = 0;

	constructor(root: string, next: (below: number) => number) {
		this.#root = root;
		this.#next = next;
	}

	change(): void {
		const entries = [...walk(this.#root)];
		const folders = ['', ...entries.filter(([, kind]) => kind === 'folder').map(([path]) => path)];
		const files = entries.filter(([, kind]) => kind === 'file').map(([path]) => path);
		const pick = <T>(from: readonly T[]): T | undefined => from[this.#next(from.length)];
		const serial = ++this.#serial;
		const fresh = () => join(this.#root, pick(folders)!, `${this.#next(40)}`);
		const file = pick(files);
		const old = join(this.#root, file ?? '');
		const action = this.#next(10);
		try {
			if (action < 3 || file === undefined) {
				writeFileSync(fresh(), `${serial}`);
			} else if (action < 5) {
				appendFileSync(old, `${serial}`);
			} else if (action < 6) {
				// Each time another mode, so that none is as it was.
				chmodSync(old, 0o600 + (serial % 64));
			} else if (action < 7) {
				mkdirSync(fresh());
			} else if (action < 8) {
				symlinkSync(`target-${serial}`, fresh());
			} else if (action < 9) {
				unlinkSync(old);
			} else {
				rmSync(join(this.#root, pick(entries)![0]), { recursive: true });
			}
		} catch (error) {
			// The name is taken by another kind: then nothing happens.
			if (!['EISDIR', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) {
				throw error;
			}
		}
	}
}
