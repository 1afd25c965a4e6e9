/**
 * Proves that the import-direction rules of .oxlintrc.json fire, and only where they should: each case is a file with
 * one import, linted in a copy of the repository's layout.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

const repository = join(import.meta.dirname, '..', '..');
const RULE = 'eslint(no-restricted-imports)';

/** File → import → a part of the message expected there; `undefined` where the import is allowed. */
const CASES: Record<string, Record<string, string | undefined>> = {
	'shared/model.ts': {
		'node:fs': 'must run without Node',
		path: 'must run without Node',
		'fs/promises': 'must run without Node',
		vscode: 'runs without VS Code',
		'../server/src/rpc/main.ts': 'must not know either',
		'../client/src/extension.ts': 'must not know either',
		'vscode-languageserver': 'shared/ describes the protocol',
		lmdb: 'Only server/src/index knows LMDB',
		chokidar: 'Only server/src/watching knows chokidar',
		'./errors.ts': undefined,
		zod: undefined,
	},
	'shared/model.test.ts': {
		'node:assert/strict': undefined,
		'../server/src/rpc/main.ts': 'must not know either',
		vscode: 'runs without VS Code',
		'vscode-languageserver': 'shared/ describes the protocol',
		lmdb: 'Only server/src/index knows LMDB',
		chokidar: 'Only server/src/watching knows chokidar',
	},
	'client/src/extension.ts': {
		'../../server/src/engine/engine.ts': 'knows the server by its protocol',
		'vscode-languageclient/node': 'Only client/src/session knows the language client',
		lmdb: 'Only server/src/index knows LMDB',
		chokidar: 'Only server/src/watching knows chokidar',
		vscode: undefined,
		'#shared/protocol.ts': undefined,
		'./session/session.ts': undefined,
	},
	'client/src/session/session.ts': {
		'../../../server/src/engine/engine.ts': 'knows the server by its protocol',
		lmdb: 'Only server/src/index knows LMDB',
		chokidar: 'Only server/src/watching knows chokidar',
		'vscode-languageclient/node': undefined,
	},
	'server/src/platform/paths.ts': {
		'../watching/watch.ts': 'platform is the lowest',
		'../index/reader.ts': 'platform is the lowest',
		'../engine/engine.ts': 'platform is the lowest',
		'../rpc/main.ts': 'platform is the lowest',
		'../cli/main.ts': 'platform is the lowest',
		'../../../client/src/extension.ts': 'must not know the extension',
		vscode: '`vscode` exists in the extension host only',
		lmdb: 'Only server/src/index knows LMDB',
		chokidar: 'Only server/src/watching knows chokidar',
		'vscode-jsonrpc': 'speak the protocol',
		'node:fs': undefined,
		'#shared/model.ts': undefined,
	},
	'server/src/watching/watch.ts': {
		'../index/reader.ts': 'Watching gives hints',
		'../engine/engine.ts': 'Watching gives hints',
		'../rpc/main.ts': 'Watching gives hints',
		'../cli/main.ts': 'Watching gives hints',
		'../../../client/src/extension.ts': 'must not know the extension',
		vscode: '`vscode` exists in the extension host only',
		lmdb: 'Only server/src/index knows LMDB',
		'vscode-languageserver/node': 'speak the protocol',
		chokidar: undefined,
		'../platform/paths.ts': undefined,
	},
	'server/src/watching/sources/native.ts': {
		'../../engine/engine.ts': 'Watching gives hints',
		'../../platform/paths.ts': undefined,
	},
	'server/src/index/reader.ts': {
		'../engine/engine.ts': 'The index stores',
		'../rpc/main.ts': 'The index stores',
		'../cli/main.ts': 'The index stores',
		'../../../client/src/extension.ts': 'must not know the extension',
		vscode: '`vscode` exists in the extension host only',
		chokidar: 'Only server/src/watching knows chokidar',
		'vscode-languageserver': 'speak the protocol',
		lmdb: undefined,
		'../watching/watch.ts': undefined,
		'../platform/paths.ts': undefined,
	},
	'server/src/graph/store.ts': {
		lmdb: 'Only server/src/index knows LMDB',
		'../index/reader.ts': undefined,
		'../languages/typescript/language.ts': 'The graph knows no language',
		'../engine/engine.ts': 'The graph knows no language',
	},
	'server/src/languages/typescript/extract.ts': {
		lmdb: 'Only server/src/index knows LMDB',
		'../../graph/facts.ts': undefined,
		'../../index/reader.ts': 'A language says what files mean',
		'../../engine/engine.ts': 'A language says what files mean',
	},
	'server/src/engine/engine.ts': {
		'../rpc/main.ts': 'The engine runs without a client',
		'../cli/main.ts': 'The engine runs without a client',
		'../../../client/src/extension.ts': 'must not know the extension',
		vscode: '`vscode` exists in the extension host only',
		lmdb: 'Only server/src/index knows LMDB',
		chokidar: 'Only server/src/watching knows chokidar',
		'vscode-languageserver': 'speak the protocol',
		'../index/reader.ts': undefined,
		'../watching/watch.ts': undefined,
	},
	'server/src/rpc/main.ts': {
		'../cli/main.ts': 'knows nothing of the command line',
		'../../../client/src/extension.ts': 'must not know the extension',
		vscode: '`vscode` exists in the extension host only',
		lmdb: 'Only server/src/index knows LMDB',
		chokidar: 'Only server/src/watching knows chokidar',
		'vscode-languageserver/node': undefined,
		'vscode-jsonrpc/node': undefined,
		'../engine/engine.ts': undefined,
	},
	'server/src/cli/main.ts': {
		'../../../client/src/extension.ts': 'must not know the extension',
		vscode: '`vscode` exists in the extension host only',
		lmdb: 'Only server/src/index knows LMDB',
		chokidar: 'Only server/src/watching knows chokidar',
		'vscode-jsonrpc': 'speak the protocol',
		'../rpc/main.ts': undefined,
		'../engine/engine.ts': undefined,
	},
	'server/src/cli/attach.ts': {
		'../../../client/src/extension.ts': 'must not know the extension',
		vscode: '`vscode` exists in the extension host only',
		lmdb: 'Only server/src/index knows LMDB',
		chokidar: 'Only server/src/watching knows chokidar',
		'vscode-jsonrpc/node': undefined,
		'../rpc/main.ts': undefined,
	},
	'server/src/cli/attach/connect.ts': { 'vscode-jsonrpc/node': undefined, lmdb: 'Only server/src/index knows LMDB' },
};

/** The ways to import; a rule that one of them slips through is none. */
const FORMS: Record<string, (module: string) => string> = {
	value: (module) => `import { a } from '${module}';\nexport const b = a;\n`,
	type: (module) => `import type { A } from '${module}';\nexport type B = A;\n`,
	'side effect': (module) => `import '${module}';\n`,
	're-export': (module) => `export { a } from '${module}';\n`,
	dynamic: (module) => `export const a = import('${module}');\n`,
};

const copy = mkdtempSync(join(tmpdir(), 'imports-'));
/** File (relative to the copy) → the rule's messages. */
const found = new Map<string, string[]>();

before(() => {
	copyFileSync(join(repository, '.oxlintrc.json'), join(copy, '.oxlintrc.json'));
	for (const { file, source } of Object.keys(CASES).flatMap(snippets)) {
		mkdirSync(dirname(join(copy, file)), { recursive: true });
		writeFileSync(join(copy, file), source);
	}
	const oxlint = join(repository, 'node_modules', 'oxlint', 'bin', 'oxlint');
	const { stdout } = spawnSync(process.execPath, [oxlint, '--format=json'], { cwd: copy, encoding: 'utf8' });
	const report: { diagnostics: { code: string; filename: string; message: string; help?: string }[] } =
		JSON.parse(stdout);
	for (const { filename, message, help = '' } of report.diagnostics.filter(({ code }) => code === RULE)) {
		const file = filename.replaceAll('\\', '/');
		found.set(file, [...(found.get(file) ?? []), `${message} ${help}`]);
	}
});
after(() => rmSync(copy, { recursive: true }));

/** One file for each import of a case in each form, beside the file that the case is about. */
function snippets(path: string): { file: string; source: string; module: string; form: string }[] {
	return Object.keys(CASES[path] ?? {}).flatMap((module, index) =>
		Object.entries(FORMS).map(([form, write]) => ({
			file: path.replace(/(?=(\.test)?\.ts$)/, `-${index}-${form.replace(' ', '-')}`),
			source: write(module),
			module,
			form,
		})),
	);
}

for (const [path, imports] of Object.entries(CASES)) {
	test(`imports of ${path}`, () => {
		const expected: Record<string, string> = {};
		const actual: Record<string, string> = {};
		for (const { file, module, form } of snippets(path)) {
			const wanted = imports[module] ?? 'allowed';
			const messages = found.get(file)?.join('\n') ?? 'allowed';
			expected[`${module}, ${form}`] = wanted;
			actual[`${module}, ${form}`] = messages.includes(wanted) ? wanted : messages;
		}
		assert.deepEqual(actual, expected);
	});
}
