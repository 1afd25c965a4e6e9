/** A git repository with workspaces that import each other, made of the sources of real packages. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureSources, packageNamed } from '../../oracle/packages.ts';
import { Project } from '../../oracle/project.ts';

/** Package → the file that it is entered by. */
const PACKAGES = { rxjs: 'index', 'query-core': 'index', mobx: 'mobx' } as const;

/** What the packages are found by in `node_modules`. */
export const SCOPE = '@real';

/** Applications: files that use several packages, by name and by an alias of their tsconfig. */
const APPS: Readonly<Record<string, string>> = {
	'apps/shop/package.json': `{ "name": "${SCOPE}/shop", "dependencies": { "${SCOPE}/rxjs": "*", "${SCOPE}/mobx": "*" } }`,
	'apps/shop/tsconfig.json': '{ "extends": "../../tsconfig.base.json", "include": ["src"] }',
	'apps/shop/src/cart.ts': [
		`import { Subject, map } from '${SCOPE}/rxjs';`,
		`import { observable } from '${SCOPE}/mobx';`,
		'export const items = observable([] as number[]);',
		'export const changes = new Subject<number>();',
		'export function totals() { return changes.pipe(map((each) => each + items.length)); }',
	].join('\n'),
	'apps/shop/src/main.ts': "import { totals } from './cart';\ntotals().subscribe((total) => console.log(total));\n",
	'apps/admin/package.json': `{ "name": "${SCOPE}/admin" }`,
	'apps/admin/tsconfig.json': JSON.stringify({
		extends: '../../tsconfig.base.json',
		compilerOptions: {
			paths: { '#shop/*': ['../shop/src/*'], '#query': ['../../packages/query-core/src/index.ts'] },
		},
	}),
	'apps/admin/src/report.ts': [
		"import { items, totals } from '#shop/cart';",
		"import { QueryClient } from '#query';",
		'export const client = new QueryClient();',
		'export const report = () => [items.length, totals()];',
	].join('\n'),
	'apps/admin/src/index.ts': "export * from './report';\nexport * as shop from '#shop/main';\n",
};

/** Runs git in a repository. */
export function git(root: string, ...parameters: string[]): void {
	const who = ['-c', 'user.name=soak', '-c', 'user.email=soak@localhost', '-c', 'gc.auto=0'];
	execFileSync('git', ['-C', root, ...who, ...parameters], { stdio: ['ignore', 'ignore', 'pipe'] });
}

/**
 * Makes the repository in a folder that does not exist yet, with everything committed.
 * @throws when npm cannot fetch a package
 */
export async function makeRepository(root: string): Promise<void> {
	const write = (path: string, text: string) => {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), text);
	};
	write('package.json', '{ "private": true, "workspaces": ["packages/*", "apps/*"] }');
	write('.gitignore', 'node_modules\n');
	write(
		'tsconfig.base.json',
		'{ "compilerOptions": { "module": "ESNext", "moduleResolution": "bundler", "strict": true } }',
	);
	mkdirSync(join(root, 'node_modules', SCOPE), { recursive: true });
	for (const [name, entrance] of Object.entries(PACKAGES)) {
		const one = packageNamed(name);
		const project = new Project(one, await ensureSources(one));
		try {
			for (const file of project.files) {
				write(`packages/${name}/${file}`, project.text(file));
			}
		} finally {
			project.dispose();
		}
		const exports = { '.': `./src/${entrance}.ts`, './*': './src/*.ts' };
		write(`packages/${name}/package.json`, JSON.stringify({ name: `${SCOPE}/${name}`, type: 'module', exports }));
		write(`packages/${name}/tsconfig.json`, '{ "extends": "../../tsconfig.base.json", "include": ["src"] }');
		symlinkSync(`../../packages/${name}`, join(root, 'node_modules', SCOPE, name));
	}
	for (const [path, text] of Object.entries(APPS)) {
		write(path, text);
	}
	git(root, 'init', '-q', '-b', 'main');
	git(root, 'add', '-A');
	git(root, 'commit', '-q', '-m', 'begin');
}
