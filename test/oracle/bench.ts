/** One package on the bench: its graph, and the compilers that judge what the graph says. */
import { readFileSync, writeFileSync } from 'node:fs';
import { ProjectGraph } from './answer.ts';
import type { JudgedEdit } from './fixtures.ts';
import { compare, compile, type Outcome, rebuilt } from './judge.ts';
import { ensureSources, packageNamed } from './packages.ts';
import { type Edit, Project } from './project.ts';

/** Compilers at once. More of them want more memory than they save time. */
export const JUDGES = 2;

/** One package, and what judges it. */
export class Bench {
	readonly project: Project;
	readonly graph: ProjectGraph;
	readonly #judges: readonly Project[];
	/** What the compiler makes of the project as it is; asked for when it is needed first. */
	#before: Promise<Outcome> | undefined;
	/** Judge → the notes of the compiler's builder, of the project as it is. */
	readonly #notes = new Map<number, Buffer>();

	private constructor(project: Project, judges: readonly Project[]) {
		this.project = project;
		this.graph = new ProjectGraph(project);
		this.#judges = judges;
	}

	/** Fetches the package's sources unless they are there. */
	static async of(name: string): Promise<Bench> {
		const one = packageNamed(name);
		const sources = await ensureSources(one);
		const judges = Array.from({ length: JUDGES }, () => new Project(one, sources));
		return new Bench(new Project(one, sources), judges);
	}

	/** @param judge which of the {@link JUDGES}; one judges one edit at a time */
	async judge(edit: Edit, judge: number): Promise<JudgedEdit & { details: string[] }> {
		const project = this.#judges[judge]!;
		const before = await (this.#before ??= compile(project));
		const undo = project.apply(edit);
		try {
			const after = await compile(project);
			const verdict = compare(before, after, edit.file);
			const details = verdict.interface.map((file) => describe(file, before, after));
			return { edit, verdict, details };
		} finally {
			undo();
		}
	}

	/** How many files the compiler's builder works on for an edit, beside the edited one. */
	async built(edit: Edit, judge: number): Promise<number> {
		const project = this.#judges[judge]!;
		// Always the same file: the compiler begins anew when the option that names it differs.
		const notes = `${project.root}/notes.tsbuildinfo`;
		const kept = this.#notes.get(judge);
		if (kept === undefined) {
			await rebuilt(project, notes);
			this.#notes.set(judge, readFileSync(notes));
		} else {
			writeFileSync(notes, kept);
		}
		const undo = project.apply(edit);
		try {
			const files = await rebuilt(project, notes);
			return files.filter((file) => file !== edit.file).length;
		} finally {
			undo();
		}
	}

	dispose(): void {
		for (const project of [this.project, ...this.#judges]) {
			project.dispose();
		}
	}
}

function describe(file: string, before: Outcome, after: Outcome): string {
	const [was, is] = [before.diagnostics.get(file) ?? '', after.diagnostics.get(file) ?? ''];
	const lines = [
		...was
			.split('\n')
			.filter((line) => !is.includes(line))
			.map((line) => `- ${line}`),
		...is
			.split('\n')
			.filter((line) => !was.includes(line))
			.map((line) => `+ ${line}`),
	];
	return `${file}:\n    ${lines.length === 0 ? 'its declarations differ' : lines.slice(0, 4).join('\n    ')}`;
}
