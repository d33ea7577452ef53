import type { NothingClaimable } from './claimable.ts';

/** Every way in which agentq ends other than well. The codes are stable: scripts and `--json` rely on them. */
export type FailureCode =
  | 'nothing-claimable'
  | 'retries-exhausted'
  | 'timed-out'
  | 'not-owner'
  | 'claim-lost'
  | 'unknown-task'
  | 'unknown-project'
  | 'remote-unreachable'
  | 'remote-refused'
  | 'remote-locked'
  /** The server's own repository lacks objects, or has damaged ones: not the network's fault. */
  | 'remote-damaged'
  | 'not-a-repository'
  | 'git-unusable'
  /** Disk full, read-only, no right to write, out of memory, files or processes. `details.passing`: it may be over in a moment. */
  | 'machine-unusable'
  /** The clone lacks objects, or has damaged ones. `details.passing`: what is lacking can be fetched again. */
  | 'repository-damaged'
  | 'branch-missing'
  | 'remote-missing'
  | 'config-invalid'
  | 'task-unreadable'
  | 'task-in-two-states'
  | 'task-exists'
  | 'task-invalid'
  | 'command-failed'
  | 'usage'
  | 'ambiguous-task'
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
    };
