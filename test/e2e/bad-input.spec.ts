/** Every kind of bad watch gives one clear message; the good ones go on. */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changeUserSettings, expect, test } from './fixtures.ts';
import { nodeBoundByPermissions } from './unprivileged.ts';

test.use({ hostOptions: { node: nodeBoundByPermissions() } });

test('a missing folder, a file, a broken pattern and an unknown setting are told, and the good watch runs', async ({
	workbench,
	workspace,
	host,
	page,
	keepScreenshot,
}) => {
	const missing = join(workspace.path, 'missing');
	changeUserSettings(host, {
		'filetide.watches': [
			{ path: '${workspaceFolder}', name: 'Good' },
			{ path: missing, name: 'Missing' },
			{ path: join(workspace.path, 'notes.txt'), name: 'A File' },
			{ path: '${workspaceFolder}/src', name: 'Broken Pattern', include: ['src/[a'] },
			{ path: '${workspaceFolder}/src', name: 'Misspelt', patern: ['*.ts'] },
		],
	});
	await workbench.showActivity('Filetide');
	const row = (name: string) => workbench.row('Watches', name).first();
	await expect(row('Good')).toContainText('live');
	await expect(row('Missing')).toContainText('missing');
	await expect(row('A File')).toContainText('error');
	await expect(row('Broken Pattern')).toContainText('error');
	await expect(workbench.row('Watches', /patern/)).toBeVisible();
	await keepScreenshot('bad-input');

	await test.step('one notification speaks for all of them', async () => {
		await expect(workbench.notification(/and \d more, see the Filetide view/)).toBeVisible();
		expect(await page.locator('.notifications-toasts .notification-toast').count()).toBeLessThanOrEqual(1);
	});

	await test.step('the tooltips say what, where and what to do', async () => {
		await row('A File').hover();
		await expect(page.getByText(/is.not.a.folder\..Give.the.watch/).first()).toBeVisible();
		await row('Broken Pattern').hover();
		await expect(page.getByText(/The.pattern.*cannot.be.read/).first()).toBeVisible();
	});

	await test.step('the good watch records; the missing one starts when its folder appears', async () => {
		workspace.write('notes.txt', 'changed\n');
		await expect(row('Good')).toContainText(/[1-9]\d* changes?/);
		mkdirSync(missing);
		writeFileSync(join(missing, 'a.txt'), 'a\n');
		await expect(row('Missing')).toContainText('live');
		await expect(row('Missing')).toContainText('1 file');
	});

	await test.step('mending the settings mends the watches', async () => {
		changeUserSettings(host, { 'filetide.watches': [{ path: '${workspaceFolder}', name: 'Good' }] });
		await expect(workbench.row('Watches', 'Broken Pattern')).toHaveCount(0);
		await expect(workbench.row('Watches', /patern/)).toHaveCount(0);
		await expect(row('Good')).toContainText('live');
		rmSync(missing, { recursive: true });
	});
});

test('a folder that may not be read is told, and watched once it may be', async ({
	workbench,
	workspace,
	host,
	page,
	keepScreenshot,
}) => {
	const closed = join(workspace.path, 'closed');
	mkdirSync(closed);
	writeFileSync(join(closed, 'secret.txt'), 'x\n');
	chmodSync(closed, 0o000);
	changeUserSettings(host, {
		'filetide.watches': [
			{ path: '${workspaceFolder}/src', name: 'Good' },
			{ path: closed, name: 'Closed' },
		],
	});
	await workbench.showActivity('Filetide');
	await expect(workbench.row('Watches', 'Good').first()).toContainText('live');
	await expect(workbench.row('Watches', 'Closed').first()).toContainText('error');
	await expect(workbench.notification(/closed cannot be read: permission denied/)).toBeVisible();
	await expect(page.locator('.notifications-toasts .notification-toast')).toHaveCount(1);
	await keepScreenshot('unreadable');
	chmodSync(closed, 0o755);
	await expect(workbench.row('Watches', 'Closed').first()).toContainText('live');
	await expect(workbench.row('Watches', 'Closed').first()).toContainText('1 file');
});
