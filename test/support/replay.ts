/** The log and net changes as a consumer takes them: they must make sense, and lead from the tree of then to that of now. */
import assert from 'node:assert/strict';
import { dirname, relative } from 'node:path';
import type { EntryKind, LoggedChange, NetChange } from '#shared/model.ts';
import { ByPath, origin } from './recount.ts';
import { shownPath } from './shown-names.ts';
import type { Snapshot } from './tree-difference.ts';

/**
 * Fails unless the records, one after the other, lead from the tree of then to the tree of now: parents come before
 * children, children go before parents, nothing comes twice, and what is moved takes along what is in it.
 */
export function checkOrder(
	before: ReadonlyMap<string, EntryKind>,
	records: readonly LoggedChange[],
	after: ReadonlyMap<string, EntryKind>,
): void {
	const tree = new ByPath(before);
	const exists = (path: string) => tree.entries.has(path);
	for (const record of records) {
		const path = shownPath(record);
		const what = `${record.type} ${record.kind} ${path}`;
		switch (record.type) {
			case 'create':
				assert.ok(!exists(path), `${what}: it exists`);
				assert.ok(exists(dirname(path)) || !after.has(dirname(path)), `${what}: its folder comes later`);
				tree.entries.set(path, record.kind);
				break;
			case 'remove':
				assert.ok(exists(path), `${what}: it does not exist`);
				assert.ok(
					![...tree.entries.keys()].some((each) => each.startsWith(`${path}/`)),
					`${what}: what is in it goes later`,
				);
				tree.entries.delete(path);
				break;
			case 'move':
				tree.move(origin(record), path);
				break;
			case 'modify':
			case 'metadata':
				assert.equal(tree.entries.get(path), record.kind, what);
				break;
		}
	}
	assert.deepEqual(tree.lost, [], 'what is moved over has been removed or moves away itself');
	assert.deepEqual(tree.entries, after, 'the records lead to the tree of now');
}

/**
 * Fails unless net changes, applied to the old tree all at once, make the new one, and what they do not list is as it was.
 * `from` and the path of `remove` are names of then, all others names of now (DESIGN.md §8, `since`).
 */
export function checkApplied(before: Snapshot, changes: readonly NetChange[], after: Snapshot, root: string): void {
	const named = (type: NetChange['type']) =>
		changes.filter((change) => change.type === type).map((change) => ({ ...change, path: nameIn(root, change) }));
	const removed = new Set(named('remove').map(({ path }) => path));
	const moves = new Map(named('move').map((change) => [relative(root, origin(change)), change.path]));
	const landed = new Set(moves.values());
	const placeOf = (path: string): string => moves.get(path) ?? childOf(placeOf, path);
	const made = new Map<string, string>();
	for (const [path, { kind }] of before) {
		const place = placeOf(path);
		// What a move replaced need not be listed.
		const replaced = !moves.has(path) && landed.has(place);
		if (!removed.has(path) && !replaced) {
			made.set(place, kind);
			assert.ok(after.has(place), `${path} is said to be ${place}, which does not exist`);
		}
	}
	const rewritten = new Set([...named('modify'), ...named('create')].map(({ path }) => path));
	const touched = new Set(named('metadata').map(({ path }) => path));
	for (const [path, state] of before) {
		const is = after.get(placeOf(path));
		if (!removed.has(path) && is?.identity === state.identity && !rewritten.has(placeOf(path))) {
			assert.equal(is.content, state.content, `${placeOf(path)} has other content, which is not told`);
			if (!touched.has(placeOf(path))) {
				assert.equal(is.metadata, state.metadata, `${placeOf(path)} has other metadata, which are not told`);
			}
		}
	}
	for (const { path, kind } of named('create')) {
		assert.ok(!made.has(path), `${path} is created, but exists`);
		made.set(path, kind);
	}
	assert.deepEqual(made, new Map(Array.from(after, ([path, { kind }]) => [path, kind])), 'the new tree');
}

/** Where a path is when only the folder that it was in says so. */
function childOf(placeOf: (path: string) => string, path: string): string {
	const parent = dirname(path);
	return parent === '.' ? path : `${placeOf(parent)}${path.slice(parent.length)}`;
}

const nameIn = (root: string, change: NetChange) => relative(root, shownPath(change));
