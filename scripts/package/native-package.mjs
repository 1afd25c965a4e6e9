import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache, root } from '../setup/paths.mjs';
import { run } from '../setup/run.mjs';

const folder = join(cache, 'packages');

/** @typedef {{ version: string, integrity?: string }} LockEntry */

/**
 * The unpacked folder of an npm package for any platform, in the version and with the content that package-lock.json
 * names. Kept in the cache, whose archives are checked again on every use.
 * @param {string} name
 * @returns {Promise<string>}
 */
export async function nativePackage(name) {
	const { version, integrity } = lockEntry(name);
	const id = `${name.replace('/', '+')}-${version}`;
	const archive = join(folder, `${id}.tgz`);
	const unpacked = join(folder, id);
	mkdirSync(folder, { recursive: true });
	if (!existsSync(archive) || sha512(archive) !== integrity) {
		await download(`${name}@${version}`, archive);
		if (sha512(archive) !== integrity) {
			rmSync(archive);
			throw new Error(`${name}@${version} is not what package-lock.json names: its checksum differs.`);
		}
	}
	rmSync(unpacked, { recursive: true, force: true });
	mkdirSync(unpacked);
	await run('tar', ['-xzf', archive, '-C', unpacked]);
	return join(unpacked, 'package');
}

/** @param {string} name */
function lockEntry(name) {
	/** @type {{ packages: Record<string, LockEntry> }} */
	const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
	const entry = lock.packages[`node_modules/${name}`];
	if (entry?.integrity === undefined) {
		throw new Error(`package-lock.json has no checksum of ${name}.`);
	}
	return entry;
}

/**
 * @param {string} specifier
 * @param {string} archive
 */
async function download(specifier, archive) {
	const parts = mkdtempSync(join(folder, 'download-'));
	try {
		await run('npm', ['pack', specifier, '--silent', '--pack-destination', parts]);
		const [file] = readdirSync(parts);
		if (file === undefined) {
			throw new Error(`\`npm pack ${specifier}\` brought nothing.`);
		}
		renameSync(join(parts, file), archive);
	} finally {
		rmSync(parts, { recursive: true, force: true });
	}
}

/** @param {string} file */
const sha512 = (file) => `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
