/**
 * From what users write to what runs: validates entries of `filetide.watches` (or a config file), fills in defaults,
 * resolves paths. One bad entry never stops the others.
 */
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { basename, isAbsolute, normalize, parse, resolve } from 'node:path';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import type { Problem } from '#shared/model.ts';
import {
	DEBOUNCE_PRESETS,
	type RetentionConfig,
	retentionSchema,
	type WatchConfig,
	watchSchema,
} from '#shared/settings.ts';
import { isInside, realPath } from '../platform/paths.ts';
import { WatchPatterns } from '../watching/patterns.ts';
import { chooseSource, followingSource } from '../watching/source-kind.ts';
import type { Watch } from '../watching/watch.ts';
import type { IdleWatch } from './messages.ts';

/** Where a list of watches was written, and what its paths mean there. */
export interface WatchSource {
	/** What users call the place: "filetide.watches" or the config file's path. */
	place: string;
	entries: unknown;
	/** Folder that relative paths start from. */
	base: string | undefined;
	/** `files.watcherExclude` there: globs that are on. */
	excludes: readonly string[];
}

export interface PlanContext {
	/** Workspace folders, for `${workspaceFolder}`. */
	folders: readonly { name: string; path: string }[];
	/** Untrusted workspaces only get watches inside their folders. */
	trusted: boolean;
	/** How much of the log is kept, as users wrote it; what they left out has its default. */
	retention?: unknown;
	/** Whether the dependency graph is kept. Default: yes. */
	graph?: boolean | undefined;
}

export interface WatchPlan {
	watches: Watch[];
	idle: IdleWatch[];
	problems: Problem[];
	retention: RetentionConfig;
	/** Whether the dependency graph is kept. */
	graph: boolean;
	/**
	 * False when settings could not be read, or may be withheld (no trust): then a watch that is missing was not removed,
	 * and what the index recorded for it is kept.
	 */
	complete: boolean;
}

/** Id → what has it: the same entry seen from two workspace folders is one watch, two entries with one id are a mistake. */
type SeenWatches = Map<string, { root: string; settings: string }>;

/** Works out which watches run, and says what is wrong with the others, one sentence each. */
export function planWatches(sources: readonly WatchSource[], context: PlanContext): WatchPlan {
	const retention = retentionSchema.parse({});
	const { trusted: complete, graph = true } = context;
	const plan: WatchPlan = { watches: [], idle: [], problems: [], retention, graph, complete };
	planRetention(plan, context.retention ?? {});
	const seen: SeenWatches = new Map();
	for (const source of sources) {
		if (source.entries !== undefined && source.entries !== null && !Array.isArray(source.entries)) {
			addProblem(plan, `${source.place} must be a list of watches, each like {"path": "…"}.`);
			continue;
		}
		for (const [index, entry] of ((source.entries ?? []) as unknown[]).entries()) {
			addEntry(plan, seen, source, `${source.place}[${index}]`, entry, context);
		}
	}
	return { ...plan, watches: withAllowedRoots(plan.watches) };
}

/** What cannot be read has its default, which keeps more rather than less. */
function planRetention(plan: WatchPlan, entry: unknown): void {
	const parsed = retentionSchema.safeParse(entry);
	if (parsed.success) {
		plan.retention = parsed.data;
		return;
	}
	const issues = parsed.error.issues.map((issue) => sentenceOf(issue, 'filetide.retention'));
	addProblem(plan, `${issues.join(' ')} The defaults of retention are used.`);
}

/** Links may lead into every watch that runs. In an untrusted workspace all of these lie inside the workspace. */
function withAllowedRoots(watches: readonly Watch[]): Watch[] {
	const roots = [...new Set(watches.map(({ root }) => realPath(root)))].sort();
	const outermost = roots.filter((root) => !roots.some((other) => other !== root && isInside(other, root)));
	return watches.map((watch) => (watch.followInto.length === 0 ? watch : { ...watch, followInto: outermost }));
}

function addEntry(
	plan: WatchPlan,
	seen: SeenWatches,
	source: WatchSource,
	place: string,
	entry: unknown,
	context: PlanContext,
): void {
	const parsed = watchSchema.safeParse(entry);
	if (!parsed.success) {
		const issues = parsed.error.issues.map((issue) => sentenceOf(issue, place));
		addProblem(plan, `${issues.join(' ')} The other watches go on.`);
		return;
	}
	const config = parsed.data;
	try {
		const root = resolveRoot(config.path, source.base, context);
		const watch = toWatch(config, root, source.excludes);
		const settings = JSON.stringify(watch);
		const sameId = seen.get(watch.id);
		if (sameId?.settings === settings) {
			return;
		}
		if (sameId !== undefined) {
			addProblem(
				plan,
				config.id === undefined
					? `${place}: another watch has the same folder, ${watch.root}, and the same name. Give one of them an id.`
					: `${place}: the id "${watch.id}" is already used by the watch on ${sameId.root}. Give one of them another id.`,
			);
			return;
		}
		seen.set(watch.id, { root: watch.root, settings });
		const idle = whyIdle(config, watch, context);
		if (idle === undefined) {
			// Compiling says now, in the user's words, what would fail in the workers.
			void new WatchPatterns(watch);
			plan.watches.push(watch);
		} else {
			plan.idle.push({ id: watch.id, name: watch.name, root: watch.root, state: 'stopped', message: idle });
		}
	} catch (error) {
		if (!(error instanceof FiletideError)) {
			throw error;
		}
		addIdleError(plan, config, place, error, source, context);
	}
}

/** A watch that fails before it runs still has its row. */
function addIdleError(
	plan: WatchPlan,
	config: WatchConfig,
	place: string,
	error: FiletideError,
	source: WatchSource,
	context: PlanContext,
): void {
	const message = `${place}: ${error.message}`;
	let root = config.path;
	try {
		root = resolveRoot(config.path, source.base, context);
	} catch {
		// The path itself is what is wrong; the row shows it as written.
	}
	const id = config.id ?? deriveId(root, config.name);
	if (plan.idle.some((watch) => watch.id === id)) {
		return;
	}
	plan.idle.push({ id, name: config.name ?? nameOf(root), root, state: 'error', message });
	plan.problems.push({ key: message, code: error.code, message, severity: 'error', watchId: id });
}

function addProblem(plan: WatchPlan, message: string): void {
	plan.complete = false;
	// The same entry, seen from two workspace folders, is told once.
	if (!plan.problems.some((problem) => problem.key === message)) {
		plan.problems.push({ key: message, code: ErrorCodes.configInvalid, message, severity: 'error' });
	}
}

/** Why a well-formed watch does not run; undefined when it does. */
function whyIdle(config: WatchConfig, watch: Watch, context: PlanContext): string | undefined {
	if (!config.enabled) {
		return `The watch "${watch.name}" is turned off by "enabled": false.`;
	}
	const real = realPath(watch.root);
	if (!context.trusted && !context.folders.some((folder) => isInside(realPath(folder.path), real))) {
		return `The watch "${watch.name}" lies outside the workspace and waits until you trust the workspace.`;
	}
	return undefined;
}

function toWatch(config: WatchConfig, root: string, excludes: readonly string[]): Watch {
	const source = config.source === 'auto' ? chooseSource(root) : config.source;
	const windowMs = typeof config.debounce === 'number' ? config.debounce : DEBOUNCE_PRESETS[config.debounce];
	return {
		id: config.id ?? deriveId(root, config.name),
		name: config.name ?? nameOf(root),
		root,
		include: config.include,
		ignore: config.ignore,
		excludes: config.filters.watcherExclude ? excludes : [],
		filters: config.filters,
		maxDepth: config.recursive ? (config.depth ?? Number.POSITIVE_INFINITY) : 0,
		followInto: config.followSymlinks ? [root] : [],
		source: config.followSymlinks ? followingSource(source) : source,
		pollIntervalMs: config.pollInterval,
		windowMs,
		maxWaitMs: config.settled ? Number.MAX_SAFE_INTEGER : (config.maxWait ?? windowMs * 10),
		settled: config.settled,
		reconcileIntervalMs: config.reconcileInterval,
	};
}

/**
 * The absolute, normalised root of a watch.
 *
 * @throws FiletideError `CONFIG_INVALID`
 */
function resolveRoot(path: string, base: string | undefined, context: PlanContext): string {
	const expanded = expandVariables(path, base, context);
	if (!isAbsolute(expanded) && base === undefined) {
		throw new FiletideError(
			ErrorCodes.configInvalid,
			`"${path}" is relative, but no folder is open that it could be relative to. Write an absolute path.`,
		);
	}
	const root = normalize(resolve(base ?? '/', expanded));
	if (root === parse(root).root) {
		throw new FiletideError(ErrorCodes.configInvalid, `${root} is a whole file system. Watch a folder in it.`);
	}
	return root;
}

function expandVariables(path: string, base: string | undefined, { folders }: PlanContext): string {
	const home = path === '~' || /^~[\\/]/.test(path) ? homedir() + path.slice(1) : path;
	return home.replaceAll(/\$\{([^}:]+)(?::([^}]*))?\}/g, (whole, variable: string, name: string | undefined) => {
		if (variable !== 'workspaceFolder') {
			throw new FiletideError(
				ErrorCodes.configInvalid,
				`The path uses ${whole}, which Filetide does not know. Use \${workspaceFolder} or \${workspaceFolder:name}.`,
			);
		}
		const folder = name === undefined ? base : folders.find((candidate) => candidate.name === name)?.path;
		if (folder === undefined) {
			throw new FiletideError(
				ErrorCodes.configInvalid,
				`The path uses ${whole}, but no such workspace folder is open.`,
			);
		}
		return folder;
	});
}

function deriveId(root: string, name: string | undefined): string {
	return createHash('sha256')
		.update(`${root}\0${name ?? ''}`)
		.digest('hex')
		.slice(0, 12);
}

function nameOf(root: string): string {
	return basename(root) || root;
}

/** One sentence for one schema issue. */
function sentenceOf(
	issue: { code: string; path: PropertyKey[]; message: string; keys?: string[] },
	place: string,
): string {
	if (issue.code === 'unrecognized_keys') {
		const where = [place, ...issue.path.map(String)].join('.');
		const known =
			issue.path.length === 0
				? Object.keys(watchSchema.shape)
				: Object.keys(watchSchema.shape.filters.unwrap().shape);
		return `${where} has the unknown setting ${(issue.keys ?? []).map((key) => `"${key}"`).join(', ')}; known are ${known.join(', ')}.`;
	}
	return `${[place, ...issue.path.map(String)].join('.')} is wrong: ${issue.message}.`;
}
