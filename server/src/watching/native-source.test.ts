/** The native source and the kernel's queue on a real file system: which watches are held, and what is hinted. */
import assert from 'node:assert/strict';
import {
	appendFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	realpathSync,
	renameSync,
	rmSync,
	rmdirSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { watchSchema } from '#shared/settings.ts';
import { KernelBarrier } from './barrier.ts';
import { MOST_FOLLOWED } from './followed.ts';
import { findInotify, parseWatches, readFdinfo } from './inotify.ts';
import { KernelQueue, type Loss } from './kernel-queue.ts';
import { NativeSource } from './native-source.ts';
import { Scopes } from './scope.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

suite('the native source', { skip: process.platform === 'linux' ? false : 'inotify is Linux' }, () => {
	let base: string;
	let root: string;
	let queue: KernelQueue;
	let barrier: KernelBarrier;
	let source: NativeSource;
	let losses: Loss[];
	let entries: Set<string>;
	let trees: string[];

	beforeEach(() => {
		base = mkdtempSync(join(tmpdir(), 'filetide-native-'));
		root = join(base, 'w');
		mkdirSync(root);
		losses = [];
		entries = new Set();
		trees = [];
		queue = new KernelQueue(join(base, 'storage'), (how) => losses.push(how));
		queue.open();
		barrier = new KernelBarrier(queue);
	});

	afterEach(async () => {
		await source.close();
		queue.close();
		rmSync(base, { recursive: true });
	});

	/** Starts the source and waits until everything is watched. */
	async function start(ignore: string[] = [], followInto: string[] = []): Promise<void> {
		const { filters } = watchSchema.parse({ path: root });
		const coverage = {
			id: 'w',
			root,
			include: [],
			ignore,
			excludes: [],
			filters,
			maxDepth: Number.POSITIVE_INFINITY,
			followInto,
		};
		source = new NativeSource(root, 1000, new Scopes([coverage], join(base, 'storage')), queue, {
			entry: (path) => entries.add(path.slice(root.length + 1)),
			tree: (path) => trees.push(path.slice(root.length + 1)),
			poll: () => assert.fail('nothing is polled'),
			workTree: () => undefined,
			failed: (error) => assert.fail(error),
			limited: (shortfall) => assert.fail(shortfall?.message),
		});
		await source.ready;
	}

	/** Waits until all that happened has been hinted, and says what was. */
	async function hinted(): Promise<{ entries: string[]; trees: string[] }> {
		assert.equal(await barrier.pass(), true);
		assert.equal(await source.settle(), true);
		const all = { entries: [...entries].sort(), trees: [...trees].sort() };
		entries.clear();
		trees = [];
		return all;
	}

	function tree(...paths: string[]): void {
		for (const path of paths) {
			mkdirSync(join(root, path, path.endsWith('/') ? '' : '..'), { recursive: true });
			if (!path.endsWith('/')) {
				writeFileSync(join(root, path), '');
			}
		}
	}

	/** What the kernel watches for this thread, our own folder left out: descriptor and inode. */
	function kernelWatches(): [wd: number, ino: number][] {
		const own = statSync(queue.folder).ino;
		return [...parseWatches(readFdinfo(findInotify(own)!))].filter(([, ino]) => ino !== own);
	}

	const watched = () =>
		kernelWatches()
			.map(([, ino]) => ino)
			.sort((a, b) => a - b);

	const inodes = (...paths: string[]) => paths.map((path) => statSync(join(root, path)).ino).sort((a, b) => a - b);

	test('one watch per folder, none per file, none in what is ignored, none behind a link', async () => {
		tree('a/b/1', 'a/2', 'c/', '.hidden/x/1', 'out/x/1', 'node_modules/x/y/1', '.git/objects/1');
		tree('ruled/.gitignore', 'ruled/dist/x/1', 'ruled/src/1');
		writeFileSync(join(root, 'ruled/.gitignore'), 'dist\n');
		symlinkSync(join(root, 'out'), join(root, 'link'));
		await start(['out', '**/node_modules']);
		assert.deepEqual(watched(), inodes('.', 'a', 'a/b', 'c', 'ruled', 'ruled/src'));
		assert.equal(source.handles, 6);
		tree('node_modules/more/1', 'ruled/dist/more/1', 'out/more/');
		await hinted();
		assert.equal(source.handles, 6);
	});

	test('the descriptor can be read here, or overflows are only suspected', async () => {
		await start();
		assert.equal(queue.readable, true);
		queue.setExclusive(false);
		assert.equal(queue.readable, false);
	});

	test('a folder that is moved keeps its watches, and is hinted at its new place', async () => {
		tree('from/x/y/z/', 'to/');
		await start();
		const before = kernelWatches();
		renameSync(join(root, 'from/x'), join(root, 'to/w'));
		const { entries: names, trees: folders } = await hinted();
		assert.ok(names.includes('from/x') && names.includes('to/w'), names.join());
		assert.deepEqual(folders, ['to/w']);
		// The same descriptors: none was made anew.
		assert.deepEqual([kernelWatches(), source.handles], [before, 6]);
		writeFileSync(join(root, 'to/w/y/z/file'), '');
		assert.deepEqual((await hinted()).entries, ['to/w/y/z/file']);
	});

	test('a folder that is moved out of the watch loses its watches', async () => {
		tree('x/y/z/', 'kept/');
		await start();
		renameSync(join(root, 'x'), join(base, 'x'));
		await hinted();
		await allClosed(2);
		assert.deepEqual(watched(), inodes('.', 'kept'));
	});

	/** Watches of what has left are closed a moment later. */
	async function allClosed(handles: number): Promise<void> {
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		const until = Date.now() + 10_000;
		const look = () => {
			if (source.handles === handles) {
				resolve();
			} else if (Date.now() > until) {
				reject(new Error(`${source.handles} watches are held instead of ${handles}`));
			} else {
				setImmediate(look);
			}
		};
		look();
		await promise;
	}

	test('two folders that change places', async () => {
		tree('a/in-a/', 'b/in-b/', 'parking/');
		await start();
		renameSync(join(root, 'a'), join(root, 'parking/a'));
		renameSync(join(root, 'b'), join(root, 'a'));
		renameSync(join(root, 'parking/a'), join(root, 'b'));
		await hinted();
		tree('a/in-b/1', 'b/in-a/2');
		assert.deepEqual((await hinted()).entries, ['a/in-b/1', 'b/in-a/2']);
		assert.equal(source.handles, 6);
	});

	const replacements: Record<string, () => void> = {
		'a folder': () => rmdirSync(join(root, 'x')),
		'a folder, again and again': () => {
			for (let i = 0; i < 20; i++) {
				rmdirSync(join(root, 'x'));
				mkdirSync(join(root, 'x'));
			}
			rmdirSync(join(root, 'x'));
		},
		'a folder, with a file in between': () => {
			rmdirSync(join(root, 'x'));
			writeFileSync(join(root, 'x'), '');
			rmSync(join(root, 'x'));
		},
		'a folder, with a link in between': () => {
			rmdirSync(join(root, 'x'));
			symlinkSync(base, join(root, 'x'));
			rmSync(join(root, 'x'));
		},
	};
	for (const [name, happens] of Object.entries(replacements)) {
		test(`never blind on a folder that replaced ${name}`, async () => {
			tree('x/');
			await start();
			happens();
			tree('x/sub/');
			await hinted();
			tree('x/sub/1', 'x/2');
			assert.deepEqual((await hinted()).entries, ['x/2', 'x/sub/1']);
		});
	}

	test('never blind on a folder that replaced one as young as itself, under the same number', async () => {
		await start();
		for (let i = 0; i < 50; i++) {
			const path = `x${i}`;
			mkdirSync(join(root, path));
			await hinted();
			rmdirSync(join(root, path));
			mkdirSync(join(root, path));
			await hinted();
			tree(`${path}/1`);
			assert.deepEqual((await hinted()).entries, [`${path}/1`]);
		}
	});

	test('never blind on a root that was removed and made again', async () => {
		await start();
		rmdirSync(root);
		mkdirSync(root);
		await hinted();
		tree('x/1');
		await hinted();
		tree('x/2');
		assert.deepEqual((await hinted()).entries, ['x/2']);
	});

	for (const followed of [false, true]) {
		test(`whatever happens to folders${followed ? ' and links that are followed' : ''}, each is watched under its names in the end`, async () => {
			const path = fc
				.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
				.map((names) => names.join('/'));
			const operation = fc.oneof(
				{ weight: 3, arbitrary: fc.record({ make: path }) },
				{ weight: 1, arbitrary: fc.record({ remove: path }) },
				// Gone and there again at once: the file system may give it the same number.
				{ weight: 2, arbitrary: fc.record({ renew: path }) },
				{ weight: 2, arbitrary: fc.record({ from: path, to: path }) },
				{ weight: 1, arbitrary: fc.record({ file: path }) },
				...(followed ? [{ weight: 3, arbitrary: fc.record({ link: path, target: path }) }] : []),
				{ weight: 2, arbitrary: fc.record({ turns: fc.nat(3) }) },
			);
			const run = async (operations: (typeof operation extends fc.Arbitrary<infer T> ? T : never)[]) => {
				for (const each of operations) {
					try {
						if ('make' in each) {
							mkdirSync(join(root, each.make), { recursive: true });
						} else if ('remove' in each) {
							rmSync(join(root, each.remove), { recursive: true });
						} else if ('renew' in each) {
							rmdirSync(join(root, each.renew));
							mkdirSync(join(root, each.renew));
						} else if ('from' in each) {
							renameSync(join(root, each.from), join(root, each.to));
						} else if ('link' in each) {
							symlinkSync(join(root, each.target), join(root, each.link));
						} else if ('file' in each) {
							writeFileSync(join(root, each.file), '');
						} else {
							for (let turn = 0; turn < each.turns; turn++) {
								await new Promise((resolve) => setImmediate(resolve));
							}
						}
					} catch {
						// Not possible now: nothing happened.
					}
				}
			};
			await start([], followed ? [realpathSync(root)] : []);
			let serial = 0;
			await fc.assert(
				fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
					await run(operations);
					await hinted();
					const probes = folders('', followed ? [] : undefined).map((folder) =>
						join(folder, `probe-${++serial}`),
					);
					for (const probe of probes) {
						writeFileSync(join(root, probe), '');
					}
					const { entries: names } = await hinted();
					assert.deepEqual(
						probes.filter((probe) => !names.includes(probe)),
						[],
					);
				}),
				{ numRuns: 150 },
			);
		});
	}

	/**
	 * The folders that exist, relative to the root.
	 *
	 * @param above real paths of the folders on the way, when links are followed
	 */
	function folders(path: string, above: readonly string[] | undefined, links = 0): string[] {
		const real = realpathSync(join(root, path));
		const way = above === undefined ? undefined : [...above, real];
		const inside = readdirSync(real, { withFileTypes: true }).flatMap((entry) => {
			const name = join(path, entry.name);
			if (entry.isDirectory()) {
				return folders(name, way, links);
			}
			const isFolder =
				way !== undefined && entry.isSymbolicLink() && links < MOST_FOLLOWED && existsSync(join(root, name));
			const target = isFolder ? realpathSync(join(root, name)) : '';
			return isFolder && statSync(target).isDirectory() && !way.includes(target)
				? folders(name, way, links + 1)
				: [];
		});
		return [path, ...inside];
	}

	test('whatever is in a new folder is hinted after it is watched', async () => {
		await start();
		tree('a/b/c/d/1');
		const { entries: names, trees: folders } = await hinted();
		assert.ok(names.includes('a') && folders.includes('a'));
		assert.equal(source.handles, 5);
	});

	test('what a followed link leads to is hinted under both names, also read past libuv, and its watches end with it', async () => {
		tree('d/s/', 'f', '.hidden/deep/g');
		symlinkSync('d', join(root, 'x'));
		symlinkSync('f', join(root, 'y'));
		symlinkSync('.hidden/deep/g', join(root, 'z'));
		await start([], [realpathSync(root)]);
		for (const changes of [1, 200]) {
			const expected: string[] = [];
			for (let i = 0; i < changes; i++) {
				writeFileSync(join(root, 'd/s', `${changes}-${i}`), '');
				expected.push(`d/s/${changes}-${i}`, `x/s/${changes}-${i}`);
			}
			appendFileSync(join(root, 'f'), 'more');
			appendFileSync(join(root, '.hidden/deep/g'), 'more');
			const { entries: names } = await hinted();
			assert.deepEqual(
				[...expected, 'f', 'y', 'z'].filter((name) => !names.includes(name)),
				[],
			);
		}
		for (const name of ['x', 'y', 'z']) {
			rmSync(join(root, name));
		}
		await hinted();
		await allClosed(3);
		assert.deepEqual(watched(), inodes('.', 'd', 'd/s'));
	});

	test('an entry of the name of its folder', async () => {
		tree('x/');
		await start();
		tree('x/x/x');
		await hinted();
		tree('x/x/y', 'x/y');
		assert.deepEqual((await hinted()).entries, ['x/x/y', 'x/y']);
	});

	test('names that are not UTF-8: the folder is hinted', async () => {
		tree('x/');
		await start();
		writeFileSync(Buffer.concat([Buffer.from(`${root}/x/`), Buffer.from([0x61, 0xff])]), '');
		const { entries: names, trees: folders } = await hinted();
		assert.deepEqual([names, [...new Set(folders)]], [[], ['x']]);
	});

	test('read past libuv, everything arrives: many changes in one turn, also in folders that are new in it', async () => {
		tree('old/');
		await start();
		const expected: string[] = [];
		for (let i = 0; i < 40; i++) {
			tree(`new${i}/`);
			expected.push(`new${i}`);
		}
		await hinted();
		for (let i = 0; i < 40; i++) {
			for (let j = 0; j < 40; j++) {
				writeFileSync(join(root, `new${i}`, `${j}`), '');
			}
			tree(`new${i}/sub/`);
			rmSync(join(root, `new${i}/0`));
		}
		const first = await hinted();
		assert.equal(first.entries.length, 40 * 41);
		assert.equal(first.trees.length, 40);
		for (let i = 0; i < 40; i++) {
			for (let j = 0; j < 40; j++) {
				writeFileSync(join(root, `new${i}/sub/${j}`), '');
			}
		}
		assert.equal((await hinted()).entries.length, 1600);
		assert.deepEqual(losses, []);
	});

	test('a folder that the kernel no longer watches is watched again', async () => {
		tree('x/y/');
		await start();
		source.keepWatched(new Set(inodes('.', 'x')));
		assert.deepEqual((await hinted()).trees, ['x/y']);
		tree('x/y/1');
		assert.deepEqual((await hinted()).entries, ['x/y/1']);
	});

	test('started and closed 50 times, it keeps no memory', async () => {
		for (let i = 0; i < 100; i++) {
			tree(`d${i}/e/`);
		}
		const heapAfter = async (cycles: number) => {
			for (let cycle = 0; cycle < cycles; cycle++) {
				await start();
				assert.equal(source.handles, 201);
				await source.close();
			}
			// Handles are freed in the turn after the one that closed them.
			await new Promise((resolve) => setImmediate(resolve));
			collectGarbage();
			return process.memoryUsage().heapUsed;
		};
		const early = await heapAfter(5);
		const late = await heapAfter(50);
		// 50 trees of 201 folders would be 10 MB.
		assert.ok(late - early < 1_000_000, `${late - early} bytes more`);
	});

	test('afterwards nothing is left', async () => {
		tree('a/b/', 'c/');
		await start();
		tree('d/e/');
		await source.close();
		await source.close();
		assert.deepEqual(watched(), []);
		assert.equal(source.handles, 0);
		entries.clear();
		tree('a/b/1');
		assert.equal(await barrier.pass(), true);
		assert.equal(entries.size, 0);
	});
});
