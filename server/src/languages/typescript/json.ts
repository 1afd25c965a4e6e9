/** Reads JSON, also with comments and commas too many, as configurations have them. */
import { hash } from 'node:crypto';
import { EVERYTHING, type FileFacts, INIT, Meaning, type Part } from '../../graph/facts.ts';
import { parse } from './parse.ts';
import { childOf, childrenOf, erased, keyName, type SyntaxNode } from './syntax.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What a text says; undefined when it is no JSON, however generously it is read. */
export function readJson(text: string): Json | undefined {
	try {
		return JSON.parse(text) as Json;
	} catch {
		// Comments, perhaps, or an unfinished edit.
	}
	const { program, errors } = parse('value.js', `(${text}\n)`);
	const [only] = childrenOf(program as unknown as SyntaxNode, 'body');
	return errors.length > 0 || only?.type !== 'ExpressionStatement'
		? undefined
		: valueOf(erased(childOf(only, 'expression')));
}

function valueOf(node: SyntaxNode): Json | undefined {
	switch (node.type) {
		case 'Literal':
			return node['value'] as Json;
		case 'UnaryExpression':
			return node['operator'] === '-' ? -Number(valueOf(childOf(node, 'argument'))) : undefined;
		case 'ArrayExpression':
			return childrenOf(node, 'elements').map((item) => valueOf(item) ?? null);
		case 'ObjectExpression':
			return Object.fromEntries(
				childrenOf(node, 'properties').map((property) => [
					keyName(property) ?? '',
					valueOf(childOf(property, 'value')) ?? null,
				]),
			);
		default:
			return undefined;
	}
}

export function isObject(value: Json | undefined): value is { [key: string]: Json } {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON file is a module: the whole is its default export, and each key of an object an export of its own. */
export function extractJson(text: string): FileFacts {
	const value = readJson(text);
	const parts: Part[] = [partOf(INIT, '')];
	const exports: FileFacts['exports'] = [];
	const add = (name: string, content: string) => {
		exports.push({ name, target: { to: 'part', part: parts.push(partOf(name, content)) - 1 }, typeOnly: false });
	};
	if (value === undefined) {
		// It is known as a whole only.
		add('default', text);
		add(EVERYTHING, text);
	} else {
		add('default', JSON.stringify(value));
		if (isObject(value)) {
			for (const [key, item] of Object.entries(value)) {
				add(key, JSON.stringify(item));
			}
		}
	}
	return {
		parts,
		requests: [],
		exports,
		stars: [],
		globals: [],
		augmentations: [],
		widenings: [],
		concerns: [],
		broken: value === undefined,
	};
}

/** A part that is nothing but a value. */
export function partOf(name: string, content: string): Part {
	const fingerprint = hash('sha1', content, 'hex').slice(0, 16);
	return {
		name,
		owner: -1,
		meaning: Meaning.both,
		start: 0,
		end: 0,
		interface: fingerprint,
		behaviour: fingerprint,
		uses: [],
		mentions: new Set(),
		mentionsAll: false,
		declaresMembers: [],
		evaluated: false,
	};
}
