/** How far a change has come: a part that it reaches, and what for. */

export type EffectKind = 'interface' | 'behaviour';
export type Certainty = 'certain' | 'possible';

export const KINDS = ['interface', 'behaviour'] as const;

/** A part that is reached, and what for. */
export interface State {
	file: string;
	part: string;
	kind: EffectKind;
	/** Only what concerns members of this name is. */
	member: string | undefined;
	certainty: Certainty;
	/** Whether it only hands on what concerns others. */
	isPassing: boolean;
	/** Whether objects of a type are concerned: wherever the type is named, there may be one. */
	ofObjects: boolean;
	/** Whether what was a type is a value now, or the reverse. */
	isOtherKind: boolean;
	from: State | undefined;
	distance: number;
}

/** What has changed itself. */
export const BEGINNING = {
	member: undefined,
	certainty: 'certain',
	isPassing: false,
	ofObjects: false,
	isOtherKind: false,
	from: undefined,
	distance: 0,
} as const;

/** One step of a reason: a part of a file, or the file itself where it has no name. */
export interface ReasonStep {
	file: string;
	/** Empty for the evaluation of the file. */
	name: string;
}

/** The next step of a reason: a name that is handed on and is no part. */
export function stepTo(from: State, file: string, part: string): State {
	return { ...from, file, part, from, distance: from.distance + 1 };
}

/** From what was changed to what is reached. */
export function reasonOf(state: State): ReasonStep[] {
	const steps: ReasonStep[] = [];
	for (let step: State | undefined = state; step !== undefined; step = step.from) {
		const last = steps[0];
		if (last === undefined || last.file !== step.file || last.name !== step.part) {
			steps.unshift({ file: step.file, name: step.part });
		}
	}
	return steps;
}
