/**
 * Cursors: opaque to users, `<index id>.<seq>` inside. The index id makes a cursor of another index, or of one that was
 * made anew, detectable.
 */
export function formatCursor(indexId: string, seq: number): string {
	return `${indexId}.${seq}`;
}

/** The sequence number, or undefined for `0` and for cursors of another index: the reader starts afresh. */
export function parseCursor(cursor: string, indexId: string): number | undefined {
	const [id, seq] = cursor.split('.');
	return id === indexId && seq !== undefined && /^\d+$/.test(seq) ? Number(seq) : undefined;
}
