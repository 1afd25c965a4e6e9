/** The log as a consumer plays it: each record must make sense where it stands. */
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import type { EntryKind, LoggedChange } from '#shared/model.ts';
import { ByPath, origin } from './recount.ts';
import { shownPath } from './shown-names.ts';

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
