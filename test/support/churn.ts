/**
 * Changes of every kind, from a seed, by paths that are chosen blindly: so several processes can do it to one tree, and each
 * tries the same things in the same order whenever its seed is the same.
 *
 *   node test/support/churn.ts <folder> <seed> <changes> [links]     the last word: also links to what is there
 */
import { execFile } from 'node:child_process';
import {
	appendFileSync,
	chmodSync,
	linkSync,
	mkdirSync,
	renameSync,
	rmSync,
	symlinkSync,
	truncateSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { random } from './random-changes.ts';

/** Few enough that changes meet. The last one is left out by the default filters. */
const NAMES = ['a', 'b', 'c', 'd', 'e.tmp'];

/** What comes of choosing blindly, and of others who do. */
const EXPECTED = new Set(['ENOENT', 'EEXIST', 'EISDIR', 'ENOTDIR', 'ENOTEMPTY', 'EINVAL', 'EPERM', 'ELOOP', 'EXDEV']);

/** Where another process comes between two steps of `rmSync`, Node 24 gives no code, only the system call. */
function isExpected({ code = '', syscall }: NodeJS.ErrnoException): boolean {
	return EXPECTED.has(code) || (code === '' && syscall === 'rm');
}

/** Two paths, and a number that no other change of this process has. */
type Change = (a: string, b: string, serial: number) => void;

const CHANGES: readonly Change[] = [
	(a, _b, serial) => writeFileSync(a, `${serial}`),
	(a, _b, serial) => writeFileSync(a, `${serial}`),
	(a) => mkdirSync(a),
	(a) => mkdirSync(a),
	(a) => appendFileSync(a, 'more'),
	(a) => truncateSync(a),
	(a, _b, serial) => chmodSync(a, 0o700 + (serial % 64)),
	(a, _b, serial) => utimesSync(a, serial, serial),
	(a, b) => renameSync(a, b),
	(a, b) => renameSync(a, b),
	(a, b) => renameSync(a, b),
	(a) => unlinkSync(a),
	(a) => rmSync(a, { recursive: true }),
	(a, _b, serial) => symlinkSync(`target-${serial}`, a),
	(a, b) => linkSync(a, b),
	// Two that are exchanged.
	(a, b, serial) => {
		const third = `${a}-${serial}`;
		renameSync(a, third);
		try {
			renameSync(b, a);
		} finally {
			renameSync(third, b);
		}
	},
	// A save through a temporary file.
	(a, _b, serial) => {
		writeFileSync(`${a}.tmp`, `${serial}`);
		renameSync(`${a}.tmp`, a);
	},
];

const LINKED: readonly Change[] = [...CHANGES, (a, b) => symlinkSync(b, a), (a, b) => symlinkSync(b, a)];

function churn(root: string, seed: number, count: number, changes: readonly Change[]): void {
	const next = random(seed);
	const path = () => join(root, ...Array.from({ length: 1 + next(3) }, () => NAMES[next(NAMES.length)]!));
	for (let i = 0; i < count; i++) {
		const change = changes[next(changes.length)]!;
		const [a, b] = [path(), path()];
		try {
			change(a, b, seed * 1_000_000 + i);
		} catch (error) {
			if (!isExpected(error as NodeJS.ErrnoException)) {
				throw error;
			}
		}
	}
}

/** Has several processes do so many changes each; resolves when all have ended. */
export async function churnTogether(
	root: string,
	seed: number,
	{ processes, changes, links = false }: { processes: number; changes: number; links?: boolean },
): Promise<void> {
	const script = fileURLToPath(import.meta.url);
	const more = links ? ['links'] : [];
	await Promise.all(
		Array.from({ length: processes }, (_, i) =>
			promisify(execFile)(process.execPath, [script, root, `${seed + i}`, `${changes}`, ...more]),
		),
	);
}

if (import.meta.main) {
	const [root, seed, count, links] = process.argv.slice(2);
	churn(root!, Number(seed), Number(count), links === undefined ? CHANGES : LINKED);
}
