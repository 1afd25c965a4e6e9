/** An engine in this process: it tells of each change at once, where clients hear of them four times a second. */
import type { AffectedParams, AffectedResult } from '#shared/protocol.ts';
import { LocalEngine } from '../../../server/src/engine/local-engine.ts';
import { planWatches } from '../../../server/src/engine/watch-plan.ts';
import { stderrLogger } from '../../../server/src/platform/log.ts';

const SYNC_MS = 900_000;

/** What an engine tells. */
type Kind = 'logged' | 'invalidated';

export class GraphEngine {
	readonly #engine: LocalEngine;
	readonly #waiting: Map<Kind, (at: number) => void>;

	private constructor(engine: LocalEngine, waiting: Map<Kind, (at: number) => void>) {
		this.#engine = engine;
		this.#waiting = waiting;
	}

	/**
	 * Starts one that keeps the graph of a folder, and waits until everything is in.
	 *
	 * @param folder of the index
	 */
	static async start(root: string, folder: string): Promise<GraphEngine> {
		const waiting = new Map<Kind, (at: number) => void>();
		const tell = (kind: Kind) => {
			waiting.get(kind)?.(performance.now());
			waiting.delete(kind);
		};
		const engine = await LocalEngine.start({
			folder,
			socket: '',
			version: 'bench',
			listener: {
				statusChanged: () => undefined,
				pathsChanged: () => {
					tell('logged');
				},
				invalidated: () => {
					tell('invalidated');
				},
			},
			logger: stderrLogger,
			onCrash: (error) => {
				throw error;
			},
		});
		if (!(engine instanceof LocalEngine)) {
			throw new Error(`The index is held by ${JSON.stringify(engine.heldBy)}.`);
		}
		const source = { place: 'bench', entries: [{ path: root }], base: undefined, excludes: [] };
		engine.configure(planWatches([source], { folders: [], trusted: true, graph: true }));
		await engine.whenSettled();
		const own = new GraphEngine(engine, waiting);
		await own.sync();
		return own;
	}

	/** Resolves to the moment when the next change is in the log, or what it invalidates is known. */
	async next(kind: Kind): Promise<number> {
		return await new Promise((resolve) => {
			this.#waiting.set(kind, resolve);
		});
	}

	/** Waits until the log and the graph know everything. @returns the cursor */
	async sync(): Promise<string> {
		return (await this.#engine.sync({ full: false, graph: true, timeoutMs: SYNC_MS })).cursor;
	}

	async affected(params: AffectedParams): Promise<AffectedResult> {
		return await this.#engine.affected(params);
	}

	async stop(): Promise<void> {
		await this.#engine.stop();
	}
}
