/** What the files of one package are made of, name by name: as deep as it goes within the package. */
import { readFileSync } from 'node:fs';
import { EVERYTHING, type FileFacts, Meaning, type Request, type Target } from '../../graph/facts.ts';
import { partKey } from '../../graph/delta.ts';
import { isInside } from '../../platform/paths.ts';

interface Loaded {
	facts: FileFacts;
	/** Paths, in the order of requests. */
	resolved: readonly string[];
	/** Of each part that was asked for, see {@link Made}. */
	lines: Record<Side, string[]>;
	/** Part → those that are members of it. */
	members: ReadonlyMap<number, readonly number[]>;
}

/** Something outside the package; of a program, where no specifier leads there. */
interface Foreign {
	specifier: string | undefined;
	name: string;
}

interface Made {
	/** One line for each part that it is made of: the part, and its fingerprint. */
	lines: Set<string>;
	/** By its specifier and name. */
	foreign: Map<string, Foreign>;
}

type Resolve = (from: string, request: Request) => string;
type Side = 'interface' | 'behaviour';

/** Whether what is in a file can be told apart by name. */
export function isSource(path: string): boolean {
	return SOURCE.test(path);
}

const SOURCE = /\.(?:[cm]?[jt]sx?|json)$/;

export class Surface {
	readonly #entry: string;
	readonly #folder: string;
	readonly #files = new Map<string, Loaded>();

	private constructor(entry: string, folder: string) {
		this.#entry = entry;
		this.#folder = folder;
	}

	/** Undefined when more than `most` bytes would have to be read. */
	static of(
		entry: string,
		folder: string,
		most: number,
		extract: (path: string, text: string) => FileFacts,
		resolve: Resolve,
	): Surface | undefined {
		const surface = new Surface(entry, folder);
		let bytes = 0;
		const queue = new Set([entry]);
		for (const path of queue) {
			const text = readFileSync(path, 'utf8');
			bytes += text.length;
			if (bytes > most) {
				return undefined;
			}
			const facts = extract(path, text);
			const resolved = facts.requests.map((request) =>
				request.kind === 'module' || request.kind === 'file' || request.kind === 'types'
					? resolve(path, request)
					: '',
			);
			surface.#files.set(path, {
				facts,
				resolved,
				lines: { interface: [], behaviour: [] },
				members: membersOf(facts),
			});
			for (const other of resolved) {
				if (isInside(folder, other) && isSource(other)) {
					queue.add(other);
				}
			}
		}
		return surface;
	}

	/** What the module exports, that of its own stars included. */
	names(): Set<string> {
		const names = new Set<string>();
		this.#eachStarred(({ facts }, isEntry) => {
			for (const { name } of facts.exports) {
				if (isEntry || name !== 'default') {
					names.add(name);
				}
			}
		});
		return names;
	}

	/** Specifiers of other packages all of whose exports the module exports, too. */
	foreignStars(): Set<string> {
		const specifiers = new Set<string>();
		this.#eachStarred(({ facts, resolved }) => {
			for (const star of facts.stars) {
				if (!this.#files.has(resolved[star]!)) {
					specifiers.add(facts.requests[star]!.specifier);
				}
			}
		});
		return specifiers;
	}

	/** What an exported name is made of at compile time. */
	made(name: string): Made {
		const made = nothing();
		this.#export(this.#entry, name, 'interface', made);
		return made;
	}

	/** What an exported name is made of at run time; undefined where that cannot be told. */
	runs(name: string): Set<string> | undefined {
		const made = nothing();
		this.#export(this.#entry, name, 'behaviour', made);
		return made.lines.size === 0 ? undefined : made.lines;
	}

	/** What happens when the module is evaluated. */
	evaluation(): Set<string> {
		const made = nothing();
		for (const path of this.#files.keys()) {
			this.#part(path, 0, 'behaviour', made);
		}
		return made.lines;
	}

	/** Names that files of the package declare for the whole program. */
	*globals(): Generator<{ name: string; lines: Set<string> }> {
		for (const [path, { facts }] of this.#files) {
			for (const { name, part } of facts.globals) {
				yield { name, lines: this.#linesOf(path, part) };
			}
		}
	}

	/** What files of the package add to other modules. */
	*augmentations(): Generator<{ specifier: string; name: string; lines: Set<string> }> {
		for (const [path, { facts, resolved }] of this.#files) {
			for (const { request, name, part } of facts.augmentations) {
				if (!this.#files.has(resolved[request]!)) {
					yield { specifier: facts.requests[request]!.specifier, name, lines: this.#linesOf(path, part) };
				}
			}
		}
	}

	#linesOf(path: string, part: number): Set<string> {
		const made = nothing();
		this.#part(path, part, 'interface', made);
		return made.lines;
	}

	#eachStarred(visit: (file: Loaded, isEntry: boolean) => void): void {
		const queue = new Set([this.#entry]);
		for (const path of queue) {
			const file = this.#files.get(path);
			if (file !== undefined) {
				visit(file, path === this.#entry);
				for (const star of file.facts.stars) {
					queue.add(file.resolved[star]!);
				}
			}
		}
	}

	#export(path: string, name: string, side: Side, made: Made, visited = new Set<string>()): void {
		const file = this.#files.get(path);
		const place = `${path}\n${name}`;
		if (file === undefined || visited.has(place)) {
			return;
		}
		visited.add(place);
		for (const { name: exported, target } of file.facts.exports) {
			if (exported === name || name === EVERYTHING || exported === EVERYTHING || exported === 'export=') {
				this.#target(path, target, side, made, visited);
			}
		}
		for (const star of name === 'default' ? [] : file.facts.stars) {
			this.#export(file.resolved[star]!, name, side, made, visited);
		}
	}

	#target(path: string, target: Target, side: Side, made: Made, visited: Set<string>): void {
		const { facts, resolved } = this.#files.get(path)!;
		if (target.to === 'part') {
			this.#part(path, target.part, side, made, visited);
		} else if (target.to === 'global') {
			addForeign(made, { specifier: undefined, name: target.name });
		} else if (this.#files.has(resolved[target.request]!)) {
			this.#export(resolved[target.request]!, target.name, side, made, visited);
		} else if (facts.requests[target.request]!.kind === 'module') {
			addForeign(made, { specifier: facts.requests[target.request]!.specifier, name: target.name });
		}
	}

	#part(path: string, index: number, side: Side, made: Made, visited = new Set<string>()): void {
		const { facts, lines, members } = this.#files.get(path)!;
		const part = facts.parts[index]!;
		const line = (lines[side][index] ??=
			`${path.slice(this.#folder.length)}#${partKey(facts, part)} ${part[side]}`);
		if (made.lines.has(line)) {
			return;
		}
		made.lines.add(line);
		for (const { target, meaning } of part.uses) {
			if (side === 'interface' || (meaning & Meaning.value) !== 0) {
				this.#target(path, target, side, made, visited);
			}
		}
		for (const member of members.get(index) ?? []) {
			this.#part(path, member, side, made, visited);
		}
	}
}

function nothing(): Made {
	return { lines: new Set(), foreign: new Map() };
}

function addForeign({ foreign }: Made, one: Foreign): void {
	foreign.set(`${one.specifier ?? ''}\n${one.name}`, one);
}

function membersOf({ parts }: FileFacts): Map<number, number[]> {
	const members = new Map<number, number[]>();
	for (const [index, { owner }] of parts.entries()) {
		if (owner >= 0) {
			members.set(owner, [...(members.get(owner) ?? []), index]);
		}
	}
	return members;
}
