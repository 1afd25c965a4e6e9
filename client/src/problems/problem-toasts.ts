import * as vscode from 'vscode';
import { Commands } from '#shared/contributions.ts';
import type { Problem } from '#shared/model.ts';
import type { Wording } from '../l10n.ts';
import { Disposables, type Disposable } from '../lifecycle/disposables.ts';
import type { Model } from '../state/model.ts';
import { shorten } from '../views/safe-text.ts';
import { ProblemMemory } from './problem-memory.ts';
import { tell } from './tell.ts';

/** Problems of one cause (a settings file) arrive together; they are told together. */
const GATHER_MS = 300;
/** A warning slides into the notification centre by itself and its promise stays open: after this, it counts as seen. */
const WARNING_SEEN_MS = 30_000;
/** Characters of the first message when there are more; the rows have them in full. */
const FIRST_OF_SEVERAL = 160;

/** Tells each new problem once: all of them in the log, and one notification at a time. The tree keeps showing them. */
export class ProblemToasts implements Disposable {
	readonly #scope = new Disposables();
	readonly #memory = new ProblemMemory();
	readonly #wording: Wording;
	readonly #log: vscode.LogOutputChannel;
	#waiting: Problem[] = [];
	#telling = false;

	constructor(model: Model, wording: Wording, log: vscode.LogOutputChannel) {
		this.#wording = wording;
		this.#log = log;
		this.#scope.add(model.changed.on(() => this.#notice(model.status?.problems ?? [])));
	}

	dispose(): void {
		this.#scope.dispose();
		this.#waiting = [];
	}

	#notice(problems: readonly Problem[]): void {
		const { log, tell } = this.#memory.fresh(problems);
		for (const { severity, code, message } of log) {
			const line = `${code}: ${message}`;
			if (severity === 'error') {
				this.#log.error(line);
			} else {
				this.#log.warn(line);
			}
		}
		this.#waiting.push(...tell);
		if (this.#waiting.length > 0 && !this.#telling) {
			this.#telling = true;
			void this.#tellAll();
		}
	}

	async #tellAll(): Promise<void> {
		await pause(GATHER_MS);
		while (this.#waiting.length > 0) {
			const problems = this.#waiting;
			this.#waiting = [];
			await this.#tell(problems);
		}
		this.#telling = false;
	}

	async #tell(problems: readonly Problem[]): Promise<void> {
		const { t, number } = this.#wording;
		const worst = problems.find(({ severity }) => severity === 'error') ?? problems[0];
		if (worst === undefined) {
			return;
		}
		const more = problems.length - 1;
		const message =
			more === 0
				? worst.message
				: t(
						'{0} – and {1} more, see the Filetide view',
						shorten(worst.message, FIRST_OF_SEVERAL),
						number(more),
					);
		const settings = { title: t('Open Settings'), command: Commands.openSettings };
		const told = tell(worst.severity, message, this.#wording, settings);
		await (worst.severity === 'error' ? told : Promise.race([told, pause(WARNING_SEEN_MS)]));
	}
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => {
		setTimeout(resolve, ms);
	});
}
