/** Symbolic links: what they hold, and where they lead, step by step. */
import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, parse, sep } from 'node:path';
import { decodeName, mayBeLossy, toFileSystem } from './names.ts';
import { childPath } from './paths.ts';

/** What a link holds. @throws ENOENT, EINVAL and what else `readlink` throws. */
export function readLink(path: string): string {
	const target = readlinkSync(toFileSystem(path));
	return mayBeLossy(target) ? decodeName(readlinkSync(toFileSystem(path), { encoding: 'buffer' })) : target;
}

/** A name in a folder, given by its real path, on which it depends where a link leads. */
export interface Step {
	folder: string;
	name: string;
}

export interface Way {
	/** From the link on, the link itself left out. The last one is what it leads to, or what is missing on the way there. */
	steps: Step[];
	/** Real path of what it leads to; undefined when nothing is there, or when it leads in a circle. */
	end: string | undefined;
}

/** The kernel's own limit for one path (path_resolution(7)). */
const MOST_LINKS = 40;

/** Where a link leads. Real, unlike `realpath`'s answer, also for names that are not UTF-8; steps are no by-product there. */
export function wayOf(link: string): Way {
	const steps: Step[] = [];
	let { root: folder } = parse(link);
	/** What is still to be gone, the next name last. */
	const ahead = namesOf(link.slice(folder.length));
	let isBehindLink = false;
	for (let links = 0, name = ahead.pop(); name !== undefined; name = ahead.pop()) {
		if (name === '..') {
			folder = dirname(folder);
			continue;
		}
		const path = childPath(folder, name);
		if (isBehindLink) {
			steps.push({ folder, name });
		}
		const isLink = isLinkAt(path);
		if (isLink === undefined) {
			return { steps, end: undefined };
		}
		if (!isLink) {
			folder = path;
			continue;
		}
		if (++links > MOST_LINKS) {
			return { steps, end: undefined };
		}
		isBehindLink ||= ahead.length === 0;
		let target: string;
		try {
			target = readLink(path);
		} catch {
			// Another thing took its place in this moment.
			return { steps, end: undefined };
		}
		const { root } = parse(target);
		folder = root === '' ? folder : root;
		ahead.push(...namesOf(target.slice(root.length)));
	}
	return { steps, end: folder };
}

/** The names of a path, the first one last. */
function namesOf(path: string): string[] {
	return path
		.split(sep)
		.filter((name) => name !== '' && name !== '.')
		.toReversed();
}

/** Whether a link stands at a path; undefined when nothing does, or nothing that can be seen. */
function isLinkAt(path: string): boolean | undefined {
	try {
		return lstatSync(toFileSystem(path), { throwIfNoEntry: false })?.isSymbolicLink();
	} catch {
		return undefined;
	}
}
