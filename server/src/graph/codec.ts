/** A file's entry as text, for the store: rows of numbers, see layout.ts. */
import type { Export, FileFacts, Part, Request, Target, Use } from './facts.ts';
import {
	BROKEN,
	EVALUATED,
	EVALUATES,
	IN_INTERFACE,
	IS_REQUIRE,
	Layout,
	MENTIONS_ALL,
	PART,
	REQUEST_KINDS,
	REQUEST_SHIFT,
	SCOPES,
	type Section,
	SECTIONS,
	TARGET_SHIFT,
	TO_GLOBAL,
	TO_MODULE,
	TO_PART,
} from './layout.ts';
import { Packer } from './packed.ts';
import type { FileEntry } from './store.ts';

/** One character a byte. */
export function encodeEntry({ facts, resolved, awaits }: FileEntry): string {
	const { parts, requests, exports, stars, globals, augmentations, widenings, concerns, broken } = facts;
	const packer = new Packer();
	packer.number(broken ? BROKEN : 0);
	const count = (of: (part: Part) => number) => parts.reduce((sum, part) => sum + of(part), 0);
	const counts: Record<Section, number> = {
		parts: parts.length,
		uses: count(({ uses }) => uses.length),
		mentions: count(({ mentions }) => mentions.size),
		members: count(({ declaresMembers }) => declaresMembers.length),
		requests: requests.length,
		exports: exports.length,
		stars: stars.length,
		globals: globals.length,
		augmentations: augmentations.length,
		widenings: widenings.length,
		concerns: concerns.length,
		awaits: awaits.length,
	};
	for (const section of SECTIONS) {
		packer.number(counts[section]);
	}
	for (const part of parts) {
		packPart(packer, part);
	}
	for (const { uses } of parts) {
		for (const use of uses) {
			packTarget(packer, use.target, use.meaning | (use.inInterface ? IN_INTERFACE : 0));
		}
	}
	for (const name of parts.flatMap(({ mentions }) => [...mentions])) {
		packer.name(name);
	}
	for (const name of parts.flatMap(({ declaresMembers }) => declaresMembers)) {
		packer.name(name);
	}
	for (const [index, { specifier, kind, evaluates, isRequire }] of requests.entries()) {
		packer.name(specifier);
		const bits = (evaluates ? EVALUATES : 0) | (isRequire ? IS_REQUIRE : 0);
		packer.number(bits | (REQUEST_KINDS.indexOf(kind) << REQUEST_SHIFT));
		packer.name(resolved[index] ?? '');
	}
	for (const { name, target, typeOnly } of exports) {
		packer.name(name);
		packTarget(packer, target, typeOnly ? 1 : 0);
	}
	for (const request of stars) {
		packer.number(request);
	}
	for (const { name, part } of globals) {
		packer.name(name);
		packer.number(part);
	}
	for (const { request, name, part } of augmentations) {
		packer.number(request);
		packer.name(name);
		packer.number(part);
	}
	for (const { scope, reason } of widenings) {
		packer.number(SCOPES.indexOf(scope));
		packer.name(reason);
	}
	for (const { part, scope, pattern, reason } of concerns) {
		packer.number(part);
		packer.number(SCOPES.indexOf(scope));
		packer.name(pattern);
		packer.name(reason);
	}
	for (const name of awaits) {
		packer.name(name);
	}
	return packer.finish();
}

/** The whole of it. What a change asks of a file is in `view.ts`. */
export function decodeEntry(text: string): FileEntry {
	const layout = new Layout(text);
	const facts: FileFacts = {
		parts: unpackParts(layout),
		requests: layout.map('requests', (i) => unpackRequest(layout, i)),
		exports: layout.map('exports', (i): Export => {
			const bits = layout.at('exports', i, 1);
			return {
				name: layout.name('exports', i),
				target: unpackTarget(layout, layout.row('exports', i) + 1),
				typeOnly: (bits & 1) !== 0,
			};
		}),
		stars: layout.map('stars', (i) => layout.at('stars', i)),
		globals: layout.map('globals', (i) => ({ name: layout.name('globals', i), part: layout.at('globals', i, 1) })),
		augmentations: layout.map('augmentations', (i) => ({
			request: layout.at('augmentations', i),
			name: layout.name('augmentations', i, 1),
			part: layout.at('augmentations', i, 2),
		})),
		widenings: layout.widenings(),
		concerns: layout.concerns(),
		broken: layout.isBroken,
	};
	return {
		facts,
		resolved: layout.map('requests', (i) => layout.resolved(i)),
		awaits: layout.map('awaits', (i) => layout.name('awaits', i)),
	};
}

function packPart(packer: Packer, part: Part): void {
	packer.name(part.name);
	packer.number(part.owner + 1);
	packer.number(part.meaning);
	packer.number(part.start);
	packer.number(part.end);
	packer.number((part.mentionsAll ? MENTIONS_ALL : 0) | (part.evaluated ? EVALUATED : 0));
	packer.number(part.uses.length);
	packer.number(part.mentions.size);
	packer.number(part.declaresMembers.length);
	packer.text(part.interface);
	packer.text(part.behaviour);
}

function unpackParts(layout: Layout): Part[] {
	let [uses, mentions, members, bytes] = [0, 0, 0, 0];
	const names = (section: 'mentions' | 'members', from: number, count: number) =>
		Array.from({ length: count }, (_, i) => layout.name(section, from + i));
	const fingerprint = (length: number): string => {
		bytes += length;
		return layout.unpacked.text(bytes - length, length);
	};
	return layout.map('parts', (i): Part => {
		const field = (name: keyof typeof PART) => layout.at('parts', i, PART[name]);
		const part: Part = {
			name: layout.name('parts', i),
			owner: field('owner') - 1,
			meaning: field('meaning'),
			start: field('start'),
			end: field('end'),
			interface: fingerprint(field('shown')),
			behaviour: fingerprint(field('behaviour')),
			uses: Array.from({ length: field('uses') }, (_, use) => unpackUse(layout, uses + use)),
			mentions: new Set(names('mentions', mentions, field('mentions'))),
			mentionsAll: (field('bits') & MENTIONS_ALL) !== 0,
			declaresMembers: names('members', members, field('members')),
			evaluated: (field('bits') & EVALUATED) !== 0,
		};
		uses += part.uses.length;
		mentions += part.mentions.size;
		members += part.declaresMembers.length;
		return part;
	});
}

function unpackUse(layout: Layout, index: number): Use {
	const bits = layout.at('uses', index);
	return {
		target: unpackTarget(layout, layout.row('uses', index)),
		meaning: bits & 3,
		inInterface: (bits & IN_INTERFACE) !== 0,
	};
}

function unpackRequest(layout: Layout, index: number): Request {
	const bits = layout.at('requests', index, 1);
	return {
		specifier: layout.name('requests', index),
		kind: layout.requestKind(index),
		evaluates: (bits & EVALUATES) !== 0,
		isRequire: (bits & IS_REQUIRE) !== 0,
	};
}

/** @param bits three at most, see {@link TARGET_SHIFT} */
function packTarget(packer: Packer, target: Target, bits: number): void {
	switch (target.to) {
		case 'part':
			packer.number(bits | (TO_PART << TARGET_SHIFT));
			packer.number(target.part);
			packer.number(0);
			break;
		case 'module':
			packer.number(bits | (TO_MODULE << TARGET_SHIFT));
			packer.number(target.request);
			packer.name(target.name);
			break;
		case 'global':
			packer.number(bits | (TO_GLOBAL << TARGET_SHIFT));
			packer.number(0);
			packer.name(target.name);
			break;
	}
}

/** @param row where its bits are */
function unpackTarget({ numbers, unpacked }: Layout, row: number): Target {
	const [first, second] = [numbers[row + 1]!, numbers[row + 2]!];
	switch (numbers[row]! >> TARGET_SHIFT) {
		case TO_PART:
			return { to: 'part', part: first };
		case TO_MODULE:
			return { to: 'module', request: first, name: unpacked.name(second) };
		default:
			return { to: 'global', name: unpacked.name(second) };
	}
}
