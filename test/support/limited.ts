/** A server in a user namespace of its own, where the kernel's limits can be lowered without anybody else's noticing. */
import { execFileSync } from 'node:child_process';
import { RunningProcess } from './process.ts';
import { bundle, type Sandbox } from './sandbox.ts';

const NAMESPACE = ['--user', '--map-root-user'];

/** Names in /proc/sys/user. */
type Limit = 'max_inotify_watches' | 'max_inotify_instances';

/** Starts `filetide …` where a limit is so low. */
export function startLimited(
	sandbox: Sandbox,
	limit: Limit,
	value: number,
	parameters: readonly string[],
): RunningProcess {
	try {
		execFileSync('unshare', [...NAMESPACE, 'true'], { stdio: 'pipe' });
	} catch (error) {
		throw new Error(
			'This test lowers a limit in a user namespace of its own: allow user namespaces (sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=1000).',
			{ cause: error },
		);
	}
	const script = `echo ${value} > "$0" && exec "$@"`;
	const command = [
		...NAMESPACE,
		'sh',
		'-c',
		script,
		pathOf(limit),
		process.execPath,
		bundle('filetide'),
		...parameters,
	];
	return new RunningProcess(sandbox, 'unshare', command);
}

/** Sets the limit of a server started by {@link startLimited} while it runs. */
export function setLimit(server: RunningProcess, limit: Limit, value: number): void {
	execFileSync('nsenter', [
		'--user',
		'--preserve-credentials',
		`--target=${server.pid}`,
		'sh',
		'-c',
		`echo ${value} > ${pathOf(limit)}`,
	]);
}

function pathOf(limit: Limit): string {
	return `/proc/sys/user/${limit}`;
}
