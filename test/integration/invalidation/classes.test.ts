import { situations } from './run.ts';

situations('classes', [
	{
		what: '34 a private member comes: what was alike is no longer',
		files: {
			'a.ts': 'export class A { x = 1 }',
			'b.ts': "import type { A } from './a';\nexport const b: A = { x: 1 };",
		},
		edit: { 'a.ts': 'export class A { x = 1; private y = 2 }' },
		affects: { 'b.ts': 'interface' },
	},
	{
		what: '34 the type of a private member is nobody’s business, nor is a second #private one',
		files: {
			'a.ts': 'export class A { #x = 1; private y: number = 2; z(): number { return 1; } }',
			'b.ts': "import type { A } from './a';\nexport const b = (a: A): number => a.z();",
		},
		edit: { 'a.ts': "export class A { #x = 1; #w = 2; private y: string = ''; z(): number { return 1; } }" },
		affects: {},
	},
	{
		what: 'the body of a method concerns those who mention it, and those to whom the object is handed on',
		files: {
			'a.ts': 'export class A { m(): number { return 1; } n(): number { return 1; } }',
			'make.ts': "import { A } from './a';\nexport const make = (): A => new A();",
			'm.ts': "import { make } from './make';\nexport const m = (): number => make().m();",
			'n.ts': "import { make } from './make';\nexport const n = (): number => make().n();",
		},
		edit: { 'a.ts': 'export class A { m(): number { return 2; } n(): number { return 1; } }' },
		affects: { 'm.ts': 'behaviour' },
	},
	{
		what: 'a method that another method of the class calls',
		files: {
			'a.ts': 'export class A { m(): number { return this.#k(); } n(): number { return 1; } #k(): number { return 1; } }',
			'm.ts': "import { A } from './a';\nexport const m = (): number => new A().m();",
			'n.ts': "import { A } from './a';\nexport const n = (): number => new A().n();",
		},
		edit: {
			'a.ts': 'export class A { m(): number { return this.#k(); } n(): number { return 1; } #k(): number { return 2; } }',
		},
		affects: { 'm.ts': 'behaviour' },
	},
	{
		what: '36 the base gains a member: inheritors and those who use them',
		files: {
			'base.ts': 'export class Base { a(): void {} }',
			'sub.ts': "import { Base } from './base';\nexport class Sub extends Base { b(): string { return ''; } }",
			'u.ts': "import type { Base } from './base';\nimport type { Sub } from './sub';\nexport const u = (s: Sub): Base => s;",
		},
		edit: { 'base.ts': 'export class Base { a(): void {} b(): number { return 1; } }' },
		affects: { 'sub.ts': 'interface', 'u.ts': 'interface' },
	},
	{
		what: '37 a subclass overrides: who calls through the base never heard of it',
		files: {
			'base.ts': 'export class Base { m(): number { return 1; } }',
			'sub.ts': "import { Base } from './base';\nexport class Sub extends Base {}",
			'u.ts': "import type { Base } from './base';\nexport const u = (b: Base): number => b.m();",
			'v.ts': "import type { Base } from './base';\nexport const v = (b: Base): unknown => b;",
		},
		edit: {
			'sub.ts':
				"import { Base } from './base';\nexport class Sub extends Base { override m(): number { return 2; } }",
		},
		affects: { 'u.ts': 'behaviour?' },
	},
	{
		what: '38 an interface changes for what is only assigned to it',
		files: {
			'i.ts': 'export interface I { a: number }',
			'v.ts': "import type { I } from './i';\nexport const v: I = { a: 1 };",
			'f.ts': "import type { I } from './i';\nexport function f(i: I): void { console.log(i); }",
			'u.ts': "import { f } from './f';\nexport const u = (): void => f({ a: 1 });",
		},
		edit: { 'i.ts': 'export interface I { a: string }' },
		affects: { 'v.ts': 'interface', 'f.ts': 'interface', 'u.ts': 'interface' },
	},
	{
		what: '39 behaviour through an interface that a parameter is typed by',
		files: {
			's.ts': 'export interface Service { run(): number }',
			'impl.ts':
				"import type { Service } from './s';\nexport class Impl implements Service { run(): number { return 1; } }",
			'u.ts': "import type { Service } from './s';\nexport const u = (s: Service): number => s.run();",
			'w.ts': "import type { Service } from './s';\nexport const w = (s: Service): unknown => s;",
		},
		edit: {
			'impl.ts':
				"import type { Service } from './s';\nexport class Impl implements Service { run(): number { return 2; } }",
		},
		affects: { 'u.ts': 'behaviour?' },
	},
	{
		what: '40 a field becomes an accessor',
		files: {
			'a.ts': 'export class A { x: number = 1 }',
			'b.ts': "import { A } from './a';\nexport class B extends A { override x = 2 }",
		},
		edit: { 'a.ts': 'export class A { get x(): number { return 1; } }' },
		affects: { 'b.ts': 'interface' },
	},
	{
		what: '41 a class that extends what a function makes',
		files: {
			'mix.ts':
				'export const mix = <T extends new (...a: never[]) => object>(B: T) => class extends B { m() { return 1; } };',
			'base.ts': 'export class Base {}',
			'c.ts': "import { mix } from './mix';\nimport { Base } from './base';\nexport class C extends mix(Base) {}",
			'u.ts': "import { C } from './c';\nexport const u: number = new C().m();",
		},
		edit: {
			'mix.ts':
				"export const mix = <T extends new (...a: never[]) => object>(B: T) => class extends B { m() { return ''; } };",
		},
		affects: { 'c.ts': 'interface behaviour', 'u.ts': 'interface behaviour' },
	},
	{
		what: '42 a prototype is patched from elsewhere',
		files: {
			'c.ts': 'export class C { m(): number { return 1; } }',
			'patch.ts': "import { C } from './c';\nC.prototype.m = function () { return 2; };",
			'u.ts': "import { C } from './c';\nexport const u = (): number => new C().m();",
		},
		edit: { 'patch.ts': "import { C } from './c';\nC.prototype.m = function () { return 3; };" },
		affects: { 'c.ts': 'behaviour', 'u.ts': 'behaviour' },
	},
	{
		what: '43 with decorators the type of a parameter is there at run time',
		files: {
			't.ts': 'export interface T { a: number }',
			's.ts': "import type { T } from './t';\ndeclare const d: ClassDecorator;\n@d\nexport class S { constructor(t: T) { void t; } }",
		},
		edit: { 't.ts': 'export class T { a = 1 }' },
		affects: { 's.ts': 'interface behaviour' },
	},
	{
		what: '44 what a framework calls need not be mentioned',
		files: {
			'v.ts': 'export class View { render(): string { return "a"; } other(): number { return 1; } }',
			'u.ts': "import { View } from './v';\nexport const u = (): View => new View();",
		},
		edit: { 'v.ts': 'export class View { render(): string { return "b"; } other(): number { return 1; } }' },
		affects: { 'u.ts': 'behaviour' },
	},
]);

situations('dynamic access', [
	{
		what: '45 computed access reaches every member',
		files: {
			'a.ts': 'export class A { m(): number { return 1; } }',
			'u.ts': "import { A } from './a';\nexport const u = (k: 'm'): number => new A()[k]();",
		},
		edit: { 'a.ts': 'export class A { m(): number { return 2; } }' },
		affects: { 'u.ts': 'behaviour' },
	},
	{
		what: '46 destructuring mentions what it takes',
		files: {
			'a.ts': 'export class A { m = (): number => 1; n = (): number => 1; }',
			'u.ts': "import { A } from './a';\nexport const u = (): number => { const { m } = new A(); return m(); };",
			'w.ts': "import { A } from './a';\nexport const w = (): number => { const { n } = new A(); return n(); };",
		},
		edit: { 'a.ts': 'export class A { m = (): number => 2; n = (): number => 1; }' },
		affects: { 'u.ts': 'behaviour' },
	},
	{
		what: '48 eval may reach anything',
		files: {
			'a.ts': 'export const a = 1;',
			'e.ts': 'export const e = (x: string): unknown => eval(x);',
		},
		edit: { 'a.ts': 'export const a = 2;' },
		affects: { 'e.ts': 'behaviour?' },
		widens: { 'program /: eval may reach anything': 'e.ts' },
	},
	{
		what: '47 a registry knows its services and commands by strings',
		files: {
			'total.ts': 'export const total = (): number => 1;',
			'register.ts':
				"import { total } from './total';\nimport { container } from './container';\nexport const install = (): void => container.register('total', total);",
			'container.ts': 'export declare const container: any;',
			'u.ts': "import { container } from './container';\nexport const u = (): number => container.get('total')();",
			'v.ts': "import { container } from './container';\nexport const v = (): number => container.get('other')();",
			'w.ts': "import { u } from './u';\nexport const w = (): number => u();",
		},
		edit: { 'total.ts': 'export const total = (): number => 2;' },
		affects: { 'register.ts': 'behaviour', 'u.ts': 'behaviour?', 'w.ts': 'behaviour?' },
	},
	{
		what: '47 an event finds who listens; one that everybody has says nothing',
		files: {
			'listen.ts':
				"export const listen = (bus: any): void => { bus.on('paid', () => 1); bus.on('close', () => 1); };",
			'pay.ts': "export const pay = (bus: any): void => { bus.emit('paid'); };",
			'end.ts': "export const end = (bus: any): void => { bus.emit('close'); };",
		},
		edit: {
			'listen.ts':
				"export const listen = (bus: any): void => { bus.on('paid', () => 2); bus.on('close', () => 2); };",
		},
		affects: { 'pay.ts': 'behaviour?' },
	},
]);
