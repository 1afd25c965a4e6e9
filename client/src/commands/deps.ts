import type * as vscode from 'vscode';
import type { Away } from '../away/away.ts';
import type { ImpactMarks } from '../decorations/impact-marks.ts';
import type { ImpactView } from '../impact/impact-view.ts';
import type { Wording } from '../l10n.ts';
import type { Session } from '../session/session.ts';
import type { Model } from '../state/model.ts';
import type { WatchViews } from '../views/watch-views.ts';

/** What commands work with. */
export interface CommandDeps {
	model: Model;
	session: Session;
	views: WatchViews;
	impact: ImpactView;
	marks: ImpactMarks;
	away: Away;
	wording: Wording;
	log: vscode.LogOutputChannel;
}
