/** Plans which sources run: watches under one root that use one kind of source share it. */
import { dirname } from 'node:path';
import { isInside } from '../platform/paths.ts';
import type { SourceGroup } from '../watching/messages.ts';
import { Scopes } from '../watching/scope.ts';
import { coverageKey, type Watch } from '../watching/watch.ts';

/**
 * @param generation of a root: a new number makes its sources start anew (a replaced folder, changed ignore rules)
 */
export function planSources(
	watches: readonly Watch[],
	storage: string,
	generation: (root: string) => number,
): SourceGroup[] {
	const groups: SourceGroup[] = [];
	for (const kind of ['native', 'chokidar', 'polling'] as const) {
		const mine = watches.filter((watch) => watch.source === kind);
		const scopes = new Scopes(mine, storage);
		for (const root of scopes.topRoots()) {
			const members = mine.filter((watch) => watch.root === root || isReached(scopes, root, watch.root));
			const pollIntervalMs = Math.min(...members.map((watch) => watch.pollIntervalMs));
			const windowMs = Math.min(...members.map((watch) => watch.windowMs));
			const maxWaitMs = Math.min(...members.map((watch) => watch.maxWaitMs));
			const leading = members.some((watch) => !watch.settled);
			const settings = [pollIntervalMs, windowMs, maxWaitMs, leading];
			const generations = members.map((watch) => generation(watch.root));
			const key = JSON.stringify([kind, root, generations, settings, members.map(coverageKey)]);
			const follows = members.some(({ followInto }) => followInto.length > 0);
			groups.push({ key, root, kind, pollIntervalMs, windowMs, maxWaitMs, leading, follows });
		}
	}
	return groups;
}

/** Whether a source that begins at `top` comes past `root` on its way down. */
function isReached(scopes: Scopes, top: string, root: string): boolean {
	return isInside(top, root) && root !== top && scopes.of(dirname(root)).watched;
}
