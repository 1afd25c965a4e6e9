/** TypeScript and JavaScript, with their JSON modules. */
import type { Language } from '../../graph/language.ts';
import { extractJson, extractTypeScript } from './extract.ts';
import { typeScriptNames } from './names.ts';

export const typeScript: Language = {
	...typeScriptNames,
	extract: (path, text) => (path.endsWith('.json') ? extractJson(text) : extractTypeScript(path, text)),
};
