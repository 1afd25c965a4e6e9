/** One version of a file as the worklist asks for it: each question is one look-up, however large the file is. */
import { partKey } from './delta.ts';
import type { FileFacts, Part, Use } from './facts.ts';
import type { FileEntry } from './store.ts';

/** A part that uses something. */
export interface PartUse {
	part: Part;
	/** See {@link partKey}. */
	key: string;
	use: Use;
}

/** A name that a file exports on. */
export interface Reexport {
	exported: string;
	/** What it is called where it comes from. */
	sought: string;
}

export class FileView {
	readonly facts: FileFacts;
	readonly resolved: readonly string[];
	/** Of each part, see {@link partKey}. */
	readonly keys: readonly string[];
	readonly #indexes = new Map<string, number[]>();
	readonly #ofParts = new Map<number, PartUse[]>();
	readonly #ofModules = new Map<string, PartUse[]>();
	readonly #ofGlobals = new Map<string, PartUse[]>();
	readonly #exportsOfParts = new Map<number, string[]>();
	readonly #reexports = new Map<string, Reexport[]>();
	/** Member → keys of the parts that declare it. */
	#declaring: Map<string, string[]> | undefined;

	constructor({ facts, resolved }: FileEntry) {
		this.facts = facts;
		this.resolved = resolved;
		this.keys = facts.parts.map((part) => partKey(facts, part));
		for (const [index, part] of facts.parts.entries()) {
			const key = this.keys[index]!;
			append(this.#indexes, key, index);
			for (const use of part.uses) {
				this.#addUse({ part, key, use });
			}
		}
		for (const { name, target } of facts.exports) {
			if (target.to === 'part') {
				append(this.#exportsOfParts, target.part, name);
			} else if (target.to === 'module') {
				append(this.#reexports, resolved[target.request] ?? '', { exported: name, sought: target.name });
			}
		}
	}

	#addUse(user: PartUse): void {
		const { target } = user.use;
		switch (target.to) {
			case 'part':
				append(this.#ofParts, target.part, user);
				break;
			case 'module':
				append(this.#ofModules, this.resolved[target.request] ?? '', user);
				break;
			case 'global':
				append(this.#ofGlobals, target.name, user);
				break;
		}
	}

	/** The parts of a key: one, unless something is declared in more than one way. */
	indexesOf(key: string): readonly number[] {
		return this.#indexes.get(key) ?? [];
	}

	/** Parts of the file that use one of it. */
	usersOfPart(index: number): readonly PartUse[] {
		return this.#ofParts.get(index) ?? [];
	}

	/** Parts that use anything of a module. */
	usersOfModule(module: string): readonly PartUse[] {
		return this.#ofModules.get(module) ?? [];
	}

	usersOfGlobal(name: string): readonly PartUse[] {
		return this.#ofGlobals.get(name) ?? [];
	}

	/** The names under which a part is exported. */
	exportsOfPart(index: number): readonly string[] {
		return this.#exportsOfParts.get(index) ?? [];
	}

	/** Keys of the parts that declare a type with a member of this name. */
	declaring(member: string): readonly string[] {
		if (this.#declaring === undefined) {
			this.#declaring = new Map();
			for (const [index, { declaresMembers }] of this.facts.parts.entries()) {
				for (const name of declaresMembers) {
					append(this.#declaring, name, this.keys[index]!);
				}
			}
		}
		return this.#declaring.get(member) ?? [];
	}

	/** What it exports on of a module by name. */
	reexportsOf(module: string): readonly Reexport[] {
		return this.#reexports.get(module) ?? [];
	}
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
	const list = lists.get(key);
	if (list === undefined) {
		lists.set(key, [value]);
	} else {
		list.push(value);
	}
}
