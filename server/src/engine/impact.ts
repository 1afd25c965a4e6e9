/** Answers what changes affect: the changes since a cursor or a revision, or those of paths as if all in them had changed. */
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import type { AffectedParams, AffectedResult, Invalidated } from '#shared/protocol.ts';
import { affectedBy, type AffectedFile, type Widened } from '../graph/affected.ts';
import { decodeEntry } from '../graph/codec.ts';
import type { FileChange } from '../graph/delta.ts';
import { type Followed, type FollowedChange, isSame, located, placeOf, stateOf } from '../graph/followed.ts';
import { versionsSince } from '../graph/git-versions.ts';
import { entryOf, entryOfWhole } from '../graph/read-entry.ts';
import { packageOf } from '../graph/packages.ts';
import { PACKAGE } from '../graph/store.ts';
import { StoredGraph } from '../graph/stored-graph.ts';
import { filesOf } from '../graph/widened-files.ts';
import { openToRead } from '../index/admission.ts';
import { parseCursor } from '../index/cursor.ts';
import type { Burst } from '../index/bursts.ts';
import { GRAPH_VERSION, GraphTable } from '../index/graph-table.ts';
import { LogFeed } from '../index/log-feed.ts';
import { typeScript } from '../languages/typescript/language.ts';
import { TypeScriptResolver } from '../languages/typescript/resolver.ts';
import { isInside } from '../platform/paths.ts';

/** Records of the log that are read at once. */
const PAGE = 1000;

/** Who asks nothing more for so long leaves what was read for the answers to be forgotten. */
const REST_MS = 20_000;

/** By path; `seq` as in {@link FollowedChange}, where it is remembered what the file was before. */
type Changes = Map<string, FileChange & { seq?: number }>;

/** What changes affect. */
export interface Affects {
	/** Absolute paths. */
	changed: string[];
	/** Nearest first; see {@link Impact.located}. */
	files: (AffectedFile | Invalidated)[];
	widened: AffectedResult['widened'];
}

export class Impact {
	readonly #feed: LogFeed;
	readonly #table: GraphTable;
	readonly #graph: StoredGraph;
	/** What was followed last, by whoever keeps the graph. */
	followed: Followed | undefined;
	#rest: NodeJS.Timeout | undefined;

	/**
	 * @param indexFolder the index's folder
	 * @throws when it holds no index, or no graph yet
	 */
	constructor(indexFolder: string) {
		this.#feed = new LogFeed(openToRead(indexFolder));
		this.#table = new GraphTable(indexFolder, true);
		this.#graph = new StoredGraph(this.#table);
	}

	/** Whether the graph knows everything that is in the log. */
	get isFresh(): boolean {
		this.#refresh();
		return (
			this.#table.get('version') === GRAPH_VERSION &&
			this.#table.get('index') === this.#feed.indexId &&
			this.#table.get('cursor') === this.#feed.head &&
			this.#table.get('position') === undefined
		);
	}

	/** @throws FiletideError `CURSOR_UNKNOWN`, `REVISION_UNKNOWN` */
	async affected({
		since,
		paths,
		expand,
		roots,
	}: AffectedParams & { roots: readonly string[] }): Promise<AffectedResult> {
		const startedAt = performance.now();
		this.#refresh();
		const isChosen = (path: string) => paths.length === 0 || paths.some((chosen) => isInside(chosen, path));
		const all: Changes =
			since === undefined && paths.length > 0 ? this.#allOf(paths) : await this.#since(since ?? 'HEAD', roots);
		const changes: Changes = new Map(Array.from(all).filter(([path, { isEdited }]) => !isEdited || isChosen(path)));
		const { changed, files, widened } = this.#follow(changes, expand);
		return {
			changed,
			affected: files.map((file) => this.located(file)),
			widened,
			ms: Math.round(performance.now() - startedAt),
		};
	}

	/** What names the state of log and graph that answers are made from. */
	get version(): string {
		this.#refresh();
		return `${this.#feed.indexId}.${this.#feed.head}.${this.#table.get('cursor') as number}`;
	}

	/**
	 * As if everything in a file had changed.
	 *
	 * @throws FiletideError `NOT_COVERED`
	 */
	ofFile(path: string): Affects {
		this.#refresh();
		if (!this.#feed.isFile(path)) {
			throw new FiletideError(ErrorCodes.notCovered, `${path} is not among the files that are watched.`);
		}
		return this.#follow(this.#allOf([path]));
	}

	/** What the burst affects that got an event last; undefined while the graph has followed none. */
	ofLastBurst(): { burst: Burst; affects: Affects } | undefined {
		this.#refresh();
		const burst = this.#feed.lastBurst;
		if (burst === undefined || burst.lastSeq <= this.#from) {
			return undefined;
		}
		const changes = this.#sinceSeq(Math.max(burst.firstSeq - 1, this.#from), burst.id);
		return { burst, affects: this.#follow(changes) };
	}

	/** An affected file as clients see it, with where it is affected: that costs reading what the graph knows of it. */
	located(file: AffectedFile | Invalidated): Invalidated {
		return 'start' in file ? file : located(this.#graph, file);
	}

	async close(): Promise<void> {
		clearTimeout(this.#rest);
		await Promise.all([this.#feed.close(), this.#table.close()]);
	}

	/** @param expand whether the files of what is told as a whole are listed */
	#follow(changes: Changes, expand = false): Affects {
		const { files, widened } = this.#known(changes) ?? this.#found(changes);
		const changed = Array.from(changes).flatMap(([path, { isEdited }]) =>
			isEdited && !path.startsWith(PACKAGE) ? [path] : [],
		);
		return {
			changed: changed.sort(),
			files,
			widened: widened.map((one) => this.#counted(one, expand)).filter(({ files }) => files > 0),
		};
	}

	/** What is known already of who follows each change. */
	#known(changes: Changes): Pick<Followed, 'files' | 'widened'> | undefined {
		const { followed } = this;
		if (followed?.changes.length !== changes.size) {
			return undefined;
		}
		const asked = new Map<string, FollowedChange>();
		for (const [path, { seq, isEdited }] of changes) {
			if (seq === undefined) {
				return undefined;
			}
			asked.set(path, { path, seq, isEdited });
		}
		return isSame(followed, stateOf(this.#table), asked) ? followed : undefined;
	}

	#found(changes: Changes): Pick<Affects, 'files'> & Pick<Followed, 'widened'> {
		const { affected, widened } = affectedBy(this.#graph, changes, {
			isCalledFromOutside: (member) => typeScript.isCalledFromOutside(member),
			packageOf,
		});
		return { files: affected, widened };
	}

	#counted(widened: Widened, expand: boolean): AffectedResult['widened'][number] {
		const files = filesOf(widened, this.#graph);
		return { ...placeOf(widened), files: files.length, ...(expand ? { paths: files.sort() } : {}) };
	}

	#refresh(): void {
		this.#feed.refresh();
		this.#graph.refresh();
		clearTimeout(this.#rest);
		this.#rest = setTimeout(() => {
			this.#graph.forget();
		}, REST_MS).unref();
	}

	// --- what has changed --------------------------------------------------------------------------------------------

	/** As if everything in these files had changed. */
	#allOf(paths: readonly string[]): Map<string, FileChange> {
		const changes = new Map<string, FileChange>();
		const add = (path: string) => {
			const before = this.#graph.entry(path) ?? entryOfWhole('before');
			changes.set(path, { before, after: undefined, isEdited: true });
		};
		for (const path of paths) {
			const files = [...this.#feed.filesBeneath(path)];
			for (const file of files.length === 0 ? [path] : files) {
				add(file);
			}
		}
		return changes;
	}

	async #since(since: string, roots: readonly string[]): Promise<Changes> {
		const seq = parseCursor(since, this.#feed.indexId);
		if (seq !== undefined) {
			return this.#sinceSeq(seq);
		}
		if (/^[0-9a-f]{16}\.\d+$/.test(since) || since === '0') {
			throw new FiletideError(
				ErrorCodes.cursorUnknown,
				`The cursor ${since} is not of this index: what changed since then is not known. Take the cursor of now, as "filetide sync" prints it.`,
			);
		}
		return await this.#sinceRevision(since, roots);
	}

	/** The record of the log from which on it is remembered what files were. */
	get #from(): number {
		return (this.#table.get('from') as number | undefined) ?? 0;
	}

	/** @param burst only what belongs to this one */
	#sinceSeq(seq: number, burst?: number): Changes {
		if (seq < this.#from) {
			throw new FiletideError(
				ErrorCodes.cursorUnknown,
				'What files were at this cursor is not remembered any more, or was not yet. Take a later one, or a revision of git.',
			);
		}
		const edited = new Set<string>();
		const others = new Set<string>();
		for (let from = seq; ;) {
			const records = this.#feed.after(from, PAGE);
			for (const { kind, path, from: old, burst: of } of records) {
				if (kind !== 'folder') {
					const concerned = burst === undefined || of === burst ? edited : others;
					concerned.add(path);
					if (old !== '') {
						concerned.add(old);
					}
				}
			}
			if (records.length < PAGE) {
				break;
			}
			from = records.at(-1)!.seq;
		}
		const changes: Changes = new Map();
		for (const [path, { text, seq: at }] of this.#table.changedAfter(seq)) {
			if (others.has(path) && !edited.has(path)) {
				continue;
			}
			const before = text === '' ? undefined : decodeEntry(text);
			// One that no record is about leads elsewhere now, or came along with its folder.
			const after = this.#graph.entry(path);
			const isEdited =
				edited.has(path) || before === undefined || after === undefined || path.startsWith(PACKAGE);
			changes.set(path, { before, after, isEdited, seq: at });
		}
		for (const path of edited) {
			if (!typeScript.reads(path)) {
				changes.set(path, { before: entryOfWhole('before'), after: entryOfWhole('after'), isEdited: true });
			}
		}
		return changes;
	}

	async #sinceRevision(revision: string, roots: readonly string[]): Promise<Map<string, FileChange>> {
		const resolver = new TypeScriptResolver();
		const changes = new Map<string, FileChange>();
		for (const root of roots) {
			for (const { path, text } of await versionsSince(root, revision)) {
				if (!isInside(root, path) || (text === undefined && !this.#feed.isFile(path))) {
					continue;
				}
				const before = text === undefined ? undefined : entryOf(path, text, typeScript, resolver);
				const after = this.#graph.entry(path) ?? (this.#feed.isFile(path) ? entryOfWhole('after') : undefined);
				changes.set(path, { before, after, isEdited: true });
				if (before === undefined || after === undefined) {
					this.#addAskers(path, changes);
				}
			}
		}
		return changes;
	}

	/** What asks for a file that came, or went, led elsewhere before. */
	#addAskers(path: string, changes: Map<string, FileChange>): void {
		for (const user of this.#graph.askingFor(path)) {
			const after = this.#graph.entry(user);
			if (changes.has(user) || after === undefined) {
				continue;
			}
			const resolved = after.resolved.map((module, index) => {
				const mayMean = this.#graph.mayMean(after.facts.requests[index]!.specifier, path);
				return module === path ? `unresolved:${path}` : mayMean ? path : module;
			});
			changes.set(user, { before: { ...after, resolved }, after, isEdited: false });
		}
	}
}
