import { situations } from './run.ts';

const CONFIG = (options: Record<string, unknown>, rest: Record<string, unknown> = {}): string =>
	JSON.stringify({ compilerOptions: options, ...rest });

situations('options of programs', [
	{
		what: '12 another default library: the program, as a whole',
		files: {
			'tsconfig.json': CONFIG({ lib: ['es2020'] }),
			'a.ts': 'export const a = 1;',
			'inner/tsconfig.json': CONFIG({ lib: ['es2020'] }),
			'inner/b.ts': 'export const b = 1;',
		},
		edit: { 'tsconfig.json': CONFIG({ lib: ['es2022'] }) },
		affects: {},
		widens: { 'program tsconfig.json: the option lib differs': 'a.ts' },
	},
	{
		what: '12 another version of the compiler',
		files: {
			'package.json': '{ "devDependencies": { "typescript": "6.0.0", "left-pad": "1.0.0" } }',
			'a.ts': 'export const a = 1;',
		},
		edit: { 'package.json': '{ "devDependencies": { "typescript": "6.1.0", "left-pad": "1.0.0" } }' },
		affects: {},
		widens: { 'package .: the compiler, or what it always includes, differs': 'a.ts' },
	},
	{
		what: '12 another version of anything else is nobody’s business until it is installed',
		files: {
			'package.json': '{ "devDependencies": { "typescript": "6.0.0", "left-pad": "1.0.0" } }',
			'a.ts': 'export const a = 1;',
		},
		edit: { 'package.json': '{ "devDependencies": { "typescript": "6.0.0", "left-pad": "1.1.0" } }' },
		affects: {},
	},
	{
		what: '13 types that every file has: by an option, or because they are installed',
		files: {
			'tsconfig.json': CONFIG({ types: [] }),
			'package.json': '{ "devDependencies": {} }',
			'a.ts': 'export const a = 1;',
		},
		edit: {
			'tsconfig.json': CONFIG({ types: ['node'] }),
			'package.json': '{ "devDependencies": { "@types/node": "24.0.0" } }',
		},
		affects: {},
		widens: {
			'program tsconfig.json: the option types differs': 'a.ts',
			'package .: the compiler, or what it always includes, differs': 'a.ts',
		},
	},
	{
		what: '53 verbatimModuleSyntax: the program, as a whole',
		files: {
			'tsconfig.json': CONFIG({}),
			'a.ts': "import { T } from './t';\nexport type A = T;",
			't.ts': 'export type T = 1;',
		},
		edit: { 'tsconfig.json': CONFIG({ verbatimModuleSyntax: true }) },
		affects: {},
		widens: { 'program tsconfig.json: the option verbatimModuleSyntax differs': 'a.ts t.ts' },
	},
	{
		what: '69 an option that is inherited; one that is overridden is nobody’s business, nor is where output goes',
		files: {
			'base.json': CONFIG({ strict: true, outDir: 'a' }),
			'tsconfig.json': '{ "extends": "./base.json", /* own */ "compilerOptions": { "strict": false, }, }',
			'a.ts': 'export const a = 1;',
			'sub/tsconfig.json': '{ "extends": "../base.json" }',
			'sub/b.ts': 'export const b = 1;',
			'tsconfig.base.json': CONFIG({ target: 'es2020' }),
			'third/tsconfig.json': '{ "extends": "../tsconfig.base.json" }',
			'third/c.ts': 'export const c = 1;',
		},
		edit: {
			'tsconfig.base.json': CONFIG({ target: 'es2022', outDir: 'b' }),
		},
		affects: { 'third/tsconfig.json': 'interface behaviour' },
		widens: {
			'program third/tsconfig.json: an option that it has from ../tsconfig.base.json differs': 'third/c.ts',
		},
	},
	{
		what: '69 what a configuration overrides, and where output goes, is nobody’s business',
		files: {
			'tsconfig.base.json': CONFIG({ strict: true, outDir: 'a' }),
			'tsconfig.json':
				'{ "extends": "./tsconfig.base.json", /* own */ "compilerOptions": { "strict": false, }, }',
			'a.ts': 'export const a = 1;',
		},
		edit: { 'tsconfig.base.json': CONFIG({ strict: false, outDir: 'b' }) },
		affects: {},
	},
	{
		what: '80 an option for JSX concerns files with JSX, through what they inherit too',
		files: {
			'tsconfig.base.json': CONFIG({ jsx: 'react' }),
			'tsconfig.json': '{ "extends": "./tsconfig.base.json" }',
			'a.tsx': 'export const a = () => <p />;',
			'b.ts': "import { a } from './a';\nexport const b = a;",
			'c.ts': 'export const c = 1;',
		},
		edit: { 'tsconfig.base.json': CONFIG({ jsx: 'react-jsx' }) },
		affects: { 'a.tsx': 'interface behaviour', 'b.ts': 'interface behaviour' },
	},
	{
		what: '43 an option for decorators concerns files with decorators',
		files: {
			'tsconfig.json': CONFIG({ experimentalDecorators: true }),
			'a.ts': 'declare const d: any;\n@d\nexport class A {}',
			'b.ts': 'export class B {}',
		},
		edit: { 'tsconfig.json': CONFIG({ experimentalDecorators: false }) },
		affects: { 'a.ts': 'interface behaviour' },
	},
	{
		what: '83 a file in two programs: an option of the one that is not the nearest',
		files: {
			'tsconfig.json': CONFIG({}),
			'tsconfig.test.json':
				'{ "extends": "./tsconfig.json", "include": ["*.ts"], "compilerOptions": { "types": [] } }',
			'a.ts': 'export const a = 1;',
		},
		edit: {
			'tsconfig.test.json':
				'{ "extends": "./tsconfig.json", "include": ["*.ts"], "compilerOptions": { "types": ["node"] } }',
		},
		affects: {},
		widens: { 'program tsconfig.test.json: the option types differs': 'a.ts' },
	},
	{
		what: 'a nearer configuration comes: its program is told as a whole, and nobody by himself',
		files: { 'tsconfig.json': CONFIG({}), 'sub/a.ts': 'export const a = 1;', 'b.ts': 'export const b = 1;' },
		edit: { 'sub/tsconfig.json': CONFIG({ strict: true }) },
		affects: {},
		widens: { 'program sub/tsconfig.json: the option strict differs': 'sub/a.ts' },
	},
]);

/** A workspace of two packages: one asks for the other by its name. */
const WORKSPACE = {
	'node_modules/lib': '→ ../packages/lib',
	'packages/lib/package.json': JSON.stringify({ name: 'lib', exports: { '.': './a.ts', './sub': './sub.ts' } }),
	'packages/lib/a.ts': 'export const n = 1;',
	'packages/lib/b.ts': 'export const n = 1;',
	'packages/lib/sub.ts': 'export const s = 1;',
	'packages/app/package.json': '{ "name": "app" }',
	'packages/app/u.ts': "import { n } from 'lib';\nexport const u = n;",
	'packages/app/s.ts': "import { s } from 'lib/sub';\nexport const t = s;",
};

const SCHEMA_TRIMMED =
	"'use strict';\nexports.parse = function (text) { return { name: trim(text) }; };\nexports.check = function () { return true; };\nfunction trim(text) { return text.trimEnd(); }";

const SCHEMA = {
	'package.json': '{ "dependencies": { "schema": "1.0.0" } }',
	'node_modules/schema/package.json':
		'{ "name": "schema", "version": "1.0.0", "main": "index.js", "types": "index.d.ts" }',
	'node_modules/schema/index.d.ts':
		"import { Kind } from './kind';\nexport declare function parse(text: string): Kind;\nexport declare function check(text: string): boolean;",
	'node_modules/schema/kind.d.ts': 'export interface Kind { name: string }',
	'node_modules/schema/index.js':
		"'use strict';\nexports.parse = function (text) { return { name: trim(text) }; };\nexports.check = function () { return true; };\nfunction trim(text) { return text.trim(); }",
	'p.ts': "import { parse } from 'schema';\nexport const p = parse('');",
	'c.ts': "import { check } from 'schema';\nexport const c = check('');",
	'u.ts': "import { p } from './p';\nexport const u: string = p.name;",
	'w.ts': 'export const w = 1;',
};

situations('what is installed', [
	{
		what: '72 another version with another type: who uses what is made of it, by name, and through files of one’s own',
		files: SCHEMA,
		edit: {
			'node_modules/schema/package.json':
				'{ "name": "schema", "version": "2.0.0", "main": "index.js", "types": "index.d.ts" }',
			'node_modules/schema/kind.d.ts': 'export interface Kind { name: string | undefined }',
		},
		affects: { 'p.ts': 'interface', 'u.ts': 'interface' },
	},
	{
		what: '72 another version that does something else, deep inside',
		files: SCHEMA,
		edit: {
			'node_modules/schema/package.json':
				'{ "name": "schema", "version": "1.0.1", "main": "index.js", "types": "index.d.ts" }',
			'node_modules/schema/index.js': SCHEMA_TRIMMED,
		},
		affects: { 'p.ts': 'behaviour', 'u.ts': 'behaviour' },
	},
	{
		what: '72 another version in which only comments and what nobody uses differ',
		files: SCHEMA,
		edit: {
			'node_modules/schema/package.json':
				'{ "name": "schema", "version": "1.0.1", "main": "index.js", "types": "index.d.ts" }',
			'node_modules/schema/index.d.ts':
				"// Parses.\nimport { Kind } from './kind';\nexport declare function parse(text: string): Kind;\nexport declare function check(text: string): boolean;\nexport declare function more(): void;",
		},
		affects: {},
	},
	{
		what: '72 what is declared and does not run beside its declarations differs with every version',
		files: {
			...SCHEMA,
			'node_modules/native/package.json': '{ "name": "native", "version": "1.0.0", "types": "./types.d.ts" }',
			'node_modules/native/types.d.ts': 'export declare function run(): void;',
			'n.ts': "import { run } from 'native';\nexport const n = (): void => run();",
		},
		edit: {
			'node_modules/native/package.json': '{ "name": "native", "version": "1.0.1", "types": "./types.d.ts" }',
		},
		affects: { 'n.ts': 'behaviour' },
	},
	{
		what: '72 what is no source differs with every version',
		files: {
			...SCHEMA,
			'node_modules/schema/look.css': 'p {}',
			'l.ts': "import 'schema/look.css';\nexport const l = 1;",
			'm.ts': "import './l';",
		},
		edit: {
			'node_modules/schema/package.json':
				'{ "name": "schema", "version": "1.0.1", "main": "index.js", "types": "index.d.ts" }',
		},
		affects: { 'l.ts': 'behaviour', 'm.ts': 'behaviour' },
	},
	{
		what: '72 a package whose types come from another one',
		files: {
			...SCHEMA,
			'node_modules/outer/package.json': '{ "name": "outer", "version": "1.0.0", "types": "./index.d.ts" }',
			'node_modules/outer/index.d.ts':
				"import { Kind } from 'schema/kind';\nexport declare const kind: Kind;\nexport declare const one: 1;\nexport * from 'schema';",
			'node_modules/outer/index.js': 'exports.kind = {};\nexports.one = 1;',
			'k.ts': "import { kind } from 'outer';\nexport const k = kind;",
			'o.ts': "import { one } from 'outer';\nexport const o = one;",
			's.ts': "import { parse } from 'outer';\nexport const s = parse;",
		},
		edit: { 'node_modules/schema/kind.d.ts': 'export interface Kind { name: number }' },
		affects: { 'p.ts': 'interface', 'u.ts': 'interface', 'k.ts': 'interface', 's.ts': 'interface' },
	},
	{
		what: '13 names that an installed package declares for every file',
		files: {
			'package.json': '{}',
			'tsconfig.json': CONFIG({ types: ['env'] }),
			'node_modules/@types/env/package.json':
				'{ "name": "@types/env", "version": "1.0.0", "types": "index.d.ts" }',
			'node_modules/@types/env/index.d.ts': 'declare const MODE: string;\ndeclare const LEVEL: number;',
			'm.ts': 'export const m = () => MODE;',
			'n.ts': '/// <reference types="env" />\nexport const n = () => MODE;',
			'l.ts': 'export const l = () => LEVEL;',
		},
		edit: {
			'node_modules/@types/env/index.d.ts': "declare const MODE: 'a' | 'b';\ndeclare const LEVEL: number;",
		},
		affects: { 'm.ts': 'interface', 'n.ts': 'interface' },
	},
]);

situations('resolution by manifests', [
	{
		what: '66 a nested package.json says otherwise what its folder is',
		files: {
			'lib/package.json': '{ "main": "./a.ts" }',
			'lib/a.ts': 'export const n = 1;',
			'lib/b.ts': 'export const n = 1;',
			'u.ts': "import { n } from './lib';\nexport const u = n;",
			'v.ts': "import { n } from './lib/a';\nexport const v = n;",
		},
		edit: { 'lib/package.json': '{ "main": "./b.ts" }' },
		affects: { 'u.ts': 'interface behaviour' },
	},
	{
		what: '66 a nested package.json comes, and says what its folder is',
		files: {
			'lib/a.ts': 'export const n = 1;',
			'lib/index.ts': 'export const n = 1;',
			'u.ts': "import { n } from './lib';\nexport const u = n;",
		},
		edit: { 'lib/package.json': '{ "types": "./a.ts" }' },
		affects: { 'u.ts': 'interface behaviour' },
	},
	{
		what: '66 a folder that was nothing is something',
		files: {
			'lib/package.json': '{ "main": "./gone.ts" }',
			'lib/a.ts': 'export const n = 1;',
			'u.ts': "import { n } from './lib';\nexport const u = n;",
		},
		edit: { 'lib/package.json': '{ "main": "./a.ts" }' },
		affects: { 'u.ts': 'interface behaviour' },
	},
	{
		what: '66 the type of a package: how its JavaScript is read, as a whole',
		files: {
			'package.json': '{ "type": "commonjs" }',
			'lib/package.json': '{ "name": "lib" }',
			'a.js': 'exports.a = 1;',
		},
		edit: { 'package.json': '{ "type": "module" }' },
		affects: {},
		widens: { 'package .: how its JavaScript is read differs': 'a.js' },
	},
	{
		what: '67 exports of a workspace’s package lead elsewhere, for one subpath',
		files: WORKSPACE,
		edit: {
			'packages/lib/package.json': JSON.stringify({
				name: 'lib',
				exports: { '.': './b.ts', './sub': './sub.ts' },
			}),
		},
		affects: { 'packages/app/u.ts': 'interface behaviour' },
	},
	{
		what: '67 a subpath comes that was asked for',
		files: {
			...WORKSPACE,
			'packages/app/o.ts': "import { n } from 'lib/other';\nexport const o = n;",
		},
		edit: {
			'packages/lib/package.json': JSON.stringify({
				name: 'lib',
				exports: { '.': './a.ts', './sub': './sub.ts', './other': './b.ts' },
			}),
		},
		affects: { 'packages/app/o.ts': 'interface behaviour' },
	},
	{
		what: '67 imports of the package itself, and its own name',
		files: {
			'package.json': JSON.stringify({ name: 'self', imports: { '#x': './a.ts' }, exports: { './y': './a.ts' } }),
			'a.ts': 'export const n = 1;',
			'b.ts': 'export const n = 1;',
			'u.ts': "import { n } from '#x';\nexport const u = n;",
			'v.ts': "import { n } from 'self/y';\nexport const v = n;",
			'w.ts': "import { n } from './a';\nexport const w = n;",
		},
		edit: {
			'package.json': JSON.stringify({ name: 'self', imports: { '#x': './b.ts' }, exports: { './y': './b.ts' } }),
		},
		affects: { 'u.ts': 'interface behaviour', 'v.ts': 'interface behaviour' },
	},
	{
		what: '67 what a manifest maps to a file of another name that comes later, and goes before another one',
		files: {
			'package.json': JSON.stringify({
				name: 'self',
				imports: { '#db': './database.ts', '#part/*': './parts/*/main.ts' },
				exports: { './y': { types: './late.d.ts', default: './y.js' } },
			}),
			'y.js': 'export const n = 1;',
			'u.ts': "import { n } from '#db';\nexport const u = n;",
			'v.ts': "import { n } from 'self/y';\nexport const v = n;",
			'w.ts': "import { n } from '#part/one';\nexport const w = n;",
			'x.ts': "import { n } from '#part/two';\nexport const x = n;",
		},
		edit: {
			'database.ts': 'export const n = 1;',
			'late.d.ts': 'export declare const n: number;',
			'parts/one/main.ts': 'export const n = 1;',
		},
		affects: { 'u.ts': 'interface behaviour', 'v.ts': 'interface behaviour', 'w.ts': 'interface behaviour' },
	},
	{
		what: '67 what a neighbour says that it is, and is not there yet',
		files: {
			'package.json': JSON.stringify({ workspaces: ['packages/*'] }),
			'node_modules/lib': '→ ../packages/lib',
			'packages/lib/package.json': JSON.stringify({ name: 'lib', main: './main-file.js' }),
			'packages/lib/other.ts': 'export const n = 1;',
			'packages/app/package.json': JSON.stringify({ name: 'app' }),
			'packages/app/u.ts': "import { n } from 'lib';\nexport const u = n;",
			'packages/app/o.ts': "import { n } from 'lib/other';\nexport const o = n;",
		},
		edit: { 'packages/lib/main-file.ts': 'export const n = 1;' },
		affects: { 'packages/app/u.ts': 'interface behaviour' },
	},
	{
		what: '67 what may run under another condition, or in browsers, may be what is meant',
		files: {
			'package.json': JSON.stringify({
				name: 'self',
				exports: { './x': { browser: './x.browser.ts', default: './x.ts' } },
				browser: { './y.ts': './y.browser.ts' },
			}),
			'x.ts': 'export const n = (): number => 1;',
			'x.browser.ts': 'export const n = (): number => 1;',
			'y.ts': 'export const n = (): number => 1;',
			'y.browser.ts': 'export const n = (): number => 1;',
			'u.ts': "import { n } from 'self/x';\nexport const u = (): number => n();",
			'v.ts': "import { n } from './y';\nexport const v = (): number => n();",
			'w.ts': 'export const w = 1;',
		},
		edit: {
			'x.browser.ts': 'export const n = (): number => 2;',
			'y.browser.ts': 'export const n = (): number => 2;',
		},
		affects: {
			'package.json': 'behaviour?',
			'x.ts': 'behaviour?',
			'y.ts': 'behaviour?',
			'u.ts': 'behaviour?',
			'v.ts': 'behaviour?',
		},
	},
	{
		what: '68 which files have no side effects: the package, as a whole',
		files: {
			'package.json': '{ "sideEffects": true }',
			'a.ts': 'export const a = 1;',
		},
		edit: { 'package.json': '{ "sideEffects": false }' },
		affects: {},
		widens: { 'package .: which of its files may be left out differs': 'a.ts' },
	},
	{
		what: '68 that a call is pure',
		files: {
			'a.ts': 'declare const f: () => number;\nexport const a: number = f();',
			'u.ts': "import { a } from './a';\nexport const u: number = a;",
			'v.ts': "import './a';",
		},
		edit: { 'a.ts': 'declare const f: () => number;\nexport const a: number = /*#__PURE__*/ f();' },
		affects: { 'u.ts': 'behaviour', 'v.ts': 'behaviour' },
	},
	{
		what: '69 a file comes that paths of the tsconfig map a name to, though it is called otherwise',
		files: {
			'tsconfig.base.json':
				'{ "compilerOptions": { "paths": { "@x": ["./src/first.ts", "./src/second.ts"], "~/*": ["./src/*/main.ts"] } } }',
			'tsconfig.json': '{ "extends": "./tsconfig.base.json" }',
			'src/second.ts': 'export const n = 1;',
			'u.ts': "import { n } from '@x';\nexport const u = n;",
			'v.ts': "import { n } from '~/later';\nexport const v = n;",
			'w.ts': "import { u } from './u';\nexport const w = u;",
		},
		edit: { 'src/first.ts': 'export const n = 2;', 'src/later/main.ts': 'export const n = 2;' },
		affects: { 'u.ts': 'interface behaviour', 'v.ts': 'interface behaviour', 'w.ts': 'interface behaviour' },
	},
	{
		what: '70 a package of a workspace is one file, whichever way leads there',
		files: {
			...WORKSPACE,
			'packages/app/v.ts': "import { n } from '../lib/a';\nexport const v = n;",
		},
		edit: { 'packages/lib/a.ts': 'export const n = 2;' },
		affects: { 'packages/app/u.ts': 'interface behaviour', 'packages/app/v.ts': 'interface behaviour' },
	},
	{
		what: '70 a link leads elsewhere',
		files: {
			...WORKSPACE,
			'packages/fork/package.json': JSON.stringify({ name: 'lib', exports: './a.ts' }),
			'packages/fork/a.ts': 'export const n = 1;',
		},
		edit: { 'node_modules/lib': '→ ../packages/fork' },
		affects: { 'packages/app/u.ts': 'interface behaviour', 'packages/app/s.ts': 'interface behaviour' },
	},
	{
		what: '71 a name differs in case only: both spellings are looked at',
		files: {
			'Foo.ts': 'export const n = 1;',
			'u.ts': "import { n } from './Foo';\nexport const u = n;",
			'v.ts': "import { n } from './foo';\nexport const v = n;",
		},
		edit: { 'Foo.ts': null, 'foo.ts': 'export const n = 1;' },
		affects: { 'u.ts': 'interface behaviour', 'v.ts': 'interface behaviour' },
	},
]);
