/** One situation: a project, an edit, and exactly what that affects. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';
import { suite, test } from 'node:test';
import { affectedBy } from '../../../server/src/graph/affected.ts';
import type { FileChange } from '../../../server/src/graph/delta.ts';
import { readEntry } from '../../../server/src/graph/read-entry.ts';
import { CONFIGURATIONS, requestedStems, stemsOf } from '../../../server/src/graph/lookups.ts';
import { type FileEntry, MemoryStore, PACKAGE } from '../../../server/src/graph/store.ts';
import { isInside } from '../../../server/src/platform/paths.ts';
import { filesOf } from '../../../server/src/graph/widened-files.ts';
import { typeScript } from '../../../server/src/languages/typescript/language.ts';
import { TypeScriptResolver } from '../../../server/src/languages/typescript/resolver.ts';
import { Sandbox } from '../../support/sandbox.ts';

export interface Situation {
	/** Of section A of the checklist, or a sentence where there is none. */
	what: string;
	/** What begins with `→ ` is a symbolic link to what follows, as seen from the folder that it lies in. */
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
	const root = write(box, files);
	const resolver = new TypeScriptResolver();
	const store = new MemoryStore();
	const paths = Object.keys(files)
		.filter((name) => !isLink(files[name]!) && !isInstalled(name))
		.map((name) => `${root}/${name}`);
	const before = new Map(paths.map((path) => [path, readEntry(path, typeScript, resolver)]));
	const readPackage = (module: string) => typeScript.installed(module.slice(PACKAGE.length), resolver);
	const known = new Map(before);
	for (const [path, entry] of known) {
		store.put(path, entry);
		for (const module of entry.resolved.filter((one) => one.startsWith(PACKAGE) && !known.has(one))) {
			known.set(module, readPackage(module));
		}
	}
	const installed = Array.from(known).filter(([path]) => path.startsWith(PACKAGE));
	const edited = Object.keys(edit);
	for (const name of edited.filter((one) => edit[one] === null || isLink(edit[one]!))) {
		rmSync(`${root}/${name}`);
	}
	write(
		box,
		Object.fromEntries(Object.entries(edit).flatMap(([name, text]) => (text === null ? [] : [[name, text]]))),
	);
	resolver.forget();
	const changes = new Map<string, FileChange>();
	for (const [path, entry] of installed) {
		changes.set(path, { before: entry, after: readPackage(path), isEdited: true });
		store.put(path, readPackage(path));
	}
	const sources = edited
		.filter((name) => (edit[name] === null || !isLink(edit[name]!)) && !isInstalled(name))
		.map((name) => `${root}/${name}`);
	const after = new Set([...paths, ...sources]);
	for (const path of after) {
		const isGone = edit[relative(root, path)] === null;
		const entry = isGone ? undefined : readEntry(path, typeScript, resolver);
		const old = before.get(path);
		const isEdited = relative(root, path) in edit;
		if (isEdited || entry?.resolved.join('\n') !== old?.resolved.join('\n')) {
			assert.ok(
				isEdited || edited.some((name) => concerns(`${root}/${name}`, path, old!)),
				`${path} leads elsewhere, and nobody would look at it`,
			);
			changes.set(path, { before: old, after: entry, isEdited });
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

function write(box: Sandbox, files: Record<string, string>): string {
	const root = box.tree('p', Object.fromEntries(Object.entries(files).filter(([, text]) => !isLink(text))));
	for (const [name, text] of Object.entries(files).filter(([, one]) => isLink(one))) {
		mkdirSync(dirname(`${root}/${name}`), { recursive: true });
		symlinkSync(text.slice(LINK.length), `${root}/${name}`);
	}
	return root;
}

function isInstalled(name: string): boolean {
	return name.includes('node_modules/');
}

function isLink(text: string): boolean {
	return text.startsWith(LINK);
}

const LINK = '→ ';

/** Whether a file is looked at again when another one comes, goes or, for what configures, differs. */
function concerns(changed: string, path: string, entry: FileEntry): boolean {
	const asked = requestedStems(entry);
	return (
		stemsOf(changed).some((stem) => asked.includes(stem)) ||
		(CONFIGURATIONS.test(basename(changed)) && isInside(dirname(changed), path))
	);
}
