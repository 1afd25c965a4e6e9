import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A Node for the host that is bound by file permissions. For anyone but root that is Node itself; root, whom permissions
 * do not bind, gives up the two capabilities that are the reason (setpriv is part of every Debian).
 */
export function nodeBoundByPermissions(): string {
	if (process.getuid?.() !== 0) {
		return process.execPath;
	}
	const script = join(mkdtempSync(join(tmpdir(), 'unprivileged-')), 'node');
	const drop = '-dac_override,-dac_read_search';
	writeFileSync(
		script,
		`#!/bin/sh\nexec setpriv --bounding-set=${drop} --inh-caps=${drop} "${process.execPath}" "$@"\n`,
	);
	chmodSync(script, 0o755);
	return script;
}
