/** One situation: a project, an edit, and exactly what that affects. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { relative } from 'node:path';
import { suite, test } from 'node:test';
import { affectedBy } from '../../../server/src/graph/affected.ts';
import type { FileChange } from '../../../server/src/graph/delta.ts';
import { readEntry } from '../../../server/src/graph/read-entry.ts';
import { MemoryStore } from '../../../server/src/graph/store.ts';
import { filesOf } from '../../../server/src/graph/widened-files.ts';
import { typeScript } from '../../../server/src/languages/typescript/language.ts';
import { TypeScriptResolver } from '../../../server/src/languages/typescript/resolver.ts';
import { Sandbox } from '../../support/sandbox.ts';

export interface Situation {
	/** Of section A of the checklist, or a sentence where there is none. */
	what: string;
	files: Record<string, string>;
	/** New texts of files; null for one that is deleted. */
	edit: Record<string, string | null>;
	/** What else is affected: `file: kinds`, with a `?` behind what is only possible. */
	affects: Record<string, string>;
	/** What is told as a whole, `scope of: reason`, and the files that it means; nothing when left out. */
	widens?: Record<string, string>;
}

export function situations(title: string, list: readonly Situation[]): void {
	suite(`invalidation: ${title}`, () => {
		for (const situation of list) {
			test(situation.what, (t) => {
				const { affects, widens = {} } = situation;
				assert.deepEqual(run(new Sandbox(t), situation), { affects, widens });
			});
		}
	});
}

function run(box: Sandbox, { files, edit }: Situation): Pick<Situation, 'affects' | 'widens'> {
	const root = box.tree('p', files);
	const resolver = new TypeScriptResolver();
	const store = new MemoryStore();
	const paths = Object.keys(files).map((name) => `${root}/${name}`);
	const before = new Map(paths.map((path) => [path, readEntry(path, typeScript, resolver)]));
	for (const [path, entry] of before) {
		store.put(path, entry);
	}
	const changed = Object.entries(edit);
	box.tree('p', Object.fromEntries(changed.flatMap(([name, text]) => (text === null ? [] : [[name, text]]))));
	for (const [name, text] of changed) {
		if (text === null) {
			rmSync(`${root}/${name}`);
		}
	}
	resolver.forget();
	const changes = new Map<string, FileChange>();
	const after = new Set([...paths, ...changed.map(([name]) => `${root}/${name}`)]);
	for (const path of after) {
		const isGone = edit[relative(root, path)] === null;
		const entry = isGone ? undefined : readEntry(path, typeScript, resolver);
		const old = before.get(path);
		if (relative(root, path) in edit || entry?.resolved.join('\n') !== old?.resolved.join('\n')) {
			changes.set(path, { before: old, after: entry, isEdited: relative(root, path) in edit });
		}
		store.put(path, entry);
	}
	const { affected, widened } = affectedBy(store, changes, {
		isCalledFromOutside: (member) => typeScript.isCalledFromOutside(member),
		packageOf: () => root,
	});
	const shown = (path: string) => relative(root, path) || '.';
	return {
		affects: Object.fromEntries(
			affected.map(({ file, kinds, certainty }) => [
				shown(file),
				`${kinds.toSorted().toReversed().join(' ')}${certainty === 'possible' ? '?' : ''}`,
			]),
		),
		widens: Object.fromEntries(
			widened
				.map((one) => [
					`${one.scope} ${one.of === '/' ? '/' : shown(one.of)}: ${one.reason}`,
					filesOf(one, store).map(shown).join(' '),
				])
				.filter(([, meant]) => meant !== ''),
		) as Record<string, string>,
	};
}
