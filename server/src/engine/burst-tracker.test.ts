import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { BurstTracker } from './burst-tracker.ts';

type Step =
	| { at: number; event: string }
	| { at: number; arrived: string }
	| { at: number; save: string }
	| { at: number; does: 'rested' }
	| { at: number; does: 'begin' | 'end'; workTree: string };

const event = (at: number, path: string): Step => ({ at, event: path });
const arrived = (at: number, path: string): Step => ({ at, arrived: path });
const rested = (at: number): Step => ({ at, does: 'rested' });
const begin = (at: number, workTree: string): Step => ({ at, does: 'begin', workTree });
const end = (at: number, workTree: string): Step => ({ at, does: 'end', workTree });

/** Plays steps; returns each burst as `<origin> <root>: <paths>`. */
function play(steps: readonly Step[]): string[] {
	const tracker = new BurstTracker(0);
	tracker.useRoots(['/w', '/v']);
	const bursts = new Map<number, { origin: string; root: string; paths: string[] }>();
	for (const step of steps) {
		if ('event' in step) {
			const { id, origin, root } = tracker.burstOf(step.event, step.at);
			bursts.set(id, { origin, root, paths: [...(bursts.get(id)?.paths ?? []), step.event.split('/').at(-1)!] });
		} else if ('arrived' in step) {
			tracker.arrived(step.arrived, step.at);
		} else if ('save' in step) {
			tracker.noteSave(step.save, step.at);
		} else if (step.does === 'rested') {
			tracker.rested();
		} else if (step.does === 'begin') {
			tracker.begin(step.workTree, 'git');
		} else {
			tracker.end(step.workTree);
		}
	}
	return [...bursts.values()].map(({ origin, root, paths }) => `${origin} ${root}: ${paths.join(' ')}`);
}

suite('which burst an event belongs to', () => {
	const check = (name: string, steps: readonly Step[], expected: string[]) => {
		test(name, () => {
			assert.deepEqual(play(steps), expected);
		});
	};
	check(
		'a second without an event ends it',
		[event(0, '/w/a'), event(1000, '/w/b'), event(2001, '/w/c')],
		['unknown /w: a b', 'unknown /w: c'],
	);
	check('each root has its own', [event(0, '/w/a'), event(1, '/v/b')], ['unknown /w: a', 'unknown /v: b']);
	check(
		'work that waits keeps it',
		[arrived(0, '/w/a'), event(5, '/w/a'), event(5000, '/w/b'), rested(5001), event(7000, '/w/c')],
		['unknown /w: a b', 'unknown /w: c'],
	);
	check(
		'work that came after it had ended does not',
		[event(0, '/w/a'), arrived(1500, '/w/b'), event(1501, '/w/b')],
		['unknown /w: a', 'unknown /w: b'],
	);
	check(
		'work of another root does not',
		[arrived(0, '/v/x'), event(0, '/w/a'), event(2000, '/w/b')],
		['unknown /w: a', 'unknown /w: b'],
	);
	check('a package', [event(0, '/w/a'), event(1, '/w/node_modules/p/i.js')], ['packages /w: a i.js']);
	check('the folder of packages', [event(0, '/w/node_modules')], ['packages /w: node_modules']);
	check('a lockfile', [event(0, '/w/sub/pnpm-lock.yaml')], ['packages /w: pnpm-lock.yaml']);
	check('a name like it', [event(0, '/w/my_node_modules/a')], ['unknown /w: a']);
	check('a save', [{ at: 0, save: '/w/a' }, event(1, '/w/a')], ['editor /w: a']);
	check(
		'version control has a burst of its own, before and after',
		[
			event(0, '/w/a'),
			begin(10, '/w'),
			event(11, '/w/b'),
			event(5000, '/w/c'),
			end(5001, '/w'),
			event(5002, '/w/d'),
		],
		['unknown /w: a', 'git /w: b c', 'unknown /w: d'],
	);
	check(
		'what it did is its own even if it is recorded late',
		[
			begin(0, '/w'),
			arrived(1, '/w/a'),
			arrived(1, '/w/node_modules/b'),
			end(2, '/w'),
			event(3, '/w/a'),
			event(4000, '/w/node_modules/b'),
			rested(4001),
			event(4002, '/w/c'),
		],
		['git /w: a b', 'unknown /w: c'],
	);
	check(
		'two operations that cannot be told apart are one',
		[begin(0, '/w'), arrived(1, '/w/a'), end(2, '/w'), begin(3, '/w'), event(4, '/w/a'), end(5, '/w'), rested(6)],
		['git /w: a'],
	);
	check(
		'a work tree inside the root has its own beside the rest',
		[begin(0, '/w/sub'), event(1, '/w/sub/a'), event(2, '/w/b'), event(3, '/w/sub/c'), event(4, '/w/subway')],
		['git /w/sub: a c', 'unknown /w: b subway'],
	);
	check(
		'a work tree that contains several roots is one burst',
		[begin(0, '/'), event(1, '/w/a'), event(2, '/v/b'), end(3, '/'), event(4, '/v/c')],
		['git /: a b', 'unknown /v: c'],
	);

	test('whatever happens, ids rise from the last recorded one, and no burst pauses unless something keeps it', () => {
		const path = fc.constantFrom('/w/a', '/w/sub/b', '/v/c');
		const steps = fc.array(fc.record({ after: fc.integer({ min: 0, max: 2000 }), path, what: fc.nat(5) }), {
			maxLength: 80,
		});
		fc.assert(
			fc.property(steps, (list) => {
				const tracker = new BurstTracker(41);
				tracker.useRoots(['/w', '/v']);
				let now = 0;
				let largest = 41;
				/** Whether work waits, and how far version control has come. */
				let busy = false;
				let operation: 'none' | 'open' | 'ending' = 'none';
				const latest = new Map<number, { at: number; kept: boolean }>();
				for (const step of list) {
					now += step.after;
					if (step.what === 0) {
						tracker.arrived(step.path, now);
						busy = true;
					} else if (step.what === 1) {
						tracker.rested();
						busy = false;
						operation = operation === 'ending' ? 'none' : operation;
					} else if (step.what === 2) {
						tracker.begin('/w/sub', 'git');
						operation = 'open';
					} else if (step.what === 3) {
						tracker.end('/w/sub');
						operation = operation !== 'none' && busy ? 'ending' : 'none';
					} else {
						const { id, root } = tracker.burstOf(step.path, now);
						const known = latest.get(id);
						assert.ok(step.path.startsWith(root));
						assert.ok(known !== undefined || id === largest + 1);
						assert.ok(known === undefined || known.kept || now - known.at <= 1000);
						largest = Math.max(largest, id);
						latest.set(id, { at: now, kept: false });
					}
					if (busy || operation !== 'none') {
						latest.forEach((each) => (each.kept = true));
					}
				}
			}),
		);
	});
});
