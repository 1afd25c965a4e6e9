/**
 * The one schema of a watch: the setting `filetide.watches`, the CLI's `--config` file and imported rows are all read
 * through it, and the manifest's JSON schema is generated from it (a test compares the two).
 */
import * as z from 'zod';

/** Debounce presets and their window in milliseconds. */
export const DEBOUNCE_PRESETS = { development: 50, default: 100, production: 200, lowResource: 500 } as const;

const flag = (description: string) => z.boolean().default(true).describe(description);

const filtersSchema = z
	.strictObject({
		hidden: flag('Leave out files and folders whose name starts with a dot, and everything in such folders.'),
		metadataSidecars: flag('Leave out `*.metadata.json` files.'),
		temporary: flag('Leave out `*~` and `*.tmp` files.'),
		gitInternals: flag('Leave out what is inside `.git`.'),
		gitignore: flag('Leave out what `.gitignore` files leave out.'),
		watcherExclude: flag('Leave out what the setting `files.watcherExclude` leaves out.'),
	})
	.describe('Filters that are on unless turned off here.');

/** A watch as users write it. Unknown keys are errors, so that a misspelt key is told. */
export const watchSchema = z
	.strictObject({
		path: z
			.string()
			.min(1)
			.describe(
				'The folder to watch. May start with `~` or `${workspaceFolder}` / `${workspaceFolder:name}`; a relative path is relative to its workspace folder.',
			),
		name: z.string().min(1).optional().describe("The watch's name. Default: the folder's name."),
		id: z
			.string()
			.regex(/^[A-Za-z0-9._-]{1,64}$/)
			.optional()
			.describe('A stable identifier. Default: derived from the path.'),
		include: z
			.array(z.string())
			.default([])
			.describe('Globs, relative to the folder, of what to watch. Empty: everything.'),
		ignore: z
			.array(z.string())
			.default([])
			.describe('Globs, relative to the folder, of what to leave out. They win over `include`.'),
		filters: filtersSchema.prefault({}),
		recursive: z.boolean().default(true).describe('Watch folders beneath the folder too.'),
		depth: z
			.int()
			.min(0)
			.max(1000)
			.optional()
			.describe('How many levels of folders to watch; 0 means direct children only. Default: no limit.'),
		followSymlinks: z
			.boolean()
			.default(false)
			.describe(
				'Record what a symbolic link leads to, and look into folders that it leads to, instead of the link itself. Links that lead out of all watched folders, to nothing, or back to a folder above them stay links. Uses `native` on Linux, else `polling`.',
			),
		source: z
			.enum(['auto', 'native', 'chokidar', 'polling'])
			.default('auto')
			.describe(
				'What tells Filetide that something changed: `native` the system, with one watch per folder; `chokidar` a library; `polling` nothing, the folder is scanned at the poll interval. `auto`: `polling` on network file systems, else `native`.',
			),
		pollInterval: z
			.int()
			.min(100)
			.max(86_400_000)
			.default(5000)
			.describe(
				'Milliseconds between two scans with the source `polling`, and of what no watch of the system is left for.',
			),
		debounce: z
			.union([z.enum(['development', 'default', 'production', 'lowResource']), z.int().min(0).max(60_000)])
			.default('default')
			.describe(
				'How long changes of one file are gathered: `development` 50 ms, `default` 100 ms, `production` 200 ms, `lowResource` 500 ms, or milliseconds.',
			),
		maxWait: z
			.int()
			.min(0)
			.max(600_000)
			.optional()
			.describe(
				'The longest that a file under constant writes goes unreported, in milliseconds. Default: ten times the debounce.',
			),
		settled: z
			.boolean()
			.default(false)
			.describe('Report a file only once its size and time have been stable for the debounce.'),
		reconcileInterval: z
			.int()
			.min(0)
			.max(604_800_000)
			.default(3_600_000)
			.describe('Milliseconds between two full comparisons with the disk; 0 turns them off.'),
		enabled: z.boolean().default(true).describe('Whether the watch runs.'),
	})
	.describe('A folder to watch.');

/** What {@link watchSchema} yields: all defaults filled in. */
export type WatchConfig = z.output<typeof watchSchema>;
/** What users write. */
export type WatchConfigInput = z.input<typeof watchSchema>;
export type WatchFilters = WatchConfig['filters'];

/** How much of the log is kept: the settings `filetide.retention.*` and the options `--keep-…` of `filetide serve`. */
export const retentionSchema = z.strictObject({
	/** Records that are older go. */
	days: z.int().min(1).max(36_500).default(90),
	/** All but so many of the newest go. */
	records: z.int().min(100).max(1_000_000_000).default(1_000_000),
	/** While the index needs more than this, all but the newest 10,000 go. */
	megabytes: z.int().min(16).max(1_048_576).default(512),
});

export type RetentionConfig = z.output<typeof retentionSchema>;

/** The JSON schema of `filetide.watches` for the extension manifest. */
export function watchesJsonSchema(): object {
	const { $schema: _, ...items } = z.toJSONSchema(watchSchema, { io: 'input' });
	return { type: 'array', items };
}

/** For each setting `filetide.retention.*` what the extension manifest says of it. */
export function retentionJsonSchema(): Record<string, object> {
	return z.toJSONSchema(retentionSchema, { io: 'input' }).properties as Record<string, object>;
}
