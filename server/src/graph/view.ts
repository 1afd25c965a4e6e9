/** One version of a file as the worklist asks for it: each question is one look-up, however large the file is. */
import { partKey } from './delta.ts';
import { EVERYTHING, type FileFacts, type Part, type Request, type Use } from './facts.ts';
import type { FileEntry } from './store.ts';

/** A part that uses something. */
export interface PartUse {
	part: Part;
	/** See {@link partKey}. */
	key: string;
	use: Use;
	/** How it asks for the module that it uses something of; undefined where it uses none. */
	request: Request['kind'] | undefined;
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
	/** Module → name → who uses it. */
	readonly #ofModules = new Map<string, Map<string, PartUse[]>>();
	readonly #ofGlobals = new Map<string, PartUse[]>();
	readonly #exportsOfParts = new Map<number, string[]>();
	/** Module → name there → what it is exported on as. */
	readonly #reexports = new Map<string, Map<string, Reexport[]>>();
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
				this.#addUse(part, key, use);
			}
		}
		for (const { name, target } of facts.exports) {
			if (target.to === 'part') {
				append(this.#exportsOfParts, target.part, name);
			} else if (target.to === 'module') {
				const reexport = { exported: name, sought: target.name };
				append(namesOf(this.#reexports, resolved[target.request] ?? ''), target.name, reexport);
			}
		}
	}

	#addUse(part: Part, key: string, use: Use): void {
		const { target } = use;
		const user: PartUse = { part, key, use, request: undefined };
		switch (target.to) {
			case 'part':
				append(this.#ofParts, target.part, user);
				break;
			case 'module':
				user.request = this.facts.requests[target.request]!.kind;
				append(namesOf(this.#ofModules, this.resolved[target.request] ?? ''), target.name, user);
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

	/** Parts that use an export of a module; see {@link fitting}. */
	usersOfModule(module: string, name: string): readonly PartUse[] {
		return fitting(this.#ofModules.get(module), name);
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

	/** What it exports on of a module by name; see {@link fitting}. */
	reexportsOf(module: string, name: string): readonly Reexport[] {
		return fitting(this.#reexports.get(module), name);
	}
}

/** What an entry is as a view: made once, for as long as somebody has the entry. */
export function viewOf(entry: FileEntry): FileView {
	let view = views.get(entry);
	if (view === undefined) {
		view = new FileView(entry);
		views.set(entry, view);
	}
	return view;
}

const views = new WeakMap<FileEntry, FileView>();

/** Whether a lookup of one name finds the other. `export =` is all that a module exports. */
export function fits(sought: string, changed: string): boolean {
	return sought === changed || sought === EVERYTHING || isAll(changed);
}

function isAll(changed: string): boolean {
	return changed === EVERYTHING || changed === 'export=';
}

/** Of lookups by the names that they seek, those that find a name. */
function fitting<T>(sought: ReadonlyMap<string, readonly T[]> | undefined, changed: string): readonly T[] {
	if (sought === undefined) {
		return [];
	}
	if (isAll(changed)) {
		return [...sought.values()].flat();
	}
	const [exact, all] = [sought.get(changed), sought.get(EVERYTHING)];
	return exact === undefined ? (all ?? []) : all === undefined ? exact : [...exact, ...all];
}

function namesOf<T>(modules: Map<string, Map<string, T>>, module: string): Map<string, T> {
	let names = modules.get(module);
	if (names === undefined) {
		names = new Map();
		modules.set(module, names);
	}
	return names;
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
	const list = lists.get(key);
	if (list === undefined) {
		lists.set(key, [value]);
	} else {
		list.push(value);
	}
}
