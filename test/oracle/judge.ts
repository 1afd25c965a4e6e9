/** What the TypeScript compiler makes of a project, from scratch: diagnostics, declarations and JavaScript of each file. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Project } from './project.ts';
import { readSource } from './syntax.ts';

export interface Outcome {
	/** File → everything that the compiler reports of it. */
	diagnostics: Map<string, string>;
	/** File → hash of its declarations. */
	declarations: Map<string, string>;
	/** File → hash of its JavaScript. */
	javaScript: Map<string, string>;
}

/** The files that an edit made different, but for the edited one. */
export interface Verdict {
	/** Their diagnostics or declarations differ. */
	interface: string[];
	/** Only their JavaScript differs. */
	behaviour: string[];
}

const TSC = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

/** Compilers that report more than this have lost their way, too. */
const MOST_OUTPUT_BYTES = 1 << 28;

export async function compile(project: Project): Promise<Outcome> {
	const out = join(project.root, 'out');
	rmSync(out, { recursive: true, force: true });
	// One checker: with several, which file gets a diagnostic that concerns two depends on chance.
	const output = await runCompiler(project.root, ['--checkers', '1']);
	const outcome: Outcome = { diagnostics: parse(output), declarations: new Map(), javaScript: new Map() };
	for (const path of readdirSync(out, { recursive: true, encoding: 'utf8' })) {
		const emitted = path.replaceAll('\\', '/');
		const source = project.sourceOf(emitted);
		if (source !== undefined) {
			const text = readFileSync(join(out, path), 'utf8');
			const isDeclaration = /\.d\.[cm]?ts$/.test(emitted);
			const hash = createHash('sha1').update(isDeclaration ? withoutParameterNames(emitted, text) : text);
			(isDeclaration ? outcome.declarations : outcome.javaScript).set(source, hash.digest('hex'));
		}
	}
	return outcome;
}

/** The compiler prints the names of parameters of types that it inferred. What they are called makes no difference to anybody. */
function withoutParameterNames(file: string, text: string): string {
	const names = readSource(file, text).nodes.filter(
		({ type, role }) => type === 'Identifier' && (role === 'params' || role === 'parameters'),
	);
	let rest = '';
	let end = 0;
	for (const { start, name } of names.toSorted((a, b) => a.start - b.start)) {
		rest += text.slice(end, start);
		end = start + String(name).length;
	}
	return rest + text.slice(end);
}

/** The files that the compiler's own builder works on after an edit, given its notes of the state before. */
export async function rebuilt(project: Project, notes: string): Promise<string[]> {
	const options = ['--incremental', '--tsBuildInfoFile', notes, '--listEmittedFiles'];
	const output = await runCompiler(project.root, options);
	const emitted = Array.from(output.matchAll(/^TSFILE: .*\/out\/(.*\.[cm]?js)$/gm), ([, path]) => path!);
	return emitted.flatMap((path) => project.sourceOf(path) ?? []);
}

function runCompiler(root: string, options: string[]): Promise<string> {
	return new Promise((resolve, reject) => {
		const parameters = [TSC, '--project', root, '--pretty', 'false', ...options];
		execFile(process.execPath, parameters, { cwd: root, maxBuffer: MOST_OUTPUT_BYTES }, (error, stdout, stderr) => {
			// Exit codes 1 and 2 say that there are diagnostics.
			if (error !== null && error.code !== 1 && error.code !== 2) {
				reject(new Error(`The compiler failed in ${root}: ${stderr.slice(0, 2000)}`, { cause: error }));
			} else {
				resolve(stdout);
			}
		});
	});
}

/** `file(line,column): error …`, with indented lines that go on. */
function parse(output: string): Map<string, string> {
	const diagnostics = new Map<string, string>();
	let file = '';
	for (const line of output.split('\n')) {
		const [, found] = /^(\S.*?)\(\d+,\d+\): /.exec(line) ?? [];
		file = found ?? file;
		if (line !== '') {
			diagnostics.set(file, `${diagnostics.get(file) ?? ''}${line}\n`);
		}
	}
	return diagnostics;
}

export function compare(before: Outcome, after: Outcome, edited: string): Verdict {
	const seen = new Set([
		...differing(before.diagnostics, after.diagnostics),
		...differing(before.declarations, after.declarations),
	]);
	const runs = differing(before.javaScript, after.javaScript);
	const others = (files: Iterable<string>) =>
		Array.from(files)
			.filter((file) => file !== edited && file !== '')
			.sort();
	return { interface: others(seen), behaviour: others(runs.filter((file) => !seen.has(file))) };
}

function differing(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
	return [...new Set([...before.keys(), ...after.keys()])].filter((file) => before.get(file) !== after.get(file));
}
