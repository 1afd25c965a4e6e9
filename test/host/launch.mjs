// Starts the VS Code server that install.mjs brings, with folders of its own and reachable from this machine only.
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { run } from '../../scripts/setup/run.mjs';
import { serverMain } from './install.mjs';
import { makeProfile } from './profile.mjs';
import { startServer } from './server.mjs';

/**
 * @typedef {object} HostOptions
 * @property {string} [workspace] the folder or `.code-workspace` file to open; absent: an empty window
 * @property {string[]} [vsix] packaged extensions to install
 * @property {string} [development] the folder of an extension to run from there
 * @property {string} [tests] CommonJS file exporting `run()`, to be run in the extension host together with
 *   `development`. The page then calls `codeAutomationLog(type, args)` and, in the end, `codeAutomationExit(code)`,
 *   which the browser's driver has to provide.
 * @property {Record<string, unknown>} [settings] user settings
 * @property {boolean} [trust] whether folders have to be trusted first; by default all are
 * @property {string} [keepProfileIn] keep the profile in this folder, for a later start; by default it is deleted
 * @property {boolean} [isolateHome] give the host a home folder of its own (default) or the user's
 * @property {number} [port] 0 or absent: any free one
 * @property {number} [graceSeconds] how long the extensions of a window whose connection broke live on and wait for it; by
 *   default VS Code's three hours
 * @property {Record<string, string>} [env] more environment variables
 * @property {string} [node] the Node 24 to run it with; default: this process's
 */

/**
 * @typedef {object} Host
 * @property {string} url opens the workspace
 * @property {(workspace?: string) => string} urlOf opens another one; without an argument an empty window
 * @property {number} port
 * @property {number} pid
 * @property {import('./profile.mjs').Profile} profile
 * @property {NodeJS.ProcessEnv} env what the extension host sees, for running a CLI beside it
 * @property {() => string} log what the server printed
 * @property {Promise<void>} closed settles when the server has ended, for whatever reason
 * @property {() => Promise<void>} stop ends the server and all it has started; may be called twice
 */

/**
 * The host must have been installed (`ensureHost`).
 * @param {HostOptions} options
 * @returns {Promise<Host>}
 */
export async function startHost(options) {
	const { workspace, vsix = [], settings = {}, trust = false, node = process.execPath } = options;
	const profile = makeProfile({
		keepIn: options.keepProfileIn,
		settings: { 'security.workspace.trust.enabled': trust, ...settings },
	});
	const env = hostEnvironment(options, profile);
	try {
		for (const file of vsix) {
			await installExtension(node, file, profile, env);
		}
		// Whoever reaches the port has a terminal on this machine, so only the URL with the token opens it.
		const token = randomBytes(16).toString('hex');
		const server = await startServer(node, {
			env,
			parameters: [
				serverMain,
				'--host=127.0.0.1',
				`--port=${options.port ?? 0}`,
				`--connection-token=${token}`,
				'--accept-server-license-terms',
				'--telemetry-level=off',
				...(trust ? [] : ['--disable-workspace-trust']),
				...(options.graceSeconds === undefined ? [] : [`--reconnection-grace-time=${options.graceSeconds}`]),
				// Without the driver a built workbench ignores `extensionDevelopmentPath`.
				...(options.development === undefined ? [] : ['--enable-smoke-test-driver']),
				...profileParameters(profile),
			],
		});
		const urlOf = (/** @type {string | undefined} */ path) => pageUrl(server.port, token, path, options);
		return {
			url: urlOf(workspace),
			urlOf,
			port: server.port,
			pid: server.pid,
			profile,
			env,
			log: server.log,
			closed: server.closed,
			async stop() {
				await server.stop();
				profile.remove();
			},
		};
	} catch (error) {
		profile.remove();
		throw error;
	}
}

/**
 * @param {HostOptions} options
 * @param {import('./profile.mjs').Profile} profile
 */
function hostEnvironment({ isolateHome = true, env = {} }, profile) {
	/** @type {NodeJS.ProcessEnv} */
	const result = {
		...process.env,
		// An empty gallery turns the marketplace off: nothing here may reach the network.
		EXTENSIONS_GALLERY: '{"serviceUrl":""}',
		TMPDIR: profile.run,
		XDG_RUNTIME_DIR: profile.run,
		...(isolateHome ? { HOME: profile.home } : {}),
	};
	// What a VS Code terminal adds would reach into the caller's own VS Code, and XDG folders out of the isolated home.
	const foreign = isolateHome
		? /^(VSCODE_|ELECTRON_|NODE_OPTIONS$|XDG_(?!RUNTIME))/
		: /^(VSCODE_|ELECTRON_|NODE_OPTIONS$)/;
	for (const name of Object.keys(result)) {
		if (foreign.test(name)) {
			delete result[name];
		}
	}
	return { ...result, ...env };
}

/** @param {import('./profile.mjs').Profile} profile */
const profileParameters = ({ data, user, extensions }) => [
	`--server-data-dir=${data}`,
	`--user-data-dir=${user}`,
	`--extensions-dir=${extensions}`,
];

/**
 * @param {string} node
 * @param {string} file
 * @param {import('./profile.mjs').Profile} profile
 * @param {NodeJS.ProcessEnv} env
 */
async function installExtension(node, file, profile, env) {
	const parameters = [serverMain, '--install-extension', resolve(file), '--force', ...profileParameters(profile)];
	const output = await run(node, parameters, { env });
	// A failure does not show in the exit code.
	if (!output.includes('was successfully installed')) {
		throw new Error(`${file} could not be installed.\n${output}`);
	}
}

/**
 * @param {number} port
 * @param {string} token
 * @param {string | undefined} workspace
 * @param {HostOptions} options
 */
function pageUrl(port, token, workspace, { development, tests }) {
	const authority = `127.0.0.1:${port}`;
	const query = new URLSearchParams({ tkn: token });
	if (workspace === undefined) {
		query.set('ew', 'true');
	} else {
		query.set(workspace.endsWith('.code-workspace') ? 'workspace' : 'folder', urlPath(workspace));
	}
	if (development !== undefined) {
		const remote = (/** @type {string} */ path) => `vscode-remote://${authority}${encodeURI(urlPath(path))}`;
		const payload = [['extensionDevelopmentPath', remote(development)]];
		if (tests !== undefined) {
			payload.push(['extensionTestsPath', remote(tests)]);
		}
		query.set('payload', JSON.stringify(payload));
	}
	return `http://${authority}/?${query.toString()}`;
}

/**
 * A path as URIs have it: slashes, and one at the start.
 * @param {string} path
 */
const urlPath = (path) =>
	resolve(path)
		.replaceAll('\\', '/')
		.replace(/^(?!\/)/, '/');
