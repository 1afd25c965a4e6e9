/**
 * While version control works in a work tree, the hints of that tree are held here and go out as one batch when it has
 * ended: half a checkout is of no interest, and the whole is one burst. What the marks mean is {@link VcsWindow}'s to say.
 *
 * Control folders are watched through the thread's kernel queue, so on Linux a lock is seen before the changes made under
 * it. They are never nodes, nor do they make events.
 */
import type { FSWatcher } from 'node:fs';
import { basename, dirname, sep } from 'node:path';
import { isInside } from '../platform/paths.ts';
import type { RawEvent } from './inotify.ts';
import type { KernelQueue, RawReceiver } from './kernel-queue.ts';
import type { FromDrain } from './messages.ts';
import type { Outbox } from './outbox.ts';
import {
	enclosingWorkTree,
	inodeOf,
	isBeingMadeAt,
	isControlName,
	marksOf,
	repositoriesAt,
	type Repository,
} from './repository.ts';
import { VcsWindow } from './vcs-window.ts';

/** Each takes a handle. Who has more work trees in one watch is told of bursts without their origin. */
const MOST_REPOSITORIES = 1000;
/** More than this are not held one by one: the tree is looked at as a whole then. */
const MOST_HELD = 50_000;

/** Git makes its folder before it touches the work tree: whatever is no repository by then is none. */
const MOST_TRIES = 100;

interface Watched {
	repository: Repository;
	ino: number;
	watcher: FSWatcher;
	window: VcsWindow;
	entries: Set<string>;
	trees: Set<string>;
	/** Whether `trees` covers everything. */
	whole: boolean;
	/** Whether the writer has been told that something began and not yet that it ended. */
	told: boolean;
}

export class VcsQuiet implements RawReceiver {
	readonly #queue: KernelQueue;
	readonly #outbox: Outbox;
	readonly #post: (message: FromDrain) => void;
	#roots: readonly string[] = [];
	/** By control folder. */
	readonly #watched = new Map<string, Watched>();
	/** Folders in which a repository is being made → how many hints are still looked at for that. */
	readonly #beingMade = new Map<string, number>();
	/** Those in whose work tree something is going on. */
	readonly #open = new Set<Watched>();
	#timer: NodeJS.Timeout | undefined;

	constructor(queue: KernelQueue, outbox: Outbox, post: (message: FromDrain) => void) {
		this.#queue = queue;
		this.#outbox = outbox;
		this.#post = post;
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
			if (!this.#concerns(watched.repository.workTree)) {
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

	/** A folder has an entry that makes it the top of a work tree, or had one. */
	discover(workTree: string): void {
		if (!this.#concerns(workTree)) {
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

	/** Whether a hint is held; the caller forgets it then. */
	take(path: string): boolean {
		const name = path.slice(path.lastIndexOf(sep) + 1);
		if (isControlName(name)) {
			this.discover(dirname(path));
		}
		for (const workTree of this.#beingMade.keys()) {
			if (isInside(workTree, path)) {
				this.discover(workTree);
			}
		}
		return this.#hold(path, 'entries');
	}

	/** Like {@link take}, for the hint of a whole tree. */
	takeTree(path: string): boolean {
		return this.#hold(path, 'trees');
	}

	/** Sends what is held; whatever goes on goes on. */
	flush(): void {
		for (const watched of this.#open) {
			this.#send(watched);
		}
	}

	/** Sends what is held and ends everything. */
	close(): void {
		clearTimeout(this.#timer);
		this.#queue.receivers.delete(this);
		for (const watched of this.#watched.values()) {
			this.#forget(watched);
		}
	}

	// --- RawReceiver -------------------------------------------------------------------------------------------------

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
				this.#check(watched);
			}
		}
	}

	// --- details -----------------------------------------------------------------------------------------------------

	/** Whether a source watches something of a work tree. */
	#concerns(workTree: string): boolean {
		return this.#roots.some((root) => isInside(root, workTree) || isInside(workTree, root));
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
		const window = new VcsWindow();
		const nothing = { entries: new Set<string>(), trees: new Set<string>(), whole: false, told: false };
		const watched: Watched = { repository, ino, watcher, window, ...nothing };
		watcher.on('error', () => {
			this.#forget(watched);
		});
		this.#watched.set(repository.control, watched);
		this.#look(watched, false);
	}

	#happened(watched: Watched, name: string): void {
		const { repository, window } = watched;
		if (repository.marks.includes(name)) {
			this.#look(watched, true);
		} else if (name === '' || name === basename(repository.control)) {
			this.#check(watched);
		} else if (window.state !== 'closed') {
			window.touch(performance.now());
		}
	}

	/** The control folder itself may be another one, or none. */
	#check(watched: Watched): void {
		const { control, workTree } = watched.repository;
		if (inodeOf(control) === watched.ino) {
			this.#look(watched, false);
		} else {
			this.#forget(watched);
			this.discover(workTree);
		}
	}

	#look(watched: Watched, reported: boolean): void {
		const { repository, window } = watched;
		const wasClosed = window.state === 'closed';
		window.look(marksOf(repository), reported, performance.now());
		if (wasClosed && window.state !== 'closed') {
			// What was hinted before belongs to what was before.
			this.#outbox.flush();
			this.#open.add(watched);
		}
		this.#arm();
	}

	/** The innermost work tree that holds the hints of a path. */
	#holder(path: string): Watched | undefined {
		let holder: Watched | undefined;
		for (const watched of this.#open) {
			const { workTree } = watched.repository;
			if (isInside(workTree, path)) {
				watched.window.touch(performance.now());
				if (
					watched.window.state === 'holding' &&
					workTree.length > (holder?.repository.workTree.length ?? -1)
				) {
					holder = watched;
				}
			}
		}
		return holder;
	}

	#hold(path: string, lane: 'entries' | 'trees'): boolean {
		const holder = this.#holder(path);
		if (holder === undefined) {
			return false;
		}
		if (!holder.whole) {
			holder[lane].add(path);
		}
		if (holder.entries.size + holder.trees.size > MOST_HELD) {
			const { workTree } = holder.repository;
			const concerned = this.#roots.filter((root) => isInside(root, workTree) || isInside(workTree, root));
			holder.whole = true;
			holder.entries.clear();
			holder.trees = new Set(concerned.map((root) => (isInside(root, workTree) ? workTree : root)));
		}
		return true;
	}

	#arm(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const next = Math.min(...Array.from(this.#open, ({ window }) => window.nextDue() ?? Number.POSITIVE_INFINITY));
		if (next < Number.POSITIVE_INFINITY) {
			this.#timer = setTimeout(
				() => {
					this.#due();
				},
				Math.max(next - performance.now(), 1),
			);
		}
	}

	#due(): void {
		for (const watched of this.#open) {
			const { window, repository } = watched;
			// What the system did not tell is seen now.
			window.look(marksOf(repository), false, performance.now());
			if (window.due(performance.now())) {
				this.#send(watched, window.state === 'flowing');
				if (window.state === 'closed') {
					this.#end(watched);
				}
			}
		}
		this.#arm();
	}

	/** @param tells also when nothing is held: what comes from now on belongs to it */
	#send(watched: Watched, tells = false): void {
		const { entries, trees, repository } = watched;
		if (entries.size + trees.size === 0 && !tells) {
			return;
		}
		if (!watched.told) {
			this.#outbox.flush();
			watched.told = true;
			this.#post({ type: 'vcs', phase: 'begin', workTree: repository.workTree, origin: repository.origin });
		}
		watched.entries = new Set();
		watched.trees = new Set();
		watched.whole = false;
		for (const path of entries) {
			this.#outbox.entry(path);
		}
		for (const path of trees) {
			this.#outbox.tree(path);
		}
		this.#outbox.flush();
	}

	/** The writer hears of the end behind all hints. */
	#end(watched: Watched): void {
		this.#open.delete(watched);
		if (watched.told) {
			watched.told = false;
			this.#outbox.flush();
			const { workTree, origin } = watched.repository;
			this.#post({ type: 'vcs', phase: 'end', workTree, origin });
		}
	}

	#forget(watched: Watched): void {
		this.#send(watched);
		this.#end(watched);
		// What is queued for others is not lost with the handle.
		this.#queue.drain();
		watched.watcher.close();
		this.#watched.delete(watched.repository.control);
	}
}
