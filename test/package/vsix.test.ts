/**
 * Opens every VSIX that `npm run package` makes: whoever installs one gets what belongs to their machine and nothing
 * else.
 */
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { before, describe, test } from 'node:test';
import { BUNDLE_BUDGETS, VSIX_BUDGET } from '../../scripts/package/budgets.mjs';
import { TARGETS, isTarget, nativeFiles, vsixFile } from '../../scripts/package/targets.mjs';
import { root } from '../../scripts/setup/paths.mjs';
import { readMachine } from './binary.ts';
import { readZip } from './zip.ts';

/** Everything a VSIX may hold apart from bundles and native files. vsce renames some of ours. */
const ALLOWED = [
	/^\[Content_Types\]\.xml$/,
	/^extension\.vsixmanifest$/,
	/^extension\/(package\.json|readme\.md|changelog\.md|LICENSE\.txt|THIRD_PARTY_NOTICES\.md)$/,
	/^extension\/package\.nls(\.[\w-]+)?\.json$/,
	/^extension\/media\/[\w.-]+\.(svg|png)$/,
];

for (const target of Object.keys(TARGETS).filter(isTarget)) {
	describe(`VSIX for ${target}`, () => {
		const file = vsixFile(target);
		let files = new Map<string, Buffer>();
		const text = (name: string): string => {
			const content = files.get(name);
			assert.ok(content, `${name} is missing`);
			return content.toString('utf8');
		};

		before(async () => {
			assert.ok(existsSync(file), `${file} does not exist: run \`npm run package\`.`);
			files = await readZip(file);
		});

		test('weighs no more than the budget', () => {
			const { size } = statSync(file);
			assert.ok(size <= VSIX_BUDGET, `${basename(file)} has ${size} bytes, ${size - VSIX_BUDGET} too many`);
		});

		test('is for this target only', () => {
			assert.match(text('extension.vsixmanifest'), new RegExp(`TargetPlatform="${target}"`));
		});

		test('has exactly its own native files, made for its machine', () => {
			const native = [...files.keys()].filter((name) => /\.(node|so|dylib|dll|exe|wasm)$/.test(name));
			assert.deepEqual(
				native.sort(),
				nativeFiles(target)
					.map(({ to }) => `extension/${to}`)
					.sort(),
			);
			for (const name of native) {
				assert.deepEqual(readMachine(files.get(name) ?? Buffer.alloc(0)), TARGETS[target], name);
			}
		});

		test('has every bundle, within its budget', () => {
			const sizes = Object.fromEntries(
				[...files]
					.filter(([name]) => /^extension\/dist\/.*\.cjs$/.test(name))
					.map(([name, { length }]) => [name.slice('extension/dist/'.length), length]),
			);
			assert.deepEqual(Object.keys(sizes).sort(), Object.keys(BUNDLE_BUDGETS).sort());
			for (const [name, budget] of Object.entries(BUNDLE_BUDGETS)) {
				assert.ok((sizes[name] ?? 0) <= budget, `${name} has ${sizes[name]} bytes; its budget is ${budget}`);
			}
		});

		test('has bundles without source maps and without traces of the machine that built them', () => {
			for (const [name, content] of files) {
				if (name.startsWith('extension/dist/')) {
					assert.ok(!content.includes('sourceMappingURL='), `${name} refers to a source map`);
					assert.ok(!content.includes(root), `${name} names a folder of this machine`);
				}
			}
		});

		test('has nothing that does not belong to it', () => {
			const own = [
				...Object.keys(BUNDLE_BUDGETS).map((name) => `extension/dist/${name}`),
				...nativeFiles(target).map(({ to }) => `extension/${to}`),
			];
			const others = [...files.keys()].filter(
				(name) => !own.includes(name) && !ALLOWED.some((pattern) => pattern.test(name)),
			);
			assert.deepEqual(others, []);
		});

		test('carries the licences', () => {
			assert.match(text('extension/LICENSE.txt'), /MIT/);
			assert.match(text('extension/THIRD_PARTY_NOTICES.md'), /^## lmdb /m);
		});

		test('has a manifest about the extension, not about the repository', () => {
			const manifest: Record<string, unknown> = JSON.parse(text('extension/package.json'));
			for (const field of [
				'scripts',
				'dependencies',
				'devDependencies',
				'optionalDependencies',
				'overrides',
				'bin',
			]) {
				assert.ok(!(field in manifest), `package.json has "${field}"`);
			}
			const { main } = manifest;
			assert.ok(typeof main === 'string');
			assert.ok(files.has(`extension/${main.replace('./', '')}`), `package.json names ${main}, which is missing`);
		});
	});
}
