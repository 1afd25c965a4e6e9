/**
 * What a change affects (DESIGN.md §6, "Invalidation"): a worklist from the changed parts along recorded lookups, backwards.
 *
 * - `interface` goes on through what others' interfaces are made of, and ends where it only concerns what is inside.
 * - `behaviour` goes on through what is used at run time. That of one member concerns whoever mentions its name, and passes
 *   through all others: they may hand the object on.
 *
 * What is certain is followed first, so that each result has the shortest certain reason, or else the shortest possible one.
 */
import picomatch from 'picomatch';
import { deltaOf, type FileChange, isEmpty, partKey } from './delta.ts';
import { EVERYTHING, hiddenName, INIT, Meaning, type Part, type Request } from './facts.ts';
import {
	evaluationKey,
	exportKey,
	type FileEntry,
	GLOB,
	globalKey,
	type GraphStore,
	memberKey,
	starKey,
} from './store.ts';
import { FileView, type PartUse, type Reexport } from './view.ts';

type EffectKind = 'interface' | 'behaviour';
type Certainty = 'certain' | 'possible';

/** One step of a reason: a part of a file, or the file itself where it has no name. */
interface ReasonStep {
	file: string;
	/** Empty for the evaluation of the file. */
	name: string;
}

export interface AffectedFile {
	file: string;
	kinds: EffectKind[];
	certainty: Certainty;
	/** Steps from what was changed. */
	distance: number;
	/** From what was changed to what is affected in this file. */
	reason: ReasonStep[];
}

/** What the engine must know of the language to follow behaviour. */
export interface AffectedOptions {
	/** See `Language.isCalledFromOutside`. */
	isCalledFromOutside(member: string): boolean;
	/** The folder of the package that a file belongs to. */
	packageOf(path: string): string;
}

/** A part that is reached, and what for. */
interface State {
	file: string;
	part: string;
	kind: EffectKind;
	/** Only the behaviour of members of this name is concerned. */
	member: string | undefined;
	certainty: Certainty;
	/** Whether it only hands on what concerns others. */
	isPassing: boolean;
	/** Whether objects of a type are concerned: wherever the type is named, there may be one. */
	ofObjects: boolean;
	/** Whether what was a type is a value now, or the reverse. */
	isOtherKind: boolean;
	from: State | undefined;
	distance: number;
}

/** @param changes by path; the store knows the files as they are afterwards */
export function affectedBy(
	store: GraphStore,
	changes: ReadonlyMap<string, FileChange>,
	options: AffectedOptions,
): AffectedFile[] {
	return new Propagation(store, changes, options).run();
}

class Propagation {
	readonly #store: GraphStore;
	readonly #changes: ReadonlyMap<string, FileChange>;
	readonly #options: AffectedOptions;
	readonly #certain: State[] = [];
	readonly #possible: State[] = [];
	/** Exports and globals that were followed. */
	readonly #seen = new Set<string>();
	/** Part and kind → member, undefined for all of them → the ways in which it was reached, as bits. */
	readonly #reached = new Map<string, Map<string | undefined, number>>();
	readonly #results = new Map<string, AffectedFile>();
	readonly #known = new Map<string, readonly FileView[]>();
	/** Changed files whose change can matter to anybody. */
	readonly #differing: string[] = [];
	readonly #globs: { key: string; matches: (path: string) => boolean }[];

	constructor(store: GraphStore, changes: ReadonlyMap<string, FileChange>, options: AffectedOptions) {
		this.#store = store;
		this.#changes = changes;
		this.#options = options;
		this.#globs = Array.from(new Set(store.globs()), (key) => ({
			key,
			matches: picomatch(key.slice(GLOB.length), { dot: true }),
		}));
	}

	run(): AffectedFile[] {
		for (const [file, change] of this.#changes) {
			this.#seed(file, change);
		}
		this.#drain(this.#certain);
		this.#seedWidened();
		this.#drain(this.#certain);
		this.#drain(this.#possible);
		return [...this.#results.values()].sort((a, b) => a.distance - b.distance || (a.file < b.file ? -1 : 1));
	}

	#drain(queue: State[]): void {
		for (let next = 0; next < queue.length; next++) {
			this.#follow(queue[next]!);
		}
		queue.length = 0;
	}

	// --- where it begins ---------------------------------------------------------------------------------------------

	#seed(file: string, change: FileChange): void {
		const delta = deltaOf(change);
		if (!isEmpty(delta) || change.before === undefined || change.after === undefined) {
			this.#differing.push(file);
		}
		const at = (part: string, kind: EffectKind): State => {
			return { ...BEGINNING, file, part, kind };
		};
		// Whoever exports on what came, went or leads elsewhere now is in error, or emits it, or elides it.
		const named = (name: string, kind: EffectKind): State => ({ ...at(name, kind), isOtherKind: true });
		for (const { part, isOtherKind, isClass, ...kinds } of delta.parts) {
			for (const kind of KINDS) {
				if (kinds[kind]) {
					const state = { ...at(part, kind), isOtherKind, ofObjects: isClass };
					this.#report(state);
					this.#push(state);
				}
			}
		}
		for (const kind of KINDS) {
			if (!change.isEdited) {
				// Its requests find something else, or nothing.
				this.#report(at(INIT, kind));
			}
			for (const { name, runs } of delta.exports) {
				if (runs || kind === 'interface') {
					this.#export(file, name, named(name, kind));
				}
			}
			if (delta.stars) {
				this.#stars(file, change, named(INIT, kind));
			}
			for (const { name, runs } of delta.globals) {
				if (runs || kind === 'interface') {
					this.#global(name, named(name, kind));
				}
			}
			for (const { module, name, runs } of delta.augmented) {
				if (runs || kind === 'interface') {
					this.#augment(module, name, named(name, kind));
				}
			}
			if (change.before === undefined || change.after === undefined) {
				// Whoever lists the folder finds another list.
				this.#globUsers(file, at(INIT, kind));
			}
		}
	}

	/** A module exports all of other modules than before: what they export comes and goes, but for what it exports itself. */
	#stars(file: string, { before, after }: FileChange, from: State): void {
		const starred = (entry: FileEntry | undefined) =>
			entry?.facts.stars.map((one) => entry.resolved[one] ?? '') ?? [];
		const [old, now] = [new Set(starred(before)), new Set(starred(after))];
		const names = new Set<string>();
		for (const module of new Set([...old, ...now])) {
			if (old.has(module) !== now.has(module)) {
				this.#collectExports(module, names, new Set());
			}
		}
		const own = this.#views(file).map(({ facts }) => new Set(facts.exports.map(({ name }) => name)));
		const isOwn = (name: string) => name !== EVERYTHING && own.every((exported) => exported.has(name));
		for (const name of names) {
			if (!isOwn(name)) {
				this.#export(file, name, { ...from, part: name === EVERYTHING ? INIT : name }, isOwn);
			}
		}
	}

	/** The names that a module exports, those of its stars included; {@link EVERYTHING} for one that is not known. */
	#collectExports(module: string, names: Set<string>, visited: Set<string>): void {
		if (visited.has(module)) {
			return;
		}
		visited.add(module);
		const views = this.#views(module);
		if (views.length === 0) {
			names.add(EVERYTHING);
		}
		for (const { facts, resolved } of views) {
			for (const { name } of facts.exports) {
				if (name !== 'default') {
					names.add(name);
				}
			}
			for (const request of facts.stars) {
				this.#collectExports(resolved[request] ?? '', names, visited);
			}
		}
	}

	/** Whoever may load anything in a folder is concerned by whatever changed in it. */
	#seedWidened(): void {
		for (const file of this.#store.widened()) {
			const facts = this.#store.entry(file)?.facts;
			for (const { scope } of facts?.widenings ?? []) {
				const reach =
					scope === 'program'
						? ''
						: scope === 'package'
							? this.#options.packageOf(file)
							: file.slice(0, file.lastIndexOf('/'));
				const concerned = [...this.#differing, ...this.#results.keys()].find(
					(path) => path !== file && path.startsWith(`${reach}/`),
				);
				if (concerned === undefined) {
					continue;
				}
				const from: State = {
					...BEGINNING,
					file: concerned,
					part: INIT,
					kind: 'behaviour',
					certainty: 'possible',
				};
				for (const part of facts!.parts) {
					this.#reach(from, file, partKey(facts!, part), 'behaviour', undefined, 'possible');
				}
			}
		}
	}

	// --- how it goes on ----------------------------------------------------------------------------------------------

	/** Who uses a part that is reached. */
	#follow(state: State): void {
		const { file, part: key, kind } = state;
		for (const view of this.#views(file)) {
			const { facts, resolved } = view;
			const indexes = view.indexesOf(key);
			for (const index of indexes) {
				for (const name of view.exportsOfPart(index)) {
					this.#export(file, name, state);
				}
				for (const user of view.usersOfPart(index)) {
					this.#use(state, file, user);
				}
				const part = facts.parts[index]!;
				if (part.owner >= 0) {
					if (kind === 'behaviour') {
						this.#member(state, file, view, part);
					} else {
						this.#hiddenMember(state, file, view, part);
					}
				}
			}
			for (const { name, part } of facts.globals) {
				if (indexes.includes(part)) {
					this.#global(name, state);
				}
			}
			for (const { request, name, part } of facts.augmentations) {
				if (indexes.includes(part)) {
					this.#augment(resolved[request] ?? '', name, state);
				}
			}
		}
		if (key === INIT) {
			this.#evaluated(state);
		}
	}

	/** What a member does is what its class does, for those who mention the member. */
	#member(state: State, file: string, { keys }: FileView, { owner: index, name }: Part): void {
		const owner = keys[index]!;
		const isOpenToAll = this.#options.isCalledFromOutside(name);
		this.#reach(
			{ ...state, ofObjects: true },
			file,
			owner,
			'behaviour',
			isOpenToAll ? undefined : name,
			state.certainty,
			{ isPassing: !isOpenToAll, holds: true },
		);
		// Through a type that has such a member, it may be this one that is called.
		for (const user of this.#store.users(memberKey(name))) {
			for (const { facts, keys: others } of this.#views(user)) {
				for (const [place, declaring] of facts.parts.entries()) {
					const key = others[place]!;
					if (declaring.declaresMembers.includes(name) && !(user === file && key === owner)) {
						this.#reach({ ...state, ofObjects: true }, user, key, 'behaviour', name, 'possible', {
							isPassing: true,
						});
					}
				}
			}
		}
	}

	/** The type of a member that its class hides concerns those alone who reach it nevertheless. */
	#hiddenMember(state: State, file: string, { facts, keys }: FileView, { owner, name }: Part): void {
		if (!facts.parts[owner]!.declaresMembers.includes(name)) {
			this.#reach(state, file, keys[owner]!, 'interface', hiddenName(name), state.certainty, {
				isPassing: true,
			});
		}
	}

	/** An export of a module has another part somewhere else: it is not what it was, for its own file neither. */
	#augment(module: string, name: string, from: State): void {
		this.#export(module, name, from);
		for (const { facts } of this.#views(module)) {
			for (const { name: exported, target } of facts.exports) {
				if (target.to === 'part' && fits(name, exported)) {
					this.#reach(
						from,
						module,
						partKey(facts, facts.parts[target.part]!),
						from.kind,
						undefined,
						'certain',
					);
				}
			}
		}
	}

	/** A file is evaluated by those who import it. */
	#evaluated(state: State): void {
		if (state.kind === 'behaviour') {
			for (const user of this.#store.users(evaluationKey(state.file))) {
				this.#reach(state, user, INIT, 'behaviour', undefined, state.certainty);
			}
		}
		// What it is as a file.
		for (const user of this.#store.users(exportKey(state.file, EVERYTHING))) {
			this.#eachUse(user, state.file, EVERYTHING, (one, request) => {
				if (request === 'file' || request === 'glob') {
					this.#use(state, user, one);
				}
			});
		}
	}

	/**
	 * An export of a module is not what it was.
	 *
	 * @param isExempt names that are what they were, where all are sought
	 */
	#export(module: string, name: string, from: State, isExempt: (name: string) => boolean = () => false): void {
		const key = `${module}\n${name}\n${flags(from)}`;
		if (this.#seen.has(key)) {
			return;
		}
		this.#seen.add(key);
		for (const user of this.#usersOf(module, name)) {
			this.#eachUse(user, module, name, (one) => {
				if (!isExempt(one.use.target.to === 'module' ? one.use.target.name : EVERYTHING)) {
					this.#use(from, user, one);
				}
			});
			this.#eachReexport(user, module, name, ({ exported, sought }) => {
				if (isExempt(sought)) {
					return;
				}
				const step = this.#step(from, user, exported);
				if (from.isOtherKind) {
					// What is exported on is emitted now, or elided.
					this.#report({ ...step, kind: 'behaviour' });
					this.#report({ ...step, kind: 'interface' });
				}
				this.#export(user, exported, step);
			});
		}
		if (name !== 'default') {
			for (const barrel of this.#store.users(starKey(module))) {
				this.#throughStar(barrel, module, name, from);
			}
		}
		this.#globUsers(module, from);
	}

	#throughStar(barrel: string, module: string, name: string, from: State): void {
		const views = this.#views(barrel);
		const isShadowed =
			name !== EVERYTHING && views.every(({ facts }) => facts.exports.some((own) => own.name === name));
		if (isShadowed) {
			return;
		}
		const step = this.#step(from, barrel, name);
		if (from.distance === 0 && this.#isAmbiguous(barrel, module, name)) {
			// Two modules export the name: that is an error in the one that brings them together.
			this.#report(this.#step(from, barrel, INIT));
		}
		this.#export(barrel, name, step);
	}

	/** Whether another star of a barrel may bring the same name. */
	#isAmbiguous(barrel: string, module: string, name: string): boolean {
		return this.#views(barrel).some(({ facts, resolved }) =>
			facts.stars.some(
				(request) => resolved[request] !== module && this.#exports(resolved[request] ?? '', name, new Set()),
			),
		);
	}

	#exports(module: string, name: string, visited: Set<string>): boolean {
		if (visited.has(module)) {
			return false;
		}
		visited.add(module);
		return this.#views(module).some(
			({ facts, resolved }) =>
				name === EVERYTHING ||
				facts.exports.some((own) => own.name === name) ||
				facts.stars.some((request) => this.#exports(resolved[request] ?? '', name, visited)),
		);
	}

	#global(name: string, from: State): void {
		const key = `?${name}\n${flags(from)}`;
		if (this.#seen.has(key)) {
			return;
		}
		this.#seen.add(key);
		for (const user of this.#store.users(globalKey(name))) {
			for (const view of this.#views(user)) {
				for (const one of view.usersOfGlobal(name)) {
					this.#use(from, user, one);
				}
				for (const { name: exported, target } of view.facts.exports) {
					if (target.to === 'global' && target.name === name) {
						this.#export(user, exported, this.#step(from, user, exported));
					}
				}
			}
		}
	}

	#globUsers(path: string, from: State): void {
		for (const { key, matches } of this.#globs) {
			if (matches(path)) {
				for (const user of this.#store.users(exportKey(key, EVERYTHING))) {
					this.#eachUse(user, key, EVERYTHING, (one) => this.#use(from, user, one));
				}
			}
		}
	}

	/** A part uses what is reached. */
	#use(from: State, file: string, { part, key, use: { meaning, inInterface } }: PartUse): void {
		const { member } = from;
		// What extends a class, or hands it on, is a type of such objects, too.
		const holds = part.declaresMembers.length > 0;
		if (from.kind === 'interface') {
			const isMentioned = member === undefined || part.mentions.has(member);
			const passed = isMentioned ? undefined : member;
			this.#reach(from, file, key, 'interface', passed, from.certainty, {
				isPassing: !isMentioned,
				goesOn: inInterface,
			});
			return;
		}
		const mentions = member === undefined || part.mentionsAll || part.mentions.has(member);
		if ((meaning & Meaning.value) !== 0) {
			this.#reach(from, file, key, 'behaviour', mentions ? undefined : member, from.certainty, {
				isPassing: !mentions,
				holds,
			});
		} else if (from.ofObjects) {
			// An object of that type may be given to it, or to those who get the type from it.
			this.#reach(from, file, key, 'behaviour', mentions ? undefined : member, 'possible', {
				isPassing: !mentions,
				holds,
			});
		}
	}

	#reach(
		from: State,
		file: string,
		part: string,
		kind: EffectKind,
		member: string | undefined,
		certainty: Certainty,
		{
			isPassing = false,
			holds = false,
			goesOn = true,
		}: { isPassing?: boolean; holds?: boolean; goesOn?: boolean } = {},
	): void {
		const weaker = from.certainty === 'possible' ? 'possible' : certainty;
		const state: State = {
			file,
			part,
			kind,
			member,
			certainty: weaker,
			isPassing,
			ofObjects: from.ofObjects && (isPassing || holds),
			isOtherKind: false,
			from,
			distance: from.distance + 1,
		};
		if (!isPassing) {
			this.#report(state);
		}
		if (goesOn) {
			this.#push(state);
		}
	}

	#push(state: State): void {
		const place = `${state.file}\0${state.part}\0${state.kind}`;
		let reached = this.#reached.get(place);
		if (reached === undefined) {
			reached = new Map();
			this.#reached.set(place, reached);
		}
		const own = 1 << waysOf(state);
		const known = (reached.get(undefined) ?? 0) | (reached.get(state.member) ?? 0);
		// Who is reached for every member need not be reached for one; who is certain need not be possible.
		if ((known & COVERING[waysOf(state)]!) === 0) {
			reached.set(state.member, (reached.get(state.member) ?? 0) | own);
			(state.certainty === 'certain' ? this.#certain : this.#possible).push(state);
		}
	}

	#step(from: State, file: string, part: string): State {
		return { ...from, file, part, from, distance: from.distance + 1 };
	}

	#report(state: State): void {
		const { file, kind, certainty, distance } = state;
		if (this.#changes.get(file)?.isEdited === true) {
			return;
		}
		const known = this.#results.get(file);
		if (known === undefined) {
			this.#results.set(file, { file, kinds: [kind], certainty, distance, reason: reasonOf(state) });
			return;
		}
		if (known.certainty !== certainty) {
			if (certainty === 'certain') {
				Object.assign(known, { kinds: [kind], certainty, distance, reason: reasonOf(state) });
			}
			return;
		}
		if (!known.kinds.includes(kind)) {
			known.kinds.push(kind);
		}
		if (distance < known.distance) {
			Object.assign(known, { distance, reason: reasonOf(state) });
		}
	}

	// --- looking up --------------------------------------------------------------------------------------------------

	/** A changed file as it was and as it is, any other as it is. */
	#views(file: string): readonly FileView[] {
		let views = this.#known.get(file);
		if (views === undefined) {
			const change = this.#changes.get(file);
			const entries = change === undefined ? [this.#store.entry(file)] : [change.after, change.before];
			views = entries.flatMap((entry) => (entry === undefined ? [] : [new FileView(entry)]));
			this.#known.set(file, views);
		}
		return views;
	}

	#usersOf(module: string, name: string): Set<string> {
		return new Set(
			name === EVERYTHING || name === 'export='
				? this.#store.usersOfModule(module)
				: [...this.#store.users(exportKey(module, name)), ...this.#store.users(exportKey(module, EVERYTHING))],
		);
	}

	#eachUse(
		user: string,
		module: string,
		name: string,
		visit: (one: PartUse, request: Request['kind']) => void,
	): void {
		for (const view of this.#views(user)) {
			for (const one of view.usersOfModule(module)) {
				const { target } = one.use;
				if (target.to === 'module' && fits(target.name, name)) {
					visit(one, view.facts.requests[target.request]!.kind);
				}
			}
		}
	}

	#eachReexport(user: string, module: string, name: string, visit: (one: Reexport) => void): void {
		for (const view of this.#views(user)) {
			for (const one of view.reexportsOf(module)) {
				if (fits(one.sought, name)) {
					visit(one);
				}
			}
		}
	}
}

/** In how many ways a part can be reached, and which one it is: certain or only possible, with objects of its type or without. */
function waysOf({ certainty, ofObjects }: State): number {
	return (certainty === 'certain' ? 1 : 0) + (ofObjects ? 2 : 0);
}

/** For each way, as bits, those that reach at least as far. */
const COVERING = [0b1111, 0b1010, 0b1100, 0b1000] as const;

const KINDS = ['interface', 'behaviour'] as const;

/** What has changed itself. */
const BEGINNING = {
	member: undefined,
	certainty: 'certain',
	isPassing: false,
	ofObjects: false,
	isOtherKind: false,
	from: undefined,
	distance: 0,
} as const;

/** Whether a lookup of one name finds the other. `export =` is all that a module exports. */
function fits(sought: string, changed: string): boolean {
	return sought === changed || sought === EVERYTHING || changed === EVERYTHING || changed === 'export=';
}

function flags({ kind, member, certainty, isPassing, ofObjects, isOtherKind }: State): string {
	return [kind, member, certainty, isPassing, ofObjects, isOtherKind].join('\n');
}

function reasonOf(state: State): ReasonStep[] {
	const steps: ReasonStep[] = [];
	for (let step: State | undefined = state; step !== undefined; step = step.from) {
		const last = steps[0];
		if (last === undefined || last.file !== step.file || last.name !== step.part) {
			steps.unshift({ file: step.file, name: step.part });
		}
	}
	return steps;
}
