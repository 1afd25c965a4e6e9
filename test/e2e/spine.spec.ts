/** The whole line, as a user lives it: from a change on disk to the tree, through a killed server and a reload. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, outputChannel, test } from './fixtures.ts';
import { serverPids } from './server-process.ts';

test.use({
	files: {
		'README.md': '# Hello\n',
		'notes.txt': 'hi\n',
		'src/cart.ts': 'export const total = 1;\n',
		'src/checkout.ts': "import { total } from './cart.ts';\nexport const due = total;\n",
		'docs/guide.md': '# Guide\n',
	},
	hostOptions: {
		settings: {
			// Settled: a save that empties and then fills the file is one change, so that the counts are exact.
			'filetide.watches': [{ path: '${workspaceFolder}', name: 'Shop', settled: true, debounce: 'production' }],
		},
	},
});

test('changes from the editor and from outside are counted, and outlive a killed server and a reload', async ({
	workbench,
	workspace,
	host,
	page,
	keepScreenshot,
}) => {
	await workbench.showActivity('Filetide');
	const watch = workbench.row('Watches', 'Shop').first();
	await expect(watch).toContainText('live');
	await expect(watch).toContainText('5 files');

	await test.step('a change made in the editor', async () => {
		await workbench.openFile('README.md');
		await workbench.typeAndSave('Edited in VS Code. ');
		await expect.poll(async () => await workbench.decoration('README.md')).toMatchObject({ badge: '1' });
	});

	await test.step('changes made by another program', async () => {
		// Of a burst of its own: one that it shared with the change before would be one row with it.
		await aSecondOfQuiet(page);
		for (let i = 0; i < 3; i++) {
			appendFileSync(join(workspace.path, 'notes.txt'), `line ${i}\n`);
			await expect
				.poll(async () => await workbench.decoration('notes.txt'))
				.toMatchObject({ badge: String(i + 1) });
		}
		await aSecondOfQuiet(page);
		workspace.write('src/new.ts', 'export {};\n');
		await expect.poll(async () => await workbench.decoration('src')).toMatchObject({ badge: '1' });
		expect((await workbench.decoration('notes.txt')).label).toMatch(/3 changes/);
		await keepScreenshot('explorer-decorations');
	});

	await test.step('the tree shows them, newest first', async () => {
		await workbench.showActivity('Filetide');
		await expect(watch).toContainText('6 files');
		await expect(watch).toContainText('5 changes');
		await watch.click();
		await page.keyboard.press('ArrowRight');
		await expect(workbench.row('Watches', 'new.ts')).toContainText('create');
		await expect(workbench.row('Watches', 'README.md').first()).toContainText('modify');
		await keepScreenshot('watches-tree');
	});

	await test.step('what belongs together is one row, and opens to its changes', async () => {
		await aSecondOfQuiet(page);
		for (const name of ['package-lock.json', 'lib/a.ts', 'lib/b.ts']) {
			workspace.write(name, 'x\n');
		}
		const burst = workbench.row('Watches', 'packages: 4 changes');
		await expect(burst).toContainText('4 create');
		await burst.click();
		await expect(workbench.row('Watches', 'package-lock.json')).toContainText('create');
		await expect(workbench.row('Watches', 'b.ts')).toContainText('lib/');
		await keepScreenshot('burst');
		await burst.click();
		await expect(workbench.row('Watches', 'b.ts')).toHaveCount(0);
	});

	await test.step('Rescan Watch from the palette', async () => {
		await workbench.runCommand('Filetide: Rescan Watch');
		// Over before anybody could look; what is seen of a long one is in progress.spec.ts.
		await expect.poll(() => outputChannel(host, 'Filetide')).toMatch(/Rescan of Shop: 0 changes/);
		await expect(workbench.progress('Watches')).toBeHidden();
	});

	await test.step('the server is killed; nothing is lost', async () => {
		const [pid, ...others] = serverPids(host);
		expect(others).toEqual([]);
		process.kill(pid!, 'SIGKILL');
		workspace.write('docs/while-down.md', 'written while no server ran\n');
		await expect.poll(() => serverPids(host).filter((now) => now !== pid).length).toBe(1);
		await expect(watch).toContainText('10 files');
		await expect(watch).toContainText('10 changes');
		await expect(workbench.row('Watches', 'while-down.md')).toContainText('create');
		await expect(watch).toContainText('live');
	});

	await test.step('a reloaded window shows the same', async () => {
		await workbench.reload();
		await workbench.showActivity('Filetide');
		await expect(workbench.row('Watches', 'Shop').first()).toContainText('10 changes');
		await expect(workbench.row('Watches', 'Shop').first()).toContainText('live');
		workspace.write('docs/after-reload.md', 'x\n');
		await expect(workbench.row('Watches', 'Shop').first()).toContainText('11 changes');
		await expect.poll(() => serverPids(host).length).toBe(1);
		await expect(workbench.statusBar(/Filetide/)).toContainText('11');
		await keepScreenshot('recovered');
	});
});

/** Whatever comes after it is another burst. */
async function aSecondOfQuiet(page: Page): Promise<void> {
	await page.waitForTimeout(1200);
}
