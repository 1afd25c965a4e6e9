/**
 * The native source for Linux: one kernel watch per folder, which also reports what happens to the files in it. The tree
 * of folders is kept by comparing with the disk, never by what an event claims: an event only says which name to look at.
 *
 * What must hold: a folder is identified before it is watched and watched before it is listed, and after it came to be
 * watched it is hinted as a tree. So whatever reconcile saw of it before, it looks again.
 */
import { basename } from 'node:path';
import { childPath, isInside, splitPath } from '../platform/paths.ts';
import { FolderCrawl, type CrawlOptions } from './folder-crawl.ts';
import { FolderEntrance, identify, identifyIn } from './folder-entrance.ts';
import { type FolderNode, FolderTree, isSameFolder } from './folder-tree.ts';
import { FolderWatches } from './folder-watches.ts';
import { Mask, type RawEvent } from './inotify.ts';
import type { KernelQueue, RawReceiver } from './kernel-queue.ts';
import { LinkWatches } from './link-watches.ts';
import type { Scopes } from './scope.ts';
import { Shortfall } from './shortfall.ts';
import { SlicedWork } from './sliced-work.ts';
import type { NewFolder, Source, SourceListener } from './source.ts';

/** Longest wait for the crawl to end: whoever keeps making folders keeps it working. */
const SETTLE_MS = 5000;
/**
 * A folder this young may be another one than the one that was watched: both the number and the time of birth (whose clock
 * ticks every 4 ms) may be the same.
 */
const YOUNG_MS = 2000;

/** Comes for what a name meant in the protocol but not in the folder: not valid UTF-8. */
const REPLACEMENT = '\uFFFD';

const NONE: ReadonlySet<string> = new Set();

const APPEARED_OR_WENT = Mask.created | Mask.removed | Mask.movedFrom | Mask.movedTo;
const WATCH_ENDED = Mask.removedSelf | Mask.unmounted | Mask.ended;

export class NativeSource implements Source, RawReceiver {
	readonly ready: Promise<void>;
	readonly #root: string;
	readonly #scopes: Scopes;
	readonly #queue: KernelQueue;
	readonly #listener: SourceListener;
	readonly #tree: FolderTree;
	readonly #watches: FolderWatches;
	readonly #links: LinkWatches;
	readonly #entrance: FolderEntrance;
	readonly #shortfall: Shortfall;
	/** Names that came or went, to be looked at when the turn's events are through: a move is two events. */
	readonly #names = new Map<FolderNode, Set<string>>();
	/** Folders whose own watch may have ended. True: it has. */
	readonly #selves = new Map<FolderNode, boolean>();
	readonly #crawls: FolderCrawl[] = [];
	readonly #work: SlicedWork;
	#failed: (error: unknown) => void;

	/** @param named whether somebody else finds the folders and names them to {@link watch}; else it finds them itself */
	constructor(
		root: string,
		pollIntervalMs: number,
		scopes: Scopes,
		queue: KernelQueue,
		listener: SourceListener,
		named = false,
	) {
		this.#root = root;
		this.#scopes = scopes;
		this.#queue = queue;
		this.#listener = listener;
		this.#tree = new FolderTree(root, basename(root));
		this.#links = new LinkWatches(queue, {
			touched: (parent, name) => {
				this.#takeEntry(parent, name, true);
			},
			refused: (parent, code) => {
				this.#watches.postpone(parent, code);
			},
		});
		this.#watches = new FolderWatches(
			this.#tree,
			queue,
			(node, event, name) => {
				this.#take(node, name ?? '', event === 'rename');
			},
			(node) => {
				this.#links.keepOnly(node, NONE);
			},
		);
		this.#shortfall = new Shortfall(this.#tree, this.#watches, pollIntervalMs, listener, (node) => {
			this.#crawl(node, { renew: false, hint: true });
		});
		queue.receivers.add(this);
		this.#work = new SlicedWork(
			(until) => this.#stepSafely(until),
			() => {
				this.#shortfall.tell();
				this.#watches.closeRetired(() => this.#work.busy);
			},
		);
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		this.ready = promise;
		this.#failed = reject;
		this.#entrance = new FolderEntrance(this.#tree, this.#watches, this.#scopes);
		if (named && !scopes.follow) {
			this.watch([root]);
		} else {
			// No hint: whoever started the source scans everything once it is ready.
			this.#crawl(this.#tree.root, { renew: false, hint: false });
		}
		void this.#work.whenIdle().then(() => {
			this.#failed = (error) => {
				listener.failed(error instanceof Error ? error : new Error(String(error)));
			};
			resolve();
		});
	}

	/** Folders are named after the folders that they are in. */
	watch(folders: readonly string[]): void {
		if (this.#scopes.follow) {
			// It looks for links itself, so for folders too.
			return;
		}
		for (const path of folders) {
			const node = this.#nodeFor(path);
			try {
				if (node !== undefined) {
					this.#entrance.enter(node, path, false);
				}
			} catch (error) {
				this.#failed(error);
			}
		}
		this.#shortfall.tell(true);
	}

	get handles(): number {
		return this.#watches.used + this.#links.used;
	}

	async settle(): Promise<boolean> {
		const inTime = await this.#work.whenIdle(SETTLE_MS);
		this.#shortfall.hintAll();
		return inTime;
	}

	async ensure(folders: readonly NewFolder[]): Promise<void> {
		for (const { path, replaced } of folders) {
			const node = this.#find(path);
			const parent = this.#find(path.slice(0, -basename(path).length - 1));
			const found = parent === undefined ? undefined : this.#identify(parent, basename(path));
			if (path === this.#root || parent === undefined || found === undefined) {
				// Beneath a folder that is not watched yet: that one's crawl comes past it.
				continue;
			}
			if (node?.watcher === undefined || replaced || !isSameFolder(node.identity, found.identity)) {
				this.#enter(parent, basename(path), found.isLink, replaced);
			}
		}
		await this.#work.whenIdle(SETTLE_MS);
	}

	async recover(): Promise<void> {
		const waits = this.#crawls.slice(1).some((crawl) => crawl.top === this.#tree.root && crawl.renew);
		if (!waits) {
			this.#links.renew();
			this.#crawl(this.#tree.root, { renew: true, hint: false });
		}
		await this.#work.whenIdle();
	}

	close(): Promise<void> {
		this.#queue.receivers.delete(this);
		this.#shortfall.close();
		this.#watches.closeAll();
		this.#links.closeAll();
		this.#work.close();
		return Promise.resolve();
	}

	// --- events ------------------------------------------------------------------------------------------------------

	raw(ino: number, event: RawEvent): void {
		const { mask, name } = event;
		this.#links.raw(ino, event);
		for (const node of this.#tree.withInode(ino)) {
			if (name !== '') {
				const mayBeFolder =
					(mask & APPEARED_OR_WENT) !== 0 && ((mask & Mask.folder) !== 0 || this.#scopes.follow);
				this.#takeEntry(node, name, mayBeFolder);
			} else if ((mask & WATCH_ENDED) !== 0) {
				this.#takeSelf(node, true);
			} else {
				this.#hintSelf(node);
			}
		}
	}

	keepWatched(inodes: ReadonlySet<number>): void {
		this.#links.keepWatched(inodes);
		for (const node of this.#tree.subtree(this.#tree.root)) {
			if (node.watcher !== undefined && !inodes.has(node.identity?.ino ?? 0)) {
				this.#takeSelf(node, true);
			}
		}
	}

	/** What a callback says. `cameOrWent` is also told for what happened to the folder itself, under its own name. */
	#take(node: FolderNode, name: string, cameOrWent: boolean): void {
		this.#takeEntry(node, name, cameOrWent);
		if (name === node.selfName || name === node.name) {
			if (cameOrWent) {
				this.#takeSelf(node, false);
			} else {
				this.#hintSelf(node);
			}
		}
	}

	#takeEntry(node: FolderNode, name: string, mayBeFolder: boolean): void {
		const path = this.#tree.pathOf(node);
		if (path === undefined) {
			// It left; where it turns up it is hinted as a tree.
			return;
		}
		if (name === '' || name.includes(REPLACEMENT)) {
			this.#listener.tree(path);
			return;
		}
		this.#listener.entry(path.endsWith('/') ? path + name : `${path}/${name}`);
		if (mayBeFolder) {
			const names = this.#names.get(node);
			if (names === undefined) {
				this.#names.set(node, new Set([name]));
			} else {
				names.add(name);
			}
			this.#work.schedule();
		}
	}

	#takeSelf(node: FolderNode, ended: boolean): void {
		this.#hintSelf(node);
		this.#selves.set(node, ended || this.#selves.get(node) === true);
		this.#work.schedule();
	}

	#hintSelf(node: FolderNode): void {
		const path = this.#tree.pathOf(node);
		if (path !== undefined) {
			this.#listener.entry(path);
		}
	}

	// --- work, in slices ---------------------------------------------------------------------------------------------

	#stepSafely(until: number): boolean {
		try {
			return this.#step(until);
		} catch (error) {
			// One folder that cannot be watched for a reason unknown to us; the others go on.
			this.#failed(error);
			return true;
		}
	}

	/** Returns whether there was something to do. What went away comes first: it may turn up in a crawl. */
	#step(until: number): boolean {
		for (const [node, names] of this.#names) {
			for (const name of names) {
				names.delete(name);
				this.#compare(node, name);
				return true;
			}
			this.#names.delete(node);
		}
		for (const [node, ended] of this.#selves) {
			this.#selves.delete(node);
			this.#compareSelf(node, ended);
			return true;
		}
		const crawl = this.#crawls[0];
		if (crawl?.slice(until) === true) {
			this.#crawls.shift();
			const path = crawl.hint && crawl.top !== undefined ? this.#tree.pathOf(crawl.top) : undefined;
			if (path !== undefined) {
				this.#listener.entry(path);
				this.#listener.tree(path);
			}
		}
		return crawl !== undefined;
	}

	#compare(parent: FolderNode, name: string): void {
		const above = this.#tree.pathOf(parent);
		if (above === undefined) {
			return;
		}
		const known = parent.children?.get(name);
		// Before it is looked at: where it leads may change in between.
		if (this.#scopes.follow && this.#links.note(parent, name, this.#scopes.of(above))) {
			this.#listener.entry(childPath(above, name));
		}
		const found = this.#identify(parent, name);
		if (found !== undefined && known?.isLink === found.isLink && isSameFolder(known.identity, found.identity)) {
			return;
		}
		if (known !== undefined) {
			this.#watches.retire(known);
			// Its `.gitignore` files are not those of whatever stands there now.
			this.#scopes.forget();
		}
		if (found !== undefined) {
			this.#enter(parent, name, found.isLink, false);
		}
	}

	#compareSelf(node: FolderNode, ended: boolean): void {
		const path = this.#tree.pathOf(node);
		const identity =
			path === undefined
				? undefined
				: node.parent === undefined
					? identify(path, true)
					: this.#identify(node.parent, node.name)?.identity;
		if (path === undefined || identity === undefined) {
			// The root's absence is reconcile's to tell; any other folder's parent has told.
			return;
		}
		const young = identity.birthtimeMs === 0 || Math.abs(Date.now() - identity.birthtimeMs) < YOUNG_MS;
		if (ended || young || !isSameFolder(node.identity, identity)) {
			this.#crawl(node, { renew: true, hint: true });
		}
	}

	/** Watches a folder that stands in a watched one, and everything beneath. */
	#enter(parent: FolderNode, name: string, isLink: boolean, renew: boolean): void {
		const above = this.#tree.pathOf(parent);
		if (isLink) {
			// Who does not follow links has no business behind it.
			this.#scopes.forget();
		}
		if (above !== undefined && this.#scopes.of(above).verdict(name, true).descend) {
			const node = parent.children?.get(name) ?? this.#tree.add(parent, name);
			node.isLink = isLink;
			this.#crawl(node, { renew, hint: true });
		}
	}

	/** The folder that stands in a watched one under a name, or that a followed link of this name leads to. */
	#identify(parent: FolderNode, name: string): ReturnType<typeof identifyIn> {
		const above = this.#tree.pathOf(parent);
		return above === undefined ? undefined : identifyIn(this.#scopes.of(above), name);
	}

	#crawl(node: FolderNode, options: CrawlOptions): void {
		const { parent, name } = node;
		const makeScope = (hasIgnoreFile: boolean) => {
			const above = parent === undefined ? undefined : this.#tree.pathOf(parent);
			return above === undefined
				? this.#scopes.of(this.#root)
				: this.#scopes.of(above).child(name, hasIgnoreFile);
		};
		this.#crawls.push(
			new FolderCrawl(
				this.#tree,
				this.#watches,
				this.#links,
				this.#entrance,
				{ node, makeScope },
				options,
				(folder) => {
					this.#listener.workTree(folder);
				},
			),
		);
		this.#work.schedule();
	}

	/** The node of a folder in a folder that is known; undefined for what no watch of this source looks into. */
	#nodeFor(path: string): FolderNode | undefined {
		if (path === this.#root) {
			return this.#tree.root;
		}
		const name = basename(path);
		const above = path.slice(0, -name.length - 1);
		const parent = this.#find(above);
		if (parent === undefined || !this.#scopes.of(above).verdict(name, true).descend) {
			return undefined;
		}
		return parent.children?.get(name) ?? this.#tree.add(parent, name);
	}

	#find(path: string): FolderNode | undefined {
		return isInside(this.#root, path) ? this.#tree.find(splitPath(path.slice(this.#root.length))) : undefined;
	}
}
