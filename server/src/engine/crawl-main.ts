/** Entry point of a crawl worker: lists the folders that it is told, while everything is compared for the first time. */
import { type MessagePort, workerData } from 'node:worker_threads';
import type { ToCrawler } from '../watching/messages.ts';
import { Scopes } from '../watching/scope.ts';
import { listFolders } from './listing.ts';
import type { FromCrawler } from './messages.ts';

const { orders, listings } = workerData as { orders: MessagePort; listings: MessagePort };
let scopes = new Scopes([], '');

orders.on('message', (message: ToCrawler) => {
	switch (message.type) {
		case 'scopes':
			scopes = new Scopes(message.watches, message.storage);
			break;
		case 'list':
			for (const listing of listFolders(message.folders, scopes)) {
				post({ request: message.request, listing }, [listing.bytes]);
			}
			post({ request: message.request, listing: undefined });
			break;
		case 'stop':
			orders.close();
			listings.close();
			break;
	}
});

function post(message: FromCrawler, transferred: ArrayBuffer[] = []): void {
	listings.postMessage(message, transferred);
}
