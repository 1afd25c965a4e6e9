/** Makes edits by chance, from a seed. */
import { dirname, relative } from 'node:path/posix';
import { KINDS as ANYWHERE, type Replacement, type Surroundings } from './edits.ts';
import { EXPORTED_KINDS } from './exported.ts';
import type { Edit, Project } from './project.ts';
import { child, children, isParsed, readSource, type Source } from './syntax.ts';

/** Files tried until one has a place for the kind of edit. */
const MOST_TRIES = 60;

const KINDS = { ...ANYWHERE, ...EXPORTED_KINDS };

/** Kinds of edits of whole files. */
const FILE_KINDS = ['file removed', 'file added', 'file shadowed'] as const;

/** Whether edits of a kind are made where other files can see them. */
export function isOfExports(kind: string): boolean {
	return kind in EXPORTED_KINDS;
}

export const KIND_NAMES: readonly string[] = [...Object.keys(KINDS), ...FILE_KINDS];

export class Generator {
	readonly #project: Project;
	readonly #chance: (below: number) => number;
	readonly #sources = new Map<string, Source>();
	readonly #exportedNames: readonly string[];
	readonly #importedNames: ReadonlySet<string>;
	/** Last part of a specifier → how many imports ask for it. */
	readonly #asked = new Map<string, number>();

	/** @param chance gives whole numbers below the given one */
	constructor(project: Project, chance: (below: number) => number) {
		this.#project = project;
		this.#chance = chance;
		for (const file of project.files) {
			for (const node of this.#source(file).nodes) {
				const specifier = child(node, 'source')?.['value'];
				if (typeof specifier === 'string') {
					this.#asked.set(stem(specifier), (this.#asked.get(stem(specifier)) ?? 0) + 1);
				}
			}
		}
		this.#importedNames = new Set(project.files.flatMap((file) => importedNames(this.#source(file))));
		this.#exportedNames = [...new Set(project.files.flatMap((file) => exportedNames(this.#source(file))))].sort();
	}

	/** An edit of a kind; undefined when the project has no place for it. */
	edit(kind: string): Edit | undefined {
		for (let tries = 0; tries < MOST_TRIES; tries++) {
			const file = this.#someFile();
			const edit = kind in KINDS ? this.#replacement(kind, file) : this.#ofFile(kind, file);
			if (edit !== undefined) {
				return edit;
			}
		}
		return undefined;
	}

	/** Of two files the one that more others import: what nobody imports has no effect that could be missed. */
	#someFile(): string {
		const [one, other] = [this.#oneOf(this.#project.files)!, this.#oneOf(this.#project.files)!];
		const asked = (file: string) => this.#asked.get(stem(file)) ?? 0;
		return asked(one) >= asked(other) ? one : other;
	}

	#replacement(kind: string, file: string): Edit | undefined {
		const source = this.#source(file);
		const found = KINDS[kind]!(source, this.#surroundings(file));
		const one = this.#oneOf(found.filter((candidate) => isReal(candidate, source.text)));
		if (one === undefined) {
			return undefined;
		}
		const { start, end, text } = one;
		if (!isParsed(file, source.text.slice(0, start) + text + source.text.slice(end))) {
			return undefined;
		}
		return {
			package: this.#project.package.name,
			kind,
			file,
			what: 'replace',
			offset: start,
			length: end - start,
			text,
		};
	}

	#ofFile(kind: string, file: string): Edit | undefined {
		const common = { package: this.#project.package.name, kind, offset: 0, length: 0 };
		if (kind === 'file removed') {
			return { ...common, file, what: 'remove', text: '' };
		}
		const [name] = exportedNames(this.#source(file));
		if (kind === 'file added') {
			const text = this.#oneOf([
				'export const oracleAdded = 1;\n',
				'declare const oracleAdded: number;\n',
				`interface ${this.#oneOf(['Promise<T>', 'Array<T>', 'Error', 'Symbol'])} { oracleAdded: string }\n`,
				`declare const ${name ?? 'oracleAdded'}: number;\n`,
			])!;
			return { ...common, file: `${dirname(file)}/oracleAdded.ts`, what: 'add', text };
		}
		// `dir.ts` is found before `dir/index.ts`.
		const isShadowable = file.endsWith('/index.ts') && dirname(file) !== 'src';
		const shadow = `${dirname(file)}.ts`;
		return isShadowable && !this.#project.files.includes(shadow)
			? { ...common, file: shadow, what: 'add', text: `export const ${name ?? 'oracleAdded'} = 1;\n` }
			: undefined;
	}

	#surroundings(file: string): Surroundings {
		const specifiers = this.#project.files.map((other) => {
			const path = relative(dirname(file), other).replace(/\.ts$/, '');
			return path.startsWith('.') ? path : `./${path}`;
		});
		return {
			exportedNames: this.#exportedNames,
			importedNames: this.#importedNames,
			specifiers,
			chance: this.#chance,
		};
	}

	#source(file: string): Source {
		let source = this.#sources.get(file);
		if (source === undefined) {
			source = readSource(file, this.#project.text(file));
			this.#sources.set(file, source);
		}
		return source;
	}

	#oneOf<T>(list: readonly T[]): T | undefined {
		return list[this.#chance(list.length)];
	}
}

/** The name of a file without folder and extension. */
function stem(path: string): string {
	return path.slice(path.lastIndexOf('/') + 1).replace(/\.[a-z]+$/, '');
}

/** Whether anything is different afterwards. */
function isReal({ start, end, text }: Replacement, whole: string): boolean {
	return whole.slice(start, end) !== text;
}

function exportedNames({ nodes }: Source): string[] {
	return nodes.flatMap((node) => {
		const declaration = node.type === 'ExportNamedDeclaration' ? child(node, 'declaration') : undefined;
		if (declaration === undefined) {
			return [];
		}
		const ids = [declaration, ...children(declaration, 'declarations')].map((one) => child(one, 'id'));
		return ids.flatMap((id) => (id?.type === 'Identifier' ? [String(id['name'])] : []));
	});
}

/** What a file imports of others, and exports on, by name. */
function importedNames({ nodes }: Source): string[] {
	return nodes.flatMap((node) => {
		const id =
			node.type === 'ImportSpecifier'
				? child(node, 'imported')
				: node.type === 'ExportSpecifier'
					? child(node, 'local')
					: undefined;
		return id?.type === 'Identifier' ? [String(id['name'])] : [];
	});
}
