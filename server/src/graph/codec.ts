/** A file's entry as text, for the store. */
import type { FileFacts, Part, Target, Use } from './facts.ts';
import type { FileEntry } from './store.ts';

type PackedTarget = [number] | [number, string] | [string];
type PackedUse = [PackedTarget, number];
type PackedPart = [
	name: string,
	owner: number,
	meaning: number,
	start: number,
	end: number,
	shown: string,
	behaviour: string,
	uses: PackedUse[],
	mentions: string[],
	flags: number,
	members: readonly string[],
];

/** Bits of a part, and of a use beside its meaning. */
const MENTIONS_ALL = 1;
const EVALUATED = 2;
const IN_INTERFACE = 4;

export function encodeEntry({ facts, resolved, awaits }: FileEntry): string {
	const { parts, requests, exports, stars, globals, augmentations, widenings, concerns, broken } = facts;
	return JSON.stringify([
		parts.map(packPart),
		requests.map(({ specifier, kind, evaluates, isRequire }) => [specifier, kind, evaluates, isRequire]),
		exports.map(({ name, target, typeOnly }) => [name, packTarget(target), typeOnly]),
		stars,
		globals.map(({ name, part }) => [name, part]),
		augmentations.map(({ request, name, part }) => [request, name, part]),
		widenings,
		concerns,
		broken,
		resolved,
		awaits,
	]);
}

export function decodeEntry(text: string): FileEntry {
	const [parts, requests, exports, stars, globals, augmentations, widenings, concerns, broken, resolved, awaits] =
		JSON.parse(text) as [
			PackedPart[],
			[string, FileFacts['requests'][number]['kind'], boolean, boolean][],
			[string, PackedTarget, boolean][],
			number[],
			[string, number][],
			[number, string, number][],
			FileFacts['widenings'],
			FileFacts['concerns'],
			boolean,
			string[],
			string[],
		];
	const facts: FileFacts = {
		parts: parts.map(unpackPart),
		requests: requests.map(([specifier, kind, evaluates, isRequire]) => ({
			specifier,
			kind,
			evaluates,
			isRequire,
		})),
		exports: exports.map(([name, target, typeOnly]) => ({ name, target: unpackTarget(target), typeOnly })),
		stars,
		globals: globals.map(([name, part]) => ({ name, part })),
		augmentations: augmentations.map(([request, name, part]) => ({ request, name, part })),
		widenings,
		concerns,
		broken,
	};
	return { facts, resolved, awaits };
}

function packPart(part: Part): PackedPart {
	return [
		part.name,
		part.owner,
		part.meaning,
		part.start,
		part.end,
		part.interface,
		part.behaviour,
		part.uses.map(({ target, meaning, inInterface }) => [
			packTarget(target),
			meaning | (inInterface ? IN_INTERFACE : 0),
		]),
		[...part.mentions],
		(part.mentionsAll ? MENTIONS_ALL : 0) | (part.evaluated ? EVALUATED : 0),
		part.declaresMembers,
	];
}

function unpackPart(packed: PackedPart): Part {
	const [name, owner, meaning, start, end, shown, behaviour, uses, mentions, flags, members] = packed;
	return {
		name,
		owner,
		meaning,
		start,
		end,
		interface: shown,
		behaviour,
		uses: uses.map(([target, bits]): Use => {
			return { target: unpackTarget(target), meaning: bits & 3, inInterface: (bits & IN_INTERFACE) !== 0 };
		}),
		mentions: new Set(mentions),
		mentionsAll: (flags & MENTIONS_ALL) !== 0,
		evaluated: (flags & EVALUATED) !== 0,
		declaresMembers: members,
	};
}

function packTarget(target: Target): PackedTarget {
	switch (target.to) {
		case 'part':
			return [target.part];
		case 'module':
			return [target.request, target.name];
		case 'global':
			return [target.name];
	}
}

function unpackTarget(packed: PackedTarget): Target {
	const [first, name] = packed;
	return typeof first === 'string'
		? { to: 'global', name: first }
		: name === undefined
			? { to: 'part', part: first }
			: { to: 'module', request: first, name };
}
