/**
 * Decides which burst an event belongs to (DESIGN.md §2). A burst goes on until nothing has changed in its watch for a
 * second; while work waits that came before then, it has not ended, however long that takes. What version control does
 * in a work tree is a burst of its own, until it has ended and all that it did is recorded.
 */
import { basename, sep } from 'node:path';
import type { BurstOrigin } from '#shared/model.ts';
import type { BurstPolicy, OpenBurst } from '../index/bursts.ts';
import { isInside } from '../platform/paths.ts';

/** After this long without an event the next one begins a new burst. */
const QUIET_MS = 1000;

/** Where package managers put what they fetch, and where they write down what that was. */
const PACKAGES = `${sep}node_modules`;
const LOCKFILES = new Set([
	'package-lock.json',
	'npm-shrinkwrap.json',
	'yarn.lock',
	'pnpm-lock.yaml',
	'bun.lock',
	'bun.lockb',
]);

/** The better one tells more of what happened: it stays when others follow. */
const RANK: Record<BurstOrigin, number> = { unknown: 0, editor: 1, packages: 2, git: 3 };

interface Current extends OpenBurst {
	startedAt: number;
	latestAt: number;
}

/** A work tree in which version control is at work, or was, with something of it left to do. */
interface Operation {
	origin: BurstOrigin;
	ended: boolean;
}

export class BurstTracker implements BurstPolicy {
	#nextId: number;
	#roots: readonly string[] = [];
	/** The latest burst of each root, and of each work tree in which version control is at work. */
	readonly #current = new Map<string, Current>();
	readonly #operations = new Map<string, Operation>();
	/** Roots for which there is work that has come before their burst could end. */
	readonly #busy = new Set<string>();

	/** @param lastId of the burst that the index recorded last; 0 for none */
	constructor(lastId: number) {
		this.#nextId = lastId + 1;
	}

	/** @param roots of watches that no other watch contains */
	useRoots(roots: readonly string[]): void {
		this.#roots = roots;
	}

	burstOf(path: string, now: number): OpenBurst {
		const root = this.#placeOf(path);
		let burst = this.#running(root, now);
		if (burst === undefined) {
			burst = { id: this.#nextId++, origin: 'unknown', root, startedAt: now, latestAt: now };
			this.#current.set(root, burst);
		}
		burst.latestAt = now;
		this.#suggest(burst, this.#operations.get(root)?.origin ?? (isOfPackages(path) ? 'packages' : 'unknown'));
		return burst;
	}

	/** When the burst that an event at a path would belong to began; `now` when it would begin one. */
	startedAt(path: string, now: number): number {
		return this.#running(this.#placeOf(path), now)?.startedAt ?? now;
	}

	/** A file was replaced as editors save: alone in its burst, that is what the burst was. */
	noteSave(path: string, now: number): void {
		this.burstOf(path, now);
		this.#suggest(this.#current.get(this.#placeOf(path))!, 'editor');
	}

	/** There is work at a path, whose events may come late. */
	arrived(path: string, now: number): void {
		const root = this.#rootOf(path);
		if (!this.#busy.has(root)) {
			if (this.#running(root, now) === undefined) {
				this.#current.delete(root);
			}
			this.#busy.add(root);
		}
	}

	/** No work is left. */
	rested(): void {
		this.#busy.clear();
		for (const [workTree, { ended }] of this.#operations) {
			if (ended) {
				this.#close(workTree);
			}
		}
	}

	/**
	 * Version control begins to work in a work tree: what it changes is a burst of its own. When something of the one before
	 * it is still to be recorded, which of them an event belongs to cannot be told, and they are one.
	 */
	begin(workTree: string, origin: BurstOrigin): void {
		if (!this.#operations.has(workTree)) {
			this.#current.delete(workTree);
			for (const root of this.#roots.filter((each) => isInside(workTree, each))) {
				this.#current.delete(root);
			}
		}
		this.#operations.set(workTree, { origin, ended: false });
	}

	/** Version control has ended; what it changed may still be recorded. */
	end(workTree: string): void {
		const operation = this.#operations.get(workTree);
		if (operation !== undefined && this.#busy.size > 0) {
			operation.ended = true;
		} else {
			this.#close(workTree);
		}
	}

	#close(workTree: string): void {
		if (this.#operations.delete(workTree)) {
			this.#current.delete(workTree);
		}
	}

	/** The burst that goes on in a place, if one does. */
	#running(place: string, now: number): Current | undefined {
		const burst = this.#current.get(place);
		const lasts = this.#busy.has(place) || this.#operations.has(place);
		return burst !== undefined && (lasts || now - burst.latestAt <= QUIET_MS) ? burst : undefined;
	}

	#suggest(burst: OpenBurst, origin: BurstOrigin): void {
		if (RANK[origin] > RANK[burst.origin]) {
			burst.origin = origin;
		}
	}

	/** The innermost work tree in which version control is at work, else the root. */
	#placeOf(path: string): string {
		let place: string | undefined;
		for (const workTree of this.#operations.keys()) {
			if (isInside(workTree, path) && workTree.length > (place?.length ?? -1)) {
				place = workTree;
			}
		}
		return place ?? this.#rootOf(path);
	}

	#rootOf(path: string): string {
		return this.#roots.find((root) => isInside(root, path)) ?? '';
	}
}

function isOfPackages(path: string): boolean {
	return path.includes(PACKAGES + sep) || path.endsWith(PACKAGES) || LOCKFILES.has(basename(path));
}
