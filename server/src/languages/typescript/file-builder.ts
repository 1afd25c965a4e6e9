/** Gathers the facts of one file while its declarations are walked. */
import {
	type Augmentation,
	type Concern,
	type Export,
	EVERYTHING,
	type FileFacts,
	INIT,
	Meaning,
	type Request,
	type Target,
	type Widening,
} from '../../graph/facts.ts';
import { PartBuilder } from './part-builder.ts';
import type { FileSink } from './walk.ts';

/** Objects that every program has and every file may write to: that says nothing of who reads what. */
const EVERYBODYS = new Set([
	'module',
	'exports',
	'window',
	'globalThis',
	'global',
	'self',
	'process',
	'document',
	'console',
]);

/** What a file asks for that asks for its configuration: it is found by its place, and not by a name. */
const CONFIGURATION = '';

/** The export that stands for all that `module.exports` or `export =` is. */
export const EXPORT_EQUALS = 'export=';

export class FileBuilder implements FileSink {
	readonly parts: PartBuilder[] = [];
	readonly requests: Request[] = [];
	/** What is imported by name, used or not. */
	readonly imports: Target[] = [];
	readonly exports: Export[] = [];
	readonly stars: number[] = [];
	readonly globals: { name: string; part: number }[] = [];
	readonly augmentations: Augmentation[] = [];
	readonly widenings: Widening[] = [];
	readonly concerns: Concern[] = [];
	readonly #requestIndexes = new Map<string, number>();
	readonly #provided: { name: string; by: PartBuilder }[] = [];
	readonly #changes: { targets: readonly Target[]; by: PartBuilder }[] = [];

	constructor(length: number) {
		const init = new PartBuilder(INIT, -1, 0, length);
		init.meaning = Meaning.value;
		this.parts.push(init);
	}

	get init(): PartBuilder {
		return this.parts[0]!;
	}

	/** A new part, and its index. */
	add(name: string, owner: number, start: number, end: number): { part: PartBuilder; index: number } {
		const part = new PartBuilder(name, owner, start, end);
		return { part, index: this.parts.push(part) - 1 };
	}

	request(
		specifier: string,
		kind: Request['kind'],
		{ evaluates, isRequire }: { evaluates: boolean; isRequire: boolean },
	): number {
		const key = `${kind} ${isRequire} ${specifier}`;
		let index = this.#requestIndexes.get(key);
		if (index === undefined) {
			index = this.requests.push({ specifier, kind, evaluates, isRequire }) - 1;
			this.#requestIndexes.set(key, index);
		}
		this.requests[index]!.evaluates ||= evaluates;
		return index;
	}

	/** An option of the configuration that counts for the file; see configuration.ts for their names. */
	option(name: string): Target {
		const request = this.request(CONFIGURATION, 'options', { evaluates: false, isRequire: false });
		return { to: 'module', request, name };
	}

	/** Names of the program under which a part is found by who asks for the key of a registry, or for a pattern of modules. */
	provide(name: string, by: PartBuilder): void {
		this.#provided.push({ name, by });
	}

	widen(scope: Widening['scope'], reason: string): void {
		if (!this.widenings.some((known) => known.scope === scope && known.reason === reason)) {
			this.widenings.push({ scope, reason });
		}
	}

	changes(targets: readonly Target[], by: PartBuilder): void {
		this.#changes.push({ targets, by });
	}

	export(name: string, targets: readonly Target[], typeOnly: boolean): void {
		for (const target of targets) {
			this.exports.push({ name, target, typeOnly });
		}
	}

	/** @param broken whether something of the file could not be read */
	finish(broken: boolean): FileFacts {
		this.#applyChanges();
		for (const { name, by } of this.#provided) {
			this.#declareGlobal(name, this.parts.indexOf(by));
		}
		this.#showFirstValues();
		if (this.exports.some(({ target }) => target.to === 'part' && target.part === 0)) {
			// What it exports is made by what it does.
			this.init.showAll();
		}
		for (const target of this.imports) {
			if (!this.parts.some((part) => part.isUsing(target))) {
				// That there is such an export is asked even by an import that nobody uses.
				this.init.use(target, Meaning.type, false);
			}
		}
		const parts = this.parts.map((part) => part.finish());
		const [init, ...others] = parts;
		for (const [index, part] of others.entries()) {
			if (part.evaluated) {
				init!.uses.push({
					target: { to: 'part', part: index + 1 },
					meaning: Meaning.value,
					inInterface: false,
				});
			}
		}
		const { requests, exports, stars, globals, augmentations, widenings, concerns } = this;
		return { parts, requests, exports, stars, globals, augmentations, widenings, concerns, broken };
	}

	#declareGlobal(name: string, part: number): void {
		// A second look at what has a part of its own declares nothing.
		if (part !== -1 && !this.globals.some((known) => known.name === name && known.part === part)) {
			this.globals.push({ name, part });
		}
	}

	/** Where a variable is read the checker narrows its type to that of what was assigned: `const a: 1 | 2 = 1; export const b = a`. */
	#showFirstValues(): void {
		for (const [index, part] of this.parts.entries()) {
			const { first } = part;
			if (first !== undefined && this.parts.some((other) => other.isShowing({ to: 'part', part: index }))) {
				part.absorbInterface(first);
			}
		}
	}

	/** Who is changed by another part does what that one does. */
	#applyChanges(): void {
		for (const { targets, by } of this.#changes) {
			const part = this.parts.indexOf(by);
			if (part === -1) {
				// A second look at what has a part of its own.
				continue;
			}
			for (const target of targets) {
				switch (target.to) {
					case 'part':
						if (target.part !== part) {
							this.parts[target.part]!.use({ to: 'part', part }, Meaning.value, false);
						}
						break;
					case 'module':
						// What is assigned to an import changes no option.
						if (this.requests[target.request]!.kind !== 'options') {
							this.augmentations.push({ request: target.request, name: target.name, part });
						}
						break;
					case 'global':
						if (!EVERYBODYS.has(target.name)) {
							this.#declareGlobal(target.name, part);
						}
						break;
				}
			}
		}
	}
}

/** All of what a request leads to. */
export function everythingOf(request: number): Target {
	return { to: 'module', request, name: EVERYTHING };
}
