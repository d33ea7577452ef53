/** What `validate` reports, and what readers note in passing: never a reason to lose an item. */

export type Severity = 'error' | 'warning' | 'note';

/** Stable codes of findings, in the order in which `docs/validate.md` lists them. */
export type FindingCode =
  | 'unreadable'
  | 'two-states'
  | 'same-but-for-case'
  | 'duplicate-key'
  | 'id-mismatch'
  | 'project-mismatch'
  | 'count-mismatch'
  | 'map-with-count'
  | 'missing-status'
  | 'unknown-status'
  | 'status-differs-from-folder'
  | 'invalid-priority'
  | 'missing-title'
  | 'long-line'
  | 'unusable-check'
  | 'dependency-without-id'
  | 'unknown-dependency'
  | 'self-dependency'
  | 'duplicate-dependency'
  | 'dependency-kind'
  | 'other-dependency-name'
  | 'doubtful-need'
  | 'dependency-cycle'
  | 'never-claimable'
  | 'leftover-claim'
  | 'claim-without-heartbeat'
  | 'claim-without-owner'
  | 'implausible-time'
  | 'limit-without-project'
  | 'missing-base'
  | 'branch-without-project'
  | 'missing-branch'
  | 'awaits-merge'
  | 'password-in-settings'
  | 'foreign-file'
  | 'unusable-name';

export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** What is wrong, in one line. */
  readonly message: string;
  /** What to do about it, in one line. */
  readonly hint?: string;
  /** Path in the repository. */
  readonly file: string;
  /** The branch that has the file; absent: the main one. */
  readonly branch?: string;
  /** 1-based. */
  readonly line?: number;
}
