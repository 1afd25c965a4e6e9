/** The packages whose sources the oracle edits: npm tarballs that hold them, pinned, fetched when they are missing. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../scripts/setup/run.mjs';
import { step } from '../../scripts/setup/step.mjs';

export interface OraclePackage {
	/** As fixtures and reports call it. */
	name: string;
	/** What npm is asked for. */
	spec: string;
	/** Of the tarball, as the registry tells it. */
	integrity: string;
	/** The folder of it that holds the sources. */
	folder: string;
	/** Compiler options that it needs beside those of every package. */
	options?: Record<string, unknown>;
	/** Declarations in place of what it imports and does not bring. */
	stubs?: Record<string, string>;
	/** Whether types that the compiler can infer are taken away first, so that they come from values, file after file. */
	isInferred?: boolean;
	/** Of 100 edits, how many are of this package. The compiler decides: one edit of zod costs it as much as ten of mobx. */
	share: number;
}

const PROCESS = 'declare const process: { env: Record<string, string | undefined> };\n';

const ANNOTATED: readonly OraclePackage[] = [
	{
		name: 'rxjs',
		spec: 'rxjs@7.8.2',
		integrity: 'sha512-dhKf903U/PQZY6boNNtAGdWbG85WAbjT/1xYoZIC7FAY0yWapOBQVsVrDl58W86//e1VpMNBtRV4MaXfdMySFA==',
		folder: 'src',
		share: 28,
	},
	{
		name: 'query-core',
		spec: '@tanstack/query-core@5.108.0',
		integrity: 'sha512-X9zJUtEV/0D2q9pmGS/Bza8S4bNovSBhZOtdhtu0fzsHwizC6C+Eh/q5CX3MQBchsRMrirWVQmv7Fp4OStzV9g==',
		folder: 'src',
		stubs: { 'src/stubs.d.ts': PROCESS },
		share: 14,
	},
	{
		name: 'mobx',
		spec: 'mobx@7.1.3',
		integrity: 'sha512-H2NcS5ylMsqYn7v4WpSdzv5YWPmw5XTV6pG2NvY0qYbh95FXbswZJ7pn7wU0rOtUvRzk+3t4AOX2eircoN+vBg==',
		options: { noImplicitAny: false, noImplicitThis: false, lib: ['ESNext', 'DOM', 'DOM.Iterable'] },
		folder: 'src',
		share: 14,
	},
	{
		name: 'zod',
		spec: 'zod@4.6.7',
		integrity: 'sha512-g8W2D2kU6a8untc053fX1uVBKzM7yqAxW/3zwk83+6RyF2+SKOuV+c0wBDhUwzV1PaGapmZH+rmcUzPf+3CGwg==',
		folder: 'src',
		share: 4,
	},
];

/** JavaScript: modules and CommonJS, with types in comments. */
const JAVASCRIPT: OraclePackage = {
	name: 'mocha',
	spec: 'mocha@12.0.3',
	integrity: 'sha512-beammieDdiWdkjANWeWPpkxUROYGi5FN88fPOkLiticz7HTg3Y+Pho3EYE6SUdcuWnZ3h2WD8EXCA55JF4o6wg==',
	folder: 'lib',
	options: { allowJs: true, checkJs: true, strict: false },
	share: 10,
};

/** Each package as it is; all but the one that costs the compiler most also without the types that can be inferred. */
export const PACKAGES: readonly OraclePackage[] = [
	...ANNOTATED,
	JAVASCRIPT,
	...ANNOTATED.filter(({ name }) => name !== 'zod').map((one) => ({
		...one,
		name: `${one.name} inferred`,
		isInferred: true,
		options: { ...one.options, noImplicitAny: false },
		share: 10,
	})),
];

/** Where fetched packages stay: outside the repository, so that all clones of it share them. */
const CACHE =
	process.env['FILETIDE_ORACLE_CACHE'] ??
	join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'filetide', 'oracle');

/** A package of this name; throws for one that there is none of. */
export function packageNamed(name: string): OraclePackage {
	const found = PACKAGES.find((known) => known.name === name);
	if (found === undefined) {
		throw new Error(
			`There is no package "${name}": the packages are ${PACKAGES.map((one) => one.name).join(', ')}.`,
		);
	}
	return found;
}

/**
 * The folder with a package's sources, fetched through npm unless it is there already.
 * @throws when npm fails, or hands over another tarball than the pinned one
 */
export async function ensureSources({ spec, integrity, folder: sources }: OraclePackage): Promise<string> {
	const folder = join(CACHE, spec.replaceAll('/', '+'));
	if (existsSync(folder)) {
		return join(folder, 'src');
	}
	mkdirSync(CACHE, { recursive: true });
	const work = mkdtempSync(join(CACHE, 'fetching-'));
	try {
		await step(`Fetching ${spec} (npm pack)`, () =>
			run('npm', ['pack', spec, '--ignore-scripts', '--loglevel=error', '--pack-destination', work]),
		);
		const [tarball] = readdirSync(work);
		if (tarball === undefined) {
			throw new Error(`\`npm pack ${spec}\` wrote no tarball into ${work}.`);
		}
		const found = `sha512-${createHash('sha512')
			.update(readFileSync(join(work, tarball)))
			.digest('base64')}`;
		if (found !== integrity) {
			throw new Error(`npm handed over another ${spec} than the pinned one: its integrity is ${found}.`);
		}
		await run('tar', ['-xzf', tarball], { cwd: work });
		const whole = join(work, 'whole');
		cpSync(join(work, 'package', sources), join(whole, 'src'), { recursive: true });
		if (!existsSync(folder)) {
			// In one step: whoever finds the folder finds all of it.
			renameSync(whole, folder);
		}
	} finally {
		rmSync(work, { recursive: true, force: true });
	}
	return join(folder, 'src');
}
