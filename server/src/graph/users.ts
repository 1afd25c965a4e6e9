/** Looks up who uses what, in the store as it is and in changed files also as they were. */
import picomatch from 'picomatch';
import type { FileChange } from './delta.ts';
import { EVERYTHING } from './facts.ts';
import { exportKey, type FileEntry, GLOB, type GraphStore, starKey } from './store.ts';
import type { PartUse } from './grouped-uses.ts';
import { MapOfMaps } from './map-of-maps.ts';
import { type FileView, type Reexport, viewOf } from './view.ts';

/** Who looks up an export of a module. */
interface ExportUsers {
	users: {
		file: string;
		uses: readonly PartUse[];
		/** Under which names it exports it on. */
		reexports: readonly Reexport[];
	}[];
	/** Those that export all that the module exports, this one included. */
	barrels: string[];
}

export class Users {
	readonly store: GraphStore;
	readonly #changes: ReadonlyMap<string, FileChange>;
	readonly #known = new Map<string, readonly FileView[]>();
	/** Module → name → who looks it up. */
	readonly #exported = new MapOfMaps<ExportUsers>();
	readonly #globs: { key: string; matches: (path: string) => boolean }[];

	/** @param changes by path; the store knows the files as they are afterwards */
	constructor(store: GraphStore, changes: ReadonlyMap<string, FileChange>) {
		this.store = store;
		this.#changes = changes;
		this.#globs = Array.from(new Set(store.globs()), (key) => ({
			key,
			matches: picomatch(key.slice(GLOB.length), { dot: true }),
		}));
	}

	/** A changed file as it was and as it is, any other as it is. */
	views(file: string): readonly FileView[] {
		let views = this.#known.get(file);
		if (views === undefined) {
			const change = this.#changes.get(file);
			const versions =
				change === undefined
					? [this.store.view(file)]
					: [change.after, change.before].map((entry) => entry && viewOf(entry));
			views = versions.filter((view) => view !== undefined);
			this.#known.set(file, views);
		}
		return views;
	}

	/** Everybody who looks up an export of a module. Worked out once: a change comes by on many ways. */
	ofExport(module: string, name: string): ExportUsers {
		return this.#exported.getOrMake(module, name, () => this.#findUsers(module, name));
	}

	#findUsers(module: string, name: string): ExportUsers {
		const found: ExportUsers = {
			users: [],
			barrels: name === 'default' ? [] : [...this.store.users(starKey(module))],
		};
		const files = new Set(
			name === EVERYTHING || name === 'export='
				? this.store.usersOfModule(module)
				: [...this.store.users(exportKey(module, name)), ...this.store.users(exportKey(module, EVERYTHING))],
		);
		for (const file of files) {
			found.users.push({
				file,
				uses: this.usesOf(file, module, name),
				reexports: this.#ofViews(file, (view) => view.reexportsOf(module, name)),
			});
		}
		return found;
	}

	/** What a file uses of a module that one of its exports is, or all. */
	usesOf(file: string, module: string, name: string): readonly PartUse[] {
		return this.#ofViews(file, (view) => view.usersOfModule(module, name));
	}

	#ofViews<T>(file: string, of: (view: FileView) => readonly T[]): readonly T[] {
		const views = this.views(file);
		return views.length === 1 ? of(views[0]!) : views.flatMap(of);
	}

	/** Who uses whatever a pattern of paths matches that this one does match. */
	eachGlobUse(path: string, visit: (user: string, one: PartUse) => void): void {
		for (const { key, matches } of this.#globs) {
			if (matches(path)) {
				for (const user of this.store.users(exportKey(key, EVERYTHING))) {
					for (const one of this.usesOf(user, key, EVERYTHING)) {
						visit(user, one);
					}
				}
			}
		}
	}

	// --- what modules export -----------------------------------------------------------------------------------------

	/** Whether a name that a star would bring to a barrel is the barrel's own. */
	isShadowed(barrel: string, name: string): boolean {
		return name !== EVERYTHING && this.views(barrel).every((view) => view.hasExport(name));
	}

	/** Whether another star of a barrel may bring the same name as that of a module. */
	isAmbiguous(barrel: string, module: string, name: string): boolean {
		return this.views(barrel).some(({ stars }) =>
			stars.some((other) => other !== module && this.#exports(other, name, new Set())),
		);
	}

	#exports(module: string, name: string, visited: Set<string>): boolean {
		if (visited.has(module)) {
			return false;
		}
		visited.add(module);
		return this.views(module).some(
			(view) =>
				name === EVERYTHING ||
				view.hasExport(name) ||
				view.stars.some((starred) => this.#exports(starred, name, visited)),
		);
	}

	/** What a module brought by stars that it does not any more, or the reverse; {@link EVERYTHING} for what is not known. */
	differingStars({ before, after }: FileChange): Set<string> {
		const starred = (entry: FileEntry | undefined) =>
			new Set(entry?.facts.stars.map((one) => entry.resolved[one] ?? ''));
		const [old, now] = [starred(before), starred(after)];
		const names = new Set<string>();
		for (const module of new Set([...old, ...now])) {
			if (old.has(module) !== now.has(module)) {
				this.#collectExports(module, names, new Set());
			}
		}
		return names;
	}

	/** The names that a module exports, those of its stars included. */
	#collectExports(module: string, names: Set<string>, visited: Set<string>): void {
		if (visited.has(module)) {
			return;
		}
		visited.add(module);
		const views = this.views(module);
		if (views.length === 0) {
			names.add(EVERYTHING);
		}
		for (const { exports, stars } of views) {
			for (const name of exports) {
				if (name !== 'default') {
					names.add(name);
				}
			}
			for (const starred of stars) {
				this.#collectExports(starred, names, visited);
			}
		}
	}
}
