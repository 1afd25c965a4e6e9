/**
 * The work trees of version control that sources come past, each with a watch on the folder that has its marks. These go
 * through the thread's kernel queue, so on Linux a lock is seen before the changes made under it. What is in those folders
 * is never a node, nor does it make events.
 */
import type { FSWatcher } from 'node:fs';
import { basename, dirname, sep } from 'node:path';
import { isInside } from '../platform/paths.ts';
import type { RawEvent } from './inotify.ts';
import type { KernelQueue, RawReceiver } from './kernel-queue.ts';
import {
	enclosingWorkTree,
	inodeOf,
	isBeingMadeAt,
	isControlName,
	repositoriesAt,
	type Repository,
} from './repository.ts';

/** Each takes a handle. Who has more work trees in one watch is told of bursts without their origin. */
const MOST_REPOSITORIES = 1000;
/** Git makes its folder before it touches the work tree: whatever is no repository by then is none. */
const MOST_TRIES = 100;

export interface WorkTreesListener {
	/** One is watched from now on. */
	found(repository: Repository): void;
	/** Marks may have come, gone or changed; `reported`: one of them has. */
	marked(repository: Repository, reported: boolean): void;
	/** Something else happens beside the marks. */
	touched(repository: Repository): void;
	/** It is watched no longer. */
	lost(repository: Repository): void;
}

interface Watched {
	repository: Repository;
	ino: number;
	watcher: FSWatcher;
}

export class WorkTrees implements RawReceiver {
	readonly #queue: KernelQueue;
	readonly #listener: WorkTreesListener;
	#roots: readonly string[] = [];
	/** By control folder. */
	readonly #watched = new Map<string, Watched>();
	/** Folders in which a repository is being made → how many hints are still looked at for that. */
	readonly #beingMade = new Map<string, number>();

	constructor(queue: KernelQueue, listener: WorkTreesListener) {
		this.#queue = queue;
		this.#listener = listener;
		queue.receivers.add(this);
	}

	/** Kernel watches held. */
	get handles(): number {
		return this.#watched.size;
	}

	/** @param roots of sources that report by themselves: where one polls there is nothing to hold */
	useRoots(roots: readonly string[]): void {
		this.#roots = roots;
		for (const watched of this.#watched.values()) {
			if (this.rootsAt(watched.repository.workTree).length === 0) {
				this.#forget(watched);
			}
		}
		for (const root of roots) {
			const workTree = enclosingWorkTree(root);
			if (workTree !== undefined) {
				this.discover(workTree);
			}
		}
	}

	/** The roots that are in a work tree, or in which it is. */
	rootsAt(workTree: string): string[] {
		return this.#roots.filter((root) => isInside(root, workTree) || isInside(workTree, root));
	}

	/** A folder has an entry that makes it the top of a work tree, or had one. */
	discover(workTree: string): void {
		if (this.rootsAt(workTree).length === 0) {
			return;
		}
		const repositories = repositoriesAt(workTree);
		const tries = this.#beingMade.get(workTree) ?? MOST_TRIES;
		if (repositories.length === 0 && tries > 0 && isBeingMadeAt(workTree)) {
			this.#beingMade.set(workTree, tries - 1);
		} else {
			this.#beingMade.delete(workTree);
		}
		for (const repository of repositories) {
			const known = this.#watched.get(repository.control);
			const ino = inodeOf(repository.control);
			if (known !== undefined && (known.ino !== ino || known.repository.workTree !== workTree)) {
				this.#forget(known);
			}
			if (ino !== undefined && this.#watched.size < MOST_REPOSITORIES && !this.#watched.has(repository.control)) {
				this.#watch(repository, ino);
			}
		}
	}

	/** A hint may tell of a work tree that is new. */
	hinted(path: string): void {
		if (isControlName(path.slice(path.lastIndexOf(sep) + 1))) {
			this.discover(dirname(path));
		}
		for (const workTree of this.#beingMade.keys()) {
			if (isInside(workTree, path)) {
				this.discover(workTree);
			}
		}
	}

	close(): void {
		this.#queue.receivers.delete(this);
		for (const watched of this.#watched.values()) {
			this.#forget(watched);
		}
	}

	raw(ino: number, { name }: RawEvent): void {
		for (const watched of this.#watched.values()) {
			if (watched.ino === ino) {
				this.#happened(watched, name);
			}
		}
	}

	keepWatched(inodes: ReadonlySet<number>): void {
		for (const watched of this.#watched.values()) {
			if (!inodes.has(watched.ino)) {
				this.#renew(watched);
			}
		}
	}

	#watch(repository: Repository, ino: number): void {
		let watcher: FSWatcher;
		try {
			watcher = this.#queue.watch(repository.control, ino, (_event, name) => {
				this.#happened(watched, name ?? '');
			});
		} catch {
			// No room, or it has just gone: then its bursts are those of anybody.
			return;
		}
		const watched: Watched = { repository, ino, watcher };
		watcher.on('error', () => {
			this.#forget(watched);
		});
		this.#watched.set(repository.control, watched);
		this.#listener.found(repository);
	}

	#happened(watched: Watched, name: string): void {
		const { repository } = watched;
		if (repository.marks.includes(name)) {
			this.#listener.marked(repository, true);
		} else if (name !== '' && name !== basename(repository.control)) {
			this.#listener.touched(repository);
		} else if (inodeOf(repository.control) === watched.ino) {
			this.#listener.marked(repository, false);
		} else {
			this.#renew(watched);
		}
	}

	/** The control folder is another one now, or none, or its watch has ended. */
	#renew(watched: Watched): void {
		this.#forget(watched);
		this.discover(watched.repository.workTree);
	}

	/** Idempotent. */
	#forget(watched: Watched): void {
		const { control } = watched.repository;
		if (this.#watched.get(control) !== watched) {
			return;
		}
		this.#watched.delete(control);
		this.#listener.lost(watched.repository);
		// What is queued for others is not lost with the handle.
		this.#queue.drain();
		watched.watcher.close();
	}
}
