/** `filetide stats --hot` and `--rates`: where changes happen, and when. */
import type { HotPath, RatePeriod, RateUnit } from '#shared/model.ts';
import type { Answers } from './attach.ts';
import { timeText } from './time-text.ts';
import { watchIdOf } from './watch-id.ts';

export interface ActivityOptions {
	hot?: boolean;
	rates?: RateUnit;
	watch?: string;
	/** Milliseconds. */
	since?: number;
	limit?: number;
	json?: boolean;
}

const DAY_MS = 86_400_000;
const LIMIT = 10;

/** What changed most, as text. */
export async function hotText(
	answers: Answers,
	{ watch, since = DAY_MS, limit = LIMIT, json }: ActivityOptions,
	print: <T extends { path: string; bytes?: string }>(change: T) => T,
): Promise<string> {
	const { from, paths } = await answers.hotPaths({ ...(await watchOf(answers, watch)), windowMs: since, limit });
	const printed = paths.map(print);
	return json === true
		? `${JSON.stringify({ from, paths: printed })}\n`
		: `since ${timeText(from)}\n${printed.map(hotLine).join('')}`;
}

/** Events per period, as text. */
export async function ratesText(
	answers: Answers,
	unit: RateUnit,
	{ watch, since, json }: ActivityOptions,
): Promise<string> {
	const from = since === undefined ? {} : { from: Date.now() - since };
	const result = await answers.rates({ ...(await watchOf(answers, watch)), unit, ...from });
	return json === true ? `${JSON.stringify(result)}\n` : result.periods.map(rateLine).join('');
}

async function watchOf(answers: Answers, watch: string | undefined): Promise<{ watchId?: string }> {
	return watch === undefined ? {} : { watchId: watchIdOf((await answers.stats()).watches, watch) };
}

function hotLine({ path, kind, events, atMost }: HotPath): string {
	const count = atMost === undefined ? `${events}` : `${events}–${atMost}`;
	return `${count.padStart(9)}  ${kind === 'folder' ? `${path}/` : path}\n`;
}

function rateLine({ time, create, modify, metadata, move, remove }: RatePeriod): string {
	const types = `create ${create}, modify ${modify}, metadata ${metadata}, move ${move}, remove ${remove}`;
	return `${timeText(time)}  ${types}\n`;
}
