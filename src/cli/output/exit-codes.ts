import type { Failure, FailureCode } from '../../domain/base/failure.ts';

/** The exit code of each failure (CONTRACT 6). `interrupted` is not in the map: its code depends on the signal. */
export const EXIT_CODES: Readonly<Record<Exclude<FailureCode, 'interrupted'>, number>> = {
  'nothing-claimable': 1,
  'retries-exhausted': 2,
  'timed-out': 2,
  'not-owner': 3,
  'claim-lost': 3,
  'unknown-task': 3,
  'remote-unreachable': 4,
  'remote-refused': 4,
  'remote-locked': 4,
  'remote-damaged': 4,
  'not-a-repository': 5,
  'git-unusable': 5,
  'machine-unusable': 5,
  'repository-damaged': 5,
  'branch-missing': 5,
  'merge-conflict': 5,
  'remote-missing': 5,
  'config-invalid': 5,
  'task-unreadable': 5,
  'task-in-two-states': 5,
  'task-exists': 5,
  'task-invalid': 5,
  internal: 5,
  'command-failed': 6,
  usage: 64,
  'ambiguous-task': 64,
  'unknown-project': 64,
  'other-branch': 64,
  'agent-in-use': 64,
};

/** Signals after which agentq cleans up and ends, with the exit code that a shell expects for each. */
export const SIGNAL_EXIT_CODES: Readonly<Record<'SIGHUP' | 'SIGINT' | 'SIGTERM', number>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
};

/** The exit code of a command that ended with this failure (CONTRACT 6). */
export function exitCodeOf(failure: Pick<Failure, 'code' | 'details'>): number {
  if (failure.code !== 'interrupted') return EXIT_CODES[failure.code];
  const { signal } = failure.details;
  return signal === 'SIGTERM' || signal === 'SIGHUP' ? SIGNAL_EXIT_CODES[signal] : SIGNAL_EXIT_CODES.SIGINT;
}
