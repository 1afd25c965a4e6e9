/** A window whose index another server writes: it follows, and takes over when that one is killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from './fixtures.ts';

const cli = fileURLToPath(new URL('../../dist/filetide.cjs', import.meta.url));

test('the window follows a running server and takes over when it is killed', async ({
	workbench,
	workspace,
	host,
	page,
	keepScreenshot,
}) => {
	workspace.writeSettings({ 'filetide.watches': [{ path: '${workspaceFolder}', settled: true }] });
	const leader = spawn(process.execPath, [cli, 'serve', workspace.path], {
		env: host.env,
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	try {
		// Another server may have been first when the fixture opened the window; a fresh start makes the CLI's the leader.
		await once(leader.stdout, 'data');
		await workbench.reload();
		await workbench.showActivity('Filetide');
		const watch = workbench.row('Watches', /live/).first();
		await expect(watch).toBeVisible();
		workspace.write('notes.txt', 'seen by the leader\n');
		await expect(watch).toContainText(/[1-9]\d* changes?/);
	} finally {
		leader.kill('SIGKILL');
	}
	workspace.write('src/after.txt', 'seen by the follower\n');
	await expect(workbench.row('Watches', /live/).first()).toContainText('4 files');
	await expect(page.getByText('Following another Filetide server')).toBeHidden();
	await keepScreenshot('took-over');
});
