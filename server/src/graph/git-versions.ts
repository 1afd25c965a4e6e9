/** What files were at a revision of git: for `affected --since <revision>`. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';

const run = promisify(execFile);

/** What git prints may be as long as the files are. */
const MOST_OUTPUT = 256 * 1024 * 1024;

export interface OldVersion {
	path: string;
	/** Undefined for a file that was not there. */
	text: string | undefined;
}

/**
 * The files beneath a folder that differ from a revision, untracked ones included, with what they were then.
 *
 * @throws FiletideError `REVISION_UNKNOWN` when the folder is in no repository, or git does not know the revision
 */
export async function versionsSince(folder: string, revision: string): Promise<OldVersion[]> {
	const git = async (...args: string[]) => {
		const { stdout } = await run('git', ['-C', folder, ...args], { maxBuffer: MOST_OUTPUT });
		return stdout;
	};
	try {
		const top = (await git('rev-parse', '--show-toplevel')).trim();
		const commit = (await git('rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`)).trim();
		const changed = splitNames(await git('diff', '--name-status', '--no-renames', '-z', commit, '--', '.'));
		const untracked = splitNames(
			await git('ls-files', '--others', '--exclude-standard', '--full-name', '-z', '--', '.'),
		);
		const versions: OldVersion[] = untracked.map((name) => ({ path: join(top, name), text: undefined }));
		for (let i = 0; i + 1 < changed.length; i += 2) {
			const [status, name] = [changed[i]!, changed[i + 1]!];
			const text = status === 'A' ? undefined : await git('show', `${commit}:${name}`);
			versions.push({ path: join(top, name), text });
		}
		return versions;
	} catch (error) {
		const why = (error as { stderr?: string }).stderr?.trim().split('\n')[0] ?? (error as Error).message;
		throw new FiletideError(
			ErrorCodes.revisionUnknown,
			`Git does not know what ${folder} was at "${revision}" (${why}). Name a revision of its repository, or a cursor of this index.`,
			{ cause: error },
		);
	}
}

function splitNames(output: string): string[] {
	return output.split('\0').filter((name) => name !== '');
}
