/** A file that ten thousand others depend on. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from './fixtures.ts';

const DEPENDENTS = 10_000;
const probe = join(tmpdir(), `filetide-probe-${process.pid}`);

test.use({
	files: {
		'cart.ts': 'export const total = 1;\n',
		...Object.fromEntries(
			Array.from({ length: DEPENDENTS }, (_, i) => [
				`shop/${i % 100}/user${i}.ts`,
				`import { total } from '../../cart';\nexport const user${i} = total + ${i};\n`,
			]),
		),
	},
	hostOptions: {
		settings: {
			'filetide.watches': [{ path: '${workspaceFolder}', name: 'Shop', settled: true }],
			// It would read all of them, too, in the same extension host.
			'typescript.validate.enable': false,
		},
		env: {
			NODE_OPTIONS: `--require ${fileURLToPath(new URL('extension-host-probe.cjs', import.meta.url))}`,
			FILETIDE_PROBE: probe,
		},
	},
});

test.afterAll(() => {
	rmSync(probe, { force: true });
	rmSync(`${probe}.pid`, { force: true });
});

/** Milliseconds of processor time of the extension host's longest task since it was last asked. */
async function longestTask(): Promise<number> {
	rmSync(probe, { force: true });
	process.kill(Number(readFileSync(`${probe}.pid`, 'utf8')), 'SIGUSR2');
	await expect.poll(() => existsSync(probe)).toBe(true);
	return Number(readFileSync(probe, 'utf8'));
}

test('ten thousand affected files are counted, and brought a hundred at a time', async ({
	workbench,
	workspace,
	page,
	keepScreenshot,
}) => {
	// Ten thousand files are to be written, watched and read first.
	test.slow();
	const root = workbench.row('Impact', /^Dependents of cart\.ts/).first();
	// Figures, not limits: other extensions share the process.
	const measure = async (what: string): Promise<void> => {
		console.log(`extension host, longest task, ${what}: ${(await longestTask()).toFixed(1)} ms`);
	};
	await workbench.showActivity('Filetide');
	await expect(workbench.row('Watches', /^Dependencies/).first()).toContainText('10,001 files', { timeout: 60_000 });
	await workbench.openFile('cart.ts');
	await workbench.showActivity('Filetide');
	await expect(root).toContainText('10,000 files');
	await measure('start, with all other extensions');

	await test.step('more of them, by keyboard', async () => {
		const more = workbench.row('Impact', 'Load More…').first();
		await workbench.runCommand('Filetide: Focus on Impact View');
		await page.keyboard.press('End');
		await expect(more).toBeVisible();
		await keepScreenshot('impact-large');
		// From the last row: the burst's note, the burst, Load More.
		await page.keyboard.press('ArrowUp');
		await page.keyboard.press('ArrowUp');
		await page.keyboard.press('Enter');
		await expect(more).toBeHidden();
		await page.keyboard.press('End');
		await expect(more).toBeVisible();
		await measure('Load More');
	});

	await test.step('a change of it', async () => {
		await workbench.runCommand('View: Close All Editors');
		await expect(workbench.row('Impact', 'Dependents of the active file').first()).toBeVisible();
		workspace.write('cart.ts', 'export const total = 2;\n');
		await expect(workbench.row('Impact', /^Affected by the last burst/).first()).toContainText('10,000 files');
		await measure('a burst that affects them all');
	});

	await test.step('Copy Impact', async () => {
		await workbench.runCommand('Filetide: Copy Impact');
		await expect(page.getByText('Impact copied')).toBeVisible();
		await measure('Copy Impact');
	});
});
