// The `watchman` on PATH: a daemon of its own, apart from one that the user may run, asked over its socket in JSON
// (facebook.github.io/watchman/docs/socket-interface). Its memory is the daemon's, whose pid is told with the rest.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { root, say } from './speak.mjs';

/** How long the daemon may take to listen, and then to crawl. */
const LISTEN_MS = 10_000;
const CRAWL_MS = 600_000;

const state = mkdtempSync(join(tmpdir(), 'watchman-'));
const socketPath = join(state, 'sock');
const files = [
	`--sockname=${socketPath}`,
	`--logfile=${join(state, 'log')}`,
	`--pidfile=${join(state, 'pid')}`,
	'--no-save-state',
];
const daemon = spawn('watchman', ['--foreground', ...files], { stdio: 'ignore' });
daemon.once('exit', (code, signal) => {
	console.error(`watchman ended (${code ?? signal}).`);
	process.exit(1);
});
process.once('exit', () => {
	daemon.kill('SIGKILL');
	rmSync(state, { recursive: true, force: true });
});

for (let waited = 0; !existsSync(socketPath) && waited < LISTEN_MS; waited += 5) {
	await delay(5);
}
const socket = connect(socketPath);
const answers = [];
createInterface({ input: socket }).on('line', (text) => {
	const message = JSON.parse(text);
	if (message.subscription === undefined) {
		answers.shift()?.(message);
	} else {
		for (const name of message.files ?? []) {
			say({ path: join(root, name) });
		}
	}
});

async function ask(...command) {
	socket.write(`${JSON.stringify(command)}\n`);
	const answer = await new Promise((resolve) => {
		answers.push(resolve);
	});
	if (answer.error !== undefined) {
		throw new Error(answer.error);
	}
	return answer;
}

await ask('watch', root);
// Answers when the crawl is done and what happened before has been seen.
const { clock } = await ask('clock', root, { sync_timeout: CRAWL_MS });
await ask('subscribe', root, 'bench', { fields: ['name'], since: clock });
say({ ready: true, pid: daemon.pid });
