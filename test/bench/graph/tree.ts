/** Repositories of a wanted size: packages that are copies of real ones, with names of their own, and that import each other. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nameIn, type Template, textOf } from './templates.ts';

/** So many packages belong together: beside its own group a package imports one of the first group alone. */
const GROUP = 12;
/** Packages before a package, in its group, that it imports. */
const DEPENDENCIES = 2;
/** Of so many files of a package one imports another package. */
const LINKED_EVERY = 10;

const SCOPE = '@bench';

export interface SourceTree {
	root: string;
	packages: number;
	/** Absolute paths of all source files. */
	files: string[];
	/** Of all source files. */
	bytes: number;
	/** Functions that other files use. */
	functions: { path: string; name: string }[];
}

interface Package {
	number: number;
	template: Template;
}

/** Writes packages until there are `size` source files, or a few more: each package is whole. */
export function writeSources(root: string, size: number, templates: readonly Template[]): SourceTree {
	const tree: SourceTree = { root, packages: 0, files: [], bytes: 0, functions: [] };
	const written: Package[] = [];
	while (tree.files.length < size) {
		const number = written.length;
		const own = { number, template: templates[number % templates.length]! };
		writePackage(
			own,
			dependenciesOf(number).map((each) => written[each]!),
			tree,
		);
		written.push(own);
	}
	tree.packages = written.length;
	write(join(root, 'package.json'), JSON.stringify({ private: true, workspaces: ['packages/*'] }));
	const paths = { [`${SCOPE}/*`]: ['./packages/*/src/index.ts'] };
	const compilerOptions = { module: 'ESNext', target: 'ES2022', moduleResolution: 'bundler', strict: true, paths };
	write(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['packages'] }));
	return tree;
}

/** The packages that one imports, by their numbers. */
function dependenciesOf(number: number): number[] {
	const group = number - (number % GROUP);
	const near = Array.from({ length: Math.min(DEPENDENCIES, number - group) }, (_, i) => number - 1 - i);
	return number === 0 ? [] : [...new Set([...near, 0])];
}

function nameOf({ number, template }: Package): string {
	return `${template.name}-${number}`;
}

function writePackage(own: Package, dependencies: readonly Package[], tree: SourceTree): void {
	const { number, template } = own;
	const folder = join(tree.root, 'packages', nameOf(own));
	write(join(folder, 'package.json'), JSON.stringify({ name: `${SCOPE}/${nameOf(own)}`, exports: './src/index.ts' }));
	for (const [place, source] of template.files.entries()) {
		const path = join(folder, source.file);
		const link = place % LINKED_EVERY === 0 ? linkTo(dependencies, place / LINKED_EVERY) : '';
		const text = textOf(source, number) + link;
		write(path, text);
		tree.files.push(path);
		tree.bytes += Buffer.byteLength(text);
		for (const name of source.functions) {
			tree.functions.push({ path, name: nameIn(number, name) });
		}
	}
}

/** An import of another package, and something exported that is made of it. */
function linkTo(dependencies: readonly Package[], turn: number): string {
	const one = dependencies[turn % dependencies.length];
	if (one === undefined) {
		return '';
	}
	const { exported } = one.template;
	const name = exported[turn % exported.length]!;
	const theirs = name.startsWith('=') ? name.slice(1) : nameIn(one.number, name);
	return `\nimport { ${theirs} as linked } from '${SCOPE}/${nameOf(one)}';\nexport const link = () => linked;\n`;
}

function write(path: string, text: string): void {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
}
