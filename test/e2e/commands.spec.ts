/** Commands and welcome views, from a window that watches nothing. */
import { expect, test } from './fixtures.ts';
import { serverPids } from './server-process.ts';

// A workspace of its own: others leave settings behind.
test.use({ files: { 'README.md': '# Commands\n', 'notes.txt': 'hi\n', 'src/deep.txt': 'hi\n' } });

test('watches are added, paused, resumed, rescanned and removed from the palette and the tree', async ({
	workbench,
	workspace,
	host,
	page,
	keepScreenshot,
}) => {
	const watch = workbench.row('Watches', /live|paused|starting/).first();

	await test.step('nothing is watched, no server runs, the view says what to do', async () => {
		await workbench.showActivity('Filetide');
		await expect(page.getByText('Nothing is watched yet.')).toBeVisible();
		await keepScreenshot('welcome-no-watch');
		expect(serverPids(host)).toEqual([]);
	});

	await test.step('Add Watch…', async () => {
		await workbench.runCommand('Filetide: Add Watch…');
		await workbench.pick(/workspace-/);
		await expect(watch).toContainText('live');
		await expect(watch).toContainText('3 files');
	});

	await test.step('Pause Watch and Resume Watch', async () => {
		await workbench.runCommand('Filetide: Pause Watch');
		await expect(watch).toContainText('paused');
		workspace.write('while-paused.txt', 'x\n');
		await keepScreenshot('paused');
		await workbench.runRowAction('Watches', /paused/, 'Resume Watch');
		await expect(watch).toContainText('live');
		await expect(watch).toContainText('4 files');
		await expect(watch).toContainText('1 change');
	});

	await test.step('Pause All Watches and Resume All Watches', async () => {
		await workbench.runCommand('Filetide: Pause All Watches');
		await expect(watch).toContainText('paused');
		await workbench.runCommand('Filetide: Resume All Watches');
		await expect(watch).toContainText('live');
	});

	await test.step('Rescan Watch says what it found', async () => {
		await workbench.runRowAction('Watches', /live/, 'Rescan Watch');
		await expect(watch).toContainText('live');
	});

	await test.step('Verify Index and Repair Index say what they found', async () => {
		await workbench.runCommand('Filetide: Verify Index');
		await expect(page.getByText(/The index is in order: \d+ records checked/).first()).toBeVisible();
		await workbench.runCommand('Filetide: Repair Index');
		await expect(page.getByText(/Nothing is to be repaired: \d+ records checked/).first()).toBeVisible();
	});

	await test.step('Show What Changed While You Were Away, for somebody who was not', async () => {
		await workbench.runCommand('Filetide: Show What Changed While You Were Away');
		await expect(page.getByText(/You have not been away from this window/).first()).toBeVisible();
	});

	await test.step('Restart Server', async () => {
		const [before] = serverPids(host);
		await workbench.runCommand('Filetide: Restart Server');
		await expect.poll(() => serverPids(host).filter((pid) => pid !== before).length).toBe(1);
		await expect(watch).toContainText('live');
		await expect(watch).toContainText('1 change');
	});

	await test.step('Show Log opens the output channel', async () => {
		await workbench.runCommand('Filetide: Show Log');
		await expect(page.getByRole('tab', { name: /^Output/ })).toBeVisible();
		await expect(page.getByText(/Restarting/).first()).toBeVisible();
		await keepScreenshot('log');
	});

	await test.step('Remove Watch…', async () => {
		await workbench.runCommand('Filetide: Remove Watch…');
		const choice = page.getByRole('option', { name: /workspace-/ });
		await expect(choice.or(page.getByText('Nothing is watched yet.')).first()).toBeVisible();
		if (await choice.first().isVisible()) {
			await choice.first().click();
		}
		await expect(page.getByText('Nothing is watched yet.')).toBeVisible();
		await expect(workbench.statusBar(/Filetide/)).toBeHidden();
	});
});
