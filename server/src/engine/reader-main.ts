/**
 * Entry point of a process that reads files for the graph. A process, not a thread: what a parser allocates is given back when
 * it ends, and a file that ends or blocks the parser ends nothing else.
 */
import { type Order, type Reading, readFile } from '../graph/reading.ts';
import { typeScript } from '../languages/typescript/language.ts';
import { TypeScriptResolver } from '../languages/typescript/resolver.ts';
import type { FromReader, ToReader } from './reader-messages.ts';

interface Job {
	id: number;
	orders: readonly Order[];
	readings: Reading[];
	serial: number;
}

const resolver = new TypeScriptResolver();
const urgent: Job[] = [];
const others: Job[] = [];
const cancelled = new Set<string>();
/** What the resolver knows is as old as this. */
let serial = -1;

process.on('disconnect', () => {
	process.exit();
});

process.on('message', (message: ToReader) => {
	switch (message.type) {
		case 'read': {
			const { id, orders, serial } = message;
			if (urgent.length + others.length === 0) {
				setImmediate(work);
			}
			(message.urgent ? urgent : others).push({ id, orders, readings: [], serial });
			break;
		}
		case 'cancel':
			if (urgent.some(({ orders, readings }) => orders.slice(readings.length).some(isOf(message.path)))) {
				cancelled.add(message.path);
			}
			break;
	}
});

function isOf(path: string): (order: Order) => boolean {
	return (order) => order.path === path;
}

/** Reads one file: what is urgent may have come meanwhile. */
function work(): void {
	const queue = urgent.length > 0 ? urgent : others;
	const [job] = queue;
	if (job === undefined) {
		return;
	}
	const order = job.orders[job.readings.length];
	if (order !== undefined) {
		if (job.serial !== serial) {
			serial = job.serial;
			resolver.forget();
		}
		const isCancelled = queue === urgent && cancelled.delete(order.path);
		job.readings.push(isCancelled ? { state: 'superseded', ms: 0 } : readFile(order, typeScript, resolver));
	}
	if (job.readings.length === job.orders.length) {
		queue.shift();
		const message: FromReader = { id: job.id, readings: job.readings };
		process.send?.(message);
		if (queue === urgent && urgent.length === 0) {
			// Whatever is asked next may be answered otherwise by the disk, though nobody has said so yet.
			serial = -1;
		}
	}
	setImmediate(work);
}
