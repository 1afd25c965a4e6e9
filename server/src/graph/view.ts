/**
 * One version of a file as a change asks for it. It reads the entry as it is stored: a file that is reached is asked for a few names, and
 * to take all of it apart takes more than ten times as long (126 us instead of 9 for an average one).
 */
import { encodeEntry } from './codec.ts';
import { type Concern, EVERYTHING, type FileFacts, type Request } from './facts.ts';
import { GroupedUses, type PartUse } from './grouped-uses.ts';
import { Layout, MENTIONS_ALL, PART, TARGET_SHIFT, TO_GLOBAL, TO_MODULE, TO_PART } from './layout.ts';
import { MapOfMaps } from './map-of-maps.ts';
import type { FileEntry } from './store.ts';

/** A name that a file exports on. */
export interface Reexport {
	exported: string;
	/** What it is called where it comes from. */
	sought: string;
}

export class FileView {
	readonly #layout: Layout;
	/** Where the mentions and members of each part begin, and those of the last one end. */
	readonly #mentions: Int32Array;
	readonly #members: Int32Array;
	readonly #keys: string[] = [];
	#indexes: Map<string, number[]> | undefined;
	#uses: GroupedUses | undefined;
	/** Module → name → what was found: a change comes by on many ways, and so do the next ones. */
	readonly #usersOf = new MapOfMaps<readonly PartUse[]>();
	readonly #reexportsOf = new MapOfMaps<readonly Reexport[]>();
	#stars: readonly string[] | undefined;
	#globals: FileView['globals'] | undefined;
	#augmentations: FileView['augmentations'] | undefined;
	#concerns: readonly Concern[] | undefined;
	#widenings: FileFacts['widenings'] | undefined;

	/** @param text see codec.ts */
	constructor(text: string) {
		this.#layout = new Layout(text);
		this.#mentions = this.#layout.ends(PART.mentions);
		this.#members = this.#layout.ends(PART.members);
	}

	// --- parts -------------------------------------------------------------------------------------------------------

	/** How many parts it has. */
	get parts(): number {
		return this.#layout.counts.parts;
	}

	/** What a part is called within its file; see `partKey` in delta.ts. */
	key(part: number): string {
		let key = this.#keys[part];
		if (key === undefined) {
			const [owner, name] = [this.owner(part), this.nameOf(part)];
			key = owner < 0 ? name : `${this.key(owner)}.${name}`;
			this.#keys[part] = key;
		}
		return key;
	}

	/** The parts of a key: one, unless something is declared in more than one way. */
	indexesOf(key: string): readonly number[] {
		if (this.#indexes === undefined) {
			this.#indexes = new Map();
			for (let part = 0; part < this.parts; part++) {
				append(this.#indexes, this.key(part), part);
			}
		}
		return this.#indexes.get(key) ?? NONE;
	}

	nameOf(part: number): string {
		return this.#layout.name('parts', part);
	}

	/** Index of the part that it is a member of; -1 for none. */
	owner(part: number): number {
		return this.#layout.at('parts', part, PART.owner) - 1;
	}

	/** Where it stands, in UTF-16 units from the file's beginning. */
	start(part: number): number {
		return this.#layout.at('parts', part, PART.start);
	}

	mentions(part: number, member: string): boolean {
		return this.#has('mentions', this.#mentions, part, member);
	}

	/** Whether it may reach members whose names it does not mention. */
	mentionsAll(part: number): boolean {
		return (this.#layout.at('parts', part, PART.bits) & MENTIONS_ALL) !== 0;
	}

	/** Whether a part declares a type that has members. */
	declaresAny(part: number): boolean {
		return this.#layout.at('parts', part, PART.members) > 0;
	}

	/** Whether a part declares a type that has a member of this name. */
	declares(part: number, member: string): boolean {
		return this.#has('members', this.#members, part, member);
	}

	/** Keys of the parts that declare a type with a member of this name. */
	declaring(member: string): string[] {
		const keys: string[] = [];
		for (let part = 0; part < this.parts; part++) {
			if (this.declares(part, member)) {
				keys.push(this.key(part));
			}
		}
		return keys;
	}

	// --- what it uses ------------------------------------------------------------------------------------------------

	/** Parts of the file that use one of it. */
	usersOfPart(part: number): PartUse[] {
		return this.#grouped.ofPart(part);
	}

	/** Parts that use an export of a module; see {@link fits}. */
	usersOfModule(module: string, name: string): readonly PartUse[] {
		return this.#usersOf.getOrMake(module, name, () => {
			const { unpacked } = this.#layout;
			const names = findsAll(name) ? undefined : [unpacked.idOf(name), unpacked.idOf(EVERYTHING)];
			return this.#requestsFor(module).flatMap((request) => this.#grouped.ofRequest(request, names));
		});
	}

	usersOfGlobal(name: string): PartUse[] {
		return this.#grouped.ofGlobal(this.#layout.unpacked.idOf(name));
	}

	/** In which ways it asks for a module. */
	requestsOf(module: string): Request['kind'][] {
		return this.#requestsFor(module).map((request) => this.#layout.requestKind(request));
	}

	// --- what it exports, and adds to others -------------------------------------------------------------------------

	/** Names of its exports. */
	get exports(): string[] {
		return this.#layout.map('exports', (i) => this.#layout.name('exports', i));
	}

	/** Whether it exports a name itself, and not by a star. */
	hasExport(name: string): boolean {
		const id = this.#layout.unpacked.idOf(name);
		for (let i = 0; i < this.#layout.counts.exports; i++) {
			if (this.#layout.at('exports', i) === id) {
				return true;
			}
		}
		return false;
	}

	/** The names under which a part is exported. */
	exportsOfPart(part: number): string[] {
		return this.#exportsOf(TO_PART, part).map(({ exported }) => exported);
	}

	/** The names under which a name of the program is exported. */
	exportsOfGlobal(name: string): string[] {
		return this.#exportsOf(TO_GLOBAL, 0).flatMap(({ exported, sought }) => (sought === name ? [exported] : []));
	}

	/** What it exports on of a module by name; see {@link fits}. */
	reexportsOf(module: string, name: string): readonly Reexport[] {
		return this.#reexportsOf.getOrMake(module, name, () =>
			this.#requestsFor(module).flatMap((request) =>
				this.#exportsOf(TO_MODULE, request).filter(({ sought }) => fits(sought, name)),
			),
		);
	}

	/** Keys of its own parts that it exports under a name. */
	exportedAs(name: string): string[] {
		const keys: string[] = [];
		for (let i = 0; i < this.#layout.counts.exports; i++) {
			const kind = this.#layout.at('exports', i, 1) >> TARGET_SHIFT;
			if (kind === TO_PART && fits(name, this.#layout.name('exports', i))) {
				keys.push(this.key(this.#layout.at('exports', i, 2)));
			}
		}
		return keys;
	}

	/** The modules all of whose exports it exports. */
	get stars(): readonly string[] {
		return (this.#stars ??= this.#layout.map('stars', (i) => this.#layout.resolved(this.#layout.at('stars', i))));
	}

	/** Names of the program that it declares, with the parts that they are. */
	get globals(): readonly { name: string; part: number }[] {
		return (this.#globals ??= this.#layout.map('globals', (i) => ({
			name: this.#layout.name('globals', i),
			part: this.#layout.at('globals', i, 1),
		})));
	}

	/** Exports of modules that its parts add to. */
	get augmentations(): readonly { module: string; name: string; part: number }[] {
		return (this.#augmentations ??= this.#layout.map('augmentations', (i) => ({
			module: this.#layout.resolved(this.#layout.at('augmentations', i)),
			name: this.#layout.name('augmentations', i, 1),
			part: this.#layout.at('augmentations', i, 2),
		})));
	}

	/** See `FileFacts`. */
	get concerns(): readonly Concern[] {
		return (this.#concerns ??= this.#layout.concerns());
	}

	/** See `FileFacts`. */
	get widenings(): FileFacts['widenings'] {
		return (this.#widenings ??= this.#layout.widenings());
	}

	// -----------------------------------------------------------------------------------------------------------------

	get #grouped(): GroupedUses {
		return (this.#uses ??= new GroupedUses(this, this.#layout));
	}

	#has(section: 'mentions' | 'members', ends: Int32Array, part: number, name: string): boolean {
		const [from, to] = [ends[part]!, ends[part + 1]!];
		const id = from === to ? -1 : this.#layout.unpacked.idOf(name);
		const start = this.#layout.row(section, 0);
		return id >= 0 && this.#layout.numbers.subarray(start + from, start + to).includes(id);
	}

	/** The requests that lead to a module. */
	#requestsFor(module: string): number[] {
		const id = this.#layout.unpacked.idOf(module);
		const found: number[] = [];
		for (let i = 0; i < this.#layout.counts.requests; i++) {
			if (this.#layout.at('requests', i, 2) === id) {
				found.push(i);
			}
		}
		return found;
	}

	#exportsOf(kind: number, first: number): Reexport[] {
		const { numbers, counts, unpacked } = this.#layout;
		const found: Reexport[] = [];
		for (let i = 0, row = this.#layout.row('exports', 0); i < counts.exports; i++, row += 4) {
			if (numbers[row + 1]! >> TARGET_SHIFT === kind && numbers[row + 2] === first) {
				const sought = kind === TO_PART ? '' : unpacked.name(numbers[row + 3]!);
				found.push({ exported: unpacked.name(numbers[row]!), sought });
			}
		}
		return found;
	}
}

const NONE: readonly number[] = [];

/** What an entry is as a view: made once, for as long as somebody has the entry. */
export function viewOf(entry: FileEntry): FileView {
	let view = views.get(entry);
	if (view === undefined) {
		view = new FileView(encodeEntry(entry));
		views.set(entry, view);
	}
	return view;
}

const views = new WeakMap<FileEntry, FileView>();

/** Whether a lookup of one name finds the other. `export =` is all that a module exports. */
export function fits(sought: string, changed: string): boolean {
	return sought === changed || sought === EVERYTHING || findsAll(changed);
}

function findsAll(changed: string): boolean {
	return changed === EVERYTHING || changed === 'export=';
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
	const list = lists.get(key);
	if (list === undefined) {
		lists.set(key, [value]);
	} else {
		list.push(value);
	}
}
