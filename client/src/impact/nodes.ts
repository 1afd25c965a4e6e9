import type { ImpactResult, Invalidated } from '#shared/protocol.ts';

/** What stands at the top. The same object as long as the view lives: VS Code refreshes by identity. */
export interface ImpactRoot {
	kind: 'root';
	of: 'file' | 'burst';
}

/** Affected files that are as far from what was changed. */
export interface ImpactGroup {
	kind: 'group';
	root: ImpactRoot;
	/** Steps, files, and how many of those are affected only possibly. */
	group: ImpactResult['groups'][number];
	expanded: boolean;
}

export interface ImpactFile {
	kind: 'file';
	within: ImpactGroup;
	file: Invalidated;
}

/** Places that analysis cannot follow. */
export interface WidenedGroup {
	kind: 'widenedGroup';
	root: ImpactRoot;
	places: ImpactResult['widened'];
	/** How many there are, which may be more. */
	count: number;
}

export interface WidenedPlace {
	kind: 'widened';
	within: WidenedGroup;
	place: ImpactResult['widened'][number];
	index: number;
}

/** The end of a group's rows: brings the next page, or says that there is more than the view lists. */
export interface ImpactEnd {
	kind: 'more' | 'limit';
	within: ImpactGroup;
}

/** Stands for the rows that are not there, and says why. */
export interface ImpactNote {
	kind: 'note';
	root: ImpactRoot;
	note: 'noFile' | 'notCovered' | 'noBurst' | 'none' | 'waits' | 'asks' | 'failed';
	/** Why it failed. */
	why?: string;
}

export type ImpactNode = ImpactRoot | ImpactGroup | ImpactFile | WidenedGroup | WidenedPlace | ImpactEnd | ImpactNote;

/** Whether a command's argument is a row of this view's: anybody may call a command with anything. */
export function isImpactNode(value: unknown): value is ImpactNode {
	return typeof value === 'object' && value !== null && 'kind' in value && isKind(value.kind);
}

const KINDS = ['root', 'group', 'file', 'widenedGroup', 'widened', 'more', 'limit', 'note'];

function isKind(kind: unknown): boolean {
	return typeof kind === 'string' && KINDS.includes(kind);
}

/** The row above; undefined for a root. */
export function parentOf(node: ImpactNode): ImpactNode | undefined {
	if (node.kind === 'root') {
		return undefined;
	}
	return 'within' in node ? node.within : node.root;
}

/** The root that a row lies beneath, or is. */
export function rootOf(node: ImpactNode): ImpactRoot {
	if (node.kind === 'root') {
		return node;
	}
	return 'within' in node ? node.within.root : node.root;
}
