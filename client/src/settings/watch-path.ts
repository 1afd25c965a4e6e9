import nodePath from 'node:path';

/** A folder of the window, where it lies on disk. */
export interface FolderOnDisk {
	name: string;
	path: string;
}

/** What the meaning of a watch's `path` depends on. */
export interface PathContext {
	folders: readonly FolderOnDisk[];
	/** The workspace folder whose settings name the watch, if it is a folder's. */
	folder?: FolderOnDisk | undefined;
	home: string;
	/** `path.posix` or `path.win32`: tests need both. */
	paths?: nodePath.PlatformPath;
}

const VARIABLE = /^\$\{workspaceFolder(?::([^}]*))?\}(?:[/\\]|$)/;

/**
 * The absolute path that a watch's `path` means, `undefined` when it means none here (a variable without its folder,
 * a relative path without a workspace folder). The server decides what is watched; this finds a setting's entry again.
 */
export function resolveWatchPath(written: string, context: PathContext): string | undefined {
	const paths = context.paths ?? nodePath;
	const match = VARIABLE.exec(written);
	if (match) {
		const folder = variableFolder(match[1], context);
		return folder && trim(paths.join(folder.path, written.slice(match[0].length)), paths);
	}
	if (written === '~' || /^~[/\\]/.test(written)) {
		return trim(paths.join(context.home, written.slice(2)), paths);
	}
	if (paths.isAbsolute(written)) {
		return trim(paths.normalize(written), paths);
	}
	const base = context.folder ?? (context.folders.length === 1 ? context.folders[0] : undefined);
	return base && trim(paths.join(base.path, written), paths);
}

function variableFolder(name: string | undefined, context: PathContext): FolderOnDisk | undefined {
	if (name !== undefined) {
		return context.folders.find((folder) => folder.name === name);
	}
	return context.folder ?? context.folders[0];
}

/** Without the separator at the end that `join` keeps; a root keeps its own. */
function trim(path: string, paths: nodePath.PlatformPath): string {
	const root = paths.parse(path).root;
	return path.length > root.length && /[/\\]$/.test(path) ? path.slice(0, -1) : path;
}

/** Whether two absolute paths name one place, as far as spelling tells. */
export function samePath(one: string, other: string, paths: nodePath.PlatformPath = nodePath): boolean {
	const [a, b] = [trim(paths.normalize(one), paths), trim(paths.normalize(other), paths)];
	return paths.sep === '\\' ? a.toLowerCase() === b.toLowerCase() : a === b;
}

/** `path` relative to `folder` with `/`, empty for the folder itself, `undefined` when it lies elsewhere. */
export function pathInside(folder: string, path: string, paths: nodePath.PlatformPath = nodePath): string | undefined {
	const relative = paths.relative(folder, path);
	if (relative === '..' || relative.startsWith(`..${paths.sep}`) || paths.isAbsolute(relative)) {
		return undefined;
	}
	return relative.split(paths.sep).join('/');
}

/**
 * The path as it is written into a workspace's settings: moving or sharing the project does not break it. `named` says
 * which folder, for a file that several folders read.
 */
export function writeWatchPath(path: string, folder: FolderOnDisk, named: boolean, paths = nodePath): string {
	const variable = named ? `\${workspaceFolder:${folder.name}}` : '${workspaceFolder}';
	const inside = pathInside(folder.path, path, paths);
	return inside === undefined || inside === '' ? variable : `${variable}/${inside}`;
}

/** Folders whose watch is more likely a slip than a wish. */
export function isBroad(path: string, home: string, paths: nodePath.PlatformPath = nodePath): boolean {
	return samePath(path, paths.parse(path).root, paths) || samePath(path, home, paths);
}
