/**
 * Where Filetide keeps things (DESIGN.md §5, "Where"). The extension's server and the CLI both come here, so that they
 * find the same index for the same folders.
 */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { realPath } from './paths.ts';

/** File beside the LMDB files that says which roots an index is for; readable without opening LMDB. */
const ROOTS_FILE = 'roots.json';

/** The folder that holds all indexes of this user: state, not cache, because history cannot be rebuilt. */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
	if (process.platform === 'win32') {
		return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'filetide');
	}
	if (process.platform === 'darwin') {
		return join(homedir(), 'Library', 'Application Support', 'filetide');
	}
	const state = env['XDG_STATE_HOME'];
	return join(state !== undefined && state.startsWith('/') ? state : join(homedir(), '.local', 'state'), 'filetide');
}

/**
 * Path of the index for a workspace: named after the real path of its `.code-workspace` file, else of its folders in
 * order of name, else `global` (a window without a folder).
 */
export function indexFolder(workspace: { workspaceFile?: string | undefined; folders: readonly string[] }): string {
	const identity =
		workspace.workspaceFile === undefined
			? workspace.folders.map(realPath).sort().join('\0')
			: realPath(workspace.workspaceFile);
	return join(stateFolder(), identity === '' ? 'global' : sha256(identity).slice(0, 16));
}

/**
 * The socket (or Windows pipe) of the server that writes the index in `folder`. It lies in the user's runtime folder
 * because socket paths may have 107 bytes at most, and that folder is private to the user.
 */
export function socketPath(folder: string, env: NodeJS.ProcessEnv = process.env): string {
	const id = sha256(realPath(folder)).slice(0, 16);
	if (process.platform === 'win32') {
		return `\\\\.\\pipe\\filetide-${sha256(userInfo().username).slice(0, 8)}-${id}`;
	}
	const runtime = env['XDG_RUNTIME_DIR'];
	// `/ab12cd.sock` and the folder name take about 35 of the 107 bytes.
	const parent = runtime !== undefined && runtime.startsWith('/') && runtime.length < 60 ? runtime : shortTmp();
	const own = join(parent, `filetide-${process.getuid?.() ?? 0}`);
	mkdirSync(own, { recursive: true, mode: 0o700 });
	const found = lstatSync(own);
	if (!found.isDirectory() || found.uid !== process.getuid?.()) {
		// Whoever owns the folder could put a socket of their own there.
		throw new Error(`${own} does not belong to you. Remove it, or set XDG_RUNTIME_DIR to a folder of yours.`);
	}
	chmodSync(own, 0o700);
	return join(own, `${id}.sock`);
}

function shortTmp(): string {
	return tmpdir().length < 60 ? tmpdir() : '/tmp';
}

/** Writes down which roots an index is for, as the user spells them, making its folder where needed. */
export function recordRoots(folder: string, roots: readonly string[]): void {
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	writeFileSync(join(folder, ROOTS_FILE), JSON.stringify({ roots }));
}

/**
 * The index in the state folder whose root is the longest prefix of `folder`; undefined when there is none.
 */
export function findIndex(folder: string): string | undefined {
	const target = realPath(resolve(folder));
	const state = stateFolder();
	let best: { path: string; length: number } | undefined;
	for (const name of listFolders(state)) {
		for (const root of recordedRoots(join(state, name)).map(realPath)) {
			const covers = target === root || target.startsWith(root.endsWith(sep) ? root : root + sep);
			if (covers && (best === undefined || root.length > best.length)) {
				best = { path: join(state, name), length: root.length };
			}
		}
	}
	return best?.path;
}

/** The roots that an index was last used for, empty when unknown. */
export function recordedRoots(indexPath: string): string[] {
	try {
		const parsed: unknown = JSON.parse(readFileSync(join(indexPath, ROOTS_FILE), 'utf8'));
		const roots = (parsed as { roots?: unknown }).roots;
		return Array.isArray(roots) ? roots.filter((root) => typeof root === 'string') : [];
	} catch {
		// A foreign or half-made folder is no index; the CLI then says that it found none.
		return [];
	}
}

function listFolders(path: string): string[] {
	try {
		return readdirSync(path);
	} catch {
		return [];
	}
}

function sha256(text: string): string {
	return createHash('sha256').update(text).digest('hex');
}
