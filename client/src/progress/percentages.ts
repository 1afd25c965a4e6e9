/**
 * VS Code adds up increments; LSP reports percentages of one piece of work. Returns a function from a piece's index and
 * percentage to the increment of the whole, never negative.
 */
export function overallIncrement(
	pieces: number,
): (index: number, percentage: number | undefined) => number | undefined {
	let reached = 0;
	return (index, percentage) => {
		if (percentage === undefined) {
			return undefined;
		}
		const now = (index * 100 + Math.min(Math.max(percentage, 0), 100)) / pieces;
		const increment = Math.max(0, now - reached);
		reached += increment;
		return increment;
	};
}
