/** The pipeline of the graph: what is read when, what happens to what fails or changes meanwhile, and what a kill leaves. */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { suite, test } from 'node:test';
import { GraphRig } from '../../../test/support/graph-rig.ts';
import { random } from '../../../test/support/random-changes.ts';
import { Sandbox } from '../../../test/support/sandbox.ts';
import { Level } from '../index/pending-table.ts';

const seed = Number(process.env['FILETIDE_SEED'] ?? Date.now() % 1_000_000);

const SHOP = {
	'cart.ts': 'export const total = 1;\n',
	'checkout.ts': "import { total } from './cart';\nexport const due = total;\n",
	'main.ts': "import { due } from './checkout';\nconsole.log(due);\n",
};

type Scope = ConstructorParameters<typeof Sandbox>[0];

/** Up to date, and from now on its readers answer when they are told to. */
async function held(t: Scope, files: Record<string, string> = SHOP): Promise<GraphRig> {
	const rig = new GraphRig(new Sandbox(t), files);
	t.after(() => rig.kill());
	rig.start();
	await rig.sync();
	rig.answersAtOnce = false;
	rig.read.length = 0;
	return rig;
}

/** Lets everything be read. */
async function release(rig: GraphRig): Promise<void> {
	rig.answersAtOnce = true;
	for (const { answer } of rig.calls.splice(0)) {
		answer();
	}
	await rig.sync();
}

const names = (paths: readonly string[]) => paths.map((path) => basename(path));

suite('updates of the graph', () => {
	test('one update for each file, whatever has happened to it', async (t) => {
		const rig = await held(t);
		for (let i = 0; i < 50; i++) {
			rig.write('cart.ts', `export const total = ${i};\n`);
		}
		await rig.stepped();
		assert.equal(rig.table.pending.count, 1);
		assert.deepEqual(names(rig.calls.flatMap(({ orders }) => orders.map(({ path }) => path))), ['cart.ts']);
		await release(rig);
		assert.equal(rig.read.length, 1);
		assert.deepEqual(names(rig.invalidated.flat()), ['checkout.ts', 'main.ts']);
		assert.deepEqual(rig.differences(), []);
	});

	test('a burst is followed once, when it has been read; or without the part that is never read', async (t) => {
		const parts = Array.from({ length: 40 }, (_, i) => `part-${i}.ts`);
		const rig = await held(t, {
			...Object.fromEntries(parts.map((name) => [name, 'export const n = 1;\n'])),
			'user.ts': parts
				.map((name, i) => `import { n as n${i} } from './${name.slice(0, -3)}';\nvoid n${i};\n`)
				.join(''),
		});
		rig.answersAtOnce = true;
		for (const name of parts) {
			rig.write(name, 'export const n = 2;\n');
		}
		await rig.sync();
		assert.deepEqual(rig.invalidated.map(names), [['user.ts']]);

		rig.answersAtOnce = false;
		for (const name of parts) {
			rig.write(name, 'export const n = 3;\n');
		}
		await rig.stepped();
		rig.calls.shift()?.answer();
		while (rig.invalidated.length === 1) {
			await rig.stepped();
		}
		assert.deepEqual(rig.invalidated.map(names), [['user.ts'], ['user.ts']]);
		await release(rig);
		assert.deepEqual(rig.differences(), []);
	});

	test('open files go first, then what is gone, then what is small, then what is large', async (t) => {
		const files = Object.fromEntries(
			Array.from({ length: 80 }, (_, i) => [`f${i}.ts`, `export const f${i} = 0;\n`]),
		);
		const rig = await held(t, { ...files, 'large.ts': '', 'open.ts': '', 'gone.ts': '' });
		for (let i = 0; i < 70; i++) {
			rig.write(`f${i}.ts`, 'export const other = 1;\n');
		}
		rig.write('large.ts', `// ${'x'.repeat(100_000)}\n`);
		rig.remove('gone.ts');
		rig.write('open.ts', 'export const open = 1;\n');
		rig.updater.open([`${rig.root}/open.ts`]);
		await rig.stepped();
		const order = [...rig.table.pending.from(Level.open)].map(({ path }) => basename(path));
		assert.deepEqual([order[0], order[1], order.at(-1)], ['open.ts', 'gone.ts', 'large.ts']);
		assert.ok(
			rig.calls.every(({ orders }) => orders.length <= 16),
			'nobody waits for more',
		);
		assert.equal(rig.calls[0]?.orders[0]?.path, `${rig.root}/open.ts`);
		await release(rig);
		assert.deepEqual(rig.differences(), []);
	});

	test('what is in the queue becomes urgent when it is opened', async (t) => {
		const files = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`f${i}.ts`, '']));
		const rig = await held(t, files);
		for (let i = 0; i < 80; i++) {
			rig.write(`f${i}.ts`, 'export const other = 1;\n');
		}
		await rig.stepped();
		const last = `${rig.root}/f79.ts`;
		assert.ok(!rig.calls.some(({ orders }) => orders.some(({ path }) => path === last)));
		rig.updater.open([last]);
		assert.equal(rig.table.pending.get(last)?.level, Level.open);
		await release(rig);
		assert.equal(rig.read[32], last, 'behind what had been asked for already');
	});

	test('a file that changes while it is read is read again, and what was asked for is called back', async (t) => {
		const rig = await held(t);
		rig.write('cart.ts', "export const total = 'one';\n");
		await rig.stepped();
		rig.write('cart.ts', "export const total = 'two';\n");
		await rig.stepped();
		assert.deepEqual(names(rig.cancelled), ['cart.ts']);
		await release(rig);
		assert.deepEqual(names(rig.read), ['cart.ts', 'cart.ts']);
		assert.deepEqual(rig.differences(), []);
	});

	test('what comes while a file is read that asks for it is found', async (t) => {
		const rig = await held(t);
		rig.write('main.ts', "import { fresh } from './fresh';\nconsole.log(fresh);\n");
		await rig.stepped();
		rig.write('fresh.ts', 'export const fresh = 1;\n');
		await rig.stepped();
		const [main, fresh] = rig.calls.splice(0);
		// The file is in the graph before the one that has asked for it in vain.
		fresh!.answer();
		await rig.stepped();
		main!.answer();
		await release(rig);
		assert.deepEqual(rig.differences(), []);
	});

	test('who asks for a folder by dots alone finds its index when that comes', async (t) => {
		const rig = await held(t, {
			'a/one.ts': "export * from '.';\n",
			'a/b/two.ts': "export * from '..';\nexport * from './';\n",
		});
		rig.answersAtOnce = true;
		for (const file of ['a/index.ts', 'a/b/index.ts']) {
			rig.write(file, 'export const one = 1;\n');
			await rig.sync();
			assert.deepEqual(rig.differences(), []);
		}
	});

	for (const [when, meanwhile] of Object.entries({
		'before the record comes': (rig: GraphRig) => release(rig),
		'when the record comes': () => Promise.resolve(),
		'before the record comes, and the process ended then': async (rig: GraphRig) => {
			await release(rig);
			await rig.kill();
			rig.see('cart.ts');
			rig.start();
		},
	})) {
		test(`who was read while a file was away that is told as modified finds it; stored ${when}`, async (t) => {
			const rig = await held(t, {
				...SHOP,
				'index.ts': '',
				'deep/index.ts': '',
				'deep/user.ts': "export * from '.';\n",
			});
			const files = ['cart.ts', 'deep/index.ts'];
			for (const file of files) {
				rmSync(join(rig.root, file));
			}
			rig.write('checkout.ts', "import { total } from './cart';\nexport const due = total + 1;\n");
			rig.write('deep/user.ts', "export * from '.';\nexport const user = 1;\n");
			await rig.stepped();
			await meanwhile(rig);
			for (const file of files) {
				rig.writeUnseen(file, 'export const total = 2;\n');
				rig.see(file);
			}
			await rig.stepped();
			await release(rig);
			assert.deepEqual(rig.differences(), []);
		});
	}

	test('a file with the content that it had is not parsed, and affects nothing', async (t) => {
		const rig = await held(t);
		rig.write('cart.ts', SHOP['cart.ts']);
		await release(rig);
		assert.deepEqual(rig.invalidated, []);
		assert.equal(rig.updater.progress.updates.processing.p99, 0, 'nothing was parsed');
		assert.equal(rig.updater.progress.updates.done, 1);
	});

	test('a change that was read with the one before is one since the one before, too', async (t) => {
		const rig = await held(t);
		rig.answersAtOnce = true;
		const before = rig.table.file(`${rig.root}/cart.ts`);
		rig.write('cart.ts', 'export const total = 2;\n');
		rig.writeUnseen('cart.ts', 'export const total = 3;\n');
		await rig.sync();
		const cursor = rig.head;
		rig.see('cart.ts');
		await rig.sync();
		for (const seq of [cursor, cursor - 1]) {
			assert.deepEqual(
				Array.from(rig.table.changedAfter(seq), ([path, { text }]) => [path, text]),
				[[`${rig.root}/cart.ts`, before]],
			);
		}
		rig.write('cart.ts', 'export const total = 4;\n');
		await rig.sync();
		assert.notEqual(rig.table.changedAfter(cursor + 1).get(`${rig.root}/cart.ts`)?.text, before);
		assert.deepEqual([...rig.table.changedAfter(rig.head)], []);
	});

	test('what fails is tried again by itself, three times, and parked until it changes', async (t) => {
		t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
		const rig = await held(t);
		let failures = 0;
		rig.failing = (path) => (path.endsWith('cart.ts') ? `failure ${++failures}` : undefined);
		rig.write('cart.ts', 'export const total = 2;\n');
		rig.write('main.ts', 'console.log(1);\n');
		rig.answersAtOnce = true;
		for (const [attempt, wait] of [500, 1000, 2000].entries()) {
			while (rig.table.pending.get(`${rig.root}/cart.ts`)?.attempts !== attempt + 1) {
				await rig.stepped();
			}
			assert.equal(rig.updater.progress.parkedCount, 0);
			t.mock.timers.tick(wait - 1);
			rig.updater.wake();
			await rig.stepped();
			assert.equal(failures, attempt + 1, `not before ${wait} ms`);
			t.mock.timers.tick(1);
			rig.updater.wake();
		}
		await rig.sync();
		assert.deepEqual(rig.updater.progress.parked, [{ path: `${rig.root}/cart.ts`, why: 'failure 4' }]);
		assert.deepEqual(names(rig.invalidated.flat()), []);
		rig.failing = () => undefined;
		rig.write('cart.ts', 'export const total = 3;\n');
		await rig.sync();
		assert.equal(rig.updater.progress.parkedCount, 0);
		assert.deepEqual(rig.differences(), []);
	});

	test('a change goes before the first indexing', async (t) => {
		const files = Object.fromEntries(
			Array.from({ length: 400 }, (_, i) => [`f${i}.ts`, `export const f${i} = 0;\n`]),
		);
		const rig = new GraphRig(new Sandbox(t), files);
		t.after(() => rig.kill());
		rig.answersAtOnce = false;
		rig.start();
		await rig.stepped();
		assert.ok(rig.calls.every(({ urgent }) => !urgent));
		rig.write('f399.ts', 'export const f399 = 1;\n');
		await rig.stepped();
		assert.equal(rig.calls.at(-1)?.urgent, true);
		assert.ok(rig.updater.progress.indexing !== undefined);
		await release(rig);
		assert.deepEqual(rig.differences(), []);
	});

	test('a log of any length is taken page by page, and read in small batches', async (t) => {
		const rig = await held(t, {});
		for (let i = 0; i < 3000; i++) {
			rig.write(`f${i % 1000}.ts`, `export const f = ${i};\n`);
		}
		let most = 0;
		while (rig.table.get('drained') !== rig.head) {
			await rig.stepped();
			most = Math.max(most, rig.updater.progress.inFlight);
		}
		assert.ok(most <= 32, `${most} in flight`);
		assert.equal(rig.table.pending.count, 1000);
		await release(rig);
		assert.deepEqual(rig.differences(), []);
	});

	test(`killed at any moment, nothing is lost and nothing is done twice (seed ${seed})`, async (t) => {
		const rig = await held(t);
		const next = random(seed);
		let serial = 0;
		for (let round = 0; round < 60; round++) {
			for (let i = next(6); i >= 0; i--) {
				edit(rig, next, ++serial);
			}
			rig.answersAtOnce = next(2) === 0;
			for (let steps = next(5); steps > 0; steps--) {
				rig.updater.wake();
				await rig.stepped();
				rig.calls.splice(0, next(3)).forEach(({ answer }) => {
					answer();
				});
			}
			await rig.kill();
			rig.read.length = 0;
			rig.start();
			if (next(4) === 0) {
				await release(rig);
				assert.deepEqual(rig.differences(), [], `round ${round}`);
				const { length } = rig.read;
				await rig.kill();
				rig.start();
				await rig.sync();
				assert.equal(rig.read.length, length, 'what is committed is not read again');
			}
		}
	});

	test(`whoever keeps what it has read of the graph sees each change of it (seed ${seed})`, async (t) => {
		const rig = await held(t, { 'a.ts': '', 'b.ts': '', 'c.ts': '', 'd.ts': '' });
		rig.answersAtOnce = true;
		const chance = random(seed);
		const files = ['a', 'b', 'c', 'd', 'e'];
		const [one, other] = [() => files[chance(files.length)]!, () => `n${chance(3)}`];
		for (let round = 0; round < 40; round++) {
			const file = `${one()}.ts`;
			if (chance(5) === 0 && existsSync(join(rig.root, file))) {
				rig.remove(file);
			} else {
				const name = other();
				rig.write(
					file,
					`import { ${name} as used } from './${one()}';\nexport const ${other()} = used;\nexport * from './${one()}';\n`,
				);
			}
			await rig.sync();
			assert.deepEqual(rig.differences(), [], `round ${round}`);
		}
	});

	test('what an update costs does not grow with the repository', async (t) => {
		const costs: string[] = [];
		for (const size of [50, 500]) {
			const chains = Object.fromEntries(
				Array.from({ length: size }, (_, i) => [
					`p${i}/b.ts`,
					`import { total } from './a';\nexport const due = total;\n`,
				]),
			);
			const sources = Object.fromEntries(Array.from({ length: size }, (_, i) => [`p${i}/a.ts`, SHOP['cart.ts']]));
			const rig = await held(t, { ...chains, ...sources });
			rig.operations.reads = 0;
			rig.operations.writes = 0;
			rig.write('p7/a.ts', "export const total = 'other';\n");
			await release(rig);
			assert.deepEqual(rig.invalidated.length, 1);
			costs.push(`${rig.operations.reads} reads, ${rig.operations.writes} writes`);
		}
		assert.equal(costs[0], costs[1]);
	});
});

const NAMES = ['a', 'b', 'c', 'index', 'lib/a', 'lib/index'];

function edit(rig: GraphRig, next: (below: number) => number, serial: number): void {
	const name = () => NAMES[next(NAMES.length)]!;
	const path = `${name()}.ts`;
	switch (next(6)) {
		case 0:
			if ([...rig.table.paths()].includes(`${rig.root}/${path}`)) {
				try {
					rig.remove(path);
				} catch {
					// It was removed already, and the graph does not know yet.
				}
			}
			break;
		case 1:
			rig.write('tsconfig.json', `{ "compilerOptions": { "paths": { "@x": ["./${name()}.ts"] } } }`);
			break;
		case 2:
			rig.write(path, 'export const = ;');
			break;
		default:
			rig.write(
				path,
				`import { v } from './${name()}';\nimport x from '@x';\nexport * from './lib';\nexport const v${serial} = () => v + x;\n`,
			);
	}
}
