/**
 * While version control works in a work tree, the hints of that tree are held here and go out as one batch when it has
 * ended: half a checkout is of no interest, and the whole is one burst. What the marks mean is {@link VcsWindow}'s to say,
 * where they are is {@link WorkTrees}' to know.
 */
import { isInside } from '../platform/paths.ts';
import type { KernelQueue } from './kernel-queue.ts';
import type { FromDrain } from './messages.ts';
import type { Outbox } from './outbox.ts';
import { marksOf, type Repository } from './repository.ts';
import { VcsWindow } from './vcs-window.ts';
import { WorkTrees } from './work-trees.ts';

/** More than this are not held one by one: the tree is looked at as a whole then. */
const MOST_HELD = 50_000;

interface Hold {
	repository: Repository;
	window: VcsWindow;
	entries: Set<string>;
	trees: Set<string>;
	/** Whether `trees` covers everything. */
	whole: boolean;
	/** Whether the writer has been told that something began and not yet that it ended. */
	told: boolean;
}

export class VcsQuiet {
	readonly #outbox: Outbox;
	readonly #post: (message: FromDrain) => void;
	readonly #workTrees: WorkTrees;
	/** By control folder. */
	readonly #holds = new Map<string, Hold>();
	/** Those in whose work tree something is going on. */
	readonly #open = new Set<Hold>();
	#timer: NodeJS.Timeout | undefined;

	constructor(queue: KernelQueue, outbox: Outbox, post: (message: FromDrain) => void) {
		this.#outbox = outbox;
		this.#post = post;
		this.#workTrees = new WorkTrees(queue, {
			found: (repository) => {
				const nothing = { entries: new Set<string>(), trees: new Set<string>(), whole: false, told: false };
				this.#holds.set(repository.control, { repository, window: new VcsWindow(), ...nothing });
				this.#look(repository, false);
			},
			marked: (repository, reported) => {
				this.#look(repository, reported);
			},
			touched: ({ control }) => {
				this.#holds.get(control)?.window.touch(performance.now());
			},
			lost: ({ control }) => {
				const hold = this.#holds.get(control);
				if (hold !== undefined) {
					this.#holds.delete(control);
					this.#send(hold);
					this.#end(hold);
				}
			},
		});
	}

	/** Kernel watches held. */
	get handles(): number {
		return this.#workTrees.handles;
	}

	/** See {@link WorkTrees.useRoots}. */
	useRoots(roots: readonly string[]): void {
		this.#workTrees.useRoots(roots);
	}

	/** See {@link WorkTrees.discover}. */
	discover(workTree: string): void {
		this.#workTrees.discover(workTree);
	}

	/** Whether a hint is held; the caller forgets it then. */
	take(path: string): boolean {
		this.#workTrees.hinted(path);
		return this.#hold(path, 'entries');
	}

	/** Like {@link take}, for the hint of a whole tree. */
	takeTree(path: string): boolean {
		return this.#hold(path, 'trees');
	}

	/** Sends what is held; whatever goes on goes on. */
	flush(): void {
		for (const hold of this.#open) {
			this.#send(hold);
		}
	}

	/** Sends what is held and ends everything. */
	close(): void {
		this.#workTrees.close();
		clearTimeout(this.#timer);
	}

	#look(repository: Repository, reported: boolean): void {
		const hold = this.#holds.get(repository.control);
		if (hold === undefined) {
			return;
		}
		const wasClosed = hold.window.state === 'closed';
		hold.window.look(marksOf(repository), reported, performance.now());
		if (wasClosed && hold.window.state !== 'closed') {
			// What was hinted before belongs to what was before.
			this.#outbox.flush();
			this.#open.add(hold);
		}
		this.#arm();
	}

	#hold(path: string, lane: 'entries' | 'trees'): boolean {
		const hold = this.#holderOf(path);
		if (hold === undefined) {
			return false;
		}
		if (!hold.whole) {
			hold[lane].add(path);
		}
		if (hold.entries.size + hold.trees.size > MOST_HELD) {
			const { workTree } = hold.repository;
			const roots = this.#workTrees.rootsAt(workTree);
			hold.whole = true;
			hold.entries.clear();
			hold.trees = new Set(roots.map((root) => (isInside(root, workTree) ? workTree : root)));
		}
		return true;
	}

	/** What holds the hints of a path: the innermost work tree in which something is going on. */
	#holderOf(path: string): Hold | undefined {
		let holder: Hold | undefined;
		for (const hold of this.#open) {
			const { workTree } = hold.repository;
			if (isInside(workTree, path)) {
				hold.window.touch(performance.now());
				if (hold.window.state === 'holding' && workTree.length > (holder?.repository.workTree.length ?? -1)) {
					holder = hold;
				}
			}
		}
		return holder;
	}

	#arm(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const next = Math.min(...Array.from(this.#open, ({ window }) => window.nextDue() ?? Number.POSITIVE_INFINITY));
		if (next < Number.POSITIVE_INFINITY) {
			const wait = Math.max(next - performance.now(), 1);
			this.#timer = setTimeout(() => {
				this.#due();
			}, wait);
		}
	}

	#due(): void {
		for (const hold of this.#open) {
			const { window, repository } = hold;
			// What the system did not tell is seen now.
			window.look(marksOf(repository), false, performance.now());
			if (window.due(performance.now())) {
				this.#send(hold, window.state === 'flowing');
				if (window.state === 'closed') {
					this.#end(hold);
				}
			}
		}
		this.#arm();
	}

	/** @param tells also when nothing is held: what comes from now on belongs to it */
	#send(hold: Hold, tells = false): void {
		const { entries, trees, repository } = hold;
		if (entries.size + trees.size === 0 && !tells) {
			return;
		}
		if (!hold.told) {
			this.#outbox.flush();
			hold.told = true;
			this.#post({ type: 'vcs', phase: 'begin', workTree: repository.workTree, origin: repository.origin });
		}
		hold.entries = new Set();
		hold.trees = new Set();
		hold.whole = false;
		for (const path of entries) {
			this.#outbox.entry(path);
		}
		for (const path of trees) {
			this.#outbox.tree(path);
		}
		this.#outbox.flush();
	}

	/** The writer hears of the end behind all hints. */
	#end(hold: Hold): void {
		this.#open.delete(hold);
		if (hold.told) {
			hold.told = false;
			this.#outbox.flush();
			const { workTree, origin } = hold.repository;
			this.#post({ type: 'vcs', phase: 'end', workTree, origin });
		}
	}
}
