/** What the graph says that an edit affects. */
import { affectedBy, type AffectedFile } from '../../server/src/graph/affected.ts';
import type { FileChange } from '../../server/src/graph/delta.ts';
import { readEntry } from '../../server/src/graph/read-entry.ts';
import { type FileEntry, MemoryStore } from '../../server/src/graph/store.ts';
import { typeScript } from '../../server/src/languages/typescript/language.ts';
import { TypeScriptResolver } from '../../server/src/languages/typescript/resolver.ts';
import type { Edit, Project } from './project.ts';

export interface Answer {
	affected: AffectedFile[];
	/** What a tool says that knows of imports only: whoever imports the file, and whoever imports those. */
	importers: string[];
}

/** The graph of a project, which is asked about one edit after another, each of the project as it is. */
export class ProjectGraph {
	readonly #project: Project;
	readonly #resolver = new TypeScriptResolver();
	readonly #store = new MemoryStore();

	constructor(project: Project) {
		this.#project = project;
		for (const file of project.files) {
			const path = project.path(file);
			this.#store.put(path, readEntry(path, typeScript, this.#resolver));
		}
	}

	/** Files are relative to the project in the answer, too. */
	answer(edit: Edit): Answer {
		const undo = this.#project.apply(edit);
		const changes = this.#changes(edit);
		try {
			this.#put(changes, 'after');
			const { affected } = affectedBy(this.#store, changes, {
				isCalledFromOutside: (member) => typeScript.isCalledFromOutside(member),
				packageOf: () => this.#project.root,
			});
			return {
				affected: affected.map((one) => ({
					...one,
					file: this.#relative(one.file),
					reason: one.reason.map((reason) => ({ ...reason, file: this.#relative(reason.file) })),
				})),
				importers: this.#importers(changes),
			};
		} finally {
			undo();
			this.#resolver.forget();
			this.#put(changes, 'before');
		}
	}

	#changes({ file, what }: Edit): Map<string, FileChange> {
		const path = this.#project.path(file);
		const changes = new Map<string, FileChange>();
		if (what !== 'replace') {
			this.#resolver.forget();
			for (const other of this.#store.paths()) {
				const before = this.#store.entry(other)!;
				const resolved = before.facts.requests.map((request) => this.#resolver.resolve(other, request));
				if (other !== path && resolved.join('\n') !== before.resolved.join('\n')) {
					changes.set(other, { before, after: { ...before, resolved }, isEdited: false });
				}
			}
		}
		const after = what === 'remove' ? undefined : readEntry(path, typeScript, this.#resolver);
		changes.set(path, { before: this.#store.entry(path), after, isEdited: true });
		return changes;
	}

	#put(changes: ReadonlyMap<string, FileChange>, version: 'before' | 'after'): void {
		for (const [path, change] of changes) {
			this.#store.put(path, change[version]);
		}
	}

	#importers(changes: ReadonlyMap<string, FileChange>): string[] {
		const users = new Map<string, Set<string>>();
		const add = (path: string, entry: FileEntry | undefined) => {
			for (const target of entry?.resolved ?? []) {
				users.set(target, (users.get(target) ?? new Set()).add(path));
			}
		};
		for (const path of this.#store.paths()) {
			add(path, this.#store.entry(path));
			add(path, changes.get(path)?.before);
		}
		const reached = new Set(changes.keys());
		for (const path of reached) {
			for (const user of users.get(path) ?? []) {
				reached.add(user);
			}
		}
		return Array.from(reached, (path) => this.#relative(path));
	}

	#relative(path: string): string {
		return path.slice(this.#project.root.length + 1);
	}
}
