/**
 * Holds package.json against shared/contributions.ts, package.nls.json and the settings schema: what is declared is
 * what the code names. That everything named is registered is the type of `HANDLERS` in commands/handlers.ts.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { z } from 'zod';
import { Commands, ContextKeys, DECORATION_COLOR, EXTENSION_ID, Settings, Views } from '#shared/contributions.ts';
import { retentionJsonSchema, watchesJsonSchema } from '#shared/settings.ts';

const ROOT = new URL('../../', import.meta.url);
const manifestText = readFileSync(new URL('package.json', ROOT), 'utf8');
const texts = z
	.record(z.string(), z.string())
	.parse(JSON.parse(readFileSync(new URL('package.nls.json', ROOT), 'utf8')));

const menuItem = z.object({ command: z.string(), when: z.string().optional(), group: z.string().optional() });
const view = z.object({
	id: z.string(),
	name: z.string(),
	icon: z.string(),
	contextualTitle: z.string(),
	visibility: z.string().optional(),
	when: z.string().optional(),
});
const manifest = z
	.object({
		name: z.string(),
		publisher: z.string(),
		icon: z.string(),
		activationEvents: z.array(z.string()),
		extensionKind: z.array(z.string()),
		capabilities: z.object({
			untrustedWorkspaces: z.object({ supported: z.string(), restrictedConfigurations: z.array(z.string()) }),
			virtualWorkspaces: z.object({ supported: z.boolean() }),
		}),
		contributes: z.object({
			viewsContainers: z.object({ activitybar: z.array(z.object({ id: z.string(), icon: z.string() })) }),
			views: z.record(z.string(), z.array(view)),
			viewsWelcome: z.array(z.object({ view: z.string(), contents: z.string(), when: z.string() })),
			commands: z.array(
				z.object({ command: z.string(), title: z.string(), category: z.string(), icon: z.string().optional() }),
			),
			menus: z.record(z.string(), z.array(menuItem)),
			configuration: z.array(
				z.object({
					title: z.string(),
					order: z.number(),
					properties: z.record(z.string(), z.record(z.string(), z.unknown())),
				}),
			),
			colors: z.array(z.object({ id: z.string(), defaults: z.record(z.string(), z.string()) })),
		}),
	})
	.parse(JSON.parse(manifestText));
const { contributes } = manifest;
const english = (text: string): string => texts[text.slice(1, -1)] ?? '';
const allMenuItems = Object.values(contributes.menus).flat();
const properties: Record<string, Record<string, unknown>> = Object.assign(
	{},
	...contributes.configuration.map((group) => group.properties),
);

suite('manifest', () => {
	test('identity', () => assert.equal(`${manifest.publisher}.${manifest.name}`, EXTENSION_ID));

	test('every text key exists, and every text is used', () => {
		const used = new Set([...manifestText.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key));
		assert.deepEqual(used, new Set(Object.keys(texts)));
	});

	test('declared commands are those of the code', () => {
		const declared = contributes.commands.map(({ command }) => command);
		assert.deepEqual(declared.toSorted(), Object.values(Commands).toSorted());
	});

	for (const { command, title, category } of contributes.commands) {
		test(`${command}: category and title from the texts, verb first in Title Case`, () => {
			assert.equal(english(category), 'Filetide');
			assert.match(title, /^%.+%$/);
			assert.match(english(title), /^[A-Z][a-z]+( [A-Z][a-z]+)*…?$/);
		});
	}

	test('menus name declared commands, and at most three stand in a view title', () => {
		const ids: readonly string[] = Object.values(Commands);
		for (const { command } of allMenuItems) {
			assert.ok(ids.includes(command), command);
		}
		const icons = contributes.menus['view/title']?.filter(({ group }) => group?.startsWith('navigation')) ?? [];
		for (const when of new Set(icons.map((icon) => icon.when?.split(' && ')[0]))) {
			// A place in the row is one icon, whichever of its commands applies.
			const places = icons.filter((icon) => icon.when?.split(' && ')[0] === when).map(({ group }) => group);
			assert.ok(new Set(places).size <= 3, when);
		}
	});

	test('a command with an inline or title icon has an icon', () => {
		for (const { command } of allMenuItems.filter(({ group }) => /^(inline|navigation)/.test(group ?? ''))) {
			assert.ok(contributes.commands.find((declared) => declared.command === command)?.icon, command);
		}
	});

	test('views are those of the code, each with an icon and a title of its own', () => {
		const views = Object.values(contributes.views).flat();
		assert.deepEqual(views.map(({ id }) => id).toSorted(), Object.values(Views).toSorted());
		for (const { icon, contextualTitle } of views) {
			assert.ok(existsSync(new URL(icon, ROOT)), icon);
			assert.notEqual(english(contextualTitle), '');
		}
		assert.equal(contributes.views['explorer']?.[0]?.visibility, 'collapsed');
		assert.deepEqual(Object.keys(contributes.views), ['filetide', 'explorer']);
	});

	test('one container; its icon and the extension’s exist', () => {
		assert.equal(contributes.viewsContainers.activitybar.length, 1);
		for (const path of [manifest.icon, contributes.viewsContainers.activitybar[0]?.icon ?? '']) {
			assert.ok(existsSync(new URL(path, ROOT)), path);
		}
	});

	test('views of watches welcome for the same reasons, Impact where there are any, each with exactly one button', () => {
		const reasons = (id: string): string[] =>
			contributes.viewsWelcome
				.filter(({ view }) => view === id)
				.map(({ when, contents }) => `${when} ${contents}`);
		assert.deepEqual(reasons(Views.explorer), reasons(Views.watches));
		// Beside an empty Watches view it would only say the same.
		assert.equal(contributes.views['filetide']?.find(({ id }) => id === Views.impact)?.when, 'filetide:hasWatches');
		assert.equal(reasons(Views.impact).length, 2);
		for (const { contents } of contributes.viewsWelcome) {
			const text = english(contents);
			const linked = [...text.matchAll(/\(command:(filetide\.[\w.]+)\)/g)].map(([, id]) => id ?? '');
			assert.ok(
				linked.every((id) => Object.values<string>(Commands).includes(id)),
				text,
			);
			const buttons = text.split('\n').filter((line) => /^\[[^\]]+\]\([^)]+\)$/.test(line));
			assert.equal(buttons.length, 1, text);
		}
	});

	test('when-clauses name only our context keys', () => {
		const clauses = [...manifestText.matchAll(/"(?:when|enablement)": ?"((?:[^"\\]|\\.)*)"/g)].map(
			([, text]) => text ?? '',
		);
		const keys = new Set(clauses.flatMap((text) => [...text.matchAll(/filetide:\w+/g)].map(([key]) => key)));
		assert.ok(keys.size > 0);
		assert.deepEqual(keys, new Set<string>(Object.values(ContextKeys)));
	});

	test('the schema of filetide.watches is that of shared/settings.ts', () => {
		const expected: unknown = JSON.parse(JSON.stringify(watchesJsonSchema()));
		const {
			scope,
			default: byDefault,
			order: _,
			markdownDescription: __,
			...schema
		} = properties['filetide.watches'] ?? {};
		assert.equal(scope, 'resource');
		assert.deepEqual(byDefault, []);
		assert.deepEqual(schema, expected, `package.json should have:\n${JSON.stringify(expected, null, '\t')}`);
	});

	test('the limits and defaults of retention are those of shared/settings.ts', () => {
		for (const [name, schema] of Object.entries(retentionJsonSchema())) {
			const property = properties[`filetide.retention.${name}`];
			for (const [key, value] of Object.entries(schema)) {
				assert.equal(property?.[key], value, `${name}: ${key}`);
			}
		}
	});

	test('settings are those of the code, with default, description and scope', () => {
		const { section, ...names } = Settings;
		const expected = Object.values(names).map((name) => `${section}.${name}`);
		assert.deepEqual(Object.keys(properties).toSorted(), expected.toSorted());
		for (const [name, property] of Object.entries(properties)) {
			assert.ok('default' in property && 'scope' in property && 'markdownDescription' in property, name);
		}
		for (const { title } of contributes.configuration) {
			assert.doesNotMatch(english(title), /settings|extension/i);
		}
	});

	test('the decoration colour refers to existing colours in all four kinds of theme', () => {
		const [color] = contributes.colors;
		assert.equal(color?.id, DECORATION_COLOR);
		assert.deepEqual(Object.keys(color.defaults).toSorted(), [
			'dark',
			'highContrast',
			'highContrastLight',
			'light',
		]);
		for (const value of Object.values(color.defaults)) {
			assert.match(value, /^[a-z][\w.]+$/i);
		}
	});

	test('activation, trust and remote', () => {
		assert.deepEqual(manifest.activationEvents, ['onStartupFinished']);
		assert.deepEqual(manifest.extensionKind, ['workspace']);
		assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
		assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, ['filetide.watches']);
		assert.equal(manifest.capabilities.virtualWorkspaces.supported, false);
	});
});
