// Writes THIRD_PARTY_NOTICES.md: the packages that really are in the production bundles, the native parts of those,
// and their licences.
//   npm run notices              writes the file
//   npm run notices -- --check   fails when the file is not what would be written
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mitLicence } from './package/mit-licence.mjs';
import { artifacts, root } from './setup/paths.mjs';
import { run } from './setup/run.mjs';
import { isMain, runMain, setUp } from './setup.mjs';

const noticesFile = join(root, 'THIRD_PARTY_NOTICES.md');

/**
 * What is compiled into a package's binaries, and therefore in no metafile.
 * @type {Record<string, { name: string, licences: string[] }[]>}
 */
const NATIVE_PARTS = {
	lmdb: [
		{
			name: 'LMDB (Lightning Memory-Mapped Database), in the native part of lmdb',
			licences: [
				'node_modules/lmdb/dependencies/lmdb/libraries/liblmdb/COPYRIGHT',
				'node_modules/lmdb/dependencies/lmdb/libraries/liblmdb/LICENSE',
			],
		},
		{
			name: 'LZ4 library, in the native part of lmdb',
			licences: ['node_modules/lmdb/dependencies/lz4/lib/LICENSE'],
		},
		{
			name: 'node-addon-api, in the native part of lmdb',
			licences: ['node_modules/node-addon-api/LICENSE.md'],
		},
	],
};

/** @typedef {{ title: string, texts: string[] }} Notice */

/** @returns {string} the file's content, from the metafile of the last production build */
function notices() {
	/** @type {import('esbuild').Metafile} */
	const metafile = JSON.parse(readFileSync(join(artifacts, 'production', 'meta.json'), 'utf8'));
	const folders = bundledPackages(metafile);
	const all = folders.flatMap((folder) => packageNotices(folder));
	all.sort((a, b) => (a.title < b.title ? -1 : 1));
	// A package may be there twice in the same version.
	const unique = [...new Map(all.map((notice) => [notice.title, notice])).values()];
	const sections = unique.map(({ title, texts }) => [`## ${title}`, ...texts.map(fenced)].join('\n\n'));
	const introduction =
		'Filetide contains the following software, under the licences given here. `npm run notices` writes this file from the bundles.';
	return `${['# Third-party notices', introduction, ...sections].join('\n\n')}\n`;
}

/**
 * Folders of the packages of which at least one byte is in a bundle.
 * @param {import('esbuild').Metafile} metafile
 */
function bundledPackages({ outputs }) {
	const inputs = Object.values(outputs).flatMap((output) =>
		Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
	);
	const folders = inputs.flatMap(([file]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
	return [...new Set(folders)];
}

/**
 * @param {string} folder
 * @returns {Notice[]}
 */
function packageNotices(folder) {
	/** @type {{ name: string, version: string, license?: string, author?: string | { name: string } }} */
	const { name, version, license, author } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
	const files = readdirSync(join(root, folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
	const texts = files.sort().map((file) => text(`${folder}/${file}`));
	if (texts.length === 0 && license === 'MIT' && author !== undefined) {
		texts.push(mitLicence(typeof author === 'string' ? author : author.name));
	}
	if (texts.length === 0) {
		throw new Error(`${name} has no licence file: find its licence out and teach scripts/notices.mjs.`);
	}
	const parts = NATIVE_PARTS[name] ?? [];
	return [
		{ title: `${name} ${version}${license === undefined ? '' : ` (${license})`}`, texts },
		...parts.map((part) => ({ title: part.name, texts: part.licences.map(text) })),
	];
}

/** @param {string} file relative to the repository */
const text = (file) => readFileSync(join(root, file), 'utf8').replaceAll('\r\n', '\n').trim();

/** @param {string} licence */
const fenced = (licence) => `\`\`\`\`text\n${licence}\n\`\`\`\``;

if (isMain(import.meta.url)) {
	await runMain(async () => {
		await setUp(import.meta.url);
		await run(process.execPath, [join(root, 'esbuild.mjs'), '--production']);
		const wanted = notices();
		if (!process.argv.includes('--check')) {
			writeFileSync(noticesFile, wanted);
		} else if (!existsSync(noticesFile) || readFileSync(noticesFile, 'utf8') !== wanted) {
			throw new Error('THIRD_PARTY_NOTICES.md is not what the bundles contain: run `npm run notices`.');
		}
	});
}
