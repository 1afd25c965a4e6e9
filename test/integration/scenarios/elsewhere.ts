/** Ids of the table of scenarios that no name in the integration tests begins with. */

/** Tests that were there before the table, or are of another part: the file, and what the test is called. */
export const ELSEWHERE: Record<string, [file: string, name: string]> = {
	E02: ['test/integration/stress.test.ts', 'of three processes at once'],
	F01: ['test/integration/overflow.test.ts', 'native: it is seen, told, and every change is found'],
	F02: ['test/integration/overflow.test.ts', 'folders that came, went and changed places among what was dropped'],
	G02: ['test/integration/faults.test.ts', 'each gives one sentence, its watch says so, and the others go on'],
	G03: ['test/integration/faults.test.ts', 'a root that goes away as a whole is missing, its nodes are kept'],
	G04: ['test/integration/faults.test.ts', 'a root that is removed file by file and made again equals the disk'],
	G15: ['test/integration/two-servers.test.ts', 'of two started at the same instant exactly one leads'],
	G16: ['test/integration/two-servers.test.ts', 'only the user can reach the socket'],
	H01: ['test/integration/coverage.test.ts', 'a root that is a link is watched under the name that the user gave'],
	J04: ['test/integration/stress.test.ts', 'of three processes at once'],
	J05: ['test/integration/limits.test.ts', 'open files: what cannot be opened is polled until it can'],
	J06: ['test/integration/limits.test.ts', 'inotify watches: the rest is polled'],
	J07: ['test/integration/limits.test.ts', 'inotify instances: the whole folder is polled until there is one'],
	J08: ['test/integration/faults.test.ts', 'a full disk: told, nothing lost, and it goes on by itself'],
	K04: ['server/src/watching/gitignore.test.ts', 'as git has it: any rules in any folders'],
	K08: ['test/integration/coverage.test.ts', 'include: a star does not cross folders'],
	L01: ['test/integration/coverage.test.ts', 'nested: a change is one record and counted by both'],
	L02: ['test/integration/coverage.test.ts', 'nested: a change is one record and counted by both'],
	L04: ['test/integration/coverage.test.ts', 'watches that come and go take their counts along, and only theirs'],
	M13: ['test/integration/scenarios/scenarios.test.ts', 'while no server runs'],
	N10: ['server/src/watching/vcs-quiet.test.ts', 'Mercurial and Subversion'],
	O03: ['test/integration/scenarios/scenarios.test.ts', 'polling: {'],
	O05: ['server/src/platform/platform.test.ts', 'lies on ${type}'],
	P01: ['test/integration/scenarios/scenarios.test.ts', 'while no server runs'],
	P02: ['test/integration/restart.test.ts', 'during writes, twelve times'],
	P06: ['test/integration/faults.test.ts', 'one that a newer program wrote is refused in a sentence, untouched'],
};

const OTHER_PLATFORM = 'another platform: nothing on Linux behaves so';
const NOT_IN_FIRST_ROUND = 'not in the first round (single-file watches, several clients, type filters)';
const WITH_SINKS = 'comes with the sinks: no consumer has a queue yet';
const WITH_REPAIR = 'comes with verify and repair';
const WITH_PRUNING = 'comes with the pruning of the log';

/** What is not tested, and why. */
export const LEFT_OUT: Record<string, string> = {
	D06: NOT_IN_FIRST_ROUND,
	D07: NOT_IN_FIRST_ROUND,
	E08: WITH_SINKS,
	E09: WITH_SINKS,
	E10: WITH_SINKS,
	F04: 'changes a limit of the whole machine: for the soak script, alone',
	F05: OTHER_PLATFORM,
	F06: OTHER_PLATFORM,
	G14: WITH_SINKS,
	I02: OTHER_PLATFORM,
	I03: OTHER_PLATFORM,
	I10: OTHER_PLATFORM,
	J09: 'needs a file system that fails on demand',
	J10: OTHER_PLATFORM,
	K10: NOT_IN_FIRST_ROUND,
	L07: NOT_IN_FIRST_ROUND,
	L08: 'a known limit: a root that is a link to what another watch covers (ARCHITECTURE.md)',
	L10: NOT_IN_FIRST_ROUND,
	M04: WITH_PRUNING,
	M11: NOT_IN_FIRST_ROUND,
	N09: WITH_SINKS,
	O08: 'needs a machine that sleeps',
	P03: WITH_REPAIR,
	P04: WITH_REPAIR,
	P05: WITH_REPAIR,
	P07: WITH_PRUNING,
	P08: 'in the benchmarks: statistics queries at a million nodes',
};
