import nodePath from 'node:path';

/** The roots of the watches, asked whether a path can have a decoration and which others change with it. */
export class WatchRoots {
	readonly #paths: nodePath.PlatformPath;
	readonly #roots: string[];

	constructor(roots: readonly string[], paths: nodePath.PlatformPath = nodePath) {
		this.#paths = paths;
		this.#roots = roots.map((root) => this.key(root));
	}

	/** One spelling per place: Windows ignores case, and VS Code writes drive letters small. */
	key(path: string): string {
		const normal = this.#paths.resolve(path);
		return this.#paths.sep === '\\' ? normal.toLowerCase() : normal;
	}

	contains(path: string): boolean {
		const key = this.key(path);
		return this.#roots.some((root) => isWithin(root, key, this.#paths.sep));
	}

	/** The path and the folders above it, as far as a root contains them: their counts hold the path's. */
	withFoldersAbove(path: string): string[] {
		const chain: string[] = [];
		for (let at = path; this.contains(at); at = this.#paths.dirname(at)) {
			chain.push(at);
			if (this.#paths.dirname(at) === at) {
				break;
			}
		}
		return chain;
	}

	equals(other: WatchRoots): boolean {
		return this.#roots.join('\0') === other.#roots.join('\0');
	}
}

function isWithin(root: string, key: string, separator: string): boolean {
	return key === root || key.startsWith(root.endsWith(separator) ? root : root + separator);
}
