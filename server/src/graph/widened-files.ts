/** Which files are meant where files are told as a whole. */
import { dirname, isAbsolute } from 'node:path';
import picomatch from 'picomatch';
import { isInside } from '../platform/paths.ts';
import type { Widened } from './findings.ts';
import type { GraphStore } from './store.ts';

/** The files of the graph that a widened result means. */
export function filesOf({ scope, of, file }: Widened, store: GraphStore): string[] {
	if (file !== undefined) {
		return [file];
	}
	switch (scope) {
		case 'program':
			return filesOfProgram(of, store);
		case 'glob': {
			const matches = picomatch(of, { dot: true });
			return among(store, (path) => matches(path));
		}
		case 'package':
		case 'directory':
			return among(store, (path) => isInside(of, path));
	}
}

/** The files whose nearest configuration it is; of one that is nobody's nearest, such as that of tests, all beneath it. */
function filesOfProgram(configuration: string, store: GraphStore): string[] {
	const configured = new Set<string>();
	let isBase = false;
	for (const user of new Set(store.usersOfModule(configuration))) {
		const requests = store.view(user)!.requestsOf(configuration);
		if (requests.includes('options')) {
			configured.add(user);
		}
		isBase ||= requests.some((kind) => kind !== 'options');
	}
	return configured.size > 0 || isBase
		? [...configured]
		: among(store, (path) => isInside(dirname(configuration), path));
}

/** Data has no program. */
function among(store: GraphStore, isMeant: (path: string) => boolean): string[] {
	return Array.from(store.paths()).filter((path) => {
		return isAbsolute(path) && !path.endsWith('.json') && isMeant(path);
	});
}
