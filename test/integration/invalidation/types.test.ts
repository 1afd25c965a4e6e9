import { situations } from './run.ts';

situations('types without annotation', [
	{
		what: '24 an un-annotated return is interface, and goes on',
		files: {
			'a.ts': 'export function a() { return 1; }',
			'b.ts': "import { a } from './a';\nexport const b = () => a();",
			'c.ts': "import { b } from './b';\nexport const c: number = b();",
			'd.ts': "import { c } from './c';\nexport const d: number = c;",
		},
		edit: { 'a.ts': "export function a() { return '1'; }" },
		affects: { 'b.ts': 'interface behaviour', 'c.ts': 'interface behaviour', 'd.ts': 'behaviour' },
	},
	{
		what: '24 an annotated return is cut off',
		files: {
			'a.ts': 'export function a(): number { return 1; }',
			'b.ts': "import { a } from './a';\nexport const b = () => a();",
		},
		edit: { 'a.ts': 'export function a(): number { return 2; }' },
		affects: { 'b.ts': 'behaviour' },
	},
	{
		what: '25 an inferred type predicate',
		files: {
			'a.ts': 'export const isThere = (x: string | null) => x !== null;',
			'b.ts': "import { isThere } from './a';\nexport const b = (xs: (string | null)[]) => xs.filter(isThere);",
			'c.ts': "import { b } from './b';\nexport const c: string[] = b([]);",
		},
		edit: { 'a.ts': 'export const isThere = (x: string | null) => !!x;' },
		affects: { 'b.ts': 'interface behaviour', 'c.ts': 'interface behaviour' },
	},
	{
		what: '26 an arrow that never returns',
		files: {
			'a.ts': "export const fail = () => { throw new Error('x'); };",
			'b.ts': "import { fail } from './a';\nexport const b = (x?: string): string => x ?? fail();",
		},
		edit: { 'a.ts': "export const fail = () => { console.log('x'); };" },
		affects: { 'b.ts': 'interface behaviour' },
	},
	{
		what: '27 the type of a member leaks through a file that does not change',
		files: {
			'c.ts': 'export interface C { d: number }',
			'b.ts': "import type { C } from './c';\nexport interface B { c: C }\nexport declare const b: B;",
			'a.ts': "import { b } from './b';\nexport const a: number = b.c.d;",
		},
		edit: { 'c.ts': 'export interface C { d: string }' },
		affects: { 'b.ts': 'interface', 'a.ts': 'interface' },
	},
	{
		what: '28 the value of a constant is its type',
		files: {
			'a.ts': 'export const X = 1;\nexport let y = 1;\nexport const o = { p: 1 };\nexport const k = { p: 1 } as const;',
			'b.ts': "import { X } from './a';\nexport const b: 1 = X;",
			'c.ts': "import { y } from './a';\nexport const c: number = y;",
			'd.ts': "import { o } from './a';\nexport const d: number = o.p;",
			'e.ts': "import { k } from './a';\nexport const e: 1 = k.p;",
		},
		edit: {
			'a.ts': 'export const X = 2;\nexport let y = 2;\nexport const o = { p: 2 };\nexport const k = { p: 2 } as const;',
		},
		affects: {
			'b.ts': 'interface behaviour',
			'c.ts': 'behaviour',
			'd.ts': 'behaviour',
			'e.ts': 'interface behaviour',
		},
	},
	{
		what: '29 typeof, keyof typeof and ReturnType take the inferred type of a value',
		files: {
			'a.ts': 'export const o = { p: 1 };\nexport function f() { return o; }',
			'b.ts': "import { o } from './a';\nexport type B = keyof typeof o;",
			'c.ts': "import { f } from './a';\nexport type C = ReturnType<typeof f>;",
		},
		edit: { 'a.ts': 'export const o = { p: 1, q: 2 };\nexport function f() { return o; }' },
		affects: { 'b.ts': 'interface', 'c.ts': 'interface' },
	},
	{
		what: '30 a union gains a case',
		files: {
			'u.ts': "export type U = 'a' | 'b';",
			'f.ts': "import type { U } from './u';\nexport declare function f(): U;",
			'c.ts': "import { f } from './f';\nexport function c(): number { switch (f()) { case 'a': return 1; case 'b': return 2; } }",
		},
		edit: { 'u.ts': "export type U = 'a' | 'b' | 'c';" },
		affects: { 'f.ts': 'interface', 'c.ts': 'interface' },
	},
	{
		what: '31 that a parameter has a default is interface; what it is, is not',
		files: {
			'a.ts': 'export function a(x: number = 1): void { console.log(x); }',
			'b.ts': "import { a } from './a';\nexport const b = (): void => a();",
		},
		edit: { 'a.ts': 'export function a(x: number = 2): void { console.log(x); }' },
		affects: { 'b.ts': 'behaviour' },
	},
	{
		what: '31 a parameter loses its default',
		files: {
			'a.ts': 'export function a(x: number = 1): void { console.log(x); }',
			'b.ts': "import { a } from './a';\nexport const b = (): void => a();",
		},
		edit: { 'a.ts': 'export function a(x: number): void { console.log(x); }' },
		affects: { 'b.ts': 'interface behaviour' },
	},
	{
		what: '32 overloads change places',
		files: {
			'a.ts': 'export declare function a(x: string): 1;\nexport declare function a(x: unknown): 2;',
			'b.ts': "import { a } from './a';\nexport const b: 1 = a('');",
		},
		edit: { 'a.ts': 'export declare function a(x: unknown): 2;\nexport declare function a(x: string): 1;' },
		affects: { 'b.ts': 'interface' },
	},
	{
		what: '33 the names of a mapped type are those of another one',
		files: {
			'cfg.ts': 'export interface Cfg { a: number }',
			'm.ts': "import type { Cfg } from './cfg';\nexport type M = { [K in keyof Cfg]: string };",
			'u.ts': "import type { M } from './m';\nexport const u: M = { a: '' };",
		},
		edit: { 'cfg.ts': 'export interface Cfg { a: number; b: number }' },
		affects: { 'm.ts': 'interface', 'u.ts': 'interface' },
	},
	{
		what: '35 contextual typing reaches into a callback',
		files: {
			'a.ts': 'export declare function on(f: (e: { x: number }) => void): void;',
			'b.ts': "import { on } from './a';\nexport function b(): void { on((e) => e.x.toFixed()); }",
		},
		edit: { 'a.ts': 'export declare function on(f: (e: { x: string }) => void): void;' },
		affects: { 'b.ts': 'interface' },
	},
	{
		what: 'a comment, formatting and the name of a parameter are nobody else’s business',
		files: {
			'a.ts': 'export function a(x: number): number { return x + 1; }\nexport const v = [1, 2];',
			'b.ts': "import { a, v } from './a';\nexport const b = a(v.length);",
		},
		edit: {
			'a.ts': '/** Adds one. */\nexport function a(x: number): number {\n\treturn x + 1; // so\n}\n\nexport const v = [\n\t1,\n\t2,\n];',
		},
		affects: {},
	},
	{
		what: 'what is not used is not affected, though it is of the same file',
		files: {
			'a.ts': 'export const one = 1;\nexport const two = 2;',
			'b.ts': "import { one } from './a';\nexport const b = one;",
			'c.ts': "import { two } from './a';\nexport const c = two;",
		},
		edit: { 'a.ts': 'export const one = 1;\nexport const two = 3;' },
		affects: { 'c.ts': 'interface behaviour' },
	},
]);
