/**
 * What `agentq doctor` checks, by stable id, cheap checks first. docs/doctor.md explains each; a test compares the two.
 */
export const CHECK_IDS = [
  'node',
  'git',
  'meeting',
  'processes',
  'repository',
  'git-dir',
  'disk',
  'history',
  'hooks',
  'leftovers',
  'ssh',
  'reachable',
  'branch',
  'validate',
  'release',
  'ci',
  'clock',
  'protection',
  'contention',
  'old-refs',
  'writable',
  'custom-refs',
  'deletion',
  'atomic',
  'ref-names',
  'compare-and-swap',
  'memory',
  'latency',
] as const;

export type CheckId = (typeof CHECK_IDS)[number];

/** `note`: worth knowing, and nothing is in the way. `wrong`: somebody must do something. */
export type Level = 'ok' | 'note' | 'wrong';

/** What a check has found. */
export interface Verdict {
  readonly level: Level;
  /** What the check found, in one line. */
  readonly message: string;
  /** What to do, or what follows; absent: nothing. */
  readonly advice?: string;
  /** `not-done`: nothing is known, and the message says why. Absent: it was done. */
  readonly how?: 'not-done';
}

/** Nothing is to be done. */
export function ok(message: string): Verdict {
  return { level: 'ok', message };
}

/** Worth knowing, with what follows from it or what can be done. */
export function note(message: string, advice?: string): Verdict {
  return advice === undefined ? { level: 'note', message } : { level: 'note', message, advice };
}

/** In the way of the queue, or of correct answers. */
export function wrong(message: string, advice: string): Verdict {
  return { level: 'wrong', message, advice };
}

/** A check that could not be done: nothing is known, so that nothing is wrong. */
export function undone(why: string): Verdict {
  return { level: 'note', message: `not checked: ${why}`, how: 'not-done' };
}
