import { ensureHost } from '../../test/host/install.mjs';
import { startHost } from '../../test/host/launch.mjs';
import { step } from '../setup/step.mjs';
import { root } from '../setup/paths.mjs';

/**
 * Serves a folder in the browser-hosted VS Code, to this machine only, until `stop` is called.
 * @param {{ folder: string, settings: Record<string, unknown>, port: number }} options
 */
export async function openBrowser({ folder, settings, port }) {
	await ensureHost();
	const host = await step('Starting VS Code', () =>
		// The user's own home: the index belongs there, so that the CLI in another terminal finds it.
		startHost({ workspace: folder, development: root, settings, port, isolateHome: false }),
	);
	return { url: host.url, closed: host.closed, stop: host.stop };
}
