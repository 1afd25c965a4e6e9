/** What a user sees of how far the dependency graph is, and of files that it could not read. */
import { changeUserSettings, expect, test } from './fixtures.ts';

const FILES = 8000;
/** Deeper than any parser's stack. */
const DEEP = `export const deep = ${'['.repeat(200_000)}${']'.repeat(200_000)};\n`;

test.use({
	files: {
		'README.md': '# Large\n',
		...Object.fromEntries(
			Array.from({ length: FILES }, (_, i) => [
				`src/${i % 60}/file-${i}.ts`,
				`import { value${i - 1} } from '../${(i + 59) % 60}/file-${i - 1}';\nexport const value${i} = value${i - 1} + 1;\n`,
			]),
		),
	},
	hostOptions: {
		settings: {
			'filetide.watches': [{ path: '${workspaceFolder}', name: 'Large' }],
			'filetide.graph.enabled': false,
		},
	},
});

test('a first reading has a percentage; what could not be read is listed and tried again', async ({
	workbench,
	workspace,
	host,
	page,
	keepScreenshot,
}) => {
	const graph = workbench.row('Watches', /^Dependencies/).first();

	await test.step('the first reading', async () => {
		await workbench.showActivity('Filetide');
		await expect(workbench.row('Watches', 'Large').first()).toContainText('live');
		await expect(graph).toBeHidden();
		changeUserSettings(host, { 'filetide.graph.enabled': true });
		await expect(graph).toContainText(/[1-9]\d? %/);
		await expect(workbench.row('Impact', 'Files are still being read').first()).toBeVisible();
		await keepScreenshot('graph-first-reading');
		await expect(page.getByText(/Reading dependencies: \d+ %, [\d,]+ of 8,000 files/).first()).toBeVisible();
		await expect(workbench.statusBar(/dependencies \d+ %/)).toBeVisible();
		await expect(workbench.progress('Watches')).toBeVisible();
		await expect(graph).toContainText('8,000 files', { timeout: 60_000 });
		await expect(workbench.progress('Watches')).toBeHidden();
	});

	await test.step('a file that cannot be read', async () => {
		workspace.write('deep.ts', DEEP);
		await expect(graph).toContainText('1 failed');
		await expect(graph).toContainText('1 parked');
		await keepScreenshot('graph-parked');
		await workbench.runRowAction('Watches', /^Dependencies/, 'Show Failed Updates');
		const file = page.getByRole('option', { name: /deep\.ts/ });
		await expect(file).toContainText('Reading it ended the process that reads files.');
		await keepScreenshot('failed-updates');
		await file.hover();
		await file.getByRole('button', { name: 'Retry' }).click();
		await expect(page.getByRole('option', { name: 'Every file could be read.' })).toBeVisible();
		await expect(file).toBeVisible();
		workspace.write('deep.ts', 'export const deep = [];\n');
		await expect(page.getByRole('option', { name: 'Every file could be read.' })).toBeVisible();
		await page.keyboard.press('Escape');
		await expect(graph).toContainText('8,001 files');
	});
});
