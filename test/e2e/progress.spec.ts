/** What a user sees of a scan that takes a while. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';

const FOLDERS = 200;
const FILES_PER_FOLDER = 150;

test.use({
	files: { 'README.md': '# Large\n' },
	hostOptions: {
		settings: {
			'filetide.watches': [
				{ path: '${workspaceFolder}', name: 'Large', source: 'polling', pollInterval: 86_400_000 },
			],
		},
	},
});

test('Rescan Watch shows a rising percentage, a progress bar and the result', async ({
	workbench,
	workspace,
	page,
	keepScreenshot,
}) => {
	await workbench.showActivity('Filetide');
	const watch = workbench.row('Watches', 'Large').first();
	await expect(watch).toContainText('polling');
	for (let folder = 0; folder < FOLDERS; folder++) {
		const path = join(workspace.path, `folder-${folder}`);
		mkdirSync(path);
		for (let file = 0; file < FILES_PER_FOLDER; file++) {
			writeFileSync(join(path, `${file}.txt`), 'x');
		}
	}
	// The scan that finds them, begun by the user; then one that finds nothing new and knows how far it is.
	await workbench.runCommand('Filetide: Rescan Watch');
	await expect(watch).toContainText(`${(FOLDERS * FILES_PER_FOLDER + 1).toLocaleString('en')} files`, {
		timeout: 60_000,
	});
	// The dependency graph looks at all of them, too: they might be what an import has been looking for.
	await expect(workbench.progress('Watches')).toBeHidden({ timeout: 60_000 });

	// It takes half a second: whoever begins to look when the command has been run may come too late.
	const bar = workbench.progress('Watches').waitFor();
	const count = page
		.getByText(/[\d,]+\/[\d,]+ files/)
		.first()
		.waitFor();
	const shown = bar.then(async () => {
		await keepScreenshot('rescan-progress');
	});
	await workbench.runCommand('Filetide: Rescan Watch');
	await Promise.all([shown, count]);
	await expect(workbench.progress('Watches')).toBeHidden();
	await expect(watch).toContainText('30,200 changes');
});
