import { situations } from './run.ts';

/** What configurations of tests concern. */
const TESTS = '**/*.{test,spec}.{ts,tsx,mts,cts,js,jsx,mjs,cjs}';

situations('modules and evaluation', [
	{
		what: '49 what a file does when it is evaluated concerns all who evaluate it',
		files: {
			'a.ts': 'console.log(1);\nexport const a = 1;\nexport type T = number;',
			'b.ts': "import { a } from './a';\nexport const b = a;",
			'c.ts': "import './b';",
			't.ts': "import type { T } from './a';\nexport const t: T = 1;",
		},
		edit: { 'a.ts': 'console.log(2);\nexport const a = 1;\nexport type T = number;' },
		affects: { 'b.ts': 'behaviour', 'c.ts': 'behaviour' },
	},
	{
		what: '50 imports change places',
		files: {
			'x.ts': 'console.log(1);',
			'y.ts': 'console.log(2);',
			'a.ts': "import './x';\nimport './y';",
			'b.ts': "import './a';",
		},
		edit: { 'a.ts': "import './y';\nimport './x';" },
		affects: { 'b.ts': 'behaviour' },
	},
	{
		what: '50 a bare import comes',
		files: { 'x.ts': 'console.log(1);', 'a.ts': 'export {};', 'b.ts': "import './a';" },
		edit: { 'a.ts': "import './x';\nexport {};" },
		affects: { 'b.ts': 'behaviour' },
	},
	{
		what: '51 an import closes a cycle',
		files: {
			'a.ts': "import { b } from './b';\nexport const a = (): number => b();",
			'b.ts': 'export const b = (): number => 1;',
			'entry.ts': "import './a';",
		},
		edit: {
			'b.ts': "import { a } from './a';\nexport const b = (): number => 1;\nexport const again = (): number => a();",
		},
		affects: { 'a.ts': 'behaviour', 'entry.ts': 'behaviour' },
	},
	{
		what: '52 an await at the top',
		files: { 'a.ts': 'export const a: number = 1;', 'b.ts': "import './a';" },
		edit: { 'a.ts': 'export const a: number = 1;\nawait Promise.resolve();' },
		affects: { 'b.ts': 'behaviour' },
	},
	{
		what: '54 module.exports spreads another module',
		files: {
			'a.js': 'exports.n = 1;\nexports.m = 1;',
			'b.js': "module.exports = { ...require('./a'), own: 1 };",
			'c.js': "const { n } = require('./b');\nexports.c = n;",
			'd.js': "const { own } = require('./b');\nexports.d = own;",
		},
		edit: { 'a.js': 'exports.n = 2;\nexports.m = 1;' },
		affects: { 'b.js': 'interface behaviour', 'c.js': 'interface behaviour', 'd.js': 'interface behaviour' },
	},
	{
		what: '55 Object.assign(exports, require())',
		files: {
			'a.js': 'exports.n = 1;',
			'b.js': "Object.assign(exports, require('./a'));",
			'c.js': "exports.c = require('./b').n;",
		},
		edit: { 'a.js': 'exports.n = 2;' },
		affects: { 'b.js': 'interface behaviour', 'c.js': 'interface behaviour' },
	},
	{
		what: '56 exports[name] = may be any name',
		files: {
			'b.js': "for (const name of ['x']) exports[name] = 1;",
			'c.js': "const { x } = require('./b');\nexports.c = x;",
		},
		edit: { 'b.js': "for (const name of ['x']) exports[name] = 2;" },
		affects: { 'c.js': 'interface behaviour' },
	},
	{
		what: '57 module.exports = require()',
		files: {
			'a.js': 'exports.n = 1;',
			'b.js': "module.exports = require('./a');",
			'c.js': "const b = require('./b');\nexports.c = b.n;",
		},
		edit: { 'a.js': 'exports.n = 2;' },
		affects: { 'b.js': 'interface behaviour', 'c.js': 'interface behaviour' },
	},
	{
		what: '59 a JSON module, by its keys',
		files: {
			'data.json': '{ "a": 1, "b": 1 }',
			'u.ts': "import { a } from './data.json';\nexport const u = a;",
			'v.ts': "import { b } from './data.json';\nexport const v = b;",
			'w.ts': "import data from './data.json';\nexport const w = data.b;",
		},
		edit: { 'data.json': '{ "a": 1, "b": 2 }' },
		affects: { 'v.ts': 'interface behaviour', 'w.ts': 'interface behaviour' },
	},
	{
		what: '60 an import by a pattern: what matches, and what comes to match',
		files: {
			'l/a.ts': 'export const x = 1;',
			'u.ts': 'export const u = (n: string): Promise<unknown> => import(`./l/${n}.ts`);',
			'v.ts': 'export const v = 1;',
		},
		edit: { 'l/b.ts': 'export const x = 1;' },
		affects: { 'u.ts': 'interface behaviour' },
	},
	{
		what: '60 import.meta.glob',
		files: {
			'l/a.ts': 'export const x = 1;',
			'u.ts': "export const u: unknown = import.meta.glob('./l/*.ts');",
		},
		edit: { 'l/a.ts': 'export const x = 2;' },
		affects: { 'u.ts': 'interface behaviour' },
	},
	{
		what: '61 a worker is a file',
		files: {
			'w.ts': 'console.log(1);',
			'u.ts': "export const u = (): Worker => new Worker(new URL('./w.ts', import.meta.url));",
		},
		edit: { 'w.ts': 'console.log(2);' },
		affects: { 'u.ts': 'behaviour' },
	},
	{
		what: '61 an asset is a file',
		files: {
			'logo.svg': '<svg/>',
			'u.ts': "export const u = new URL('./logo.svg', import.meta.url).href;",
		},
		edit: { 'logo.svg': '<svg></svg>' },
		affects: { 'u.ts': 'behaviour' },
	},
	{
		what: '82 a file is deleted: those who used it answer from what it was',
		files: {
			'a.ts': 'export const a = 1;',
			'b.ts': "import { a } from './a';\nexport const b = a;",
			'c.ts': "import { b } from './b';\nexport const c = b;",
		},
		edit: { 'a.ts': null },
		affects: { 'b.ts': 'interface behaviour', 'c.ts': 'interface behaviour' },
	},
	{
		what: '53 an import of a value becomes one of a type: the module is evaluated no longer',
		files: {
			'side.ts': 'export class S { a = 1 }\nconsole.log(1);',
			'm.ts': "import { S } from './side';\nexport const m = (s: S): number => s.a;",
			'u.ts': "import './m';\nexport const u = 1;",
			'v.ts': "import type { S } from './side';\nexport const v = (s: S): number => s.a;",
		},
		edit: { 'm.ts': "import type { S } from './side';\nexport const m = (s: S): number => s.a;" },
		affects: { 'u.ts': 'behaviour' },
	},
	{
		what: '58 a CommonJS module says that it was one of ECMAScript: its default is another one',
		files: {
			'c.js': 'exports.default = 1;\nexports.other = 2;',
			'd.ts': "import c from './c.js';\nexport const d = c;",
			'o.ts': "import { other } from './c.js';\nexport const o = other;",
		},
		edit: { 'c.js': 'exports.__esModule = true;\nexports.default = 1;\nexports.other = 2;' },
		affects: { 'd.ts': 'interface behaviour' },
	},
	{
		what: '58 esModuleInterop: who imports a default or a namespace, and who takes its type from there',
		files: {
			'tsconfig.json': '{ "compilerOptions": { "esModuleInterop": false } }',
			'd.ts': "import fs from 'fs';\nexport const d = fs.readFileSync;",
			'n.ts': "import * as path from 'path';\nexport const n = path.join;",
			'o.ts': "import { join } from 'path';\nexport const o = join;",
			'u.ts': "import { d } from './d';\nexport const u = d;",
		},
		edit: { 'tsconfig.json': '{ "compilerOptions": { "esModuleInterop": true } }' },
		affects: { 'd.ts': 'interface behaviour', 'n.ts': 'interface behaviour', 'u.ts': 'interface behaviour' },
	},
	{
		what: '62 a file that is read at run time, by the path of its folder or of the package',
		files: {
			'package.json': '{}',
			'src/a.ts':
				"import { readFileSync } from 'fs';\nimport { join } from 'path';\nexport const a = () => readFileSync(join(__dirname, 'data', 'a.txt'));",
			'src/b.ts': "import { readFileSync } from 'fs';\nexport const b = () => readFileSync('src/data/a.txt');",
			'src/c.ts': "import { readFileSync } from 'fs';\nexport const c = () => readFileSync('src/data/c.txt');",
			'src/d.ts':
				"import { dirname, join } from 'path';\nimport { fileURLToPath } from 'url';\nconst data = join(dirname(fileURLToPath(import.meta.url)), 'data');\nexport const d = () => data;",
			'src/u.ts': "import { a } from './a';\nexport const u = () => a();",
			'src/data/a.txt': 'one',
		},
		edit: { 'src/data/a.txt': 'two' },
		affects: {
			'src/a.ts': 'behaviour?',
			'src/b.ts': 'behaviour?',
			'src/d.ts': 'behaviour?',
			'src/u.ts': 'behaviour?',
		},
	},
	{
		what: '63 a file is moved: who asked for it, and who asked for what it is now',
		files: {
			'lib/a.ts': "import { x } from './x';\nexport const a = x;",
			'lib/x.ts': "export const x = 'lib';",
			'new/x.ts': "export const x = 'new';",
			'u.ts': "import { a } from './lib/a';\nexport const u = a;",
			'v.ts': "import { a } from './new/a';\nexport const v = a;",
			'w.ts': "import { x } from './lib/x';\nexport const w = x;",
		},
		edit: { 'lib/a.ts': null, 'new/a.ts': "import { x } from './x';\nexport const a = x;" },
		affects: { 'u.ts': 'interface behaviour', 'v.ts': 'interface behaviour' },
	},
]);

situations('interface behaviour', [
	{
		what: '64 a candidate of higher priority appears',
		files: {
			'lib/index.ts': 'export const n = 1;',
			'u.ts': "import { n } from './lib';\nexport const u = n;",
			'v.ts': "import { u } from './u';\nexport const v = u;",
		},
		edit: { 'lib.ts': "export const n = '';" },
		affects: { 'u.ts': 'interface behaviour', 'v.ts': 'interface behaviour' },
	},
	{
		what: '65 a source appears beside what is emitted',
		files: { 'a.js': 'export const n = 1;', 'u.ts': "import { n } from './a.js';\nexport const u = n;" },
		edit: { 'a.ts': 'export const n = 2;' },
		affects: { 'u.ts': 'interface behaviour' },
	},
	{
		what: '69 paths of the tsconfig lead elsewhere',
		files: {
			'tsconfig.json': '{ "compilerOptions": { "paths": { "@x": ["./x.ts"] } } }',
			'x.ts': 'export const n = 1;',
			'y.ts': 'export const n = 1;',
			'u.ts': "import { n } from '@x';\nexport const u = n;",
			'v.ts': "import { u } from './u';\nexport const v = u;",
		},
		edit: { 'tsconfig.json': '{ "compilerOptions": { "paths": { "@x": ["./y.ts"] } } }' },
		affects: { 'u.ts': 'interface behaviour', 'v.ts': 'interface behaviour' },
	},
	{
		what: '73 an import that led nowhere finds its file',
		files: {
			'u.ts': "import { n } from './later';\nexport const u = n;",
			'v.ts': "import { u } from './u';\nexport const v = u;",
		},
		edit: { 'later.ts': 'export const n = 1;' },
		affects: { 'u.ts': 'interface behaviour', 'v.ts': 'interface behaviour' },
	},
]);

situations('tests, tools, text', [
	{
		what: '74 a mocked module',
		files: {
			'x.ts': 'export const x = (): number => 1;',
			'x.test.ts': "vi.mock('./x');\ntest('x', () => {});",
		},
		edit: { 'x.ts': 'export const x = (): number => 2;' },
		affects: { 'x.test.ts': 'behaviour' },
	},
	{
		what: '77 JSDoc types in JavaScript',
		files: {
			't.ts': 'export interface T { a: number }',
			'u.js': "/** @type {import('./t').T} */\nexport const u = { a: 1 };",
			'd.js': "/** @typedef {import('./t').T} Own */\nexport const d = 1;",
			'e.ts': "import type { Own } from './d.js';\nexport const e = (o: Own): number => o.a;",
		},
		edit: { 't.ts': 'export interface T { a: string }' },
		affects: { 'u.js': 'interface', 'd.js': 'interface', 'e.ts': 'interface' },
	},
	{
		what: '78 a pragma is no mere comment',
		files: {
			'a.ts': 'export function a() { return 1; }',
			'b.ts': "import { a } from './a';\nexport const b = a;",
		},
		edit: { 'a.ts': 'export function a() { // @ts-ignore\nreturn 1; }' },
		affects: { 'b.ts': 'behaviour' },
	},
	{
		what: '80 JSX: what an element names, and what all elements ask for',
		files: {
			'c.tsx': 'export const Card = (p: { title: string }): unknown => p.title;',
			'ns.tsx': 'export const Deep = (): unknown => null;',
			'u.tsx':
				"import { Card } from './c';\nimport * as ns from './ns';\nexport const u = (): unknown => <><Card title=\"\" /><ns.Deep /></>;",
		},
		edit: { 'c.tsx': 'export const Card = (p: { title: number }): unknown => p.title;' },
		affects: { 'u.tsx': 'interface' },
	},
	{
		what: '74 a mock comes that is written down: of a module, and of what is installed',
		files: {
			'package.json': '{}',
			'src/x.ts': 'export const x = 1;',
			'src/x.test.ts': "jest.mock('./x');\ntest('x', () => {});",
			'src/y.test.ts': "jest.mock('axios');\ntest('y', () => {});",
			'src/z.test.ts': "test('z', () => {});",
		},
		edit: { 'src/__mocks__/x.ts': 'export const x = 2;', '__mocks__/axios.ts': 'export const get = 1;' },
		affects: { 'src/x.test.ts': 'interface behaviour', 'src/y.test.ts': 'interface behaviour' },
	},
	{
		what: '75 what the configuration of tests names concerns all tests, as the configuration does',
		files: {
			'vitest.config.ts': "export default { test: { setupFiles: ['./test/setup.ts'], name: './other.ts' } };",
			'test/setup.ts': 'globalThis.x = 1;',
			'other.ts': 'export const other = 1;',
			'a.test.ts': "test('a', () => {});",
			'b.ts': 'export const b = 1;',
		},
		edit: { 'test/setup.ts': 'globalThis.x = 2;' },
		affects: { 'vitest.config.ts': 'behaviour' },
		widens: { [`glob ${TESTS}: how tests run differs`]: 'a.test.ts' },
	},
	{
		what: '75 the same in a package.json; a snapshot is its test’s',
		files: {
			'package.json': '{ "jest": { "globalSetup": "<rootDir>/setup.js" }, "version": "1.0.0" }',
			'setup.js': 'module.exports = () => 1;',
			'a.test.js': "test('a', () => {});",
			'b.test.js': "test('b', () => {});",
			'__snapshots__/a.test.js.snap': 'exports[`a`] = `1`;',
		},
		edit: { 'setup.js': 'module.exports = () => 2;', '__snapshots__/a.test.js.snap': 'exports[`a`] = `2`;' },
		affects: { 'a.test.js': 'behaviour?', 'package.json': 'interface behaviour' },
		widens: { [`glob ${TESTS}: how tests run differs`]: 'a.test.js b.test.js' },
	},
	{
		what: '75 a version of the package is no set-up of its tests',
		files: {
			'package.json': '{ "jest": {}, "version": "1.0.0" }',
			'a.test.js': "test('a', () => {});",
		},
		edit: { 'package.json': '{ "jest": {}, "version": "1.0.1" }' },
		affects: {},
	},
	{
		what: '76 a test that judges types takes them from what it judges',
		files: {
			'a.ts': 'export const a = (): number => 1;',
			'a.test.ts': "import { a } from './a';\nexpectTypeOf(a).returns.toBeNumber();",
			'b.test.ts': "import { a } from './a';\n// @ts-expect-error no string\nexport const b: string = a();",
			'c.test.ts': "test('c', () => {});",
		},
		edit: { 'a.ts': "export const a = (): string => '';" },
		affects: { 'a.test.ts': 'interface behaviour', 'b.test.ts': 'interface behaviour' },
	},
	{
		what: '79 what no language reads is an input as a whole, whatever is in it',
		files: {
			'a.module.css': '.one {}',
			'a.ts': "import styles from './a.module.css';\nexport const a = (): string => styles.one;",
			'q.graphql': 'query { a }',
			'b.ts': "import q from './q.graphql';\nexport const b = q;",
			'c.ts': "import { b } from './b';\nexport const c = b;",
		},
		edit: { 'a.module.css': '.one { color: red }', 'q.graphql': 'query { b }' },
		affects: { 'a.ts': 'behaviour', 'b.ts': 'behaviour', 'c.ts': 'behaviour' },
	},
]);
