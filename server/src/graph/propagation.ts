/**
 * How a change goes on: a worklist from the changed parts along recorded lookups, backwards.
 *
 * - `interface` goes on through what others' interfaces are made of, and ends where it only concerns what is inside.
 * - `behaviour` goes on through what is used at run time. That of one member concerns whoever mentions its name, and passes
 *   through all others: they may hand the object on.
 *
 * What is certain is followed first, so that each result has the shortest certain reason, or else the shortest possible one.
 */
import { dirname } from 'node:path';
import { deltaOf, type FileChange, isEmpty, leadsElsewhere } from './delta.ts';
import { type Concern, EVERYTHING, hiddenName, INIT, isRegistered, Meaning, type Request } from './facts.ts';
import { type Effects, Findings } from './findings.ts';
import { Reached } from './reached.ts';
import { Users } from './users.ts';
import { BEGINNING, type Certainty, type EffectKind, KINDS, type State, stepTo } from './state.ts';
import { evaluationKey, exportKey, globalKey, type GraphStore, memberKey, PACKAGE } from './store.ts';
import type { PartUse } from './grouped-uses.ts';
import type { FileView } from './view.ts';
import { MOST_POSSIBLE, Worklist } from './worklist.ts';

/** What the engine must know of the language to follow behaviour. */
export interface AffectedOptions {
	/** See `Language.isCalledFromOutside`. */
	isCalledFromOutside(member: string): boolean;
	/** The folder of the package that a file belongs to. */
	packageOf(path: string): string;
}

/** How a part is reached, where it is not simply affected. */
interface Way {
	isPassing?: boolean;
	/** Whether objects that concern it go on with it. */
	holds?: boolean;
	goesOn?: boolean;
}

export class Propagation {
	readonly #changes: ReadonlyMap<string, FileChange>;
	readonly #options: AffectedOptions;
	readonly #users: Users;
	readonly #findings = new Findings();
	readonly #worklist = new Worklist();
	/** Names of members whose declarations were reached, wherever they are. */
	readonly #declared = new Set<string>();
	/** Exports that were followed, and globals as those of no module. */
	readonly #exported = new Reached();
	/** The same where what was a type is a value now, or the reverse: that is told of whoever exports it on. */
	readonly #exportedOther = new Reached();
	/** Changed files whose change can matter to anybody. */
	readonly #differing: string[] = [];

	constructor(store: GraphStore, changes: ReadonlyMap<string, FileChange>, options: AffectedOptions) {
		this.#changes = changes;
		this.#options = options;
		this.#users = new Users(store, changes);
	}

	run(): Effects {
		for (const [file, change] of this.#changes) {
			this.#seed(file, change);
		}
		const follow = (state: State) => this.#follow(state);
		this.#worklist.drainCertain(follow);
		this.#seedWidened();
		this.#worklist.drainCertain(follow);
		this.#worklist.drainPossible(follow);
		if (this.#worklist.isFull) {
			this.#tellAsWhole();
		}
		return this.#findings.result();
	}

	/** More is possible than is followed: it may be anything. */
	#tellAsWhole(): void {
		const [by = ''] = this.#differing;
		const members = Array.from(this.#declared).slice(0, MEMBERS_NAMED);
		const how = members.length === 0 ? '' : `, by members such as ${members.map((name) => `"${name}"`).join(', ')}`;
		const reason = `it leads to more than ${MOST_POSSIBLE.toLocaleString('en')} places that may use it${how}`;
		this.#findings.widen({ scope: 'program', of: '/', by, reason, file: undefined });
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
					this.#worklist.push(state);
				}
			}
		}
		for (const kind of KINDS) {
			if (!change.isEdited && leadsElsewhere(change)) {
				// Its requests find something else, or nothing.
				this.#report(at(INIT, kind));
			}
			const isSeen = ({ runs }: { runs: boolean }) => runs || kind === 'interface';
			for (const { name } of delta.exports.filter(isSeen)) {
				this.#export(file, name, named(name, kind));
			}
			if (delta.stars) {
				this.#stars(file, change, named(INIT, kind));
			}
			for (const { name } of delta.globals.filter(isSeen)) {
				this.#global(name, named(name, kind));
			}
			for (const { module, name } of delta.augmented.filter(isSeen)) {
				this.#augment(module, name, named(name, kind));
			}
			if (change.before === undefined || change.after === undefined) {
				// Whoever lists the folder finds another list.
				this.#globUsers(file, at(INIT, kind));
			}
		}
	}

	/** A module exports all of other modules than before: what they export comes and goes, but for what it exports itself. */
	#stars(file: string, change: FileChange, from: State): void {
		const own = this.#users.views(file);
		const isOwn = (name: string) => name !== EVERYTHING && own.every((view) => view.hasExport(name));
		for (const name of this.#users.differingStars(change)) {
			if (!isOwn(name)) {
				this.#export(file, name, { ...from, part: name === EVERYTHING ? INIT : name }, isOwn);
			}
		}
	}

	/** Whoever may load anything in a folder is concerned by whatever changed in it. */
	#seedWidened(): void {
		for (const file of this.#users.store.widened()) {
			const view = this.#users.store.view(file);
			for (const { scope, reason } of view?.widenings ?? []) {
				const of =
					scope === 'program' ? '/' : scope === 'package' ? this.#options.packageOf(file) : dirname(file);
				const reach = scope === 'program' ? '/' : `${of}/`;
				const concerned = [...this.#differing, ...this.#findings.files()].find(
					(path) => path !== file && path.startsWith(reach),
				);
				if (concerned === undefined) {
					continue;
				}
				this.#findings.widen({ scope, of, by: file, reason, file });
				const from: State = {
					...BEGINNING,
					file: concerned,
					part: INIT,
					kind: 'behaviour',
					certainty: 'possible',
				};
				for (let part = 0; part < view!.parts; part++) {
					this.#reach(from, file, view!.key(part), 'behaviour', undefined, 'possible');
				}
			}
		}
	}

	// --- how it goes on ----------------------------------------------------------------------------------------------

	/** Who uses a part that is reached. */
	#follow(state: State): void {
		const { file, part: key, kind } = state;
		for (const view of this.#users.views(file)) {
			const indexes = view.indexesOf(key);
			for (const index of indexes) {
				for (const name of view.exportsOfPart(index)) {
					this.#export(file, name, state);
				}
				for (const user of view.usersOfPart(index)) {
					this.#use(state, file, user);
				}
				if (view.owner(index) >= 0) {
					if (kind === 'behaviour') {
						this.#member(state, file, view, index);
					} else {
						this.#hiddenMember(state, file, view, index);
					}
				}
			}
			for (const { name, part } of view.globals) {
				if (indexes.includes(part)) {
					this.#global(name, state);
				}
			}
			for (const { module, name, part } of view.augmentations) {
				if (indexes.includes(part)) {
					this.#augment(module, name, state);
				}
			}
			for (const concern of view.concerns) {
				if (indexes.includes(concern.part)) {
					this.#concern(file, concern);
				}
			}
		}
		if (key === INIT) {
			this.#evaluated(state);
		}
	}

	/** What a member does is what its class does, for those who mention the member. */
	#member(state: State, file: string, view: FileView, part: number): void {
		const [owner, name] = [view.key(view.owner(part)), view.nameOf(part)];
		const isOpenToAll = this.#options.isCalledFromOutside(name);
		const from = { ...state, ofObjects: true };
		this.#reach(from, file, owner, 'behaviour', isOpenToAll ? undefined : name, state.certainty, {
			isPassing: !isOpenToAll,
			holds: true,
		});
		// Through a type that has such a member, it may be this one that is called; which one it is makes no difference there.
		if (this.#declared.has(name)) {
			return;
		}
		this.#declared.add(name);
		for (const user of this.#users.store.users(memberKey(name))) {
			if (this.#worklist.isFull) {
				return;
			}
			for (const other of this.#users.views(user)) {
				for (const key of other.declaring(name)) {
					if (user !== file || key !== owner) {
						this.#reach(from, user, key, 'behaviour', name, 'possible', { isPassing: true });
					}
				}
			}
		}
	}

	/** The type of a member that its class hides concerns those alone who reach it nevertheless. */
	#hiddenMember(state: State, file: string, view: FileView, part: number): void {
		const [owner, name] = [view.owner(part), view.nameOf(part)];
		if (!view.declares(owner, name)) {
			this.#reach(state, file, view.key(owner), 'interface', hiddenName(name), state.certainty, {
				isPassing: true,
			});
		}
	}

	/** Files are concerned that never ask for it: they are told as a whole. */
	#concern(file: string, { scope, pattern, reason }: Concern): void {
		const folder = dirname(file);
		const of = scope === 'program' ? file : scope === 'glob' ? `${folder}/${pattern}` : folder;
		this.#findings.widen({ scope, of, by: file, reason, file: undefined });
	}

	/** An export of a module has another part somewhere else: it is not what it was, for its own file neither. */
	#augment(module: string, name: string, from: State): void {
		this.#export(module, name, from);
		for (const view of this.#users.views(module)) {
			for (const key of view.exportedAs(name)) {
				this.#reach(from, module, key, from.kind, undefined, 'certain');
			}
		}
	}

	/** A file is evaluated by those who import it. */
	#evaluated(state: State): void {
		if (state.kind === 'behaviour') {
			for (const user of this.#users.store.users(evaluationKey(state.file))) {
				this.#reach(state, user, INIT, 'behaviour', undefined, state.certainty);
			}
		}
		for (const user of this.#users.store.users(exportKey(state.file, EVERYTHING))) {
			for (const one of this.#users.usesOf(user, state.file, EVERYTHING)) {
				if (one.of !== undefined && AS_FILE.has(one.of.request)) {
					this.#use(state, user, one);
				}
			}
		}
	}

	/**
	 * An export of a module is not what it was.
	 *
	 * @param isExempt names that are what they were, where all are sought
	 */
	#export(module: string, name: string, from: State, isExempt: (name: string) => boolean = () => false): void {
		if (!this.#isNew(module, name, from) || (this.#worklist.isFull && from.certainty === 'possible')) {
			return;
		}
		const { users, barrels } = this.#users.ofExport(module, name);
		for (const { file, uses, reexports } of users) {
			for (const one of uses) {
				if (!isExempt(one.of?.name ?? EVERYTHING)) {
					this.#use(from, file, one);
				}
			}
			for (const { exported, sought } of reexports) {
				if (!isExempt(sought)) {
					this.#exportOn(file, exported, from);
				}
			}
		}
		for (const barrel of barrels) {
			this.#throughStar(barrel, module, name, from);
		}
		this.#globUsers(module, from);
	}

	/** A file exports under a name of its own what is not what it was. */
	#exportOn(file: string, exported: string, from: State): void {
		const step = stepTo(from, file, exported);
		if (from.isOtherKind) {
			// It is emitted now, or elided.
			this.#report({ ...step, kind: 'behaviour' });
			this.#report({ ...step, kind: 'interface' });
		}
		this.#export(file, exported, step);
	}

	#throughStar(barrel: string, module: string, name: string, from: State): void {
		if (this.#users.isShadowed(barrel, name)) {
			return;
		}
		if (from.distance === 0 && this.#users.isAmbiguous(barrel, module, name)) {
			// Two modules export the name: that is an error in the one that brings them together.
			this.#report(stepTo(from, barrel, INIT));
		}
		this.#export(barrel, name, stepTo(from, barrel, name));
	}

	/** A name of the program is not what it was. Who asks a registry by a string may get it from another one. */
	#global(name: string, from: State): void {
		if (isRegistered(name) && from.kind === 'interface') {
			return;
		}
		const state: State = isRegistered(name) ? { ...from, certainty: 'possible' } : from;
		if (!this.#isNew('', name, state)) {
			return;
		}
		for (const user of this.#users.store.users(globalKey(name))) {
			for (const view of this.#users.views(user)) {
				for (const one of view.usersOfGlobal(name)) {
					this.#use(state, user, one);
				}
				for (const exported of view.exportsOfGlobal(name)) {
					this.#exportOn(user, exported, state);
				}
			}
		}
	}

	#globUsers(path: string, from: State): void {
		this.#users.eachGlobUse(path, (user, one) => {
			this.#use(from, user, one);
		});
	}

	/** A part uses what is reached. */
	#use(from: State, file: string, { view, part, meaning, inInterface, of }: PartUse): void {
		const { member } = from;
		const key = view.key(part);
		const certainty = of?.request === 'path' ? 'possible' : from.certainty;
		// What extends a class, or hands it on, is a type of such objects, too.
		const holds = view.declaresAny(part);
		if (from.kind === 'interface') {
			const isMentioned = member === undefined || view.mentions(part, member);
			const passed = isMentioned ? undefined : member;
			this.#reach(from, file, key, 'interface', passed, certainty, {
				isPassing: !isMentioned,
				goesOn: inInterface,
			});
			return;
		}
		const mentions = member === undefined || view.mentionsAll(part) || view.mentions(part, member);
		const way: Way = { isPassing: !mentions, holds };
		const passed = mentions ? undefined : member;
		if ((meaning & Meaning.value) !== 0) {
			this.#reach(from, file, key, 'behaviour', passed, certainty, way);
		} else if (from.ofObjects) {
			// An object of that type may be given to it, or to those who get the type from it.
			this.#reach(from, file, key, 'behaviour', passed, 'possible', way);
		}
	}

	#reach(
		from: State,
		file: string,
		part: string,
		kind: EffectKind,
		member: string | undefined,
		certainty: Certainty,
		{ isPassing = false, holds = false, goesOn = true }: Way = {},
	): void {
		if (this.#worklist.isFull && (certainty === 'possible' || from.certainty === 'possible')) {
			// That is told as a whole.
			return;
		}
		const state: State = {
			file,
			part,
			kind,
			member,
			certainty: from.certainty === 'possible' ? 'possible' : certainty,
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
			this.#worklist.push(state);
		}
	}

	/** What was edited itself is no news, and what is installed is nobody's file. */
	#report(state: State): void {
		if (this.#changes.get(state.file)?.isEdited !== true && !state.file.startsWith(PACKAGE)) {
			this.#findings.report(state);
		}
	}

	/** Whether an export of a module, or a global of none, has not been followed in this way. */
	#isNew(module: string, name: string, from: State): boolean {
		return (from.isOtherKind ? this.#exportedOther : this.#exported).add(module, name, from);
	}
}

/** Of members by which more is reached than can be told apart. */
const MEMBERS_NAMED = 3;

/** Requests for a file as such, and not for what it exports. */
const AS_FILE: ReadonlySet<Request['kind']> = new Set(['file', 'glob', 'path']);
