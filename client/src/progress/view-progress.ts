import * as vscode from 'vscode';
import { Views } from '#shared/contributions.ts';
import { Disposables, type Disposable } from '../lifecycle/disposables.ts';
import { isBusy } from '../state/activity.ts';
import { isGraphBusy } from '../state/graph.ts';
import type { Model } from '../state/model.ts';
import { DelayedBusy, type Indicator } from './delayed-busy.ts';

const DELAY_MS = 150;

/**
 * The thin bar above the rows while changes are pending, a scan runs or files are read for the dependency graph. It ends with
 * the server, too.
 */
export class ViewProgress implements Disposable {
	readonly #scope = new Disposables();

	/** @param shown whether these views are on screen */
	constructor(model: Model, shown: { explorer: () => boolean; impact: () => boolean }) {
		const watches = this.#scope.add(new DelayedBusy(DELAY_MS, viewIndicator(Views.watches)));
		// Progress in a hidden view marks its container's icon: right for Filetide's own, not for the Explorer's.
		const explorer = this.#scope.add(new DelayedBusy(DELAY_MS, viewIndicator(Views.explorer)));
		// One bar in Filetide's container is enough to mark its icon.
		const impact = this.#scope.add(new DelayedBusy(DELAY_MS, viewIndicator(Views.impact)));
		const update = (): void => {
			const busy = isBusy(model);
			watches.set(busy);
			explorer.set(busy && shown.explorer());
			impact.set(shown.impact() && model.state === 'running' && isGraphBusy(model.status?.graph));
		};
		this.#scope.add(model.changed.on(update));
		update();
	}

	dispose(): void {
		this.#scope.dispose();
	}
}

function viewIndicator(viewId: string): Indicator {
	let end: (() => void) | undefined;
	return {
		begin() {
			const ended = new Promise<void>((resolve) => {
				end = resolve;
			});
			void vscode.window.withProgress({ location: { viewId } }, () => ended);
		},
		end() {
			end?.();
		},
	};
}
