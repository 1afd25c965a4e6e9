/** Random edits of a repository from a seed: what people and tools do to it, finished or not. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { git, SCOPE } from './repository.ts';

const BRANCHES = ['main', 'work', 'old'];
const MOST_COMMENT = 1000;

/** Numbers from 0 up to, not including, `below`. */
type Next = (below: number) => number;

export class RepositoryEdits {
	readonly #root: string;
	readonly #next: Next;
	/** What was taken away, or broken, by path. */
	readonly #texts = new Map<string, string>();
	/** Where moved files and folders were: now → then. */
	readonly #moved = new Map<string, string>();
	/** How often each kind of edit comes, in turns of chance. */
	readonly #kinds: readonly (() => void)[];
	#serial = 0;

	constructor(root: string, next: Next) {
		this.#root = root;
		this.#next = next;
		const often = (times: number, edit: () => void) => Array.from({ length: times }, () => edit);
		this.#kinds = [
			...often(4, () => this.#change((text, n) => `${text}\nexport const edition${n} = ${n};\n`)),
			...often(4, () => this.#change(renamed)),
			...often(3, () => this.#change((text, n) => `${this.#import(n)}\n${text}`)),
			...often(2, () => this.#change((text, n) => `// ${n % MOST_COMMENT}\n${text}`)),
			...often(3, () => this.#break()),
			...often(3, () => this.#remove()),
			...often(5, () => this.#putBack()),
			...often(3, () => this.#move(this.#file())),
			...often(1, () => this.#move(this.#folder())),
			...often(3, () => this.#moveBack()),
			...often(1, () => this.#shadow()),
			...often(1, () => this.#configure()),
			...often(1, () => git(this.#root, 'checkout', '-q', '-f', this.#one(BRANCHES))),
			...often(1, () => this.#commit()),
		];
	}

	/** Makes the branches that edits switch to later. */
	branch(editsEach: number): void {
		for (const name of BRANCHES.slice(1)) {
			git(this.#root, 'branch', name);
		}
		for (const name of BRANCHES.slice(1)) {
			git(this.#root, 'checkout', '-q', '-f', name);
			for (let i = 0; i < editsEach; i++) {
				this.edit();
			}
			this.#commit();
		}
		git(this.#root, 'checkout', '-q', '-f', 'main');
	}

	/** Makes one edit. */
	edit(): void {
		this.#serial++;
		this.#one(this.#kinds)();
	}

	#change(edited: (text: string, serial: number) => string): void {
		const path = this.#file();
		writeFileSync(path, edited(readFileSync(path, 'utf8'), this.#serial));
	}

	/** What an editor saves in the middle of a sentence. */
	#break(): void {
		const path = this.#file();
		const text = readFileSync(path, 'utf8');
		this.#texts.set(path, text);
		writeFileSync(path, `${text.slice(0, this.#next(text.length))}\nexport const = {{{ `);
	}

	#remove(): void {
		const path = this.#file();
		this.#texts.set(path, readFileSync(path, 'utf8'));
		rmSync(path);
	}

	#putBack(): void {
		const [path, text] = this.#entry(this.#texts) ?? [];
		if (path !== undefined && text !== undefined) {
			this.#texts.delete(path);
			mkdirSync(dirname(path), { recursive: true });
			writeFileSync(path, text);
		}
	}

	#move(path: string): void {
		const to = join(dirname(path), `moved${this.#serial}-${basename(path)}`);
		renameSync(path, to);
		this.#moved.set(to, path);
	}

	#moveBack(): void {
		const [now, then] = this.#entry(this.#moved) ?? [];
		if (now !== undefined && then !== undefined) {
			this.#moved.delete(now);
			// A branch that was switched to may know neither.
			if (existsSync(now) && existsSync(dirname(then)) && !existsSync(then)) {
				renameSync(now, then);
			}
		}
	}

	/** `dir.ts` is found before `dir/index.ts`. */
	#shadow(): void {
		const path = `${this.#folder()}.ts`;
		if (existsSync(path)) {
			this.#texts.set(path, readFileSync(path, 'utf8'));
			rmSync(path);
		} else {
			writeFileSync(path, `export const shadow${this.#serial} = 1;\n`);
		}
	}

	/** Where names lead: an alias of one application. */
	#configure(): void {
		const path = join(this.#root, 'apps/admin/tsconfig.json');
		const query = this.#one(['query-core/src/index.ts', 'query-core/src/query.ts', 'rxjs/src/index.ts']);
		const paths = { '#shop/*': ['../shop/src/*'], '#query': [`../../packages/${query}`] };
		writeFileSync(path, JSON.stringify({ extends: '../../tsconfig.base.json', compilerOptions: { paths } }));
	}

	#commit(): void {
		git(this.#root, 'add', '-A');
		git(this.#root, 'commit', '-q', '--allow-empty', '-m', `edits up to ${this.#serial}`);
	}

	#import(serial: number): string {
		const name = `imported${serial}`;
		const from = this.#next(3) === 0 ? `${SCOPE}/${this.#one(['rxjs', 'mobx', 'query-core'])}` : this.#specifier();
		return `import * as ${name} from '${from}';\nexport const use${serial} = () => ${name};`;
	}

	#specifier(): string {
		const path = relative(dirname(this.#file()), this.#file()).replace(/\.ts$/, '');
		return path.startsWith('.') ? path : `./${path}`;
	}

	#file(): string {
		return this.#one(this.#all().filter((path) => path.endsWith('.ts')));
	}

	/** A folder of sources beneath a package's own. */
	#folder(): string {
		const folders = new Set(this.#all().map((path) => dirname(path)));
		return this.#one([...folders].filter((path) => relative(this.#root, path).split('/').length > 3));
	}

	#all(): string[] {
		return ['apps', 'packages']
			.flatMap((top) => readdirSync(join(this.#root, top), { recursive: true, withFileTypes: true }))
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name))
			.sort();
	}

	#one<T>(list: readonly T[]): T {
		return list[this.#next(list.length)]!;
	}

	#entry(map: ReadonlyMap<string, string>): [string, string] | undefined {
		return [...map][this.#next(map.size)];
	}
}

/** Something that is exported gets another name. */
function renamed(text: string, serial: number): string {
	return text.replace(/\bexport (const|function|class|interface|type) (\w+)/, `export $1 $2${serial}`);
}
