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
