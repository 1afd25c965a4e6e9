export interface Percentiles {
	p50Ms: number;
	p99Ms: number;
}

/** The p-th percentile, nearest rank; NaN of nothing. */
function percentile(values: readonly number[], p: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
	return percentile(values, 50);
}

export function percentiles(values: readonly number[]): Percentiles {
	return { p50Ms: percentile(values, 50), p99Ms: percentile(values, 99) };
}
