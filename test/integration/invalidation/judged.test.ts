import { situations } from './run.ts';

/** The smallest projects that show what the compiler found and the graph once missed (`npm run oracle`). */
situations('what the oracle found', [
	{
		what: 'who exports on a name that is gone is in error',
		files: {
			'a.ts': 'export const one = 1;\nexport interface Two { n: number }',
			'b.ts': "export { one, type Two } from './a';",
			'c.ts': "export { one } from './b';",
		},
		edit: { 'a.ts': 'const one = 1;\nexport interface Two { n: number }' },
		affects: { 'b.ts': 'interface behaviour', 'c.ts': 'interface behaviour' },
	},
	{
		what: 'who imports a name that is gone is in error, though it does not use it',
		files: {
			'a.ts': 'export interface One { n: number }\nexport interface Two { n: number }',
			'b.ts': "import { One } from './a';\nexport const b = 1;",
			'c.ts': "import { Two } from './a';\nexport const c = 1;",
		},
		edit: { 'a.ts': 'interface One { n: number }\nexport interface Two { n: number }' },
		affects: { 'b.ts': 'interface' },
	},
	{
		what: 'who exports all of a file that is gone is in error',
		files: {
			'a.ts': 'export const a = 1;',
			'b.ts': "export * from './a';\nexport const own = 1;",
			'c.ts': "import { own } from './b';\nexport const c = own;",
		},
		edit: { 'a.ts': null },
		affects: { 'b.ts': 'interface behaviour' },
	},
	{
		what: 'a `var` in a block is the file’s',
		files: {
			'a.ts': 'export declare function a(): string;',
			'b.ts': "import { a } from './a';\nif (a()) { var found = a(); }\nexport { found };",
			'c.ts': "import { found } from './b';\nexport const c: string | undefined = found;",
		},
		edit: { 'a.ts': 'export declare function a(): number;' },
		affects: { 'b.ts': 'interface', 'c.ts': 'interface' },
	},
	{
		what: 'a property without a type has the one that the constructor gives it',
		files: {
			'a.ts': 'export class A { x; constructor() { this.x = 1; } }',
			'b.ts': "import { A } from './a';\nexport const b: number = new A().x;",
		},
		edit: { 'a.ts': "export class A { x; constructor() { this.x = ''; } }" },
		affects: { 'b.ts': 'interface behaviour' },
	},
	{
		what: 'in JavaScript assignments declare properties',
		files: {
			'a.js': 'export class A { constructor() { this.x = 1; } }',
			'b.js': "import { A } from './a';\nexport const b = new A().x;",
		},
		edit: { 'a.js': "export class A { constructor() { this.x = ''; } }" },
		affects: { 'b.js': 'interface behaviour' },
	},
	{
		what: 'the type of a private member is that of what reads it',
		files: {
			'a.ts': 'export class A { #x = 1; private y() { return this.#x; } get() { return this.y(); } }\nexport class B { #x = 1; }',
			'b.ts': "import { A } from './a';\nexport const b: number = new A().get();",
			'c.ts': "import { B } from './a';\nexport const c = (b: B): B => b;",
		},
		edit: {
			'a.ts': "export class A { #x = ''; private y() { return this.#x; } get() { return this.y(); } }\nexport class B { #x = 1; }",
		},
		affects: { 'b.ts': 'interface behaviour' },
	},
	{
		what: 'a private member that is reached in brackets',
		files: {
			'a.ts': 'export class A { private y = 1; }',
			'm.ts': "import { A } from './a';\nexport const make = () => new A();",
			'b.ts': "import { make } from './m';\nexport const b = (): number => make()['y'];",
			'c.ts': "import { make } from './m';\nexport const c = (): void => { make(); };",
		},
		edit: { 'a.ts': 'export class A { private y: any = 1; }' },
		affects: { 'b.ts': 'interface' },
	},
	{
		what: 'a literal that a callback returns may be the type of the call',
		files: {
			'a.ts': "declare function call<K extends string>(f: () => { kind: K }): K;\nexport const a = call(() => ({ kind: 'a' }));",
			'b.ts': "import { a } from './a';\nexport const b: 'a' = a;",
		},
		edit: {
			'a.ts': "declare function call<K extends string>(f: () => { kind: K }): K;\nexport const a = call(() => ({ kind: 'b' }));",
		},
		affects: { 'b.ts': 'interface behaviour' },
	},
	{
		what: 'what is read from an annotated variable is narrowed to its first value',
		files: {
			'a.ts': "const mode: 'a' | 'b' = 'a';\nexport const a = () => mode;\nexport function f() { const x: 1 | 2 = 1; return x; }",
			'b.ts': "import { a } from './a';\nexport const b: 'a' = a();",
			'c.ts': "import { f } from './a';\nexport const c: 1 = f();",
		},
		edit: {
			'a.ts': "const mode: 'a' | 'b' = 'b';\nexport const a = () => mode;\nexport function f() { const x: 1 | 2 = 2; return x; }",
		},
		affects: { 'b.ts': 'interface behaviour', 'c.ts': 'interface behaviour' },
	},
	{
		what: 'a member that a function is given by assignment',
		files: {
			'a.ts': 'export function f(): void {}\nf.x = 1;',
			'b.ts': "import { f } from './a';\nexport const b: number = f.x;",
		},
		edit: { 'a.ts': "export function f(): void {}\nf.x = '';" },
		affects: { 'b.ts': 'interface behaviour' },
	},
	{
		what: 'who extends a class and calls its method is still a type of what has it',
		files: {
			'a.ts': 'export class A { go(): number { return 1; } }',
			'b.ts': "import { A } from './a';\nexport class B extends A { own = 1; constructor() { super(); this.go(); } }",
			'c.ts': "import type { B } from './b';\nexport const c = (b: B): number => b.go();",
		},
		edit: { 'a.ts': 'export class A { go(): number { return 2; } }' },
		affects: { 'b.ts': 'behaviour', 'c.ts': 'behaviour?' },
	},
	{
		what: 'a comment is nobody’s business, not even of who may load anything',
		files: {
			'a.js': 'exports.a = 1;',
			'b.js': 'exports.b = (name) => require(name);',
		},
		edit: { 'a.js': 'exports.a = 1; // one' },
		affects: {},
	},
	{
		what: 'what a function logs makes no type, though its type is read from its body',
		files: {
			'a.ts': 'export function a() { return 1; }',
			'b.ts': "import { a } from './a';\nexport const b = (): number => a();",
		},
		edit: { 'a.ts': "export function a() { console.log('here'); return 1; }" },
		affects: { 'b.ts': 'behaviour' },
	},
	{
		what: 'a predicate is about a parameter, whatever that is called; about none it says nothing',
		files: {
			'a.ts': 'export const isText = (x: unknown): x is string => true;\nexport type Is = (x: unknown) => x is string;',
			'b.ts': 'export const isNumber = (x: unknown): x is number => true;',
			'u.ts': "import { isText, type Is } from './a';\nexport const u: Is = isText;",
			'v.ts': "import { isNumber } from './b';\nexport const v = (x: unknown): number => (isNumber(x) ? x : 1);",
		},
		edit: {
			'a.ts': 'export const isText = (y: unknown): y is string => true;\nexport type Is = (z: unknown) => z is string;',
			'b.ts': 'export const isNumber = (y: unknown): x is number => true;',
		},
		affects: { 'u.ts': 'behaviour', 'v.ts': 'interface behaviour' },
	},
]);
