/** What differs between two versions of a file, in terms of what others may have looked up. */
import { type FileFacts, type Part, type Target } from './facts.ts';
import type { FileEntry } from './store.ts';

/** A file before and after; undefined where it was not, or is not. */
export interface FileChange {
	before: FileEntry | undefined;
	after: FileEntry | undefined;
	/** Whether its own text differs. Otherwise a request of it leads elsewhere, because of other files. */
	isEdited: boolean;
}

interface PartDelta {
	/** See {@link partKey}. */
	part: string;
	interface: boolean;
	behaviour: boolean;
	/** Whether what was a type is a value now, or the reverse. */
	isOtherKind: boolean;
	/** Whether it has members of its own. */
	isClass: boolean;
}

/** A name that leads elsewhere, came or went; `runs` where that can be noticed at run time. */
interface NameDelta {
	name: string;
	runs: boolean;
}

export interface Delta {
	parts: PartDelta[];
	/** Names whose exports lead elsewhere, came or went. */
	exports: NameDelta[];
	/** Whether what it exports of other modules as a whole differs. */
	stars: boolean;
	/** Names of the program that it declares, or declared. */
	globals: NameDelta[];
	/** Exports of other modules that it adds to, or added to. */
	augmented: (NameDelta & { module: string })[];
}

/** A part's name within its file: that of a member begins with its class's. */
export function partKey(facts: FileFacts, part: Part): string {
	const owner = facts.parts[part.owner];
	return owner === undefined ? part.name : `${partKey(facts, owner)}.${part.name}`;
}

export function deltaOf({ before, after }: Pick<FileChange, 'before' | 'after'>): Delta {
	const [old, now] = [describe(before), describe(after)];
	return {
		parts: partDeltas(old.parts, now.parts),
		exports: differing(old.exports, now.exports),
		stars: old.stars !== now.stars,
		globals: differing(old.globals, now.globals),
		augmented: differing(old.augmented, now.augmented).map(({ name: key, runs }) => {
			const [module = '', name = ''] = key.split('\n');
			return { module, name, runs };
		}),
	};
}

/** Whether a file asks for something that another file answers than before. Of a configuration its options tell. */
export function leadsElsewhere({ before, after }: FileChange): boolean {
	const places = ({ facts, resolved }: FileEntry) =>
		resolved.filter((_module, index) => facts.requests[index]?.kind !== 'options').join('\n');
	return before !== undefined && after !== undefined && places(before) !== places(after);
}

/** Whether nobody can notice the change: of a comment, or of how it is formatted. */
export function isEmpty({ parts, exports, stars, globals, augmented }: Delta): boolean {
	return !stars && [parts, exports, globals, augmented].every(({ length }) => length === 0);
}

interface DescribedPart {
	interface: string;
	behaviour: string;
	meaning: number;
	isClass: boolean;
}

interface DescribedName {
	text: string;
	runs: boolean;
}

/** Everything that is compared, as text. */
interface Description {
	parts: Map<string, DescribedPart>;
	exports: Map<string, DescribedName>;
	globals: Map<string, DescribedName>;
	augmented: Map<string, DescribedName>;
	stars: string;
}

function describe(entry: FileEntry | undefined): Description {
	const description: Description = {
		parts: new Map(),
		exports: new Map(),
		globals: new Map(),
		augmented: new Map(),
		stars: '',
	};
	if (entry === undefined) {
		return description;
	}
	const { facts, resolved } = entry;
	const name = (target: Target) => describeTarget(target, facts, resolved);
	const runs = (target: Target) => target.to !== 'part' || facts.parts[target.part]!.behaviour !== '';
	const owners = new Set(facts.parts.map(({ owner }) => owner));
	for (const [index, part] of facts.parts.entries()) {
		// Where a name leads is part of what it means, though the text is the same.
		const shown = part.uses.filter(({ inInterface }) => inInterface).map(({ target }) => name(target));
		const used = part.uses.filter(({ meaning }) => (meaning & 2) !== 0).map(({ target }) => name(target));
		append(description.parts, partKey(facts, part), {
			interface: `${part.interface} ${shown.sort().join(' ')}`,
			behaviour: `${part.behaviour} ${used.sort().join(' ')}`.trim(),
			meaning: part.meaning,
			isClass: owners.has(index),
		});
	}
	for (const { name: exported, target, typeOnly } of facts.exports) {
		appendText(description.exports, exported, `${name(target)} ${typeOnly}`, runs(target) && !typeOnly);
	}
	for (const { name: global, part } of facts.globals) {
		appendText(description.globals, global, partKey(facts, facts.parts[part]!), runs({ to: 'part', part }));
	}
	for (const { request, name: augmented, part } of facts.augmentations) {
		const key = `${resolved[request]}\n${augmented}`;
		appendText(description.augmented, key, partKey(facts, facts.parts[part]!), runs({ to: 'part', part }));
	}
	description.stars = facts.stars.map((request) => resolved[request]).join('\n');
	return description;
}

function describeTarget(target: Target, facts: FileFacts, resolved: readonly string[]): string {
	switch (target.to) {
		case 'part':
			return `.${partKey(facts, facts.parts[target.part]!)}`;
		case 'module':
			return `${resolved[target.request]}#${target.name}`;
		case 'global':
			return `?${target.name}`;
	}
}

function append(
	parts: Description['parts'],
	key: string,
	{ interface: shown, behaviour, meaning, isClass }: DescribedPart,
): void {
	const known = parts.get(key);
	parts.set(key, {
		interface: known === undefined ? shown : `${known.interface}\n${shown}`,
		behaviour: [known?.behaviour, behaviour].filter((one) => one !== undefined && one !== '').join('\n'),
		meaning: meaning | (known?.meaning ?? 0),
		isClass: isClass || known?.isClass === true,
	});
}

function appendText(texts: Map<string, DescribedName>, key: string, text: string, runs: boolean): void {
	const known = texts.get(key);
	texts.set(key, known === undefined ? { text, runs } : { text: `${known.text}\n${text}`, runs: known.runs || runs });
}

function partDeltas(old: Description['parts'], now: Description['parts']): PartDelta[] {
	const deltas: PartDelta[] = [];
	for (const part of new Set([...old.keys(), ...now.keys()])) {
		const [was, is] = [old.get(part), now.get(part)];
		const delta = {
			part,
			interface: was?.interface !== is?.interface,
			// What is not there at run time cannot go, either.
			behaviour: (was?.behaviour ?? '') !== (is?.behaviour ?? ''),
			isOtherKind: was !== undefined && is !== undefined && was.meaning !== is.meaning,
			isClass: was?.isClass === true || is?.isClass === true,
		};
		if (delta.interface || delta.behaviour) {
			deltas.push(delta);
		}
	}
	return deltas;
}

function differing(old: ReadonlyMap<string, DescribedName>, now: ReadonlyMap<string, DescribedName>): NameDelta[] {
	return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
		const [was, is] = [old.get(name), now.get(name)];
		return was?.text === is?.text ? [] : [{ name, runs: was?.runs === true || is?.runs === true }];
	});
}
