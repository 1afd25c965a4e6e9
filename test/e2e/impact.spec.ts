/** What a user sees of what a change affects. */
import { expect, test } from './fixtures.ts';

test.use({
	files: {
		'cart.ts': 'export const total = 1;\nexport function sum() {\n\treturn total;\n}\n',
		'checkout.ts': "import { sum } from './cart';\n\nexport const due = sum();\n",
		'other.ts': 'export const other = 1;\n',
	},
	hostOptions: { settings: { 'filetide.watches': [{ path: '${workspaceFolder}', name: 'Shop' }] } },
});

test('what depends on a file is listed with its reason, and opens where it is affected', async ({
	workbench,
	page,
	keepScreenshot,
}) => {
	await workbench.showActivity('Filetide');
	await expect(workbench.row('Watches', 'Shop').first()).toContainText('live');
	await workbench.openFile('cart.ts');
	await workbench.runCommand('Filetide: Show Dependents');
	const list = page.locator('.quick-input-list');
	await expect(list).toContainText('checkout.ts');
	await expect(list).toContainText('due (checkout.ts)');
	await expect(list).not.toContainText('other.ts');
	await keepScreenshot('impact');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('tab', { name: /checkout\.ts/ })).toBeVisible();
	await expect(page.getByText('Ln 3, Col 14')).toBeVisible();
});
