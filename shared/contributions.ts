/**
 * Identifiers that both the manifest and the code name. A test holds this file against `package.json`.
 */
export const EXTENSION_ID = 'filetide.filetide';

export const Views = {
	watches: 'filetide.watches',
	impact: 'filetide.impact',
	explorer: 'filetide.explorer',
} as const;

export const Commands = {
	addWatch: 'filetide.addWatch',
	removeWatch: 'filetide.removeWatch',
	rescanWatch: 'filetide.rescanWatch',
	pauseWatch: 'filetide.pauseWatch',
	resumeWatch: 'filetide.resumeWatch',
	pauseAllWatches: 'filetide.pauseAllWatches',
	resumeAllWatches: 'filetide.resumeAllWatches',
	showAway: 'filetide.showAway',
	showAffected: 'filetide.showAffected',
	showDependents: 'filetide.showDependents',
	showFailedUpdates: 'filetide.showFailedUpdates',
	refreshImpact: 'filetide.refreshImpact',
	pinImpact: 'filetide.pinImpact',
	unpinImpact: 'filetide.unpinImpact',
	copyImpact: 'filetide.copyImpact',
	clearImpactMarks: 'filetide.clearImpactMarks',
	openAffectedFile: 'filetide.openAffectedFile',
	loadMoreImpact: 'filetide.loadMoreImpact',
	showLog: 'filetide.showLog',
	restartServer: 'filetide.restartServer',
	openSettings: 'filetide.openSettings',
	verifyIndex: 'filetide.verifyIndex',
	repairIndex: 'filetide.repairIndex',
	loadMoreChanges: 'filetide.loadMoreChanges',
} as const;

export type CommandId = (typeof Commands)[keyof typeof Commands];

/** Context keys (UX: prefix, few, coarse). `state` is one of {@link ClientState}. */
export const ContextKeys = {
	state: 'filetide:state',
	hasWatches: 'filetide:hasWatches',
	/** Whether the Impact view stays with a file. */
	impactPinned: 'filetide:impactPinned',
} as const;

/**
 * What the language client is doing; decides which welcome view shows. `idle`: no watch is configured, so no server
 * has been started.
 */
export type ClientState = 'idle' | 'starting' | 'running' | 'restarting' | 'stopped';

export const Settings = {
	section: 'filetide',
	watches: 'watches',
	retentionDays: 'retention.days',
	retentionRecords: 'retention.records',
	retentionMegabytes: 'retention.megabytes',
	graphEnabled: 'graph.enabled',
	decorationsEnabled: 'decorations.enabled',
	decorationsColor: 'decorations.color',
	decorationsImpact: 'decorations.impact',
} as const;

/** Theme colour of the optional decoration colour. */
export const DECORATION_COLOR = 'filetide.changedForeground';
