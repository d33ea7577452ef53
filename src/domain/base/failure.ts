import type { NothingClaimable } from './claimable.ts';

/** Every way in which agentq fails. The codes are stable: scripts and `--json` rely on them. */
export type FailureCode =
  | 'nothing-claimable'
  | 'retries-exhausted'
  | 'timed-out'
  | 'not-owner'
  | 'claim-lost'
  | 'unknown-task'
  | 'unknown-project'
  /** The intent concerns other branches of the queue. The engine then decides where; users do not see it. */
  | 'other-branch'
  | 'remote-unreachable'
  | 'remote-refused'
  | 'remote-locked'
  /** The server's own repository lacks objects or has damaged ones: the network is not at fault. */
  | 'remote-damaged'
  | 'not-a-repository'
  | 'git-unusable'
  /** Disk full or read-only, no permission, out of memory, files or processes. `details.passing`: it may pass soon. */
  | 'machine-unusable'
  /** The clone lacks objects or has damaged ones. `details.passing`: the missing objects can be fetched again. */
  | 'repository-damaged'
  | 'branch-missing'
  /** Two branches changed the same: only a person can decide, and nothing was changed. */
  | 'merge-conflict'
  | 'remote-missing'
  | 'config-invalid'
  | 'task-unreadable'
  | 'task-in-two-states'
  | 'task-exists'
  | 'task-invalid'
  | 'command-failed'
  | 'usage'
  | 'ambiguous-task'
  /** Another machine works under the same agent id right now. */
  | 'agent-in-use'
  | 'interrupted'
  | 'internal';

/**
 * A failure that a user can act on: `message` says what and where in one line, `hint` what to do.
 * Thrown through all layers; only the CLI turns it into words on stderr and an exit code.
 */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly hint: string | undefined;
  /** Facts for `--json`; plain data. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: FailureCode,
    message: string,
    options: { hint?: string; details?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** Why an intent was not carried out on a given snapshot. Plain data: it travels from a leader to its followers. */
export type Refusal =
  | { readonly code: 'nothing-claimable'; readonly message: string; readonly why: NothingClaimable }
  /** `branch`: where it must be decided; absent: on several branches. */
  | { readonly code: 'other-branch'; readonly message: string; readonly branch?: string }
  | {
      readonly code:
        | 'not-owner'
        | 'claim-lost'
        | 'unknown-task'
        | 'unknown-project'
        | 'task-unreadable'
        | 'task-in-two-states'
        | 'ambiguous-task'
        | 'task-exists'
        | 'task-invalid'
        | 'usage';
      readonly message: string;
      readonly hint?: string;
      /** If the claim is gone: the last question of its owner in the task. */
      readonly asked?: { readonly at: string; readonly text: string };
    };
