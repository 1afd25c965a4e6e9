import { situations } from './run.ts';

situations('names and scopes', [
	{
		what: '1 an interface of two scripts is one',
		files: {
			'a.ts': 'interface Cfg { a: number }',
			'b.ts': 'interface Cfg { b: number }',
			'c.ts': 'export const c = (x: Cfg): number => x.a;',
		},
		edit: { 'b.ts': 'interface Cfg { b: string }' },
		affects: { 'c.ts': 'interface' },
	},
	{
		what: '2 a namespace and a function of one name are one',
		files: {
			'a.ts': 'export function f(): void {}\nexport namespace f { export const x = 1; }',
			'b.ts': "import { f } from './a';\nexport const b: 1 = f.x;",
		},
		edit: { 'a.ts': 'export function f(): void {}\nexport namespace f { export const x = 2; }' },
		affects: { 'b.ts': 'interface behaviour' },
	},
	{
		what: '3 declare global reaches those who use the name, and nobody else',
		files: {
			'a.ts': 'export {};\ndeclare global { var answer: number; }',
			'b.ts': 'export const b = (): number => answer;',
			'c.ts': 'export const c = 1;',
		},
		edit: { 'a.ts': 'export {};\ndeclare global { var answer: string; }' },
		affects: { 'b.ts': 'interface' },
	},
	{
		what: '4 a module is augmented for those who never heard of it',
		files: {
			'm.ts': 'export interface X { a: number }\nexport declare const x: X;',
			'aug.ts': "export {};\ndeclare module './m' { interface X { b: number } }",
			'u.ts': "import { x } from './m';\nexport const u = (): number => x.a;",
		},
		edit: { 'aug.ts': "export {};\ndeclare module './m' { interface X { b: string } }" },
		affects: { 'm.ts': 'interface', 'u.ts': 'interface' },
	},
	{
		what: '6 a file of ambient names is emptied',
		files: { 'g.d.ts': 'declare const G: number;', 'u.ts': 'export const u = (): number => G;' },
		edit: { 'g.d.ts': '' },
		affects: { 'u.ts': 'interface' },
	},
	{
		what: '7 a script brings a name that was resolved elsewhere, or nowhere',
		files: { 'u.ts': 'export const u = (): unknown => G;' },
		edit: { 'g.ts': 'const G = 1;' },
		affects: { 'u.ts': 'interface behaviour' },
	},
	{
		what: '8 a script becomes a module',
		files: { 'g.ts': 'const G = 1;', 'u.ts': 'export const u = (): number => G;' },
		edit: { 'g.ts': 'const G = 1;\nexport {};' },
		affects: { 'u.ts': 'interface behaviour' },
	},
	{
		what: '9 a local declaration shadows a global name: who uses the part gets another type',
		files: {
			'a.ts': 'export function f() { return name; }',
			'b.ts': "import { f } from './a';\nexport const b: string = f();",
		},
		edit: { 'a.ts': 'const name = 1;\nexport function f() { return name; }' },
		affects: { 'b.ts': 'interface behaviour' },
	},
	{
		what: '11 a referenced file',
		files: {
			'g.d.ts': 'declare const G: number;',
			'a.ts': '/// <reference path="./g.d.ts" />\nexport const a = 1;',
			'u.ts': "import { a } from './a';\nexport const u = a;",
		},
		edit: { 'a.ts': '/// <reference path="./h.d.ts" />\nexport const a = 1;' },
		affects: {},
	},
	{
		what: '5 a pattern of modules is declared anew: who imports what fits it, under whatever name',
		files: {
			'g.d.ts': "declare module '*.svg' { const url: string; export default url; }",
			'logo.svg': '<svg/>',
			'a.ts': "import logo from './logo.svg';\nexport const a = logo;",
			'b.ts': "export { default as logo } from './missing.svg';",
			'c.ts': "import { a } from './a';\nexport const c: string = a;",
			'd.ts': "import text from './logo.txt';\nexport const d = text;",
		},
		edit: { 'g.d.ts': "declare module '*.svg' { const url: { src: string }; export default url; }" },
		affects: { 'a.ts': 'interface', 'c.ts': 'interface' },
	},
	{
		what: '5 a pattern of modules comes: also who exports on what had no type',
		files: {
			'g.d.ts': 'export {};',
			'a.ts': "import text from 'virtual:text';\nexport const a = text;",
			'b.ts': "export { default as text } from './a.css?raw';",
			'c.ts': "import { text } from './b';\nexport const c = text;",
		},
		edit: {
			'g.d.ts':
				"declare module 'virtual:*' { const text: string; export default text; }\ndeclare module '*?raw' { const text: string; export default text; }",
		},
		affects: { 'a.ts': 'interface', 'b.ts': 'interface behaviour', 'c.ts': 'interface' },
	},
	{
		what: '10 a new name of the module is that of a global which the file uses elsewhere',
		files: {
			'a.ts': "export const f = () => fetch('/x');\nexport const g = () => 1;",
			'b.ts': "import { f } from './a';\nexport const b = f();",
			'c.ts': "import { g } from './a';\nexport const c: number = g();",
		},
		edit: {
			'a.ts': "export const f = () => fetch('/x');\nexport const g = () => 1;\nfunction fetch(url: string): string { return url; }",
		},
		affects: { 'b.ts': 'interface behaviour' },
	},
]);

situations('exports', [
	{
		what: '14 a second star brings the name: an error in the barrel, and another binding behind it',
		files: {
			'x.ts': 'export const n = 1;',
			'y.ts': 'export const m = 1;',
			'barrel.ts': "export * from './x';\nexport * from './y';",
			'u.ts': "import { n } from './barrel';\nexport const u = n;",
		},
		edit: { 'y.ts': 'export const m = 1;\nexport const n = 2;' },
		affects: { 'barrel.ts': 'interface behaviour', 'u.ts': 'interface behaviour' },
	},
	{
		what: '15 an export of its own shadows the star',
		files: {
			'x.ts': 'export const n = 1;',
			'barrel.ts': "export * from './x';",
			'u.ts': "import { n } from './barrel';\nexport const u = n;",
		},
		edit: { 'barrel.ts': "export * from './x';\nexport const n = 2;" },
		affects: { 'u.ts': 'interface behaviour' },
	},
	{
		what: '15 what is shadowed reaches nobody',
		files: {
			'x.ts': 'export const n = 1;',
			'barrel.ts': "export * from './x';\nexport const n = 2;",
			'u.ts': "import { n } from './barrel';\nexport const u = n;",
		},
		edit: { 'x.ts': 'export const n = 3;' },
		affects: {},
	},
	{
		what: 'a barrel is not a unit: only those who use the name are affected',
		files: {
			'x.ts': 'export const n = 1;\nexport const m = 1;',
			'barrel.ts': "export * from './x';",
			'outer.ts': "export { n as k, m } from './barrel';",
			'u.ts': "import { k } from './outer';\nexport const u = k;",
			'v.ts': "import { m } from './outer';\nexport const v = m;",
		},
		edit: { 'x.ts': 'export const n = 2;\nexport const m = 1;' },
		affects: { 'u.ts': 'interface behaviour' },
	},
	{
		what: '16 a star carries no default; an explicit one does',
		files: {
			'x.ts': 'export default function d(): number { return 1; }',
			'star.ts': "export * from './x';",
			'def.ts': "export { default } from './x';",
			'u.ts': "import d from './def';\nexport const u: number = d();",
			'v.ts': "import * as s from './star';\nexport const v = (): unknown => s;",
		},
		edit: { 'x.ts': "export default function d(): string { return ''; }" },
		affects: { 'u.ts': 'interface behaviour' },
	},
	{
		what: '17 a namespace that is handed over is all of its exports',
		files: {
			'x.ts': 'export const a = 1;\nexport const b = 1;',
			'ns.ts': "export * as x from './x';",
			'u.ts': "import { x } from './ns';\nexport const u = (): unknown => ({ ...x });",
			'v.ts': "import * as x from './x';\nexport const v: 1 = x.a;",
		},
		edit: { 'x.ts': 'export const a = 1;\nexport const b = 2;' },
		affects: { 'u.ts': 'interface behaviour' },
	},
	{
		what: '18 an alias leads elsewhere, though both are alike',
		files: {
			'x.ts': 'export const a: number = 1;\nexport const b: number = 1;',
			'al.ts': "export { a as n } from './x';",
			'u.ts': "import { n } from './al';\nexport const u: number = n;",
		},
		edit: { 'al.ts': "export { b as n } from './x';" },
		affects: { 'u.ts': 'interface behaviour' },
	},
	{
		what: '19 a type becomes a class: it is emitted where it was elided',
		files: {
			'x.ts': 'export interface T { a: number }',
			're.ts': "import { T } from './x';\nexport { T };",
			'u.ts': "import type { T } from './re';\nexport const u = (t: T): number => t.a;",
		},
		edit: { 'x.ts': 'export class T { a = 1 }' },
		affects: { 're.ts': 'interface behaviour', 'u.ts': 'interface' },
	},
	{
		what: '20 a default export without a name',
		files: {
			'x.ts': 'export default { a: 1 };',
			'u.ts': "import x from './x';\nexport const u: number = x.a;",
		},
		edit: { 'x.ts': "export default { a: '1' };" },
		affects: { 'u.ts': 'interface behaviour' },
	},
	{
		what: '21 export =, import = require() and aliases of namespaces',
		files: {
			'x.ts': 'namespace N { export namespace M { export const a = 1; } }\nexport = N;',
			'u.ts': "import N = require('./x');\nimport M = N.M;\nexport const u: 1 = M.a;",
		},
		edit: { 'x.ts': 'namespace N { export namespace M { export const a = 2; } }\nexport = N;' },
		affects: { 'u.ts': 'interface behaviour' },
	},
	{
		what: '22 import() in a type',
		files: {
			'x.ts': 'export interface T { a: number }\nexport const v = 1;',
			'u.ts': "export const u = (t: import('./x').T): number => t.a;",
			'w.ts': "export type W = typeof import('./x');",
		},
		edit: { 'x.ts': 'export interface T { a: string }\nexport const v = 1;' },
		affects: { 'u.ts': 'interface', 'w.ts': 'interface' },
	},
	{
		what: '23 an exported variable is assigned elsewhere',
		files: {
			'x.ts': 'export let n: number = 1;\nexport function set(): void { n = 2; }',
			'u.ts': "import { n } from './x';\nexport const u = (): number => n;",
		},
		edit: { 'x.ts': 'export let n: number = 1;\nexport function set(): void { n = 3; }' },
		affects: { 'u.ts': 'behaviour' },
	},
]);
