import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, vsixFolder } from '../setup/paths.mjs';

/**
 * What a target's binaries must be made for; the packaging test holds their headers against it.
 * @typedef {object} Machine
 * @property {'elf' | 'mach-o' | 'pe'} format
 * @property {'x64' | 'arm64' | 'arm'} cpu
 * @property {'glibc' | 'musl'} [libc] Linux only
 */

/** The targets of VS Code that a VSIX is made for. Every other lacks a native package. */
export const TARGETS = /** @satisfies {Record<string, Machine>} */ ({
	'win32-x64': { format: 'pe', cpu: 'x64' },
	'win32-arm64': { format: 'pe', cpu: 'arm64' },
	'darwin-x64': { format: 'mach-o', cpu: 'x64' },
	'darwin-arm64': { format: 'mach-o', cpu: 'arm64' },
	'linux-x64': { format: 'elf', cpu: 'x64', libc: 'glibc' },
	'linux-arm64': { format: 'elf', cpu: 'arm64', libc: 'glibc' },
	'linux-armhf': { format: 'elf', cpu: 'arm', libc: 'glibc' },
	'alpine-x64': { format: 'elf', cpu: 'x64', libc: 'musl' },
	'alpine-arm64': { format: 'elf', cpu: 'arm64', libc: 'musl' },
});

/** @typedef {keyof typeof TARGETS} Target */

/**
 * A native file of a VSIX.
 * @typedef {object} NativeFile
 * @property {string} from the npm package that carries it
 * @property {string} file its path in that package
 * @property {string} to its path in the VSIX, where the bundled JavaScript looks for it
 */

/**
 * Package × target → file. A package with native parts gets one entry here, and every VSIX its file.
 * @type {Record<string, Record<Target, NativeFile>>}
 */
const NATIVE_FILES = {
	lmdb: {
		'win32-x64': lmdb('win32-x64', 'node.napi.node'),
		'win32-arm64': lmdb('win32-arm64', 'node.napi.node'),
		'darwin-x64': lmdb('darwin-x64', 'node.napi.node'),
		'darwin-arm64': lmdb('darwin-arm64', 'node.napi.node'),
		'linux-x64': lmdb('linux-x64', 'node.napi.glibc.node'),
		'linux-arm64': lmdb('linux-arm64', 'node.napi.glibc.node'),
		'linux-armhf': lmdb('linux-arm', 'node.napi.glibc.node'),
		'alpine-x64': lmdb('linux-x64', 'node.napi.musl.node'),
		'alpine-arm64': lmdb('linux-arm64', 'node.napi.musl.node'),
	},
	parser: oxc('parser'),
	resolver: oxc('resolver'),
};

/**
 * @param {string} platform as LMDB names its packages and, with `prebuilds/`, the folder where it looks
 * @param {string} file
 * @returns {NativeFile}
 */
function lmdb(platform, file) {
	return { from: `@lmdb/lmdb-${platform}`, file, to: `prebuilds/${platform}/${file}` };
}

/**
 * The parser and the resolver look beside the bundle that uses them.
 * @param {'parser' | 'resolver'} name
 * @returns {Record<Target, NativeFile>}
 */
function oxc(name) {
	/** @param {string} platform as oxc names its packages */
	const file = (platform) => {
		const binary = `${name}.${platform}.node`;
		return { from: `@oxc-${name}/binding-${platform}`, file: binary, to: `dist/${binary}` };
	};
	return {
		'win32-x64': file('win32-x64-msvc'),
		'win32-arm64': file('win32-arm64-msvc'),
		'darwin-x64': file('darwin-x64'),
		'darwin-arm64': file('darwin-arm64'),
		'linux-x64': file('linux-x64-gnu'),
		'linux-arm64': file('linux-arm64-gnu'),
		'linux-armhf': file('linux-arm-gnueabihf'),
		'alpine-x64': file('linux-x64-musl'),
		'alpine-arm64': file('linux-arm64-musl'),
	};
}

/** @param {Target} target */
export const nativeFiles = (target) => Object.values(NATIVE_FILES).map((byTarget) => byTarget[target]);

/**
 * @param {string} name
 * @returns {name is Target}
 */
export const isTarget = (name) => Object.hasOwn(TARGETS, name);

/** @param {Target} target */
export function vsixFile(target) {
	const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	return join(vsixFolder, `${name}-${target}-${version}.vsix`);
}

/** The target that VS Code on this machine takes. */
export function hostTarget() {
	const platform = process.platform === 'linux' && !hasGlibc() ? 'alpine' : process.platform;
	const target = `${platform}-${process.arch === 'arm' ? 'armhf' : process.arch}`;
	if (!isTarget(target)) {
		throw new Error(`There is no VSIX for ${target}: no native LMDB package is made for it.`);
	}
	return target;
}

function hasGlibc() {
	/** @type {{ header?: { glibcVersionRuntime?: string } }} */
	const report = process.report.getReport();
	return report.header?.glibcVersionRuntime !== undefined;
}
