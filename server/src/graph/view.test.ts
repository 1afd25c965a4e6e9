/** What is stored of a file, and what a view finds in it, against the facts themselves. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { decodeEntry, encodeEntry } from './codec.ts';
import { partKey } from './delta.ts';
import { EVERYTHING, type FileFacts, type Target } from './facts.ts';
import type { FileEntry } from './store.ts';
import { FileView, fits } from './view.ts';

/** Few, so that they meet: in one byte, in more, with half of a pair, and with what marks a name of more bytes. */
const name = fc.constantFrom(
	'',
	'a',
	'b',
	'é',
	'ÿ',
	'Ā',
	'漢字',
	'\ud800',
	'\u0001',
	'\u0001a',
	'default',
	'export=',
	EVERYTHING,
);
const count = fc.nat({ max: 3 });
const small = fc.nat({ max: 0x7f_ff_ff_ff });

function targetOf(parts: number, requests: number): fc.Arbitrary<Target> {
	const toGlobal = name.map((global): Target => ({ to: 'global', name: global }));
	const toPart = fc.nat({ max: parts - 1 }).map((part): Target => ({ to: 'part', part }));
	const toModule = fc
		.tuple(fc.nat({ max: Math.max(requests - 1, 0) }), name)
		.map(([request, exported]): Target => ({ to: 'module', request, name: exported }));
	return requests === 0 ? fc.oneof(toPart, toGlobal) : fc.oneof(toPart, toModule, toGlobal);
}

const entry: fc.Arbitrary<FileEntry> = fc.tuple(fc.integer({ min: 1, max: 4 }), count).chain(([parts, requests]) => {
	const target = targetOf(parts, requests);
	const part = fc.nat({ max: parts - 1 });
	const request = fc.nat({ max: Math.max(requests - 1, 0) });
	const use = fc.record({ target, meaning: fc.integer({ min: 1, max: 3 }), inInterface: fc.boolean() });
	const exactly = (length: number) => ({ minLength: length, maxLength: length });
	const some = requests === 0 ? { maxLength: 0 } : { maxLength: 3 };
	const facts: fc.Arbitrary<FileFacts> = fc.record({
		parts: fc
			.array(
				fc.record({
					name,
					owner: fc.constant(-1),
					meaning: fc.integer({ min: 1, max: 3 }),
					start: small,
					end: small,
					interface: name,
					behaviour: name,
					uses: fc.array(use, { maxLength: 5 }),
					mentions: fc.array(name, { maxLength: 3 }).map((names) => new Set(names)),
					mentionsAll: fc.boolean(),
					declaresMembers: fc.array(name, { maxLength: 3 }),
					evaluated: fc.boolean(),
				}),
				exactly(parts),
			)
			// The first one owns the last one, where there are more than one.
			.map((all) => all.map((one, i) => ({ ...one, owner: i > 0 && i === all.length - 1 ? 0 : -1 }))),
		requests: fc.array(
			fc.record({
				specifier: name,
				kind: fc.constantFrom('module', 'glob', 'file', 'types', 'path', 'options'),
				evaluates: fc.boolean(),
				isRequire: fc.boolean(),
			}),
			exactly(requests),
		),
		exports: fc.array(fc.record({ name, target, typeOnly: fc.boolean() }), { maxLength: 4 }),
		stars: fc.array(request, some),
		globals: fc.array(fc.record({ name, part }), { maxLength: 2 }),
		augmentations: fc.array(fc.record({ request, name, part }), some),
		widenings: fc.array(fc.record({ scope: fc.constantFrom('directory', 'package', 'program'), reason: name }), {
			maxLength: 2,
		}),
		concerns: fc.array(
			fc.record({
				part,
				scope: fc.constantFrom('program', 'package', 'directory', 'glob'),
				pattern: name,
				reason: name,
			}),
			{ maxLength: 2 },
		),
		broken: fc.boolean(),
	});
	return fc.record({ facts, resolved: fc.array(name, exactly(requests)), awaits: fc.array(name, { maxLength: 3 }) });
});

suite('what is stored of a file', () => {
	test('is all of it, one character a byte', () => {
		fc.assert(
			fc.property(entry, (one) => {
				const text = encodeEntry(one);
				assert.ok(Array.from(text).every((character) => character <= '\u00ff'));
				// Those of fast-check have no prototype.
				assert.deepEqual(decodeEntry(text), structuredClone(one));
			}),
			{ numRuns: 500 },
		);
	});

	test('is refused when a number does not fit, and not cut', () => {
		fc.assert(
			fc.property(entry, fc.constantFrom(-1, 0.5, 2 ** 31), (one, start) => {
				one.facts.parts[0]!.start = start;
				assert.throws(() => encodeEntry(one), RangeError);
			}),
			{ numRuns: 10 },
		);
	});

	test('is found by a view as the facts have it', () => {
		fc.assert(
			fc.property(entry, name, name, (one, module, sought) => {
				const { facts, resolved } = structuredClone(one);
				const view = new FileView(encodeEntry(one));
				const uses = facts.parts.flatMap(({ uses }, part) => uses.map((use) => ({ part, use })));
				/** For each part that uses such a target, as what. */
				const users = (isMeant: (target: Target) => boolean) =>
					uses
						.filter(({ use }) => isMeant(use.target))
						.map(({ part, use }) => `${part} ${use.meaning} ${use.inInterface}`)
						.sort();
				const shown = (found: ReturnType<FileView['usersOfPart']>) =>
					found.map(({ part, meaning, inInterface }) => `${part} ${meaning} ${inInterface}`).sort();
				const isExport = (target: Target) =>
					target.to === 'module' && resolved[target.request] === module && fits(target.name, sought);
				assert.deepEqual(shown([...view.usersOfModule(module, sought)]), users(isExport));
				for (const { of } of view.usersOfModule(module, sought)) {
					assert.ok(fits(of!.name, sought));
				}
				assert.deepEqual(
					view
						.reexportsOf(module, sought)
						.map(({ exported, sought: there }) => `${exported} ${there}`)
						.sort(),
					facts.exports
						.flatMap(({ name: exported, target }) =>
							isExport(target) && target.to === 'module' ? [`${exported} ${target.name}`] : [],
						)
						.sort(),
				);
				assert.deepEqual(
					view.requestsOf(module),
					facts.requests.filter((_request, i) => resolved[i] === module).map(({ kind }) => kind),
				);
				const global = sought;
				const isGlobal = (target: Target) => target.to === 'global' && target.name === global;
				assert.deepEqual(shown(view.usersOfGlobal(global)), users(isGlobal));
				const exported = (isMeant: (target: Target) => boolean) =>
					facts.exports.filter(({ target }) => isMeant(target)).map(({ name: own }) => own);
				assert.deepEqual(view.exportsOfGlobal(global), exported(isGlobal));
				assert.deepEqual(
					view.exports,
					exported(() => true),
				);
				assert.equal(view.hasExport(sought), exported(() => true).includes(sought));
				assert.deepEqual(
					view.stars,
					facts.stars.map((request) => resolved[request]),
				);
				assert.deepEqual(view.globals, facts.globals);
				assert.deepEqual(
					view.augmentations,
					facts.augmentations.map(({ request, name: added, part }) => ({
						module: resolved[request],
						name: added,
						part,
					})),
				);
				assert.deepEqual([view.concerns, view.widenings], [facts.concerns, facts.widenings]);
				assert.equal(view.parts, facts.parts.length);
				for (const [index, part] of facts.parts.entries()) {
					const isIt = (target: Target) => target.to === 'part' && target.part === index;
					assert.deepEqual(shown(view.usersOfPart(index)), users(isIt));
					assert.deepEqual(view.exportsOfPart(index), exported(isIt));
					const key = partKey(facts, part);
					assert.deepEqual(
						[view.key(index), view.nameOf(index), view.owner(index)],
						[key, part.name, part.owner],
					);
					assert.ok(view.indexesOf(key).includes(index));
					assert.equal(view.start(index), part.start);
					assert.equal(view.mentions(index, sought), part.mentions.has(sought));
					assert.equal(view.mentionsAll(index), part.mentionsAll);
					assert.equal(view.declaresAny(index), part.declaresMembers.length > 0);
					assert.equal(view.declares(index, sought), part.declaresMembers.includes(sought));
				}
				assert.deepEqual(
					view.declaring(sought),
					facts.parts
						.filter((part) => part.declaresMembers.includes(sought))
						.map((part) => partKey(facts, part)),
				);
			}),
			{ numRuns: 1000 },
		);
	});
});
