/**
 * Walks syntax on behalf of a part: what it sees becomes tokens of the part's fingerprints and the part's uses. The rules of
 * single kinds of nodes are in expressions.ts, functions.ts and types.ts; a node without a rule is its properties.
 */
import { EVERYTHING, Meaning, type Request, type Target } from '../../graph/facts.ts';
import type { PartBuilder } from './part-builder.ts';
import type { Scope } from './scopes.ts';
import { isNode, type SyntaxNode } from './syntax.ts';

/** How a node counts. */
export interface Context {
	readonly sink: PartBuilder;
	readonly scope: Scope;
	/** Whether the interface of the part is made of it. */
	readonly inInterface: boolean;
	/** Whether it is there at run time. */
	readonly runs: boolean;
	/** How far the type of a literal is the literal itself. */
	readonly exact: Exactness;
}

/**
 * - `no`: its type is `string`, `number` and so on
 * - `here`: it is kept, but not in the properties of an object or the elements of a list
 * - `deep`: it is kept in them too, by `as const` or by the type that the place expects
 */
type Exactness = 'no' | 'here' | 'deep';

/** What the walk finds that concerns the file as a whole. */
export interface FileSink {
	/** The index of a request. */
	request(specifier: string, kind: Request['kind'], options: { evaluates: boolean; isRequire: boolean }): number;
	/** An option of the configuration that counts for the file. */
	option(name: string): Target;
	/** A part is found under a name of the program. */
	provide(name: string, by: PartBuilder): void;
	/** What analysis cannot follow. */
	widen(scope: 'directory' | 'package' | 'program', reason: string): void;
	/** A part changes what another one is: the variable that it assigns, the class that it patches. */
	changes(targets: readonly Target[], by: PartBuilder): void;
}

export type Rule = (walker: Walker, node: SyntaxNode, context: Context) => void;

export class Walker {
	readonly file: FileSink;
	readonly isTyped: boolean;
	readonly #rules: Readonly<Record<string, Rule>>;

	/** @param isTyped whether it is TypeScript, where nothing but a declaration makes a property */
	constructor(file: FileSink, rules: Readonly<Record<string, Rule>>, isTyped: boolean) {
		this.file = file;
		this.isTyped = isTyped;
		this.#rules = rules;
	}

	walk(node: SyntaxNode | undefined, context: Context): void {
		if (node === undefined) {
			return;
		}
		const rule = this.#rules[node.type];
		if (rule === undefined) {
			this.walkProperties(node, context);
		} else {
			rule(this, node, context);
		}
	}

	walkAll(nodes: readonly SyntaxNode[], context: Context): void {
		for (const node of nodes) {
			this.walk(node, context);
		}
	}

	/** The node as such: its type and all of its properties, in order. */
	walkProperties(node: SyntaxNode, context: Context, except?: ReadonlySet<string>): void {
		this.token(context, node.type);
		for (const property in node) {
			if (saysNothing(property) || except?.has(property) === true) {
				continue;
			}
			const value = node[property];
			if (isNode(value)) {
				this.walk(value, context);
			} else if (Array.isArray(value)) {
				this.token(context, `${property}:${value.length}`);
				for (const item of value) {
					if (isNode(item)) {
						this.walk(item, context);
					} else {
						this.token(context, String(item));
					}
				}
			} else if (value !== null && value !== undefined && value !== false) {
				this.token(context, `${property}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
			}
		}
	}

	token({ sink, inInterface, runs }: Context, token: string): void {
		if (inInterface) {
			sink.interface.push(token);
		}
		if (runs) {
			sink.behaviour.push(token);
		}
	}

	/** A name is used as a type, as a value, or as both. */
	reference(name: string, meaning: number, context: Context): void {
		this.token(context, name);
		this.useTargets(this.targetsOf(name, meaning, context), meaning, context);
	}

	/** Where a name leads to; nothing for what is local. */
	targetsOf(name: string, meaning: number, { scope }: Context): readonly Target[] {
		const found = scope.find(name, meaning);
		return found === 'local' ? [] : (found ?? [{ to: 'global', name }]);
	}

	/** What is written where types are is no use at run time, though it names a value (`typeof a`). */
	useTargets(targets: readonly Target[], meaning: number, { sink, inInterface, runs }: Context): void {
		for (const target of targets) {
			sink.use(target, runs ? meaning : Meaning.type, inInterface);
		}
	}

	/** A member of what a name leads to is used: of a namespace that was imported, it is one of its exports. */
	useMember(targets: readonly Target[], member: string | undefined, meaning: number, context: Context): void {
		if (member === undefined || !targets.some(isNamespace)) {
			this.useTargets(targets, meaning, context);
			return;
		}
		const used = targets.map((target) => (isNamespace(target) ? { ...target, name: member } : target));
		this.useTargets(used, meaning, context);
	}
}

/** Whether a property says nothing of what its node means. Asked for all of them: comparing takes less time than a set. */
function saysNothing(property: string): boolean {
	switch (property) {
		case 'type':
		case 'start':
		case 'end':
		case 'raw':
		case 'range':
		case 'loc':
		case 'directive':
			return true;
		default:
			return false;
	}
}

function isNamespace(target: Target): target is Extract<Target, { to: 'module' }> {
	return target.to === 'module' && target.name === EVERYTHING;
}

/** In a place where types are written. */
export function asType(context: Context): Context {
	const isType = !context.runs && context.exact === 'deep';
	return isType ? context : { ...context, runs: false, exact: 'deep' };
}

/** The same, but nothing of it belongs to the interface. */
export function inside(context: Context): Context {
	return context.inInterface ? { ...context, inInterface: false } : context;
}

export function within(context: Context, scope: Scope): Context {
	return { ...context, scope };
}

export const VALUE = Meaning.value;
export const TYPE = Meaning.type;
