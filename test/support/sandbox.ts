/**
 * A test's own place: one temporary folder with everything in it (watched folders, indexes, state and runtime folders),
 * and the processes that the test started. When the test ends the processes are gone and so is the folder.
 */
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, chown } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunningProcess } from './process.ts';

/** The folder of the repository. */
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** A bundle in `dist/`. */
export const bundle = (name: string) => join(REPOSITORY, 'dist', `${name}.cjs`);

/** Memory where there is some to be had: durability against power loss is not what these tests are about. */
const BASE = existsSync('/dev/shm') ? '/dev/shm' : realpathSync(tmpdir());

/** Users and groups have this id where nothing else is said: nobody. */
const UNPRIVILEGED = 65_534;

export class Sandbox {
	/** Real path of the folder. */
	readonly path: string;
	/** The environment of every process of this sandbox. */
	readonly env: NodeJS.ProcessEnv;
	/** User and group of every process of this sandbox; undefined for the test's own. */
	user: { uid: number; gid: number } | undefined;
	readonly #processes = new Set<RunningProcess>();
	readonly #cleanUps: (() => Promise<void> | void)[] = [];

	/** @param scope the test, or `{ after }` of node:test in a suite: its end is the sandbox's */
	constructor(scope: { after(cleanUp: () => Promise<void>): void }) {
		this.path = mkdtempSync(join(BASE, 'filetide-'));
		const inside = (name: string) => {
			const path = join(this.path, name);
			mkdirSync(path, { mode: 0o700 });
			return path;
		};
		this.env = {
			PATH: process.env['PATH'],
			HOME: inside('home'),
			XDG_STATE_HOME: inside('state'),
			XDG_RUNTIME_DIR: inside('run'),
		};
		scope.after(() => this.#cleanUp());
	}

	/** A path in the sandbox. */
	at(...names: string[]): string {
		return join(this.path, ...names);
	}

	/** Writes files (content by path; a path that ends with `/` is a folder) and returns the folder they are in. */
	tree(folder: string, files: Record<string, string> = {}): string {
		const root = this.at(folder);
		mkdirSync(root, { recursive: true });
		for (const [name, content] of Object.entries(files)) {
			const path = join(root, name);
			mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true });
			if (!name.endsWith('/')) {
				writeFileSync(path, content);
			}
		}
		return root;
	}

	/** Writes a JSON file and returns its path. */
	json(name: string, value: unknown): string {
		const path = this.at(name);
		writeFileSync(path, JSON.stringify(value));
		return path;
	}

	/**
	 * From now on processes run without the right to read everything: as nobody when the test is root, else as who the
	 * test is.
	 */
	async dropPrivileges(): Promise<void> {
		if (process.getuid?.() !== 0) {
			return;
		}
		this.user = { uid: UNPRIVILEGED, gid: UNPRIVILEGED };
		await chmod(this.path, 0o755);
		for (const name of ['home', 'state', 'run']) {
			await chown(this.at(name), UNPRIVILEGED, UNPRIVILEGED);
		}
	}

	/** Makes sure that a process ends with the sandbox. */
	adopt(child: RunningProcess): void {
		this.#processes.add(child);
	}

	/** Runs before the folder is deleted, latest first. */
	onEnd(cleanUp: () => Promise<void> | void): void {
		this.#cleanUps.unshift(cleanUp);
	}

	async #cleanUp(): Promise<void> {
		await Promise.all([...this.#processes].map((child) => child.kill()));
		for (const cleanUp of this.#cleanUps) {
			await cleanUp();
		}
		rmSync(this.path, { recursive: true, force: true });
	}
}
