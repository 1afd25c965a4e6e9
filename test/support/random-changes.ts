/** Random changes of a tree from a seed, and the net change between two snapshots of it. */
import {
	appendFileSync,
	chmodSync,
	lstatSync,
	mkdirSync,
	readlinkSync,
	rmSync,
	symlinkSync,
	unlinkSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { EntryKind } from '#shared/model.ts';
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

/** What tells two states of an entry apart. */
interface State {
	kind: EntryKind;
	content: string;
	mode: number;
}

export function snapshot(root: string): Map<string, State> {
	return new Map(
		Array.from(walk(root), ([path, kind]) => {
			const { ino, size, mtimeNs, mode } = lstatSync(join(root, path), { bigint: true });
			const content =
				kind === 'folder' ? '' : kind === 'link' ? readlinkSync(join(root, path)) : `${ino} ${size} ${mtimeNs}`;
			return [path, { kind, content, mode: Number(mode) }];
		}),
	);
}

/** Net changes between two snapshots, as `netLines` prints them. */
export function difference(before: ReadonlyMap<string, State>, after: ReadonlyMap<string, State>): string[] {
	const net: string[] = [];
	for (const path of new Set([...before.keys(), ...after.keys()])) {
		const [was, is] = [before.get(path), after.get(path)];
		if (was?.kind !== is?.kind) {
			net.push(...(was === undefined ? [] : [`remove ${was.kind} ${path}`]));
			net.push(...(is === undefined ? [] : [`create ${is.kind} ${path}`]));
		} else if (is !== undefined && was?.content !== is.content) {
			net.push(`modify ${is.kind} ${path}`);
		} else if (is !== undefined && was?.mode !== is.mode) {
			net.push(`metadata ${is.kind} ${path}`);
		}
	}
	return net.sort();
}
