/** Restricted Mode: watches inside the folder run, others wait for trust. */
import { tmpdir } from 'node:os';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { changeUserSettings, expect, test } from './fixtures.ts';

test.use({
	hostOptions: {
		trust: true,
		settings: { 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.banner': 'never' },
	},
});

test('an untrusted window watches only what lies inside its folders, until it is trusted', async ({
	workbench,
	workspace,
	host,
	page,
	keepScreenshot,
}) => {
	const outside = mkdtempSync(join(tmpdir(), 'outside-'));
	try {
		await workbench.showActivity('Filetide');
		await expect(page.getByText('In Restricted Mode, watches that the workspace')).toBeVisible();
		// What the workspace itself asks for is not even read.
		workspace.writeSettings({ 'filetide.watches': [{ path: '.', name: 'From the workspace' }] });
		changeUserSettings(host, {
			'filetide.watches': [
				{ path: '${workspaceFolder}', name: 'Inside' },
				{ path: outside, name: 'Outside' },
			],
		});
		await expect(workbench.row('Watches', 'Inside').first()).toContainText('live');
		await expect(workbench.row('Watches', 'Outside').first()).toContainText('stopped');
		await expect(workbench.row('Watches', 'From the workspace')).toHaveCount(0);
		await keepScreenshot('untrusted');

		await workbench.runCommand('Workspaces: Manage Workspace Trust');
		await page.getByRole('button', { name: 'Trust', exact: true }).click();
		await workbench.showActivity('Filetide');
		// Trusted, the workspace's own list replaces the user's.
		await expect(workbench.row('Watches', 'From the workspace').first()).toContainText('live');
	} finally {
		rmSync(outside, { recursive: true, force: true });
	}
});
