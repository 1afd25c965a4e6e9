import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extractTypeScript } from '../../../server/src/languages/typescript/extract.ts';
import { affectedBy } from '../../../server/src/graph/affected.ts';
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

function lookupsOfOneEdit(size: number): number {
	const ring = new Ring(size);
	const [before, after] = [ring.entryOf(0, 0), ring.entryOf(0, 1)];
	ring.put(pathOf(0), after);
	ring.lookups = 0;
	const { affected } = affectedBy(ring, new Map([[pathOf(0), { before, after, isEdited: true }]]), {
		isCalledFromOutside: () => false,
		packageOf: () => '/project',
	});
	assert.equal(affected.length, size - 1);
	return ring.lookups;
}

test('where names of members are common to all classes, following a change takes look-ups in proportion to the files', () => {
	const [small, large] = [lookupsOfOneEdit(30), lookupsOfOneEdit(120)];
	assert.ok(large <= small * 4.5, `${small} for 30 files, ${large} for 120`);
	assert.ok(large <= 120 * 10, `${large} for 120 files with ${MEMBERS} members each`);
});
