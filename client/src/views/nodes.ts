import type { BurstSummary, LoggedChange, Problem } from '#shared/model.ts';

/** A watch. The same object for one id as long as the tree lives: VS Code refreshes by identity. */
export interface WatchNode {
	kind: 'watch';
	watchId: string;
}

/** Changes that belong together, beneath their watch. */
export interface BurstNode {
	kind: 'burst';
	watchId: string;
	burst: BurstSummary;
}

/** A recorded change, beneath its watch or, among others, beneath its burst. */
export interface ChangeNode {
	kind: 'change';
	watchId: string;
	change: LoggedChange;
	opens: boolean;
	within?: BurstNode;
}

/** A problem that belongs to no watch's row. */
interface ProblemNode {
	kind: 'problem';
	problem: Problem;
}

/** How far the dependency graph is. The same object as long as the tree lives. */
export interface GraphNode {
	kind: 'graph';
}

/** The end of what is listed: says that there is nothing, brings the next page, or says that there is more yet. */
export interface EndNode {
	kind: 'none' | 'more' | 'limit';
	watchId: string;
	within?: BurstNode;
}

export type TreeNode = WatchNode | BurstNode | ChangeNode | ProblemNode | GraphNode | EndNode;

/** Whether a command's argument is a row of the tree: anybody may call a command with anything. */
export function isTreeNode(value: unknown): value is TreeNode {
	return typeof value === 'object' && value !== null && 'kind' in value;
}
