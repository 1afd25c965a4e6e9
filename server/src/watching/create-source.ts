/** From a plan to a source that runs. */
import { ChokidarSource } from './chokidar-source.ts';
import type { KernelQueue } from './kernel-queue.ts';
import type { SourceGroup } from './messages.ts';
import { NativeSource } from './native-source.ts';
import { PollingSource } from './polling-source.ts';
import { RecursiveSource } from './recursive-source.ts';
import type { Scopes } from './scope.ts';
import type { Source, SourceListener } from './source.ts';
import { hasRecursiveWatch } from './source-kind.ts';
import type { SourceKind } from './watch.ts';

/** @param named see {@link NativeSource}; other kinds find their folders themselves */
export function createSource(
	kind: SourceKind,
	{ root, pollIntervalMs }: SourceGroup,
	scopes: Scopes,
	queue: KernelQueue,
	listener: SourceListener,
	named: boolean,
): Source {
	switch (kind) {
		case 'polling':
			return new PollingSource(root, pollIntervalMs, listener);
		case 'chokidar':
			return new ChokidarSource(root, scopes, listener, () => {
				queue.noteCallback();
			});
		case 'native':
			return hasRecursiveWatch()
				? new RecursiveSource(root, scopes, listener)
				: new NativeSource(root, pollIntervalMs, scopes, queue, listener, named);
	}
}
