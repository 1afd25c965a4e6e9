/** TypeScript and JavaScript, with their JSON modules, and the JSON that configures them. */
import { basename } from 'node:path';
import type { FileFacts } from '../../graph/facts.ts';
import type { Language } from '../../graph/language.ts';
import { extractConfiguration, isConfiguration } from './configuration.ts';
import { extractTypeScript } from './extract.ts';
import { readInstalled } from './installed.ts';
import { extractJson } from './json.ts';
import { extractManifest } from './manifest.ts';
import { typeScriptNames } from './names.ts';

export const typeScript: Language = {
	...typeScriptNames,
	extract,
	installed: (path, resolver) => readInstalled(path, extract, resolver),
};

function extract(path: string, text: string): FileFacts {
	if (!path.endsWith('.json')) {
		return extractTypeScript(path, text);
	}
	return isConfiguration(path)
		? extractConfiguration(path, text)
		: basename(path) === 'package.json'
			? extractManifest(text)
			: extractJson(text);
}
