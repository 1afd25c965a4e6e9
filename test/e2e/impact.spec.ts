/** What a user sees of what a change affects. */
import type { Page } from '@playwright/test';
import { changeUserSettings, expect, test } from './fixtures.ts';

const CART = 'export const total = 1;\nexport function sum() {\n\treturn total;\n}\n';

test.use({
	files: {
		'cart.ts': CART,
		'shop/checkout.ts': "import { sum } from '../cart';\n\nexport const due = sum();\n",
		'shop/receipt.ts':
			"import { due } from './checkout';\n\nexport function receipt() {\n\treturn `${due} EUR`;\n}\n",
		'shop/mail.ts': "import { receipt } from './receipt';\n\nexport const body = receipt();\n",
		'plugins.ts': 'export const load = (name: string) => require(name);\n',
		'other.ts': 'export const other = 1;\n',
	},
	hostOptions: { settings: { 'filetide.watches': [{ path: '${workspaceFolder}', name: 'Shop', settled: true }] } },
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
	await expect(list).toContainText('`due` in checkout.ts');
	await expect(list).not.toContainText('other.ts');
	await keepScreenshot('impact');
	await workbench.pick(/^checkout\.ts/);
	await expect(page.getByRole('tab', { name: /checkout\.ts/ })).toBeVisible();
	await expect(page.getByText('Ln 3, Col 14')).toBeVisible();
});

test('the Impact view follows the editor, stays when pinned, opens where a file is affected, and is copied', async ({
	workbench,
	host,
	page,
	keepScreenshot,
}) => {
	const root = workbench.row('Impact', /^Dependents of/);
	const file = (name: string) => workbench.tree('Impact').getByRole('treeitem', { name: new RegExp(`^${name}, `) });

	await test.step('dependents of the active file, by distance, with their reasons', async () => {
		await workbench.showActivity('Filetide');
		await expect(workbench.row('Watches', /^Dependencies/).first()).toContainText('6 files');
		await workbench.openFile('cart.ts');
		await workbench.showActivity('Filetide');
		await expect(root).toContainText('Dependents of cart.ts');
		await expect(root).toContainText('4 files');
		await expect(file('checkout.ts').first()).toContainText('`sum` in cart.ts → `due` in checkout.ts');
		await expect(file('mail.ts').first()).toHaveAccessibleName(/3 steps, .*`body` in mail\.ts, shop$/);
		await expect(workbench.row('Impact', 'What is told as a whole').first()).toContainText('1 place');
		await expect(workbench.progress('Impact')).toBeHidden();
		await keepScreenshot('impact-view');
	});

	await test.step('Pin Impact', async () => {
		await workbench.runCommand('Filetide: Pin Impact');
		await expect(root).toContainText('pinned');
		await file('receipt.ts').first().click();
		await expect(page.getByRole('tab', { name: /receipt\.ts/ })).toBeVisible();
		await expect(page.getByText('Ln 3, Col 8', { exact: true })).toBeVisible();
		await expect(root).toContainText('Dependents of cart.ts');
		await keepScreenshot('impact-pinned');
		await workbench.runCommand('Filetide: Unpin Impact');
		await expect(root).toContainText('Dependents of receipt.ts');
		await expect(root).toContainText('2 files');
	});

	await test.step('Copy Impact', async () => {
		await workbench.runCommand('Filetide: Copy Impact');
		await expect(page.getByText('Impact copied')).toBeVisible();
		await workbench.runCommand('File: New Untitled Text File');
		await page.keyboard.press('Control+V');
		await expect(page.locator('.monaco-editor.focused')).toContainText('Dependents of receipt.ts: 2 files');
	});

	await test.step('the graph switched off', async () => {
		changeUserSettings(host, { 'filetide.graph.enabled': false });
		await expect(page.getByText('the dependency graph is switched off')).toBeVisible();
		await keepScreenshot('impact-graph-off');
		changeUserSettings(host, { 'filetide.graph.enabled': true });
		await expect(workbench.row('Impact', /^Affected by the last burst/).first()).toBeVisible();
	});
});

test('what the last burst affects is listed and marked in the Explorer, until it is seen, cleared or another comes', async ({
	workbench,
	workspace,
	host,
	page,
	keepScreenshot,
}) => {
	const burst = workbench.row('Impact', /^Affected by the last burst/).first();
	const badge = async (name: string) => (await workbench.decoration(name)).badge;

	await test.step('the view', async () => {
		await workbench.showActivity('Filetide');
		await expect(burst).toBeVisible();
		workspace.write('cart.ts', CART.replace('= 1', '= 2'));
		await expect(burst).toContainText('4 files');
		await expect(burst).toContainText('1 change');
		await keepScreenshot('impact-burst');
	});

	await test.step('the Explorer', async () => {
		await workbench.showActivity('Explorer');
		await workbench.file('shop').click();
		await expect.poll(() => badge('checkout.ts')).toContain('↯');
		const { label } = await workbench.decoration('checkout.ts');
		expect(label).toMatch(
			/Affected by the last burst, behaviour, interface: `total` in cart\.ts → .*`due` in checkout\.ts/,
		);
		expect(await badge('cart.ts')).not.toContain('↯');
		expect(await badge('other.ts')).toBe('');
		await keepScreenshot('impact-marks');
	});

	await test.step('opened, it is seen', async () => {
		await workbench.openFile('checkout.ts');
		await expect.poll(() => badge('checkout.ts')).toBe('');
		expect(await badge('mail.ts')).toBe('↯');
	});

	await test.step('switched off and on', async () => {
		changeUserSettings(host, { 'filetide.decorations.impact': false });
		await expect.poll(() => badge('mail.ts')).toBe('');
		changeUserSettings(host, { 'filetide.decorations.impact': true });
		await expect.poll(() => badge('mail.ts')).toBe('↯');
	});

	await test.step('Clear Impact Marks, until the next burst', async () => {
		await workbench.runCommand('Filetide: Clear Impact Marks');
		await expect.poll(() => badge('mail.ts')).toBe('');
		await aSecondOfQuiet(page);
		workspace.write('cart.ts', CART.replace('= 1', '= 3'));
		await expect.poll(() => badge('mail.ts')).toBe('↯');
		await aSecondOfQuiet(page);
		workspace.write('other.ts', 'export const other = 2;\n');
		await expect.poll(() => badge('mail.ts')).toBe('');
	});
});

/** Changes that come within it are of one burst. */
async function aSecondOfQuiet(page: Page): Promise<void> {
	await page.waitForTimeout(1200);
}
