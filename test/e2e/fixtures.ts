import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { hostTarget, vsixFile } from '../../scripts/package/targets.mjs';
import { artifacts } from '../../scripts/setup/paths.mjs';
import { startHost, type Host, type HostOptions } from '../host/launch.mjs';
import { serverPids } from './server-process.ts';
import { Workbench } from './workbench.ts';

/** For a window whose goodbye was lost: a browser does not wait until it has been sent. */
const GRACE_SECONDS = 3;
/** VS Code gives extensions some seconds more to end. */
const WINDOW_END_MS = 20_000;

/** A folder for one worker's VS Code to open. */
export interface Workspace {
	path: string;
	/** Writes a file, as a program other than VS Code does. */
	write(name: string, text: string): void;
	/** Puts the folder's settings (`.vscode/settings.json`) in place of those before. */
	writeSettings(settings: Record<string, unknown>): void;
}

/** What a spec file chooses, with `test.use` at its top (each choice needs a worker of its own). */
interface Choices {
	/** The workspace's files: path → text. */
	files: Record<string, string>;
	/** How to start VS Code, apart from workspace and extension. */
	hostOptions: Omit<HostOptions, 'workspace' | 'vsix' | 'development' | 'tests'>;
}

interface WorkerFixtures extends Choices {
	workspace: Workspace;
	/** A VS Code with the packaged extension; one for all tests of a worker that choose the same. */
	host: Host;
}

interface TestFixtures {
	/** The window of {@link WorkerFixtures.host}, opened anew for each test. */
	workbench: Workbench;
	/** Keeps a picture of the window in artifacts/screenshots/NAME.png. */
	keepScreenshot: (name: string) => Promise<void>;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
	files: [
		{ 'README.md': '# Hello\n', 'notes.txt': 'hi\n', 'src/deep.txt': 'hi\n' },
		{ scope: 'worker', option: true },
	],
	hostOptions: [{}, { scope: 'worker', option: true }],
	workspace: [
		async ({ files }, use) => {
			const workspace = makeWorkspace(files);
			await use(workspace);
			rmSync(workspace.path, { recursive: true, force: true });
		},
		{ scope: 'worker' },
	],
	host: [
		async ({ workspace, hostOptions }, use) => {
			const host = await startHost({
				graceSeconds: GRACE_SECONDS,
				...hostOptions,
				workspace: workspace.path,
				vsix: [packagedExtension()],
			});
			await use(host);
			await host.stop();
		},
		{ scope: 'worker', timeout: 120_000 },
	],
	workbench: async ({ page, host }, use, testInfo) => {
		const workbench = new Workbench(page);
		await workbench.open(host.url);
		await use(workbench);
		if (testInfo.status !== testInfo.expectedStatus) {
			await testInfo.attach('Filetide log', { body: outputChannel(host, 'Filetide'), contentType: 'text/plain' });
			await testInfo.attach('VS Code server', { body: host.log(), contentType: 'text/plain' });
		}
		await endWindow(page, host);
	},
	keepScreenshot: async ({ page }, use) => {
		await use(async (name) => {
			await page.screenshot({ path: join(artifacts, 'screenshots', `${name}.png`) });
		});
	},
});

export { expect };

/**
 * Leaves the window as a user does, and waits until its extensions have ended, and with them the server that they have started:
 * it would live on beside the next test's.
 */
async function endWindow(page: Page, host: Host): Promise<void> {
	await page.goto('about:blank');
	await expect
		.poll(() => serverPids(host), { message: 'the server ends with its window', timeout: WINDOW_END_MS })
		.toEqual([]);
}

/** The VSIX under test: the one that `npm test` has just made, or the one of the last `npm run package`. */
function packagedExtension(): string {
	const file = process.env.FILETIDE_VSIX ?? vsixFile(hostTarget());
	if (!existsSync(file)) {
		throw new Error(`${file} does not exist: run \`npm run package ${hostTarget()}\` first.`);
	}
	return file;
}

function makeWorkspace(files: Record<string, string>): Workspace {
	const path = mkdtempSync(join(tmpdir(), 'workspace-'));
	const write = (name: string, text: string): void => {
		mkdirSync(dirname(join(path, name)), { recursive: true });
		writeFileSync(join(path, name), text);
	};
	for (const [name, text] of Object.entries(files)) {
		write(name, text);
	}
	return {
		path,
		write,
		writeSettings: (settings) => write('.vscode/settings.json', JSON.stringify(settings, null, '\t')),
	};
}

/** Changes the user's settings while VS Code runs, as editing the file does; `undefined` takes a setting out. */
export function changeUserSettings(host: Host, changes: Record<string, unknown>): void {
	const file = host.profile.liveSettingsFile;
	const settings: Record<string, unknown> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
	writeFileSync(file, JSON.stringify({ ...settings, ...changes }, null, '\t'));
}

/** Everything an output channel has shown, in all windows since the host was started. */
export function outputChannel(host: Host, channel: string): string {
	const { logs } = host.profile;
	return readdirSync(logs, { recursive: true, encoding: 'utf8' })
		.filter((file) => basename(file) === `${channel}.log` || file.endsWith(`-${channel}.log`))
		.sort()
		.map((file) => readFileSync(join(logs, file), 'utf8'))
		.join('');
}
