/** Entry point of the drain worker. Its ports to the writer and to the crawl workers come as worker data. */
import { type MessagePort, workerData } from 'node:worker_threads';
import { Crawlers } from './crawlers.ts';
import { Drain } from './drain.ts';
import type { FromDrain, ToDrain } from './messages.ts';

const { port, crawlers } = workerData as { port: MessagePort; crawlers: MessagePort[] };
const drain = new Drain((message: FromDrain) => {
	port.postMessage(message);
}, new Crawlers(crawlers));

// One message at a time: a barrier must not overtake the sources that were asked for before it.
let previous = Promise.resolve();
port.on('message', (message: ToDrain) => {
	previous = previous.then(() => drain.receive(message));
	previous.catch((error: unknown) => {
		// Ends the worker; the engine sees that and starts anew with a full reconcile.
		throw error;
	});
	if (message.type === 'stop') {
		void previous.finally(() => {
			port.close();
		});
	}
});
