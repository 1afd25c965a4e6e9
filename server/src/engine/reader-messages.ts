/** What the process that keeps the graph and those that read files for it say to each other. */
import type { Order, Reading } from '../graph/reading.ts';

export type ToReader =
	| {
			type: 'read';
			id: number;
			orders: readonly Order[];
			/** Before whatever is not. */
			urgent: boolean;
			/** When it is another one than before, what was found of other files may be so no longer. */
			serial: number;
	  }
	/** Not to be read any more, if it was not. */
	| { type: 'cancel'; path: string };

export interface FromReader {
	id: number;
	/** In the order in which they were asked for. */
	readings: Reading[];
}
