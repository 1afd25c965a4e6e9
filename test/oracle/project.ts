/** A copy of a package that can be edited, and put back as it was. */
import {
	cpSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	realpathSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OraclePackage } from './packages.ts';
import { child, readSource } from './syntax.ts';

/** One change of one file: a span of it replaced; the whole file added or removed. */
export interface Edit {
	package: string;
	/** What kind of edit it is; see edits.ts. */
	kind: string;
	/** Relative to the package's folder, with slashes. */
	file: string;
	what: 'replace' | 'add' | 'remove';
	/** In UTF-16 units from the file's beginning. */
	offset: number;
	length: number;
	text: string;
}

/** Memory where there is some to be had: the compiler reads and writes everything for each edit. */
const BASE = existsSync('/dev/shm') ? '/dev/shm' : realpathSync(tmpdir());

const COMPILER_OPTIONS = {
	target: 'ES2022',
	lib: ['ES2024', 'DOM', 'DOM.Iterable'],
	module: 'ESNext',
	moduleResolution: 'bundler',
	strict: true,
	declaration: true,
	skipLibCheck: true,
	resolveJsonModule: true,
	allowImportingTsExtensions: true,
	rewriteRelativeImportExtensions: true,
	types: [],
	rootDir: 'src',
	outDir: 'out',
	newLine: 'lf',
};

/** What is not of the package itself: it needs test runners, and tests nothing here. */
const LEFT_OUT = /(?:^|\/)(?:tests?|benchmarks|__tests__)(?:\/|$)|\.(?:test|bench)\.ts$|tsconfig.*\.json$/;

const TYPED = /\.[cm]?tsx?$/;
const TYPED_OR_NOT = /\.[cm]?[jt]sx?$/;

export class Project {
	readonly package: OraclePackage;
	/** Real path of its folder. */
	readonly root: string;
	/** Its source files, relative, sorted. Fixtures number files by their places in it. */
	readonly files: readonly string[];

	constructor(of: OraclePackage, sources: string) {
		this.package = of;
		this.root = mkdtempSync(join(BASE, `filetide-oracle-${of.name.replace(' ', '-')}-`));
		cpSync(sources, join(this.root, 'src'), {
			recursive: true,
			filter: (path) => !LEFT_OUT.test(path.slice(sources.length + 1).replaceAll('\\', '/')),
		});
		for (const [file, text] of Object.entries(of.stubs ?? {})) {
			writeFileSync(join(this.root, file), text);
		}
		writeFileSync(
			join(this.root, 'tsconfig.json'),
			JSON.stringify({ compilerOptions: { ...COMPILER_OPTIONS, ...of.options }, include: ['src'] }),
		);
		this.files = readdirSync(join(this.root, 'src'), { recursive: true, encoding: 'utf8' })
			.map((path) => `src/${path.replaceAll('\\', '/')}`)
			.filter((path) => (of.options?.['allowJs'] === true ? TYPED_OR_NOT : TYPED).test(path))
			.sort();
		if (of.isInferred === true) {
			for (const file of this.files) {
				writeFileSync(this.path(file), withoutInferable(file, this.text(file)));
			}
		}
	}

	/** The source of an emitted file: `out/a.js` and `out/a.d.ts` come of `src/a.ts`, or of what else `a` is written in. */
	sourceOf(emitted: string): string | undefined {
		const [, stem, , module] = /^(.*?)(\.d)?\.([cm]?)[jt]s$/.exec(emitted) ?? [];
		return ['ts', 'tsx', 'js', 'jsx']
			.map((language) => `src/${stem}.${module}${language}`)
			.find((file) => this.files.includes(file) || existsSync(this.path(file)));
	}

	path(file: string): string {
		return `${this.root}/${file}`;
	}

	text(file: string): string {
		return readFileSync(this.path(file), 'utf8');
	}

	/** Makes an edit. What is returned undoes it. */
	apply({ file, what, offset, length, text }: Edit): () => void {
		const path = this.path(file);
		if (what === 'add') {
			writeFileSync(path, text, { flag: 'wx' });
			return () => rmSync(path);
		}
		const before = readFileSync(path, 'utf8');
		if (what === 'remove') {
			rmSync(path);
		} else {
			writeFileSync(path, before.slice(0, offset) + text + before.slice(offset + length));
		}
		return () => writeFileSync(path, before);
	}

	dispose(): void {
		rmSync(this.root, { recursive: true, force: true });
	}
}

/** A file without the types of what has a value or a body. */
function withoutInferable(file: string, text: string): string {
	const spans = readSource(file, text).nodes.flatMap((node) => {
		const holder =
			node.type === 'VariableDeclarator' && child(node, 'init') !== undefined
				? child(node, 'id')
				: node.type === 'PropertyDefinition' && child(node, 'value') !== undefined
					? node
					: undefined;
		const annotation =
			/Function/.test(node.type) && child(node, 'body') !== undefined
				? child(node, 'returnType')
				: holder === undefined
					? undefined
					: child(holder, 'typeAnnotation');
		return annotation === undefined ? [] : [annotation];
	});
	let rest = text;
	for (const { start, end } of spans.toSorted((a, b) => b.start - a.start)) {
		rest = rest.slice(0, start) + rest.slice(end);
	}
	return rest;
}
