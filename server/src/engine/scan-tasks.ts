/**
 * The scans that run or wait, and what they leave: something may have gone from one watch to another, so what one of them no
 * longer found, or found replaced, is decided when all of them have compared everything. Only then are they complete.
 */
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import type { RescanResult } from '#shared/protocol.ts';
import { isInside } from '../platform/paths.ts';
import type { Scan } from './scan.ts';

interface ScanWaiter {
	resolve(result: RescanResult): void;
	reject(error: Error): void;
	onProgress: ((entries: number) => void) | undefined;
}

export interface ScanTask {
	scan: Scan;
	startedAt: number;
	waiting: ScanWaiter[];
	/** Asked for while the scan was under way: what it had passed by then must be looked at again. */
	again: boolean;
	waitingForAgain: ScanWaiter[];
	/** Whether more than a user's curiosity asked for it: then it cannot be cancelled. */
	required: boolean;
	/** Everything is compared, but what it left for later is not decided yet. */
	compared: boolean;
}

export interface Left {
	/** Found replaced. */
	later: Set<string>;
	/** No longer found, each with the moment by which that was seen, on the clock of `performance.now()`. */
	gone: Map<string, number>;
}

export class ScanTasks {
	readonly #make: (path: string) => Scan;
	/** By the path where each begins; the first one that is not compared runs. */
	readonly #tasks = new Map<string, ScanTask>();
	/** What they left, until all of them have compared everything. */
	readonly #left: Left = { later: new Set(), gone: new Map() };
	/** What of it is being decided. */
	readonly #deciding = new Set<string>();

	/** @param make a scan of everything at and beneath a path */
	constructor(make: (path: string) => Scan) {
		this.#make = make;
	}

	get size(): number {
		return this.#tasks.size;
	}

	/** The scan whose turn it is; undefined when all have compared everything. */
	get running(): ScanTask | undefined {
		for (const task of this.#tasks.values()) {
			if (!task.compared) {
				return task;
			}
		}
		return undefined;
	}

	/** The first scan from a path that fits. */
	find(fits: (path: string) => boolean): Scan | undefined {
		for (const [path, task] of this.#tasks) {
			if (fits(path)) {
				return task.scan;
			}
		}
		return undefined;
	}

	/** Asks for a scan; one that is under way is followed by another. */
	ask(path: string, waiter?: ScanWaiter): ScanTask {
		let task = this.#tasks.get(path);
		if (task === undefined) {
			task = this.#newTask(path);
			this.#tasks.set(path, task);
		}
		task.again ||= task.scan.startedAt !== undefined;
		if (waiter !== undefined) {
			(task.again ? task.waitingForAgain : task.waiting).push(waiter);
		}
		return task;
	}

	noteHint(path: string): void {
		for (const [root, { scan }] of this.#tasks) {
			if (isInside(root, path)) {
				scan.noteHint(path);
			}
		}
	}

	/** Begins a scan anew; what it has done already is remembered. */
	restart(task: ScanTask): void {
		const old = task.scan;
		old.abandon();
		task.scan = this.#make(old.path);
		task.scan.created = old.created;
		task.scan.newFolders.push(...old.newFolders);
		task.compared = false;
	}

	restartAll(): void {
		for (const task of this.#tasks.values()) {
			this.restart(task);
		}
	}

	/**
	 * Lets go who waits for a scan, and ends it if nothing else needs it.
	 *
	 * @returns what is to be decided nevertheless: what scans left, when this was the last one
	 */
	cancel(path: string): string[] {
		const task = this.#tasks.get(path);
		if (task === undefined) {
			return [];
		}
		answer(task, [...task.waiting, ...task.waitingForAgain], true);
		task.waiting = [];
		task.waitingForAgain = [];
		if (task.required) {
			return [];
		}
		task.scan.abandon();
		this.#tasks.delete(path);
		if (this.#tasks.size > 0) {
			return [];
		}
		this.#deciding.clear();
		const { later, gone } = this.#takeLeft();
		return [...later, ...gone.keys()];
	}

	/** Takes what a slice of a scan has left, and tells who waits for it how far it is. */
	sliced(task: ScanTask, isComplete: boolean): void {
		for (const path of task.scan.later.splice(0)) {
			this.#left.later.add(path);
		}
		const now = performance.now();
		for (const path of task.scan.gone.splice(0)) {
			this.#left.gone.set(path, now);
		}
		for (const waiter of task.waiting) {
			waiter.onProgress?.(task.scan.done);
		}
		task.compared = isComplete;
	}

	/**
	 * When all scans have compared everything: what is to be decided before they are complete, which each path is until
	 * {@link decided}; undefined while there is something to compare or to decide, or when nothing is left.
	 */
	takeLeft(): Left | undefined {
		const isReady = this.size > 0 && this.running === undefined;
		return isReady && this.#left.later.size + this.#left.gone.size > 0 ? this.#takeLeft() : undefined;
	}

	/** No scan is complete before this path is {@link decided}. */
	decide(path: string): void {
		this.#deciding.add(path);
	}

	/** @param events what it came to, which counts for the scans that left it */
	decided(path: string, events: number): void {
		if (this.#deciding.delete(path)) {
			for (const [root, task] of this.#tasks) {
				if (isInside(root, path)) {
					task.scan.changes += events;
				}
			}
		}
	}

	/** Somebody else sees to these paths. */
	forget(paths: Iterable<string>): void {
		for (const path of paths) {
			this.#deciding.delete(path);
			this.#left.later.delete(path);
			this.#left.gone.delete(path);
		}
	}

	/** All scans, when everything is compared and decided; those that were asked for meanwhile begin again. */
	takeComplete(): Scan[] {
		if (this.size === 0 || this.running !== undefined || this.#deciding.size > 0) {
			return [];
		}
		const complete = Array.from(this.#tasks);
		for (const [path, task] of complete) {
			this.#tasks.delete(path);
			answer(task, task.waiting, false);
		}
		for (const [path, task] of complete.filter(([, { again }]) => again)) {
			this.#tasks.set(path, { ...this.#newTask(path), waiting: task.waitingForAgain, required: task.required });
		}
		return complete.map(([, { scan }]) => scan);
	}

	/** What waits, in words. */
	backlog(): string[] {
		const scans = Array.from(this.#tasks, ([path, { scan, compared }]) => {
			return `the scan of ${path} (${scan.done} entries so far${compared ? ', all compared' : ''})`;
		});
		return this.#deciding.size === 0 ? scans : [...scans, `${this.#deciding.size} paths that scans left for last`];
	}

	/** Whoever waits for a scan does not get it. */
	stop(): void {
		for (const task of this.#tasks.values()) {
			for (const waiter of [...task.waiting, ...task.waitingForAgain]) {
				waiter.reject(new FiletideError(ErrorCodes.watchStopped, 'The server is stopping.'));
			}
		}
	}

	#takeLeft(): Left {
		const { later, gone } = this.#left;
		const left = { later: new Set(later), gone: new Map(gone) };
		later.clear();
		gone.clear();
		return left;
	}

	#newTask(path: string): ScanTask {
		return {
			scan: this.#make(path),
			startedAt: performance.now(),
			waiting: [],
			again: false,
			waitingForAgain: [],
			required: false,
			compared: false,
		};
	}
}

function answer(task: ScanTask, waiters: readonly ScanWaiter[], cancelled: boolean): void {
	const { changes, done } = task.scan;
	for (const waiter of waiters) {
		waiter.resolve({ changes, entries: done, ms: Math.round(performance.now() - task.startedAt), cancelled });
	}
}
