/** The watches that the writer runs: their states, their roots, and what the index remembers of them. */
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import type { WatchState } from '#shared/model.ts';
import type { IndexTransaction } from '../index/transaction.ts';
import { UNKNOWN_ROOT } from '../index/watch-table.ts';
import { describeError } from '../platform/log.ts';
import { isInside } from '../platform/paths.ts';
import { coverageKey, parseCoverageKey, type Watch } from '../watching/watch.ts';
import { isMountPoint, isReadable, lookAtRoot } from './disk.ts';
import type { IdleWatch } from './messages.ts';
import { WatchRuntime } from './watch-runtime.ts';

/** The watches that shall run, those that cannot, and whether all others are to be forgotten. */
export interface WatchesAsked {
	watches: readonly Watch[];
	idle: readonly IdleWatch[];
	complete: boolean;
}

/** What the index remembers of a watch, as its runtime takes it. */
type StoredState = ConstructorParameters<typeof WatchRuntime>[1];

export class WatchSet {
	readonly #watches = new Map<string, WatchRuntime>();
	#idle: readonly IdleWatch[] = [];
	/** Root → how often its sources had to start anew. */
	readonly #generations = new Map<string, number>();

	get all(): WatchRuntime[] {
		return [...this.#watches.values()];
	}

	get idle(): readonly IdleWatch[] {
		return this.#idle;
	}

	/** Watches whose root contains the path. */
	over(path: string): WatchRuntime[] {
		return this.all.filter((runtime) => isInside(runtime.watch.root, path));
	}

	/** @throws FiletideError `WATCH_UNKNOWN`, or `WATCH_STOPPED` for one that does not run */
	get(id: string): WatchRuntime {
		const runtime = this.#watches.get(id);
		if (runtime !== undefined) {
			return runtime;
		}
		const idle = this.#idle.find((watch) => watch.id === id);
		throw idle === undefined
			? new FiletideError(ErrorCodes.watchUnknown, `There is no watch with the id "${id}".`)
			: new FiletideError(ErrorCodes.watchStopped, idle.message);
	}

	/** Whether a watch's first indexing is complete. */
	indexed(id: string): boolean {
		return this.#watches.get(id)?.indexed ?? false;
	}

	/** Whether what lies at a root is what its watches mean, not the bare folder under a file system that was unmounted. */
	isMounted(root: string): boolean {
		return this.all.every(({ watch, mountPoint }) => watch.root !== root || !mountPoint || isMountPoint(root));
	}

	generation(root: string): number {
		return this.#generations.get(root) ?? 0;
	}

	/** Makes the sources of a root start anew. */
	renewSources(root: string): void {
		this.#generations.set(root, this.generation(root) + 1);
	}

	/**
	 * Brings the index's own list of watches into line with the whole set that is asked for. Nothing runs differently before
	 * the returned function is called.
	 *
	 * @param uncover takes a watch off everything that it covered beneath a root
	 * @returns to be called once the transaction is committed
	 */
	configure(
		transaction: IndexTransaction,
		{ watches, idle, complete }: WatchesAsked,
		uncover: (id: string, root: string) => void,
	): () => void {
		const found: [Watch, StoredState][] = [];
		const kept = new Set([...watches, ...idle].map((watch) => watch.id));
		const stored = transaction.storedWatches();
		for (const [id, watch] of stored) {
			if (complete && !kept.has(id)) {
				uncover(id, watch.root);
				transaction.removeWatch(id);
			}
		}
		for (const watch of watches) {
			const known = stored.get(watch.id);
			// A repair has put its row back: it is what it is asked to be, but for what only a comparison can say.
			const isLost = known?.root === UNKNOWN_ROOT;
			const sameRoot = known?.root === watch.root || isLost;
			if (known !== undefined && !sameRoot) {
				// A watch that moved to another root begins anew there.
				uncover(watch.id, known.root);
				transaction.recordWatchRemoved(watch.id);
			}
			const indexed = sameRoot && known.indexed;
			const paused = known?.paused ?? false;
			const key = coverageKey(watch);
			const oldKey = indexed && !isLost ? known.coverageKey : key;
			const mountPoint = sameRoot && known.mountPoint;
			transaction.putWatch(watch.id, {
				root: watch.root,
				name: watch.name,
				coverageKey: oldKey,
				indexed,
				paused,
				mountPoint,
			});
			const before = indexed ? parseCoverageKey(watch.id, oldKey) : undefined;
			const counts = transaction.runtimeCounts(watch.id);
			found.push([watch, { before, stale: isLost || oldKey !== key, paused, mountPoint, counts }]);
		}
		return () => {
			this.#take(found, idle);
		};
	}

	#take(found: readonly (readonly [Watch, StoredState])[], idle: readonly IdleWatch[]): void {
		this.#idle = idle;
		for (const [watch, stored] of found) {
			this.#adopt(watch, stored);
		}
		const wanted = new Set(found.map(([watch]) => watch.id));
		for (const id of this.#watches.keys()) {
			if (!wanted.has(id)) {
				this.#watches.delete(id);
			}
		}
	}

	/** Gives every watch that is not under way the state that its root and the user ask for. */
	enterStates(): void {
		for (const runtime of this.#watches.values()) {
			if (runtime.paused) {
				runtime.enter('paused');
			} else if (runtime.state === 'paused' || runtime.state === 'starting' || runtime.blocked) {
				enterByRoot(runtime);
			}
		}
	}

	/** Keeps a running watch's counts and state where its root is the same. */
	#adopt(watch: Watch, stored: StoredState): void {
		const running = this.#watches.get(watch.id);
		if (running?.watch.root === watch.root) {
			running.watch = watch;
			running.stale ||= stored.stale;
		} else {
			this.#watches.set(watch.id, new WatchRuntime(watch, stored));
		}
	}

	/**
	 * What a scan from a path could not read makes the watches degraded in which it lies, until a scan can read it.
	 *
	 * @param found paths at or beneath it, and why
	 */
	noteUnreadable(scanned: string, found: readonly { path: string; error: NodeJS.ErrnoException }[]): void {
		for (const runtime of this.#watches.values()) {
			for (const path of runtime.unreadable.keys()) {
				if (isInside(scanned, path)) {
					runtime.unreadable.delete(path);
				}
			}
			for (const { path, error } of found.filter((each) => isInside(runtime.watch.root, each.path))) {
				runtime.counts.errors++;
				runtime.unreadable.set(path, `${unreadable(path, error)} The rest of the watch goes on.`);
			}
			if (
				runtime.state === 'degraded' ||
				(runtime.unreadable.size > 0 && runtime.runnable && runtime.state !== 'starting')
			) {
				runtime.enterLive();
			}
		}
	}
}

/** Looks at a watch's root and says what that means for the watch. Returns whether its state changed. */
export function enterByRoot(runtime: WatchRuntime): boolean {
	const before: [WatchState, string | undefined] = [runtime.state, runtime.message];
	const { root, name } = runtime.watch;
	const found = lookAtRoot(root);
	if ('absent' in found) {
		const advice = 'Filetide starts watching as soon as it appears.';
		runtime.enter('missing', `The folder ${root} of the watch "${name}" does not exist. ${advice}`);
	} else if ('failed' in found) {
		runtime.enter('error', unreadable(root, found.failed));
	} else if (runtime.mountPoint && !isMountPoint(root)) {
		const advice = 'Mount it again; if it is meant to be an ordinary folder now, remove the watch and add it anew.';
		runtime.enter('missing', `What was mounted at ${root} (watch "${name}") is not mounted now. ${advice}`);
	} else if (found.stat.kind === 'folder' && !isReadable(root)) {
		runtime.enter('error', unreadable(root, Object.assign(new Error('no access'), { code: 'EACCES' })));
	} else if (found.stat.kind !== 'folder') {
		runtime.enter('error', `${root} is not a folder. Give the watch "${name}" the path of a folder.`);
	} else {
		runtime.enter('starting');
	}
	return before[0] !== runtime.state || before[1] !== runtime.message;
}

/** One sentence about what cannot be read. */
function unreadable(path: string, error: NodeJS.ErrnoException): string {
	return error.code === 'EACCES' || error.code === 'EPERM'
		? `${path} cannot be read: permission denied. Allow this user to read it, or take it out of the watch.`
		: `${path} cannot be read: ${describeError(error)}.`;
}
