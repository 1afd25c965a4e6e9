/** Every id of the table of scenarios, sections A to P, is tested or says why it is not. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ELSEWHERE, LEFT_OUT } from './elsewhere.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/** The last number of each section, and the numbers that the table does not have. */
const SECTIONS: Record<string, [last: number, without?: number[]]> = {
	A: [24, [13, 18, 21]],
	B: [14, [6, 7, 9, 11]],
	C: [25, [10, 12, 13, 21, 22, 24]],
	D: [11, [8]],
	E: [10, [4]],
	F: [13, [3, 7]],
	G: [16, [5]],
	H: [12, [7, 10, 11]],
	I: [11, [9]],
	J: [10, [1, 3]],
	K: [11, [5, 9]],
	L: [10, [3, 6]],
	M: [14, [6]],
	N: [10, [2, 3]],
	O: [8, [2]],
	P: [8],
};

const IDS = Object.entries(SECTIONS).flatMap(([section, [last, without = []]]) =>
	Array.from({ length: last }, (_, i) => i + 1)
		.filter((number) => !without.includes(number))
		.map((number) => section + `${number}`.padStart(2, '0')),
);

/** The ids that begin a name in the integration tests. */
function tested(): Set<string> {
	const folder = join(REPOSITORY, 'test/integration');
	const ids = new Set<string>();
	for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
		if (name.endsWith('.ts') && !name.endsWith('elsewhere.ts')) {
			const text = readFileSync(join(folder, name), 'utf8');
			for (const [names] of text.matchAll(/(?<=['"`])(?:[A-P]\d\d )+/g)) {
				for (const id of names.trim().split(' ')) {
					ids.add(id);
				}
			}
		}
	}
	return ids;
}

test('every id of the table is tested, or says where else, or why not', () => {
	const here = tested();
	const said = new Set([...Object.keys(ELSEWHERE), ...Object.keys(LEFT_OUT)]);
	assert.deepEqual(
		IDS.filter((id) => !here.has(id) && !said.has(id)),
		[],
	);
	assert.deepEqual(
		[...here, ...said].filter((id) => !IDS.includes(id)),
		[],
		'no other ids are in use',
	);
	assert.deepEqual(
		Object.keys(LEFT_OUT).filter((id) => here.has(id) || Object.hasOwn(ELSEWHERE, id)),
		[],
		'what is tested is not left out',
	);
});

for (const [id, [file, name]] of Object.entries(ELSEWHERE)) {
	test(`${id} is in ${file}`, () => {
		const text = readFileSync(join(REPOSITORY, file), 'utf8');
		assert.ok(text.includes(name), `no test is called "${name}"`);
	});
}
