/** Counters worked out the naive way: the log, from its beginning, played over a list of records for each path. */
import assert from 'node:assert/strict';
import type { Counters, LifetimeCounters, LoggedChange } from '#shared/model.ts';
import { shownPath } from './shown-names.ts';

export const ZERO: Counters = {
	event_count: 0,
	metadata_count: 0,
	per_type_counts: { create: 0, modify: 0, metadata: 0, move: 0 },
};

/**
 * Things by path, which move about with the folders that they are in.
 *
 * Two names that are exchanged are two moves, one after the other in the log: what the first one lands on is put by until
 * its own move comes.
 */
export class ByPath<T> {
	readonly entries: Map<string, T>;
	readonly #displaced = new Map<string, Map<string, T>>();

	constructor(entries: Iterable<readonly [string, T]> = []) {
		this.entries = new Map(entries);
	}

	/** Takes a path away, with everything in it. */
	take(path: string): Map<string, T> {
		const taken = new Map<string, T>();
		for (const [each, value] of this.entries) {
			if (each === path || each.startsWith(`${path}/`)) {
				taken.set(each.slice(path.length), value);
				this.entries.delete(each);
			}
		}
		return taken;
	}

	move(from: string, path: string): void {
		const moving = this.#displaced.get(from) ?? this.take(from);
		this.#displaced.delete(from);
		const inTheWay = this.take(path);
		if (inTheWay.size > 0) {
			assert.ok(!this.#displaced.has(path), `${path} is moved over twice`);
			this.#displaced.set(path, inTheWay);
		}
		for (const [inner, value] of moving) {
			this.entries.set(path + inner, value);
		}
	}

	/** What was moved over and neither removed before nor moved away after: the log must not leave any. */
	get lost(): string[] {
		return [...this.#displaced.keys()];
	}
}

export class Recount {
	/** The records of each node, since it came into existence; only those that count. */
	readonly #nodes: ByPath<LoggedChange[]>;
	readonly #all: LoggedChange[] = [];

	/** @param paths what existed before the first record that it takes */
	constructor(paths: Iterable<string>) {
		this.#nodes = new ByPath(Array.from(paths, (path) => [path, []]));
	}

	/** A recount of records that led to what exists now. */
	static upTo(now: Iterable<string>, records: readonly LoggedChange[]): Recount {
		const recount = new Recount(rewind(now, records));
		recount.apply(records);
		return recount;
	}

	/** Takes further records, in the log's order. */
	apply(records: readonly LoggedChange[]): void {
		for (const record of records) {
			this.#all.push(record);
			const path = shownPath(record);
			const { entries } = this.#nodes;
			if (record.type === 'move') {
				this.#nodes.move(origin(record), path);
			} else if (record.type === 'remove' || record.type === 'create') {
				entries.delete(path);
			}
			if (record.type !== 'remove') {
				const counted = record.reason === undefined ? [record] : [];
				entries.set(path, [...(entries.get(path) ?? []), ...counted]);
			}
		}
	}

	/** Live counters of a path. */
	live(path: string): Counters {
		return sum((this.#nodes.entries.get(path) ?? []).map(one));
	}

	/** Fails when a node was moved over and neither removed before nor moved away after. */
	checkNothingLost(): void {
		assert.deepEqual(this.#nodes.lost, [], 'what is moved over has been removed or moves away itself');
	}

	lifetime(watchId: string): LifetimeCounters {
		const total: LifetimeCounters = { create: 0, modify: 0, metadata: 0, move: 0, remove: 0 };
		for (const { type, reason, watches } of this.#all) {
			if (reason === undefined && watches.includes(watchId)) {
				total[type]++;
			}
		}
		return total;
	}
}

/** What existed before these records, given what exists after them. */
function rewind(now: Iterable<string>, records: readonly LoggedChange[]): Iterable<string> {
	const nodes = new ByPath(Array.from(now, (path) => [path, true]));
	for (const record of records.toReversed()) {
		const path = shownPath(record);
		if (record.type === 'create') {
			nodes.entries.delete(path);
		} else if (record.type === 'remove') {
			nodes.entries.set(path, true);
		} else if (record.type === 'move') {
			nodes.move(path, origin(record));
		}
	}
	return nodes.entries.keys();
}

/** Where a move began. */
export function origin({ from, fromBytes, path }: Pick<LoggedChange, 'from' | 'fromBytes' | 'path'>): string {
	assert.ok(from !== undefined, `the move to ${path} says from where`);
	return shownPath({ path: from, ...(fromBytes === undefined ? {} : { bytes: fromBytes }) });
}

function one({ type }: LoggedChange): Counters {
	return withTotals({ ...ZERO.per_type_counts, [type]: 1 });
}

export function sum(all: Iterable<Counters>): Counters {
	const types = { ...ZERO.per_type_counts };
	for (const { per_type_counts: more } of all) {
		types.create += more.create;
		types.modify += more.modify;
		types.metadata += more.metadata;
		types.move += more.move;
	}
	return withTotals(types);
}

function withTotals(types: Counters['per_type_counts']): Counters {
	return {
		event_count: types.create + types.modify + types.move,
		metadata_count: types.metadata,
		per_type_counts: types,
	};
}
