/** What tests depend on and do not ask for: the configuration of their runner, and what that names. */
import { basename } from 'node:path';
import { EVERYTHING, Meaning } from '../../graph/facts.ts';
import type { FileBuilder } from './file-builder.ts';
import { eachChild, keyName, stringOf, type SyntaxNode } from './syntax.ts';

/** Files that runners take for tests. */
export const TESTS = '**/*.{test,spec}.{ts,tsx,mts,cts,js,jsx,mjs,cjs}';

const TEST = /\.(?:test|spec)\.[cm]?[jt]sx?$/;
const CONFIGURATION =
	/^(?:vitest|vite|jest|playwright|karma|babel)(?:\.[\w-]+)*\.(?:config|workspace|projects)\.[cm]?[jt]s$/;

/** Settings that name files which runners load. */
const NAMING = new Set([
	'setupFiles',
	'setupFilesAfterEnv',
	'globalSetup',
	'globalTeardown',
	'environment',
	'testEnvironment',
	'transform',
	'moduleNameMapper',
	'snapshotSerializers',
	'runner',
	'resolver',
	'preset',
	'reporters',
]);

/** Where runners find what the environment of tests is. */
const ENVIRONMENTS = ['.env', '.env.local', '.env.test', '.env.test.local'];

/** Adds what a file's name makes of it: a test, or the configuration of tests. */
export function readTestSetup(file: FileBuilder, path: string, statements: readonly SyntaxNode[]): void {
	if (TEST.test(path)) {
		// Kept beside it by the runner, and compared with what it does.
		use(file, `./__snapshots__/${basename(path)}.snap`, 'path');
	}
	if (CONFIGURATION.test(basename(path))) {
		for (const environment of ENVIRONMENTS) {
			use(file, `./${environment}`, 'path');
		}
		for (const specifier of statements.flatMap((statement) => named(statement, false))) {
			use(file, specifier, 'module');
		}
		for (const part of file.parts.keys()) {
			file.concerns.push({ part, scope: 'glob', pattern: TESTS, reason: 'how tests run differs' });
		}
	}
}

function use(file: FileBuilder, specifier: string, kind: 'module' | 'path'): void {
	const request = file.request(specifier, kind, { evaluates: kind === 'module', isRequire: false });
	file.init.use({ to: 'module', request, name: EVERYTHING }, Meaning.value, false);
}

/** The files that strings within a setting name. */
function named(node: SyntaxNode, isWithin: boolean): string[] {
	const path = stringOf(node)?.replace(/^<rootDir>/, '.');
	if (isWithin && path !== undefined) {
		return /^\.{1,2}\//.test(path) ? [path] : [];
	}
	const isSetting = node.type === 'Property' && NAMING.has(keyName(node) ?? '');
	const found: string[] = [];
	eachChild(node, (child) => found.push(...named(child, isWithin || isSetting)));
	return found;
}
