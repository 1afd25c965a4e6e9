/**
 * What the graph knows of a file: a pure function of its bytes, its name and the options of its language (DESIGN.md §6).
 * No language is known here; whoever reads one describes its files in these terms.
 */

/** What a name stands for: a type, a value at run time, or both. */
export const Meaning = { type: 1, value: 2, both: 3 } as const;

/** What a part uses. */
export type Target =
	/** Another part of the same file, by its index. */
	| { to: 'part'; part: number }
	/** An export of the module that a request leads to; {@link EVERYTHING} for all of them. */
	| { to: 'module'; request: number; name: string }
	/** A name that nothing in the file declares. */
	| { to: 'global'; name: string };

/** In place of an export's name: every export, whatever it is called. */
export const EVERYTHING = '*';

export interface Use {
	target: Target;
	/** As what the name is used; {@link Meaning}. */
	meaning: number;
	/** Whether the part's own interface is made of it. Otherwise only what is inside the part is. */
	inInterface: boolean;
}

/** Something that can change by itself: a declaration, a member of a class, or what the file does when it is evaluated. */
export interface Part {
	/** As its file calls it; {@link INIT} for the evaluation of the file. */
	name: string;
	/** Index of the part that it is a member of; -1 for none. */
	owner: number;
	meaning: number;
	/** Where it stands, in UTF-16 units from the file's beginning. */
	start: number;
	end: number;
	/** Fingerprint of what those who use it can see at compile time. */
	interface: string;
	/** Fingerprint of what it does at run time; empty for what is not there then. */
	behaviour: string;
	uses: Use[];
	/** Names of members that it mentions; as {@link hiddenName} those that it reaches though they are hidden. */
	mentions: ReadonlySet<string>;
	/** Whether it may reach members whose names it does not mention: computed access, spread, reflection. */
	mentionsAll: boolean;
	/** Members that values of this type have, where the part declares a type that others may implement. */
	declaresMembers: readonly string[];
	/** Whether evaluating the file does something with it that others can notice. */
	evaluated: boolean;
}

/** How a part mentions a member that its class hides, and that can be reached nevertheless. */
export function hiddenName(member: string): string {
	return `['${member}']`;
}

/** The name of the part that stands for the evaluation of a file. It is the first part of every file. */
export const INIT = '';

/** What a file asks of another one. */
export interface Request {
	specifier: string;
	/**
	 * - `module`: it uses exports of it
	 * - `glob`: the specifier is a pattern of paths
	 * - `file`: it uses the file as such (an asset, a worker, a referenced script)
	 * - `types`: a package of global types
	 * - `path`: something in it looks like the path of a file, or of a folder, that is read at run time
	 * - `options`: the configuration of the program that it belongs to
	 */
	kind: 'module' | 'glob' | 'file' | 'types' | 'path' | 'options';
	/** Whether it is evaluated for it. */
	evaluates: boolean;
	/** Whether it asks as CommonJS does, which may find another file than `import`. */
	isRequire: boolean;
}

export interface Export {
	name: string;
	target: Target;
	/** Whether only its type is exported. */
	typeOnly: boolean;
}

/** A part that adds to what another module, or an object of it, is. */
export interface Augmentation {
	request: number;
	/** The export that it adds to; {@link EVERYTHING} where that cannot be told. */
	name: string;
	part: number;
}

/** What analysis cannot follow: then the result is widened. */
export interface Widening {
	/** How far it reaches from the file. */
	scope: 'directory' | 'package' | 'program';
	reason: string;
}

/** A part that concerns files which do not ask for it: an option of the compiler, the set-up of tests. */
export interface Concern {
	part: number;
	/** `program`: those that the file configures; `package` and `directory`: those in its folder; `glob`: those of a pattern. */
	scope: 'program' | 'package' | 'directory' | 'glob';
	/** Of a glob, relative to the file's folder; else empty. */
	pattern: string;
	reason: string;
}

/** What a string is called as a name of the program, where it is the key of a registry: of services, events, commands. */
export function registeredName(key: string): string {
	return `'${key}'`;
}

export function isRegistered(global: string): boolean {
	return global.startsWith("'");
}

export interface FileFacts {
	/** The first one is {@link INIT}. */
	parts: Part[];
	requests: Request[];
	exports: Export[];
	/** Requests all of whose exports, but the default, are exported too. */
	stars: number[];
	/** Names that it declares for every file of its program, and the parts that they are. */
	globals: { name: string; part: number }[];
	augmentations: Augmentation[];
	widenings: Widening[];
	concerns: Concern[];
	/** Whether something of it could not be read. */
	broken: boolean;
}
