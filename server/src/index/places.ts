/** Where the nodes of records are now, or for those that are gone, where they were last. Remembers what it has looked up. */
import { pathOfNode } from './lookup.ts';
import { endOf } from './node-history.ts';
import { nodeKey, unpackLog, unpackNode, unpackPlace } from './records.ts';
import { ROOT_NODE, type Tables } from './tables.ts';
import { childPath, joinNames } from '../platform/paths.ts';
import type { EntryKind } from '#shared/model.ts';

export interface Place {
	path: string;
	coverage: number;
	kind: EntryKind;
}

/** Then all is forgotten: memory stays flat however many nodes a log names. */
const MOST_REMEMBERED = 50_000;

export class Places {
	readonly #tables: Tables;
	readonly #places = new Map<number, Place | undefined>();
	readonly #folders = new Map<number, string | undefined>();

	constructor(tables: Tables) {
		this.#tables = tables;
	}

	/** Forgets what was looked up: since then nodes may have moved. */
	refresh(): void {
		this.#places.clear();
		this.#folders.clear();
	}

	/** Where a node is or was; undefined when nothing of it is left. */
	of(nodeId: number): Place | undefined {
		const known = this.#places.get(nodeId);
		if (known !== undefined || this.#places.has(nodeId)) {
			return known;
		}
		if (this.#places.size > MOST_REMEMBERED) {
			this.refresh();
		}
		const place = this.now(nodeId) ?? this.#last(nodeId);
		this.#places.set(nodeId, place);
		return place;
	}

	/** Where a node is; undefined when it is gone. */
	now(nodeId: number): Place | undefined {
		const packed = this.#tables.nodeById.get(nodeId);
		if (packed === undefined) {
			return undefined;
		}
		const { parent, name } = unpackPlace(packed);
		const folder = this.#folderPath(parent);
		const value = this.#tables.nodes.get(nodeKey(parent, name));
		if (folder === undefined || value === undefined) {
			return undefined;
		}
		const { coverage, kind } = unpackNode(value);
		return { path: parent === ROOT_NODE ? joinNames([name]) : childPath(folder, name), coverage, kind };
	}

	/** What went without a record (its watch was removed) was where its last one saw it. */
	#last(nodeId: number): Place | undefined {
		const seq = endOf(this.#tables, nodeId);
		const value = seq === 0 ? undefined : this.#tables.log.get(seq);
		return value === undefined ? undefined : unpackLog(value);
	}

	#folderPath(id: number): string | undefined {
		let path = this.#folders.get(id);
		if (path === undefined) {
			path = id === ROOT_NODE ? '' : pathOfNode(this.#tables, id);
			this.#folders.set(id, path);
		}
		return path;
	}
}
