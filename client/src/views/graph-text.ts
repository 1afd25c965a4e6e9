import type { GraphStatus } from '#shared/protocol.ts';
import type { Wording } from '../l10n.ts';
import { indexingPercentage, isGraphBusy } from '../state/graph.ts';
import { filesText } from './quantities.ts';

/** What the row of the dependency graph shows. */
export interface GraphRow {
	label: string;
	description: string;
	/** A product icon, and the theme colour where something needs attention (never by colour alone: the words say it). */
	icon: { id: string; color?: string };
	/** Tokens for when-clauses. */
	contextValue: string;
	accessibleLabel: string;
	/** Lines of plain text. */
	tooltip: string[];
}

export function graphRow(graph: GraphStatus, w: Wording): GraphRow {
	const label = w.t('Dependencies');
	const parts = [
		graph.indexing ? indexingParts(graph.indexing, w).join(', ') : filesText(graph.files, w),
		...workParts(graph, w),
	];
	return {
		label,
		description: parts.join(' · '),
		icon: iconOf(graph),
		contextValue: graph.parkedCount > 0 ? 'graph+parked' : 'graph',
		accessibleLabel: [label, ...parts].join(', '),
		tooltip: [
			w.t('Files whose dependencies are known: {0}', w.number(graph.files)),
			...workFacts(graph, w),
			...timesParts(graph, w),
		],
	};
}

/** "3 pending", "2 in flight", "1 failed", "4 parked": what there is of each. */
export function workParts({ pending, inFlight, failed, parkedCount }: GraphStatus, { t, number }: Wording): string[] {
	return [
		...(pending > 0 ? [t('{0} pending', number(pending))] : []),
		...(inFlight > 0 ? [t('{0} in flight', number(inFlight))] : []),
		...(failed > 0 ? [t('{0} failed', number(failed))] : []),
		...(parkedCount > 0 ? [t('{0} parked', number(parkedCount))] : []),
	];
}

/** The same, with what it means. */
function workFacts({ pending, inFlight, failed, parkedCount }: GraphStatus, { t, number }: Wording): string[] {
	return [
		...(pending > 0 ? [t('{0} pending: wait to be read', number(pending))] : []),
		...(inFlight > 0 ? [t('{0} in flight: being read', number(inFlight))] : []),
		...(failed > 0 ? [t('{0} failed: tried again in a moment', number(failed))] : []),
		...(parkedCount > 0 ? [t('{0} parked: left out until they change, or are retried', number(parkedCount))] : []),
	];
}

/** "Reading dependencies: 43 %, 1,200 of 2,800 files, about 20 s left" */
export function indexingText(indexing: NonNullable<GraphStatus['indexing']>, w: Wording): string {
	const files = w.t('{0} of {1} files', w.number(indexing.done), w.number(Math.max(indexing.done, indexing.total)));
	const [percentage = '', ...left] = indexingParts(indexing, w);
	return w.t('Reading dependencies: {0}', [percentage, files, ...left].join(', '));
}

function indexingParts(indexing: NonNullable<GraphStatus['indexing']>, w: Wording): string[] {
	const percentage = w.t('{0} %', w.number(indexingPercentage(indexing)));
	return indexing.msLeft === undefined ? [percentage] : [percentage, leftText(indexing.msLeft, w)];
}

const MINUTE_MS = 60_000;

/** An estimate is worth no more than its first digit. */
function leftText(leftMs: number, w: Wording): string {
	if (leftMs < 5000) {
		return w.t('a few seconds left');
	}
	return leftMs < MINUTE_MS
		? w.t('about {0} s left', w.number(Math.ceil(leftMs / 5000) * 5))
		: w.t('about {0} min left', w.number(Math.ceil(leftMs / MINUTE_MS)));
}

function timesParts({ updates: { done, processing, propagation } }: GraphStatus, w: Wording): string[] {
	if (done === 0) {
		return [];
	}
	const ms = (value: number) => w.number(Math.round(value * 10) / 10);
	return [
		w.t('Updates: {0}', w.number(done)),
		w.t('Reading a file: {0} ms, 95 % within {1} ms', ms(processing.p50), ms(processing.p95)),
		w.t('From a change to what it affects: {0} ms, 95 % within {1} ms', ms(propagation.p50), ms(propagation.p95)),
	];
}

function iconOf(graph: GraphStatus): GraphRow['icon'] {
	if (isGraphBusy(graph)) {
		return { id: 'sync~spin' };
	}
	return graph.parkedCount > 0 ? { id: 'warning', color: 'list.warningForeground' } : { id: 'type-hierarchy-sub' };
}
