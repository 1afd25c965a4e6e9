/**
 * Decides which burst an event belongs to: one that goes on until nothing has changed in its watch for a second, or, while
 * version control works, until that has ended (DESIGN.md §2).
 */
import { sep } from 'node:path';
import type { BurstOrigin } from '#shared/model.ts';
import type { Burst, BurstPolicy, OpenBurst } from '../index/bursts.ts';
import { isInside } from '../platform/paths.ts';

/** After this long without an event the next one begins a new burst. */
const QUIET_MS = 1000;

/** What package managers write. */
const PACKAGES = `${sep}node_modules${sep}`;

interface Current extends OpenBurst {
	startedAt: number;
	latestAt: number;
}

export class BurstTracker implements BurstPolicy {
	#nextId: number;
	#roots: readonly string[] = [];
	readonly #current = new Map<string, Current>();
	/** Roots in which version control is at work. */
	readonly #held = new Map<string, BurstOrigin>();

	/** @param last the burst that the index recorded last */
	constructor(last: Burst | undefined) {
		this.#nextId = (last?.id ?? 0) + 1;
	}

	/** @param roots of watches that no other watch contains */
	useRoots(roots: readonly string[]): void {
		this.#roots = roots;
	}

	burstOf(path: string, now: number): OpenBurst {
		const root = this.#rootOf(path);
		let burst = this.#current.get(root);
		if (burst === undefined || (now - burst.latestAt > QUIET_MS && !this.#held.has(root))) {
			burst = { id: this.#nextId++, origin: 'unknown', root, startedAt: now, latestAt: now };
			this.#current.set(root, burst);
		}
		burst.latestAt = now;
		const origin = this.#held.get(root) ?? (path.includes(PACKAGES) ? 'packages' : undefined);
		if (origin !== undefined && burst.origin !== 'git') {
			burst.origin = origin;
		}
		return burst;
	}

	/** When the burst that an event at a path would belong to began; `now` when it would begin one. */
	startedAt(path: string, now: number): number {
		const burst = this.#current.get(this.#rootOf(path));
		return burst === undefined || now - burst.latestAt > QUIET_MS ? now : burst.startedAt;
	}

	/** A file was replaced as editors save: alone in its burst, that is what the burst was. */
	noteSave(path: string, now: number): void {
		const burst = this.burstOf(path, now);
		if (burst.origin === 'unknown') {
			this.#current.get(burst.root)!.origin = 'editor';
		}
	}

	/** Version control begins to work in a root: what it changes is a burst of its own. */
	begin(root: string, origin: BurstOrigin): void {
		this.#held.set(root, origin);
		this.#current.delete(root);
	}

	/** Version control has ended and what it changed is recorded. */
	end(root: string): void {
		if (this.#held.delete(root)) {
			this.#current.delete(root);
		}
	}

	#rootOf(path: string): string {
		return this.#roots.find((root) => isInside(root, path)) ?? '';
	}
}
