import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extractTypeScript } from '../../../server/src/languages/typescript/extract.ts';
import { affectedBy, type Effects } from '../../../server/src/graph/affected.ts';
import { type FileEntry, MemoryStore } from '../../../server/src/graph/store.ts';

const MEMBERS = 40;

/** Classes in a ring, each of which calls members of the next one, all of them called alike. */
class Ring extends MemoryStore {
	lookups = 0;
	readonly #size: number;

	constructor(size: number) {
		super();
		this.#size = size;
		for (let i = 0; i < size; i++) {
			this.put(pathOf(i), this.entryOf(i, 0));
		}
	}

	override users(key: string): Iterable<string> {
		this.lookups++;
		return super.users(key);
	}

	entryOf(i: number, value: number): FileEntry {
		const next = (i + 1) % this.#size;
		const members = Array.from(
			{ length: MEMBERS },
			(_, m) => `m${m}(other: C${next}): number { return other.m${(m + 1) % MEMBERS}(this) + ${value}; }`,
		);
		const text = [
			`import { C${next} } from './${next}';`,
			`export class C${i} { ${members.join('\n')} }`,
			`export function use${i}(any: { m${i % MEMBERS}(): void }): void { any.m${i % MEMBERS}(); }`,
		].join('\n');
		const facts = extractTypeScript(pathOf(i), text);
		const resolved = facts.requests.map(({ kind }) => (kind === 'module' ? pathOf(next) : 'default:options'));
		return { facts, resolved, awaits: [] };
	}
}

function pathOf(i: number): string {
	return `/project/${i}.ts`;
}

function oneEdit(size: number): { lookups: number; effects: Effects } {
	const ring = new Ring(size);
	const [before, after] = [ring.entryOf(0, 0), ring.entryOf(0, 1)];
	ring.put(pathOf(0), after);
	ring.lookups = 0;
	const effects = affectedBy(ring, new Map([[pathOf(0), { before, after, isEdited: true }]]), {
		isCalledFromOutside: () => false,
		packageOf: () => '/project',
	});
	return { lookups: ring.lookups, effects };
}

test('where names of members are common to all classes, following a change takes look-ups in proportion to the files', () => {
	const [small, large] = [oneEdit(15), oneEdit(60)];
	for (const [size, { effects }] of [[15, small] as const, [60, large] as const]) {
		assert.deepEqual([effects.affected.length, effects.widened], [size - 1, []]);
	}
	assert.ok(large.lookups <= small.lookups * 4.5, `${small.lookups} for 15 files, ${large.lookups} for 60`);
	assert.ok(large.lookups <= 60 * 10, `${large.lookups} for 60 files with ${MEMBERS} members each`);
});

test('more than can be told apart is told as a whole, by look-ups that do not grow with the repository', () => {
	const [large, huge] = [oneEdit(400), oneEdit(800)];
	for (const { effects } of [large, huge]) {
		const [told] = effects.widened;
		assert.deepEqual([told?.scope, told?.of, told?.by, told?.file], ['program', '/', pathOf(0), undefined]);
		assert.match(told?.reason ?? '', /more than 5,000 places .* members such as "m\d+"/);
		assert.ok(effects.affected.length > 0, 'what is near is told file by file');
	}
	assert.ok(huge.lookups <= large.lookups * 1.1, `${large.lookups} for 400 files, ${huge.lookups} for 800`);
});
