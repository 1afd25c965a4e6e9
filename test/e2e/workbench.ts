import { expect, type Locator, type Page } from '@playwright/test';

/** What a file's row in the Explorer shows of its decorations. */
export interface ShownDecoration {
	/** The accessible label: path, then the decoration's tooltip. */
	label: string;
	/** The badge's text, empty when there is none. */
	badge: string;
	/** Computed colour of the file's name. */
	color: string;
}

/**
 * VS Code's window, as a user sees it. All locators are roles and names, proven with VS Code 1.139; what belongs to
 * one feature only is in the specs.
 */
export class Workbench {
	readonly page: Page;

	constructor(page: Page) {
		this.page = page;
	}

	/** Opens a host's URL and waits until the workbench is connected to the server. */
	async open(url: string): Promise<void> {
		await this.page.goto(url);
		await this.#connected();
	}

	/** Reloads the window: a new extension host, and with it a new language client. */
	async reload(): Promise<void> {
		await this.page.reload();
		// The side bar shows what it showed before, which need not be the Explorer. Until it does, a click on an entry that
		// is about to be shown would close it.
		const shown = this.page.getByRole('tablist', { name: 'Active View Switcher' }).first();
		await expect(shown.getByRole('tab', { expanded: true })).toHaveCount(1, { timeout: 60_000 });
	}

	async #connected(): Promise<void> {
		await expect(this.page.getByRole('tree', { name: 'Files Explorer' })).toBeVisible({ timeout: 60_000 });
	}

	/** An activity bar entry. Its name has the badge's tooltip appended, so only the start is compared. */
	activity(title: string): Locator {
		// The panel has a tab list of the same name.
		const bar = this.page.getByRole('tablist', { name: 'Active View Switcher' }).first();
		return bar.getByRole('tab', { name: new RegExp(`^${RegExp.escape(title)}(?!\\w)`) });
	}

	async showActivity(title: string): Promise<void> {
		const tab = this.activity(title);
		// A click on the one that is shown would close the side bar. `aria-selected` does not tell.
		if ((await tab.getAttribute('aria-expanded')) !== 'true') {
			await tab.click();
		}
		await expect(tab).toHaveAttribute('aria-expanded', 'true');
	}

	/** The tree of a view is named after the view. */
	tree(view: string): Locator {
		return this.page.getByRole('tree', { name: view, exact: true });
	}

	/** A row by its visible text (its accessible name may be the tooltip). */
	row(view: string, text: string | RegExp): Locator {
		return this.tree(view).getByRole('treeitem').filter({ hasText: text });
	}

	/** The dimmed text behind a row's label. */
	description(view: string, text: string | RegExp): Locator {
		return this.row(view, text).locator('.label-description');
	}

	/** A row's inline action or, for a view, its title action. It shows when the pointer is on its row or view. */
	async runRowAction(view: string, text: string | RegExp, action: string): Promise<void> {
		const row = this.row(view, text);
		// A message above the rows, or another row, may move it from under the pointer.
		await expect(async () => {
			await row.hover();
			await row.getByRole('button', { name: action }).click({ timeout: 1000 });
		}).toPass({ timeout: 20_000 });
	}

	/** The header of a view in a container with several views. */
	section(view: string): Locator {
		return this.page.getByRole('button', { name: `${view} Section`, exact: true });
	}

	async expandSection(view: string): Promise<void> {
		const header = this.section(view);
		if ((await header.getAttribute('aria-expanded')) !== 'true') {
			await header.click();
		}
		await expect(header).toHaveAttribute('aria-expanded', 'true');
	}

	/** A file's or folder's row in the Explorer. */
	file(name: string): Locator {
		return this.tree('Files Explorer').getByRole('treeitem', { name, exact: true });
	}

	async decoration(name: string): Promise<ShownDecoration> {
		const label = this.file(name).locator('.monaco-icon-label').first();
		return await label.evaluate((element) => {
			// The badge is generated content.
			const content = getComputedStyle(element, '::after').content;
			const text = element.querySelector('.label-name');
			return {
				label: element.getAttribute('aria-label') ?? '',
				badge: content === 'none' ? '' : content.replaceAll('"', ''),
				color: text === null ? '' : getComputedStyle(text).color,
			};
		});
	}

	/** The progress bar of a view in a container with several views. It is hidden when idle, or not there. */
	progress(view: string): Locator {
		const pane = this.page.locator('[id="workbench.parts.sidebar"] .pane').filter({ has: this.section(view) });
		return pane.getByRole('progressbar');
	}

	/** A status bar item by its text and tooltip. */
	statusBar(name: string | RegExp): Locator {
		return this.page.getByRole('status').getByRole('button', { name });
	}

	/** Runs a command from the palette by its full title ("Filetide: Rescan Watch"). */
	async runCommand(title: string): Promise<void> {
		await this.page.keyboard.press('F1');
		const input = this.#quickInput();
		await expect(input).toBeFocused();
		await input.fill(`>${title}`);
		await this.page.getByRole('option', { name: title }).first().click();
	}

	/** Chooses an entry of the quick pick that a command has opened. */
	async pick(entry: string | RegExp): Promise<void> {
		await this.page.getByRole('option', { name: entry }).first().click();
	}

	/** Answers the input box that a command has opened. */
	async answer(text: string): Promise<void> {
		const input = this.#quickInput();
		await expect(input).toBeFocused();
		await input.fill(text);
		await input.press('Enter');
	}

	#quickInput(): Locator {
		return this.page
			.locator('.quick-input-widget')
			.getByRole('textbox')
			.or(this.page.locator('.quick-input-widget').getByRole('combobox'));
	}

	/** A notification toast or an entry of the open notification centre. Its buttons are inside, by name. */
	notification(text: string | RegExp): Locator {
		return this.page.getByRole('dialog', { name: text });
	}

	/** The texts of all notifications that have not been dismissed, newest first. */
	async notifications(): Promise<string[]> {
		await this.runCommand('Notifications: Show Notifications');
		const centre = this.page.locator('.notifications-center');
		await expect(centre).toBeVisible();
		const texts = await centre.locator('.notification-list-item-message').allInnerTexts();
		await this.page.keyboard.press('Escape');
		await expect(centre).toBeHidden();
		return texts;
	}

	/** Opens a file of the workspace from the Explorer and waits until it can be typed into. */
	async openFile(name: string): Promise<void> {
		await this.showActivity('Explorer');
		await this.file(name).dblclick();
		await expect(this.page.getByRole('tab', { name: new RegExp(`^${RegExp.escape(name)}`) })).toBeVisible();
		await expect(this.page.locator('.editor-instance .monaco-editor.focused')).toBeVisible();
	}

	/** Types at the start of the open file and saves it. */
	async typeAndSave(text: string): Promise<void> {
		await this.page.keyboard.press('Control+Home');
		await this.page.keyboard.type(text);
		await this.page.keyboard.press('Control+S');
		// The dot of an unsaved file is gone.
		await expect(this.page.locator('.tab.active.dirty')).toHaveCount(0);
	}
}
