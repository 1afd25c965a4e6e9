/** The syntax of a file that is to be edited, as a flat list. */
import { parseSync } from 'oxc-parser';

export interface Node {
	type: string;
	start: number;
	end: number;
	/** Undefined for the root. */
	parent: Node | undefined;
	/** The property of the parent that holds it. */
	role: string;
	[property: string]: unknown;
}

export interface Source {
	file: string;
	text: string;
	nodes: readonly Node[];
	comments: readonly { start: number; end: number; value: string; type: string }[];
}

export function readSource(file: string, text: string): Source {
	const { program, comments } = parseSync(file, text);
	const nodes: Node[] = [];
	collect(program as unknown as Node, undefined, '', nodes);
	return { file, text, nodes, comments };
}

/** Whether a text can be parsed. Of a program with a file that cannot, the compiler reports nothing else. */
export function isParsed(file: string, text: string): boolean {
	return parseSync(file, text).errors.length === 0;
}

function collect(node: Node, parent: Node | undefined, role: string, nodes: Node[]): void {
	nodes.push(node);
	for (const property of Object.keys(node)) {
		const value = node[property];
		for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
			if (isNode(child)) {
				collect(child, node, property, nodes);
			}
		}
	}
	node.parent = parent;
	node.role = role;
}

function isNode(value: unknown): value is Node {
	return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** A child; undefined where there is none. */
export function child(node: Node, property: string): Node | undefined {
	const value = node[property];
	return isNode(value) ? value : undefined;
}

export function children(node: Node, property: string): Node[] {
	const value = node[property];
	return Array.isArray(value) ? value.filter(isNode) : [];
}
