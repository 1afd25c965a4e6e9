/** The net change between two snapshots of a tree, worked out from the disk alone: by names, identities and bytes. */
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EntryKind } from '#shared/model.ts';
import { type Covers, passesDefaultFilters, walk } from './oracle.ts';

/** Files up to this size are told apart by their bytes, larger ones by their time (DESIGN.md §4, "Content"). */
const HASHED_BYTES = 2 ** 20;

interface State {
	kind: EntryKind;
	/** What it is, whatever its name. */
	identity: string;
	/** What `modify` is about. */
	content: string;
	/** What `metadata` is about. */
	metadata: string;
}

export type Snapshot = ReadonlyMap<string, State>;

/** @param into see {@link walk} */
export function snapshot(root: string, covers: Covers = passesDefaultFilters, into: readonly string[] = []): Snapshot {
	return new Map(
		[...walk(root, into)]
			.filter(([path, kind]) => covers(path, kind))
			.map(([path, kind]) => [path, stateOf(join(root, path), kind)]),
	);
}

function stateOf(path: string, kind: EntryKind): State {
	const { dev, ino, birthtimeNs, size, mtimeNs, mode, uid, gid } = (kind === 'link' ? lstatSync : statSync)(path, {
		bigint: true,
	});
	const bytes = () => createHash('sha1').update(readFileSync(path)).digest('hex');
	const content = {
		file: () => `${size} ${size <= HASHED_BYTES ? bytes() : mtimeNs}`,
		link: () => readlinkSync(path),
		folder: () => '',
		other: () => '',
	};
	return {
		kind,
		identity: `${dev} ${ino} ${birthtimeNs}`,
		content: content[kind](),
		metadata: `${mode} ${uid} ${gid} ${kind === 'file' || kind === 'other' ? mtimeNs : ''}`,
	};
}

/**
 * Net changes between two snapshots, as `netLines` prints them. What a move replaced is listed if it was of another kind:
 * else its path exists then and now, and the move says what is there.
 */
export function difference(before: Snapshot, after: Snapshot): string[] {
	const moves = movesBetween(before, after);
	const taken = new Set(moves.values());
	/** Where an old path is now: under its own new name, or in the folder that it was in. */
	const now = (path: string): string => moves.get(path) ?? inherited(path);
	const inherited = (path: string): string => {
		const parent = dirname(path);
		return parent === '.' ? path : `${now(parent)}${path.slice(parent.length)}`;
	};
	const net: string[] = [];
	const covered = new Set<string>();
	for (const [path, was] of before) {
		const moved = moves.get(path);
		const place = now(path);
		const is = after.get(place);
		if (moved !== undefined && moved !== inherited(path)) {
			net.push(`move ${was.kind} ${path} -> ${moved}`);
		}
		if (is?.kind === was.kind && (moved !== undefined || !taken.has(place))) {
			covered.add(place);
			const type =
				was.content === is.content ? (was.metadata === is.metadata ? undefined : 'metadata') : 'modify';
			net.push(...(type === undefined ? [] : [`${type} ${is.kind} ${place}`]));
		} else if (!taken.has(path) || after.get(path)?.kind !== was.kind) {
			net.push(`remove ${was.kind} ${path}`);
		}
	}
	for (const [path, { kind }] of after) {
		if (!covered.has(path)) {
			net.push(`create ${kind} ${path}`);
		}
	}
	return net.sort();
}

/** Old path → new path of what lost one name and got exactly one other. */
function movesBetween(before: Snapshot, after: Snapshot): Map<string, string> {
	const gone = namesByIdentity(before, after);
	const come = namesByIdentity(after, before);
	const moves = new Map<string, string>();
	for (const [identity, [from, ...moreFrom]] of gone) {
		const [path, ...morePaths] = come.get(identity) ?? [];
		if (from !== undefined && path !== undefined && moreFrom.length + morePaths.length === 0) {
			moves.set(from, path);
		}
	}
	return moves;
}

/** Names of each identity that it has here and not there. */
function namesByIdentity(here: Snapshot, there: Snapshot): Map<string, string[]> {
	const names = new Map<string, string[]>();
	for (const [path, { identity }] of here) {
		if (there.get(path)?.identity !== identity) {
			names.set(identity, [...(names.get(identity) ?? []), path]);
		}
	}
	return names;
}
