/** A server in a mount namespace of its own: what is mounted there nobody else sees, and it ends with the server. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { RunningProcess } from './process.ts';
import { bundle, type Sandbox } from './sandbox.ts';

const IS_ROOT = process.getuid?.() === 0;

/** Starts `filetide …` after a line of shell, which finds its argument as `$0`. */
export function startWithOwnMounts(
	sandbox: Sandbox,
	[before, argument]: [before: string, argument: string],
	parameters: readonly string[],
): RunningProcess {
	const namespaces = IS_ROOT ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
	try {
		execFileSync('unshare', [...namespaces, 'true'], { stdio: 'pipe' });
	} catch (error) {
		throw new Error(
			'This test mounts file systems and needs a mount namespace: run it as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1).',
			{ cause: error },
		);
	}
	const script = `${before} && exec "$@"`;
	const command = [...namespaces, 'sh', '-c', script, argument, process.execPath, bundle('filetide'), ...parameters];
	return new RunningProcess(sandbox, 'unshare', command);
}

/** Runs a command where such a server lives. */
export function runWhere(server: RunningProcess, ...command: string[]): void {
	const namespaces = IS_ROOT ? ['--mount'] : ['--user', '--preserve-credentials', '--mount'];
	execFileSync('nsenter', [...namespaces, `--target=${server.pid}`, ...command], { stdio: 'pipe' });
}

/** A path as such a server sees it, from outside. */
export function seenBy(server: RunningProcess, path: string): string {
	return join('/proc', `${server.pid}`, 'root', path);
}
