/**
 * What a poll no longer found, and the roots whose next poll may find where it went: a file that goes from one polled watch to
 * another is seen to go before it is seen to come, or the reverse.
 */
import { isInside } from '../platform/paths.ts';

export class AwaitedPolls {
	readonly #awaited = new Map<string, { since: number; roots: Set<string> }>();

	/**
	 * A path that is awaited already goes on as it is: a poll of a root around it finds it gone each time.
	 *
	 * @param since when it was seen to be gone, on the clock of `performance.now()`
	 */
	await(path: string, since: number, roots: readonly string[]): void {
		if (!this.#awaited.has(path)) {
			this.#awaited.set(path, { since, roots: new Set(roots) });
		}
	}

	/** The roots whose polls are awaited. */
	get roots(): Set<string> {
		const awaited = new Set<string>();
		for (const { roots } of this.#awaited.values()) {
			for (const root of roots) {
				awaited.add(root);
			}
		}
		return awaited;
	}

	forget(path: string): void {
		this.#awaited.delete(path);
	}

	/**
	 * Everything beneath a root has been compared.
	 *
	 * @param startedAt when that began, on the clock of `performance.now()`: what went later it cannot have found
	 * @returns the paths that no other poll is awaited for
	 */
	polled(root: string, startedAt: number): string[] {
		const done: string[] = [];
		for (const [path, { since, roots }] of this.#awaited) {
			if (startedAt < since) {
				continue;
			}
			for (const awaited of roots) {
				if (isInside(root, awaited)) {
					roots.delete(awaited);
				}
			}
			if (roots.size === 0) {
				this.#awaited.delete(path);
				done.push(path);
			}
		}
		return done;
	}
}
