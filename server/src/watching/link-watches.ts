/**
 * Where a link leads, and what its target contains, is decided outside the folder that the link is in. So every folder
 * with a name on a followed link's way (platform/links.ts) has a watch of its own here, and what happens to such a name
 * happens to the link. Knows nothing of what is behind links: folders there are in the tree like all others.
 */
import { type FSWatcher, statSync } from 'node:fs';
import { basename } from 'node:path';
import { mayBeLossy, toFileSystem } from '../platform/names.ts';
import type { FolderNode } from './folder-tree.ts';
import { Mask, type RawEvent } from './inotify.ts';
import type { KernelQueue } from './kernel-queue.ts';
import { isShortage } from './limits.ts';
import type { FolderScope } from './scope.ts';

interface Link {
	parent: FolderNode;
	name: string;
	/** What its way goes by. */
	passes: { waypoint: Waypoint; step: string }[];
}

/** A folder with names that links depend on. */
interface Waypoint {
	/** Real path. */
	path: string;
	ino: number;
	/** Undefined when the kernel has ended it, or nothing could be watched. */
	watcher: FSWatcher | undefined;
	links: Map<string, Set<Link>>;
}

/** A way that changes while its folders come to be watched is gone again; so often at once nobody's does. */
const MOST_ROUNDS = 10;

const ENDED = Mask.removedSelf | Mask.movedSelf | Mask.unmounted | Mask.ended;

export interface LinkListener {
	/** Look at this link again. */
	touched(parent: FolderNode, name: string): void;
	/** A limit of the system leaves something on the way of a link in this folder without a watch. */
	refused(parent: FolderNode, code: string): void;
}

export class LinkWatches {
	readonly #queue: KernelQueue;
	readonly #listener: LinkListener;
	readonly #byParent = new Map<FolderNode, Map<string, Link>>();
	readonly #waypoints = new Map<string, Waypoint>();
	readonly #byInode = new Map<number, Set<Waypoint>>();
	#used = 0;

	constructor(queue: KernelQueue, listener: LinkListener) {
		this.#queue = queue;
		this.#listener = listener;
	}

	/** Watches held; those of folders that the tree watches too cost the kernel nothing more. */
	get used(): number {
		return this.#used;
	}

	/**
	 * Watches the way of what stands under a name in a folder, if it is a link.
	 *
	 * @returns whether anything came to be watched: what happened to it before has not been told
	 */
	note(parent: FolderNode, name: string, scope: FolderScope): boolean {
		let opened = false;
		for (let round = 0; round < MOST_ROUNDS; round++) {
			const steps = scope.stepsOf(name);
			if (steps.length === 0) {
				this.forget(parent, name);
				break;
			}
			const link: Link = { parent, name, passes: [] };
			let isNew = false;
			for (const { folder, name: step } of steps) {
				const waypoint = this.#waypoints.get(folder) ?? this.#add(folder);
				isNew = this.#open(waypoint, link) || isNew;
				link.passes.push({ waypoint, step });
				waypoint.links.set(step, (waypoint.links.get(step) ?? new Set()).add(link));
			}
			// After the new one, so that what both go by stays watched.
			this.forget(parent, name);
			this.#byParent.set(parent, (this.#byParent.get(parent) ?? new Map<string, Link>()).set(name, link));
			opened ||= isNew;
			// Behind what was not watched yet the way may be another one by now.
			if (!isNew) {
				break;
			}
		}
		return opened;
	}

	/** A link is gone. */
	forget(parent: FolderNode, name: string): void {
		const links = this.#byParent.get(parent);
		const link = links?.get(name);
		if (links === undefined || link === undefined) {
			return;
		}
		links.delete(name);
		if (links.size === 0) {
			this.#byParent.delete(parent);
		}
		for (const { waypoint, step } of link.passes) {
			const dependents = waypoint.links.get(step);
			dependents?.delete(link);
			if (dependents?.size === 0) {
				waypoint.links.delete(step);
			}
			if (waypoint.links.size === 0) {
				this.#close(waypoint);
				this.#waypoints.delete(waypoint.path);
			}
		}
	}

	/** All links of a folder are gone but these. */
	keepOnly(parent: FolderNode, names: ReadonlySet<string>): void {
		for (const name of this.#byParent.get(parent)?.keys() ?? []) {
			if (!names.has(name)) {
				this.forget(parent, name);
			}
		}
	}

	raw(ino: number, { mask, name }: RawEvent): void {
		for (const waypoint of this.#byInode.get(ino) ?? []) {
			if (name !== '') {
				this.#take(waypoint, name, false);
			} else if ((mask & ENDED) !== 0) {
				this.#ended(waypoint);
			}
		}
	}

	/** The kernel has ended watches, and only these inodes are watched now. */
	keepWatched(inodes: ReadonlySet<number>): void {
		for (const waypoint of this.#waypoints.values()) {
			if (!inodes.has(waypoint.ino)) {
				this.#ended(waypoint);
			}
		}
	}

	/** Watches everything anew: the kernel may have ended watches without a word. */
	renew(): void {
		for (const waypoint of this.#waypoints.values()) {
			const { watcher } = waypoint;
			const [link] = linksOf(waypoint);
			waypoint.watcher = undefined;
			if (link !== undefined) {
				this.#open(waypoint, link);
			}
			if (watcher !== undefined) {
				// After the new one: the same inode keeps its place in the kernel's list.
				watcher.close();
				this.#used--;
			}
		}
	}

	closeAll(): void {
		for (const waypoint of this.#waypoints.values()) {
			this.#close(waypoint);
		}
		this.#waypoints.clear();
		this.#byParent.clear();
	}

	#add(path: string): Waypoint {
		const waypoint: Waypoint = { path, ino: 0, watcher: undefined, links: new Map() };
		this.#waypoints.set(path, waypoint);
		return waypoint;
	}

	/** Returns whether it is watched now and was not, or another folder was. */
	#open(waypoint: Waypoint, { parent }: Link): boolean {
		const ino = inodeOf(waypoint.path);
		if (ino === undefined || (waypoint.watcher !== undefined && waypoint.ino === ino)) {
			// Where nothing is, the step before it tells when that changes.
			return false;
		}
		this.#close(waypoint);
		try {
			waypoint.watcher = this.#queue.watch(waypoint.path, ino, (event, name) => {
				this.#take(waypoint, name ?? '', event === 'rename');
			});
		} catch (error) {
			if (isShortage(error)) {
				this.#listener.refused(parent, error.code);
			}
			// Else nothing is there any more, or it may not be read.
			return false;
		}
		this.#used++;
		waypoint.ino = ino;
		this.#byInode.set(ino, (this.#byInode.get(ino) ?? new Set()).add(waypoint));
		return true;
	}

	#close(waypoint: Waypoint): void {
		const alike = this.#byInode.get(waypoint.ino);
		alike?.delete(waypoint);
		if (alike?.size === 0) {
			this.#byInode.delete(waypoint.ino);
		}
		if (waypoint.watcher !== undefined) {
			waypoint.watcher.close();
			waypoint.watcher = undefined;
			this.#used--;
		}
	}

	/** @param mayBeItself whether it may be told of the folder itself, under the name that its first watch goes by */
	#take(waypoint: Waypoint, name: string, mayBeItself: boolean): void {
		if (name === '' || mayBeLossy(name)) {
			this.#touch(linksOf(waypoint));
			return;
		}
		this.#touch(waypoint.links.get(name) ?? []);
		if (mayBeItself && (name === basename(waypoint.path) || inodeOf(waypoint.path) !== waypoint.ino)) {
			this.#ended(waypoint);
		}
	}

	/** The folder is gone, or is another one: whoever looks at its links again has it watched again. */
	#ended(waypoint: Waypoint): void {
		this.#close(waypoint);
		this.#touch(linksOf(waypoint));
	}

	#touch(links: Iterable<Link>): void {
		for (const { parent, name } of links) {
			this.#listener.touched(parent, name);
		}
	}
}

function* linksOf({ links }: Waypoint): Generator<Link> {
	for (const dependents of links.values()) {
		yield* dependents;
	}
}

function inodeOf(path: string): number | undefined {
	try {
		return statSync(toFileSystem(path), { throwIfNoEntry: false })?.ino;
	} catch {
		// Not to be seen from here.
		return undefined;
	}
}
