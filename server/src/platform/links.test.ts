import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { wayOf } from './links.ts';

suite('where links lead', () => {
	const box = mkdtempSync(join(realpathSync(tmpdir()), 'links-'));
	after(() => {
		rmSync(box, { recursive: true });
	});
	mkdirSync(join(box, 'a/b'), { recursive: true });
	writeFileSync(join(box, 'a/b/file'), '');
	for (const [name, target] of Object.entries({
		file: 'a/b/file',
		'a/up': '../file',
		absolute: join(box, 'a'),
		through: 'absolute/b/../b/file',
		dangling: 'a/nothing/more',
		self: 'self',
		'a/round': '../back',
		back: 'a/round',
	})) {
		symlinkSync(target, join(box, name));
	}
	/** A link, where it leads, and what that depends on, all relative to the box. */
	for (const [link, end, steps] of [
		['file', 'a/b/file', ['a', 'a/b', 'a/b/file']],
		['a/up', 'a/b/file', ['file', 'a', 'a/b', 'a/b/file']],
		['absolute/up', 'a/b/file', ['file', 'a', 'a/b', 'a/b/file']],
		['through', 'a/b/file', ['absolute', 'a', 'a/b', 'a/b', 'a/b/file']],
		['dangling', undefined, ['a', 'a/nothing']],
		['nothing', undefined, []],
		['a', 'a', []],
	] as [string, string | undefined, string[]][]) {
		test(link, () => {
			const way = wayOf(join(box, link));
			assert.equal(way.end, end === undefined ? undefined : join(box, end));
			const inside = way.steps
				.map(({ folder, name }) => join(folder, name))
				.filter((path) => path.startsWith(`${box}/`));
			assert.deepEqual(
				inside.map((path) => path.slice(box.length + 1)),
				steps,
			);
		});
	}
	for (const link of ['self', 'back', 'a/round']) {
		test(`${link} leads in a circle`, () => {
			assert.equal(wayOf(join(box, link)).end, undefined);
		});
	}
});
