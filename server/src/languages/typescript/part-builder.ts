/** Gathers what a part is made of while its syntax is walked: the tokens of its fingerprints, and its uses. */
import { hash } from 'node:crypto';
import type { Part, Target, Use } from '../../graph/facts.ts';

export class PartBuilder {
	readonly name: string;
	readonly owner: number;
	/** The part that `this` is of; -1 for none. */
	self: number;
	meaning = 0;
	start: number;
	end: number;
	mentionsAll = false;
	evaluated = false;
	/** What those who use it can see. Types and signatures. */
	readonly interface: string[] = [];
	/** What an annotated variable is at first: those of its file whose types it makes see no more than that. */
	first: PartBuilder | undefined;
	/** What it does, without types. */
	readonly behaviour: string[] = [];
	readonly mentions = new Set<string>();
	readonly members = new Set<string>();
	readonly #uses: Use[] = [];
	/** The same, by what they name: hardly any two of a part name the same. */
	readonly #byName = new Map<string | number, Use[]>();

	constructor(name: string, owner: number, start: number, end: number) {
		this.name = name;
		this.owner = owner;
		this.self = owner;
		this.start = start;
		this.end = end;
	}

	use(target: Target, meaning: number, inInterface: boolean): void {
		const name = nameIn(target);
		const named = this.#byName.get(name);
		const known = named?.find((use) => use.inInterface === inInterface && isSame(use.target, target));
		if (known !== undefined) {
			known.meaning |= meaning;
			return;
		}
		const use = { target, meaning, inInterface };
		this.#uses.push(use);
		if (named === undefined) {
			this.#byName.set(name, [use]);
		} else {
			named.push(use);
		}
	}

	isUsing(target: Target): boolean {
		return this.#byName.get(nameIn(target))?.some((use) => isSame(use.target, target)) === true;
	}

	/** Whether its interface is made of a target. */
	isShowing(target: Target): boolean {
		const named = this.#byName.get(nameIn(target));
		return named?.some((use) => use.inInterface && isSame(use.target, target)) === true;
	}

	/** What a member shows belongs to what its class shows. */
	absorbInterface(member: PartBuilder): void {
		this.interface.push(...member.interface);
		for (const { target, meaning, inInterface } of member.#uses) {
			if (inInterface) {
				this.use(target, meaning, true);
			}
		}
	}

	/** Everything inside belongs to the interface. */
	showAll(): void {
		this.interface.push(...this.behaviour);
		for (const { target, meaning } of this.#uses.slice()) {
			this.use(target, meaning, true);
		}
	}

	/** Another declaration of the same name is part of it. */
	extend(start: number, end: number): void {
		this.start = Math.min(this.start, start);
		this.end = Math.max(this.end, end);
	}

	finish(): Part {
		return {
			name: this.name,
			owner: this.owner,
			meaning: this.meaning,
			start: this.start,
			end: this.end,
			interface: fingerprint([`${this.meaning}`, ...this.interface]),
			behaviour: this.behaviour.length === 0 ? '' : fingerprint(this.behaviour),
			uses: this.#uses,
			mentions: this.mentions,
			mentionsAll: this.mentionsAll,
			declaresMembers: [...this.members],
			evaluated: this.evaluated,
		};
	}
}

/** What uses are found by. Asked for every name of a file: no text is put together for it. */
function nameIn(target: Target): string | number {
	return target.to === 'part' ? target.part : target.name;
}

/** Of two targets with the same {@link nameIn}. */
function isSame(one: Target, other: Target): boolean {
	return one.to === 'module' ? other.to === 'module' && one.request === other.request : one.to === other.to;
}

/** Enough that two of them are never the same by chance: 64 bits. */
function fingerprint(tokens: readonly string[]): string {
	return hash('sha1', tokens.join('\0'), 'hex').slice(0, 16);
}
