import {
	type FolderOnDisk,
	type PathContext,
	pathInside,
	resolveWatchPath,
	samePath,
	writeWatchPath,
} from './watch-path.ts';

/** Where a value of the setting is kept, widest first. A narrower value replaces the wider ones: lists do not merge. */
export type Level = 'user' | 'workspace' | 'folder';
const WIDEST_FIRST: readonly Level[] = ['user', 'workspace', 'folder'];

/** The setting `filetide.watches` as one workspace folder (or the window without folders) sees it. */
export interface SettingView {
	folder?: FolderOnDisk | undefined;
	/** Raw values; whatever users may have written. */
	values: Partial<Record<Level, unknown>>;
}

/** A new value for one level; `undefined` takes the key out of the file. */
export interface SettingChange {
	level: Level;
	/** The workspace folder, for the level `folder`. */
	folder?: FolderOnDisk | undefined;
	value: unknown[] | undefined;
}

/** One watch as the settings name it. */
export interface ConfiguredWatch {
	level: Level;
	folder?: FolderOnDisk | undefined;
	index: number;
	/** What is written as `path`; empty when that is no text. */
	written: string;
	name?: string | undefined;
	id?: string | undefined;
	/** Absolute path, where the entry means one. */
	path?: string | undefined;
}

/** The level whose value counts. */
function effectiveLevel(view: SettingView): Level | undefined {
	return WIDEST_FIRST.findLast((level) => view.values[level] !== undefined);
}

/** The list that counts, `undefined` when the value is no list at all. */
export function effectiveList(view: SettingView): unknown[] | undefined {
	const level = effectiveLevel(view);
	const value = level === undefined ? [] : view.values[level];
	return Array.isArray(value) ? value : undefined;
}

/** Whether any view names a watch, or something that the server has to complain about. */
export function namesAnyWatch(views: readonly SettingView[]): boolean {
	return views.some((view) => effectiveList(view)?.length !== 0);
}

/** Every watch that counts somewhere in the window, each entry of each file once. */
export function configuredWatches(views: readonly SettingView[], context: PathContext): ConfiguredWatch[] {
	const found = new Map<string, ConfiguredWatch>();
	for (const view of views) {
		const level = effectiveLevel(view);
		for (const [index, entry] of (level === undefined ? [] : (effectiveList(view) ?? [])).entries()) {
			const folder = level === 'folder' ? view.folder : undefined;
			const watch = readEntry(entry, { ...context, folder: view.folder });
			// A value of a wider level is seen from every folder; one with variables means another path in each.
			const key = `${level}\0${folder?.path}\0${index}\0${watch.path}`;
			found.set(key, { ...watch, level: level ?? 'user', folder, index });
		}
	}
	return [...found.values()];
}

function readEntry(entry: unknown, context: PathContext): Pick<ConfiguredWatch, 'written' | 'name' | 'id' | 'path'> {
	const fields = new Map<string, unknown>(typeof entry === 'object' && entry !== null ? Object.entries(entry) : []);
	const text = (key: string): string | undefined => {
		const value = fields.get(key);
		return typeof value === 'string' ? value : undefined;
	};
	const written = text('path') ?? '';
	const path = written === '' ? undefined : resolveWatchPath(written, context);
	return { written, name: text('name'), id: text('id'), path };
}

/** The entry that a running watch comes from. */
export function findConfigured(
	configured: readonly ConfiguredWatch[],
	watch: { id: string; path: string },
): ConfiguredWatch | undefined {
	return (
		configured.find((entry) => entry.id === watch.id) ??
		configured.find((entry) => entry.path !== undefined && samePath(entry.path, watch.path))
	);
}

/**
 * How to add a watch of `path`: the list that counts now plus one entry, at the level that fits. A list that is new at
 * its level starts with what it replaces, so that adding a watch never ends another.
 */
export function planAdd(
	path: string,
	view: SettingView,
	options: {
		/** The window's workspace settings are a `.code-workspace` file, not the folder's own. */
		workspaceFile: boolean;
		/** `path` lies in the view's folder, and the workspace is trusted. */
		inWorkspace: boolean;
		trusted: boolean;
	},
): SettingChange | 'not-a-list' {
	const list = effectiveList(view);
	if (list === undefined) {
		return 'not-a-list';
	}
	// Beneath the user level only where that level counts; an untrusted workspace's settings do not.
	const counting = options.trusted ? (effectiveLevel(view) ?? 'user') : 'user';
	if (view.folder === undefined || !options.inWorkspace) {
		return { level: counting, folder: counting === 'folder' ? view.folder : undefined, value: [...list, { path }] };
	}
	const level = counting === 'folder' ? 'folder' : 'workspace';
	const named = options.workspaceFile && level === 'workspace';
	const entry = { path: writeWatchPath(path, view.folder, named) };
	return { level, folder: level === 'folder' ? view.folder : undefined, value: [...list, entry] };
}

/** The view of the workspace folder that `path` lies in; of nested ones, the innermost. */
export function innermostView(views: readonly SettingView[], path: string): SettingView | undefined {
	return views
		.filter(({ folder }) => folder && pathInside(folder.path, path) !== undefined)
		.toSorted((a, b) => (b.folder?.path.length ?? 0) - (a.folder?.path.length ?? 0))[0];
}

/** How to take an entry out of the settings. */
export function planRemove(entry: ConfiguredWatch, views: readonly SettingView[]): SettingChange | undefined {
	const view = views.find(
		(view) =>
			effectiveLevel(view) === entry.level &&
			(entry.level !== 'folder' || view.folder?.path === entry.folder?.path),
	);
	const list = view && effectiveList(view);
	if (view === undefined || list === undefined || entry.index >= list.length) {
		return undefined;
	}
	const value = list.filter((_, index) => index !== entry.index);
	// Without the key, a wider level would count again and bring watches that nobody asked for.
	const widerCounts = WIDEST_FIRST.slice(0, WIDEST_FIRST.indexOf(entry.level)).some((level) => {
		const wider = view.values[level];
		return wider !== undefined && !(Array.isArray(wider) && wider.length === 0);
	});
	const empty = value.length === 0 && !widerCounts;
	return { level: entry.level, folder: entry.folder, value: empty ? undefined : value };
}
