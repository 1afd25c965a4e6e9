/** The stored graph under a running server: in step with the disk whatever happens, and what `affected` makes of it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { type AffectedResult, type InvalidatedFiles, Methods, type WidenedPlace } from '#shared/protocol.ts';
import { Impact } from '../../server/src/engine/impact.ts';
import { decodeEntry, encodeEntry } from '../../server/src/graph/codec.ts';
import { type Followed, stateOf } from '../../server/src/graph/followed.ts';
import { readEntry } from '../../server/src/graph/read-entry.ts';
import { keysOf } from '../../server/src/graph/store.ts';
import { StoredGraph } from '../../server/src/graph/stored-graph.ts';
import { GraphTable } from '../../server/src/index/graph-table.ts';
import { typeScript } from '../../server/src/languages/typescript/language.ts';
import { TypeScriptResolver } from '../../server/src/languages/typescript/resolver.ts';
import { Cli, runCli } from '../support/cli.ts';
import { graphProcesses, killNow } from '../support/graph-processes.ts';
import { random } from '../support/random-changes.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server } from '../support/server.ts';

const seed = Number(process.env['FILETIDE_SEED'] ?? Date.now() % 1_000_000);

const SHOP = {
	'package.json': '{ "name": "shop" }',
	'cart.ts': 'export const total = 1;\nexport function sum() { return total; }\n',
	'checkout.ts': "import { sum } from './cart';\nexport const due = sum();\n",
	'main.ts': "import { due } from './checkout';\nconsole.log(due);\n",
	'other.ts': 'export const other = 1;\n',
	'notes.md': '# Notes\n',
};

suite('the dependency graph', { concurrency: 2 }, () => {
	test('affected since a cursor, with reasons; by paths; nothing for a comment; offline while it is fresh', async (t) => {
		const { box, root, server, cli } = await shop(t);
		const { cursor } = await cli.sync();
		writeFileSync(join(root, 'cart.ts'), SHOP['cart.ts'].replace('total = 1', "total = ''"));
		const affected = await ask(box, '--since', cursor);
		assert.deepEqual(affected.changed, ['cart.ts']);
		assert.deepEqual(
			affected.affected.map(({ file, kinds, certainty, distance }) => ({ file, kinds, certainty, distance })),
			[
				{ file: 'checkout.ts', kinds: ['behaviour', 'interface'], certainty: 'certain', distance: 2 },
				{ file: 'main.ts', kinds: ['behaviour', 'interface'], certainty: 'certain', distance: 3 },
			],
		);
		assert.deepEqual(affected.affected[0]?.reason, [
			{ file: 'cart.ts', name: 'total' },
			{ file: 'cart.ts', name: 'sum' },
			{ file: 'checkout.ts', name: 'due' },
		]);
		const again = await ask(box, '--since', cursor);
		assert.deepEqual({ ...again, ms: 0 }, { ...affected, ms: 0 }, 'asking consumes nothing');

		const later = (await cli.sync()).cursor;
		writeFileSync(join(root, 'checkout.ts'), `// A comment.\n${SHOP['checkout.ts']}`);
		const nothing = await ask(box, '--since', later);
		assert.deepEqual([nothing.changed, nothing.affected], [['checkout.ts'], []]);

		const byPath = await ask(box, join(root, 'checkout.ts'));
		assert.deepEqual(
			byPath.affected.map(({ file }) => file),
			['main.ts'],
		);

		const text = await runCli(box, ['affected', '--index', box.at('index'), '--since', cursor]);
		assert.match(text.stdout, /2 files changed, 1 file affected/);
		assert.match(text.stdout, /`total` in cart\.ts → `sum` in cart\.ts → `due` in checkout\.ts/);

		await cli.sync();
		await server.stop();
		assert.deepEqual(
			(await ask(box, '--since', cursor)).affected.map(({ file }) => file),
			['main.ts'],
		);
	});

	test('what was followed when a file changed answers whoever asks about just that, while the graph is the same', async (t) => {
		const { box, root, server, cli } = await shop(t);
		const { cursor } = await cli.sync();
		writeFileSync(join(root, 'cart.ts'), SHOP['cart.ts'].replace('total = 1', "total = ''"));
		await server.client.sync();
		const told = await server.client.affected({ since: cursor, paths: [] });
		const impact = new Impact(box.at('index'));
		const table = new GraphTable(box.at('index'), true);
		t.after(() => Promise.all([impact.close(), table.close()]));
		const ask = async (followed?: Followed) => {
			impact.followed = followed;
			const { affected, widened } = await impact.affected({ since: cursor, paths: [], roots: [root] });
			return { affected, widened };
		};
		const followedAnew = await ask();
		assert.equal(followedAnew.affected.length, 2);
		assert.deepEqual({ affected: told.affected, widened: told.widened }, followedAnew);

		const [[path, { seq }] = ['', { seq: 0 }]] = table.changedAfter(0);
		const change = { path, seq, isEdited: true };
		const known: Followed = { state: stateOf(table), changes: [change], files: [], widened: [] };
		assert.deepEqual(await ask(known), { affected: [], widened: [] });
		for (const other of [
			{ state: 'another' },
			{ changes: [] },
			{ changes: [{ ...change, seq: seq + 1 }] },
			{ changes: [{ ...change, isEdited: false }] },
			{ changes: [{ ...change, path: join(root, 'other.ts') }] },
			{ changes: [change, { ...change, path: join(root, 'other.ts') }] },
		]) {
			assert.deepEqual(await ask({ ...known, ...other }), followedAnew);
		}
		// Another edit of the same file: what it was before both is in no single batch.
		writeFileSync(join(root, 'cart.ts'), SHOP['cart.ts'].replace('total = 1', 'total = 2'));
		await server.client.sync();
		const both = await server.client.affected({ since: cursor, paths: [] });
		assert.deepEqual(
			both.affected.map(({ file, kinds }) => [file, kinds]),
			(await ask()).affected.map(({ file, kinds }) => [file, kinds]),
		);
	});

	test('what is mapped, and what a manifest says, is found again where nobody names it; options are told as a whole', async (t) => {
		const { box, root, server, cli } = await shop(t, (folder) => {
			const files = {
				'tsconfig.json': '{ "compilerOptions": { "paths": { "@x": ["./src/first.ts", "./src/second.ts"] } } }',
				'src/second.ts': 'export const n = 1;',
				'x.ts': "import { n } from '@x';\nexport const x = n;",
				'lib/package.json': '{ "main": "./a.ts" }',
				'lib/a.ts': 'export const n = 1;',
				'lib/b.ts': 'export const n = 1;',
				'y.ts': "import { n } from './lib';\nexport const y = n;",
			};
			for (const [name, text] of Object.entries(files)) {
				mkdirSync(dirname(join(folder, name)), { recursive: true });
				writeFileSync(join(folder, name), text);
			}
		});
		const { cursor } = await cli.sync();
		writeFileSync(join(root, 'src/first.ts'), 'export const n = 2;');
		writeFileSync(join(root, 'lib/package.json'), '{ "main": "./b.ts" }');
		const { affected } = await ask(box, '--since', cursor);
		assert.deepEqual(
			affected.map(({ file }) => file),
			['x.ts', 'y.ts'],
		);

		const later = (await cli.sync()).cursor;
		const pushed: WidenedPlace[] = [];
		server.client.connection.onNotification(Methods.invalidated, (change: InvalidatedFiles) => {
			pushed.push(...change.widened);
		});
		writeFileSync(
			join(root, 'tsconfig.json'),
			'{ "compilerOptions": { "strict": true, "paths": { "@x": ["./src/first.ts"] } } }',
		);
		const { affected: none, widened } = await ask(box, '--since', later, '--expand');
		assert.deepEqual(none, []);
		const paths = ['cart.ts', 'checkout.ts', 'lib/a.ts', 'lib/b.ts', 'main.ts', 'other.ts'];
		assert.deepEqual(widened, [
			{
				scope: 'program',
				of: 'tsconfig.json',
				by: 'tsconfig.json',
				reason: 'the option strict differs',
				files: 10,
				paths: [...paths, 'src/first.ts', 'src/second.ts', 'x.ts', 'y.ts'],
			},
		]);
		const configuration = join(root, 'tsconfig.json');
		const { scope, reason } = widened[0]!;
		await server.client.until('it has been pushed', () => pushed.length > 0);
		assert.deepEqual(pushed, [{ scope, of: configuration, by: configuration, reason }]);
	});

	test('what is installed concerns those who use what is different in it, when a lock file says that it was', async (t) => {
		const install = (root: string, version: string, type: string) => {
			const folder = join(root, 'node_modules/schema');
			mkdirSync(folder, { recursive: true });
			writeFileSync(
				join(folder, 'package.json'),
				`{ "version": "${version}", "types": "index.d.ts", "main": "index.js" }`,
			);
			writeFileSync(join(folder, 'index.d.ts'), `export declare const a: ${type};\nexport declare const b: 1;\n`);
			writeFileSync(join(folder, 'index.js'), 'exports.a = 1;\nexports.b = 1;\n');
			writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { schema: { version } } }));
		};
		const { box, root, cli } = await shop(t, (folder) => {
			writeFileSync(join(folder, '.gitignore'), 'node_modules\n');
			writeFileSync(join(folder, 'a.ts'), "import { a } from 'schema';\nexport const x = a;\n");
			writeFileSync(join(folder, 'b.ts'), "import { b } from 'schema';\nexport const y = b;\n");
			writeFileSync(join(folder, 'later.ts'), "import { z } from 'later';\nexport const zz = z;\n");
			install(folder, '1.0.0', 'number');
		});
		const { cursor } = await cli.sync();
		install(root, '2.0.0', 'string');
		const { changed, affected } = await ask(box, '--since', cursor);
		assert.deepEqual(changed, ['package-lock.json']);
		assert.deepEqual(
			affected.map(({ file, kinds }) => ({ file, kinds })),
			[{ file: 'a.ts', kinds: ['interface'] }],
		);
		assert.deepEqual(affected[0]?.reason[0], { file: 'node_modules/schema/index.d.ts', name: 'a' });

		const later = (await cli.sync()).cursor;
		mkdirSync(join(root, 'node_modules/later'));
		writeFileSync(join(root, 'node_modules/later/index.d.ts'), 'export declare const z: 1;\n');
		writeFileSync(join(root, 'node_modules/later/package.json'), '{ "types": "index.d.ts" }');
		install(root, '2.0.1', 'string');
		assert.deepEqual(
			(await ask(box, '--since', later)).affected.map(({ file }) => file),
			['later.ts'],
		);
	});

	test('affected since a revision of git; a revision that does not exist, and a foreign cursor, are told', async (t) => {
		const { box, root } = await shop(t, (path) => {
			const git = (...args: string[]) =>
				execFileSync('git', ['-C', path, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args]);
			git('init', '-q');
			git('add', '-A');
			git('commit', '-q', '-m', 'first');
		});
		rmSync(join(root, 'checkout.ts'));
		writeFileSync(join(root, 'fresh.ts'), "import { other } from './other';\nexport const fresh = other;\n");
		const affected = await ask(box);
		assert.deepEqual(affected.changed, ['checkout.ts', 'fresh.ts']);
		assert.deepEqual(
			affected.affected.map(({ file }) => file),
			['main.ts'],
		);
		const unknown = await runCli(box, ['affected', '--index', box.at('index'), '--since', 'nowhere']);
		assert.equal(unknown.code, 1);
		assert.match(unknown.stderr, /Git does not know what .* was at "nowhere"/);
		const foreign = await runCli(box, ['affected', '--index', box.at('index'), '--since', '0123456789abcdef.1']);
		assert.equal(foreign.code, 1);
		assert.match(foreign.stderr, /is not of this index/);
		const { cursor } = await new Cli(box, box.at('index')).sync();
		const early = cursor.replace(/\d+$/, '0');
		const unremembered = await runCli(box, ['affected', '--index', box.at('index'), '--since', early]);
		assert.equal(unremembered.code, 1);
		assert.match(unremembered.stderr, /is not remembered/);
	});

	test('a graph that is not fresh answers only through a server', async (t) => {
		const { box, root, server, cli } = await shop(t);
		const { cursor } = await cli.sync();
		await server.stop();
		writeFileSync(join(root, 'cart.ts'), 'export const total = 2;\n');
		const again = await Server.start(box, { graph: true });
		await again.client.sync();
		await again.kill();
		const { code, stderr } = await runCli(box, ['affected', '--index', box.at('index'), '--since', cursor]);
		assert.equal(code, 3);
		assert.match(stderr, /graph is not up to date/);
	});

	test('a graph that cannot be read is made again', async (t) => {
		const { box, root, server, cli } = await shop(t);
		await cli.sync();
		await server.stop();
		const file = box.at('index', 'graph', 'data.mdb');
		const bytes = readFileSync(file);
		// Behind the two pages that say where everything is.
		writeFileSync(file, bytes.fill(0xa5, 2 * 4096));
		const again = await Server.start(box, { graph: true });
		await cli.sync();
		await checkGraph(box, root);
		assert.match(again.process.stderr, /The dependency graph is damaged; it is made again/);
		const { affected } = await ask(box, join(root, 'cart.ts'));
		assert.deepEqual(
			affected.map(({ file: path }) => path),
			['checkout.ts', 'main.ts'],
		);
	});

	test(`whatever is edited, moved, broken and killed, the graph is the one that a fresh start would make (seed ${seed})`, async (t) => {
		const { box, root, server, cli } = await shop(t);
		const next = random(seed);
		for (let round = 0; round < 4; round++) {
			for (let i = 0; i < 12; i++) {
				edit(root, next);
			}
			if (round % 2 === 1) {
				graphProcesses(server.process.pid).forEach(killNow);
			}
			await cli.sync();
			await checkGraph(box, root);
		}
	});

	test('a folder that is moved on, and files that leave it, before the graph follows leave nothing where it was', async (t) => {
		const { box, root, server, cli } = await shop(t, (path) => {
			for (const name of ['on', 'left']) {
				mkdirSync(join(path, name));
				writeFileSync(join(path, name, 'index.ts'), "export * from './two';\n");
				writeFileSync(join(path, name, 'two.ts'), 'export const two = 2;\n');
			}
			writeFileSync(join(path, 'user.ts'), "export * from './on';\nexport * from './left';\n");
		});
		await cli.sync();
		await server.stop();
		// The graph sees none of this before the last of it.
		const without = await Server.start(box);
		const changes = [
			() => renameSync(join(root, 'on'), join(root, 'on2')),
			() => renameSync(join(root, 'on2'), join(root, 'on3')),
			() => renameSync(join(root, 'left'), join(root, 'left2')),
			() => rmSync(join(root, 'left2/two.ts')),
			() => renameSync(join(root, 'left2/index.ts'), join(root, 'index.ts')),
		];
		for (const change of changes) {
			change();
			await without.client.sync();
		}
		await without.stop();
		await Server.start(box, { graph: true });
		await cli.sync();
		await checkGraph(box, root);
	});

	test('81 an edit that cannot be read does not become what the next one is compared with', async (t) => {
		const { box, root, cli } = await shop(t);
		const { cursor } = await cli.sync();
		writeFileSync(join(root, 'cart.ts'), 'export const total = ;');
		await cli.sync();
		assert.deepEqual((await ask(box, '--since', cursor)).affected, []);
		writeFileSync(join(root, 'cart.ts'), SHOP['cart.ts']);
		assert.deepEqual((await ask(box, '--since', cursor)).affected, []);
		writeFileSync(join(root, 'cart.ts'), SHOP['cart.ts'].replace('total = 1', "total = ''"));
		const { affected } = await ask(box, '--since', cursor);
		assert.deepEqual(
			affected.map(({ file }) => file),
			['checkout.ts', 'main.ts'],
		);
	});

	test('a file that ends the process that reads it is parked, and everything else goes on', async (t) => {
		const { box, root, cli, server } = await shop(t);
		await cli.sync();
		// Deeper than any parser's stack.
		writeFileSync(join(root, 'deep.ts'), `export const deep = ${'['.repeat(200_000)}${']'.repeat(200_000)};`);
		writeFileSync(join(root, 'other.ts'), 'export const other = 2;\n');
		const { parked } = await cli.sync();
		assert.equal(parked, 1);
		const { graph } = await server.client.status();
		assert.deepEqual(graph?.parked, [
			{ path: join(root, 'deep.ts'), why: 'Reading it ended the process that reads files.' },
		]);
		const affected = await ask(box, join(root, 'cart.ts'));
		assert.deepEqual(
			affected.affected.map(({ file }) => file),
			['checkout.ts', 'main.ts'],
		);
	});

	test('files that were given up are tried again, one or all', async (t) => {
		const { root, cli, server } = await shop(t);
		const deep = ['a', 'b'].map((name) => join(root, `${name}.ts`));
		for (const path of deep) {
			writeFileSync(path, `export const deep = ${'['.repeat(200_000)}${']'.repeat(200_000)};`);
		}
		await cli.sync();
		const parked = async (what: string, count: number) => {
			const { graph } = await server.client.until(what, (status) => status.graph?.parkedCount === count);
			return graph!.parked.map(({ path }) => path).sort();
		};
		assert.deepEqual(await parked('both are given up', 2), deep);
		await server.client.retryParked([deep[0]!, join(root, 'cart.ts')]);
		assert.deepEqual(await parked('one is tried again', 1), [deep[1]]);
		assert.deepEqual(await parked('it is given up again', 2), deep);
		await server.client.retryParked();
		assert.deepEqual(await parked('both are tried again', 0), []);
	});
});

async function shop(
	t: { after(cleanUp: () => Promise<void>): void },
	prepare: (root: string) => void = () => undefined,
) {
	const box = new Sandbox(t);
	const root = box.tree('w', SHOP);
	prepare(root);
	const server = await Server.start(box, { graph: true });
	return { box, root, server, cli: new Cli(box, box.at('index')) };
}

async function ask(box: Sandbox, ...parameters: string[]): Promise<AffectedResult> {
	const { code, stdout, stderr } = await runCli(box, [
		'affected',
		'--json',
		'--index',
		box.at('index'),
		...parameters,
	]);
	assert.equal(code, 0, stderr);
	return JSON.parse(stdout) as AffectedResult;
}

const NAMES = ['a', 'b', 'c', 'index', 'lib/a', 'lib/index', 'lib/deep/b'];

/** Changes a file: writes it anew with imports of others, breaks it, moves or removes it. */
function edit(root: string, next: (below: number) => number): void {
	const name = () => `${NAMES[next(NAMES.length)]!}.ts`;
	const [one, two] = [name(), name()];
	const specifier = () => `./${NAMES[next(NAMES.length)]!}`;
	const write = (path: string, text: string) => {
		execFileSync('mkdir', ['-p', join(root, path, '..')]);
		writeFileSync(join(root, path), text);
	};
	switch (next(6)) {
		case 0:
			rmSync(join(root, one), { force: true });
			break;
		case 1:
			try {
				execFileSync('mkdir', ['-p', join(root, two, '..')]);
				renameSync(join(root, one), join(root, two));
			} catch {
				// There was nothing to move.
			}
			break;
		case 2:
			write(one, `export * from '${specifier()}';\nexport const v${next(3)} = ${next(100)};\n`);
			break;
		case 3:
			write('tsconfig.json', `{ "compilerOptions": { "paths": { "@x": ["./${name()}"] } } }`);
			break;
		default:
			write(
				one,
				`import { v${next(3)} as v } from '${specifier()}';\nimport x from '@x';\nexport const v${next(3)} = () => v + x;\n`,
			);
	}
}

/** Every file that the language reads is stored as it is read now, and found under everything that it looks up. */
async function checkGraph(box: Sandbox, root: string): Promise<void> {
	const resolver = new TypeScriptResolver();
	const table = new GraphTable(box.at('index'), true);
	try {
		const stored = new StoredGraph(table);
		const files = readdirSync(root, { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name))
			.filter((path) => typeScript.reads(path));
		assert.deepEqual([...table.paths()].sort(), files.sort());
		for (const path of files) {
			const fresh = readEntry(path, typeScript, resolver);
			if (fresh.facts.broken) {
				continue;
			}
			assert.deepEqual(decodeEntry(table.file(path)!), decodeEntry(encodeEntry(fresh)), path);
			assert.deepEqual(encodeEntry(decodeEntry(table.file(path)!)), table.file(path));
			for (const key of keysOf(fresh)) {
				assert.ok([...stored.users(key)].includes(path), `${path} is found under ${key}`);
			}
		}
	} finally {
		await table.close();
	}
}
