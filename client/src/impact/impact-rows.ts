import type { ImpactResult } from '#shared/protocol.ts';
import { Signal } from '../lifecycle/signal.ts';
import { type AskImpact, ImpactList, PAGE_SIZE } from './impact-list.ts';
import type { ImpactEnd, ImpactFile, ImpactGroup, ImpactNode, ImpactNote, ImpactRoot, WidenedGroup } from './nodes.ts';

/** VS Code's trees have no paging and slow down with their rows; "Copy Impact" has them all. */
export const MOST_ROWS = 1000;
/** So few files are shown without a click. */
const FEW_FILES = 20;

/** Whether there is anything to ask: `none` shows no rows at all, `waits` says that files are still being read. */
export type Readiness = 'none' | 'waits' | 'ready';

/** A root's answer, and how much of it is shown. */
interface Shown {
	list: ImpactList;
	/** Distance → rows. */
	rows: Map<number, number>;
}

export interface ImpactRowsOptions {
	/** @param path undefined: what the last burst affects */
	ask(path: string | undefined, ...page: Parameters<AskImpact>): ReturnType<AskImpact>;
	/** Resolves when an answer is slow: VS Code shows nothing at all before the rows of what is expanded are there. */
	patience(): Promise<void>;
	/** What the row says that stands for a request that failed. */
	noteOn(error: unknown): Pick<ImpactNote, 'note' | 'why'>;
}

/** The rows of the Impact view: two roots, beneath them groups by distance, beneath those files. Asks for what is expanded. */
export class ImpactRows {
	/** These rows, or all of them, are to be asked for again. */
	readonly changed = new Signal<ImpactRoot | ImpactGroup | undefined>();
	readonly file: ImpactRoot = { kind: 'root', of: 'file' };
	readonly burst: ImpactRoot = { kind: 'root', of: 'burst' };
	readonly #options: ImpactRowsOptions;
	readonly #shown = new Map<ImpactRoot, Shown>();
	#path: string | undefined;
	#readiness: Readiness = 'none';

	constructor(options: ImpactRowsOptions) {
		this.#options = options;
	}

	/** The file whose dependents are shown. */
	get path(): string | undefined {
		return this.#path;
	}

	set path(path: string | undefined) {
		if (path !== this.#path) {
			this.#path = path;
			this.refresh(this.file);
		}
	}

	get readiness(): Readiness {
		return this.#readiness;
	}

	set readiness(readiness: Readiness) {
		if (readiness !== this.#readiness) {
			this.#readiness = readiness;
			this.refresh();
		}
	}

	/** What is known of a root's answer. */
	known(root: ImpactRoot): ImpactResult | undefined {
		return this.#shown.get(root)?.list.known;
	}

	/** Asks anew, for one root or both, when rows are next asked for. */
	refresh(root?: ImpactRoot): void {
		for (const each of root === undefined ? [this.file, this.burst] : [root]) {
			this.#shown.get(each)?.list.cancel();
			this.#shown.delete(each);
		}
		this.changed.fire(root);
	}

	more({ within }: ImpactEnd): void {
		const shown = this.#shown.get(within.root);
		const { distance } = within.group;
		shown?.rows.set(distance, Math.min((shown.rows.get(distance) ?? PAGE_SIZE) + PAGE_SIZE, MOST_ROWS));
		this.changed.fire(within);
	}

	async children(node?: ImpactNode): Promise<ImpactNode[]> {
		if (node === undefined) {
			return this.#readiness === 'none' ? [] : [this.file, this.burst];
		}
		switch (node.kind) {
			case 'root':
				return await this.#guarded(node, () => this.#groups(node));
			case 'group':
				return await this.#guarded(node.root, () => this.#files(node));
			case 'widenedGroup':
				return node.places.map((place, index) => ({ kind: 'widened', within: node, place, index }));
			case 'file':
			case 'widened':
			case 'note':
			case 'more':
			case 'limit':
				return [];
		}
	}

	/** A list of its own, for who wants to read all of a root's answer; undefined when there is nothing to ask. */
	list(root: ImpactRoot): ImpactList | undefined {
		const path = this.#path;
		if (this.#readiness !== 'ready' || (root === this.file && path === undefined)) {
			return undefined;
		}
		return new ImpactList((page, signal) => this.#options.ask(root === this.file ? path : undefined, page, signal));
	}

	async #groups(root: ImpactRoot): Promise<ImpactNode[]> {
		const shown = this.#shownOf(root);
		if (shown === undefined) {
			return [{ kind: 'note', root, note: this.#readiness === 'ready' ? 'noFile' : 'waits' }];
		}
		const head = await Promise.race([shown.list.head(), this.#options.patience()]);
		if (head === undefined) {
			this.#follow(root, shown.list);
			return [{ kind: 'note', root, note: 'asks' }];
		}
		const { groups, widened, widenedCount, burst } = head;
		const files = groups.reduce((sum, group) => sum + group.files, 0);
		const nodes = groups.map((group, index): ImpactGroup => {
			return { kind: 'group', root, group, expanded: index === 0 || files <= FEW_FILES };
		});
		const places: WidenedGroup[] =
			widenedCount === 0 ? [] : [{ kind: 'widenedGroup', root, places: widened, count: widenedCount }];
		if (nodes.length + places.length === 0) {
			const note = root === this.burst && burst === undefined ? 'noBurst' : 'none';
			return [{ kind: 'note', root, note }];
		}
		return [...nodes, ...places];
	}

	async #files(within: ImpactGroup): Promise<ImpactNode[]> {
		const { root, group } = within;
		const shown = this.#shownOf(root);
		if (shown === undefined) {
			return [];
		}
		const { groups } = await shown.list.head();
		const before = groups.filter(({ distance }) => distance < group.distance);
		const from = before.reduce((sum, { files }) => sum + files, 0);
		const count = Math.min(group.files, shown.rows.get(group.distance) ?? PAGE_SIZE);
		const files = await shown.list.files(from, from + count);
		if (files === undefined) {
			// The graph has gone on: what is shown is of before.
			this.refresh(root);
			return [];
		}
		const nodes = files.map((file): ImpactFile => ({ kind: 'file', within, file }));
		return count === group.files ? nodes : [...nodes, { kind: count < MOST_ROWS ? 'more' : 'limit', within }];
	}

	/** A slow answer is shown when it comes, or that it failed. */
	#follow(root: ImpactRoot, list: ImpactList): void {
		const show = (): void => {
			if (!list.cancelled) {
				this.changed.fire(root);
			}
		};
		list.head().then(show, show);
	}

	#shownOf(root: ImpactRoot): Shown | undefined {
		let shown = this.#shown.get(root);
		if (shown === undefined) {
			const list = this.list(root);
			if (list !== undefined) {
				shown = { list, rows: new Map() };
				this.#shown.set(root, shown);
			}
		}
		return shown;
	}

	async #guarded(root: ImpactRoot, ask: () => Promise<ImpactNode[]>): Promise<ImpactNode[]> {
		const before = this.#shownOf(root);
		try {
			return await ask();
		} catch (error) {
			if (before?.list.cancelled === true) {
				// Another answer is asked for instead.
				return [];
			}
			// Whoever asks next asks the server.
			this.#shown.delete(root);
			return [{ kind: 'note', root, ...this.#options.noteOn(error) }];
		}
	}
}
