import type { Failure } from '../../domain/base/failure.ts';
import { QUEUE_BRANCH, SETTINGS_FILE } from '../../domain/base/settings-file.ts';

/**
 * The outcome of a push. Only `landed` and `rejected` are certain. An `unknown` push may have landed, and must be
 * looked up on the remote before anything else is tried (CONTRACT 7.3).
 */
export type PushOutcome =
  | { readonly kind: 'landed' }
  /** Another push was first: the lease on a ref did not hold. */
  | { readonly kind: 'rejected'; readonly words: string }
  /** The same push will never succeed: hook, protected branch, hidden ref, no permission. */
  | {
      readonly kind: 'refused';
      readonly reason: RefusalReason;
      /** Full names of the refs that it refused, if it named them: it may accept the others. */
      readonly refs?: readonly string[];
      readonly words: string;
    }
  /** This machine or this clone could not send anything, or not all of it. `failure` says what to do. */
  | { readonly kind: 'local'; readonly failure: Failure; readonly words: string }
  /** A lock file on the server: another push is running, or one was killed and left it behind. */
  | { readonly kind: 'locked'; readonly words: string }
  /**
   * The push never reached the remote, or the remote could not serve it just now. `wordless`: it ended the connection
   * before it had said anything.
   */
  | { readonly kind: 'transient'; readonly words: string; readonly reason?: 'rate-limited' | 'wordless' }
  | { readonly kind: 'unknown'; readonly words: string }
  /** The server says that another push was first, but it may mean this push, which was sent twice. */
  | { readonly kind: 'unknown'; readonly words: string; readonly likely: 'rejected' };

/** Whether another push was first, as far as we know before looking. */
export function isLostRace(outcome: PushOutcome): outcome is LostRace {
  return outcome.kind === 'rejected' || 'likely' in outcome;
}

/** Whether nothing of the push has left this machine: git sends nothing before the server has named its refs. */
export function wasNotSent(outcome: PushOutcome): boolean {
  return outcome.kind === 'local' || (outcome.kind === 'transient' && outcome.reason === 'wordless');
}

export type LostRace = Extract<PushOutcome, { kind: 'rejected' } | { likely: 'rejected' }>;

export type RefusalReason =
  /** A hook or a protection rule of the server, or files that the server may not write. */
  | 'declined'
  | 'authentication'
  /** The server's certificate is not trusted. */
  | 'certificate'
  | 'no-repository'
  /** The ref is hidden or may not be written: this server does not give us custom refs. */
  | 'hidden-ref'
  /** The push is larger than the server, or a proxy before it, accepts. */
  | 'too-large'
  /** The repository on the server lacks objects, or has damaged ones. */
  | 'damaged'
  /** The server does not support `--atomic`. */
  | 'no-atomic'
  /** Git did not even start the push: a defect of agentq, or the user's configuration. */
  | 'usage';

/** What a user can do about each reason. */
export const REFUSAL_HINTS: Readonly<Record<RefusalReason, string>> = {
  declined: `this will not go away by itself: ask for permission, or give the queue a branch of its own: \`agentq init --queue-only --branch ${QUEUE_BRANCH}\`, and then \`branch: ${QUEUE_BRANCH}\` below \`agentq:\` in ${SETTINGS_FILE} of the branch that agents check out, or AGENTQ_BRANCH=${QUEUE_BRANCH}`,
  authentication: 'check the credentials, and what they may do; agentq never asks for a password',
  certificate:
    "the server's certificate is not trusted here: name its authority with `git config http.sslCAInfo <file>`, and check this machine's clock",
  'no-repository': 'check the URL with `git remote -v`',
  'hidden-ref': 'the server does not accept such refs: its settings must allow them',
  'too-large': 'the server, or a proxy before it, does not accept a push of this size: raise its limit',
  damaged:
    'on the server, `git fsck --full` names what is missing; to restore it, run `git repack -ad` in a complete clone and copy its .git/objects/pack/* into objects/pack/ on the server',
  'no-atomic': 'the server cannot push several refs at once',
  usage: 'git did not start the push: check the settings that `git config --list` shows for this remote',
};

/**
 * Whether this refusal says what the server can do, so that it is worth remembering for a while. Credentials expire and
 * are renewed, and a rate limit ends within a minute. Pure.
 */
export function isWorthRemembering(outcome: PushOutcome): boolean {
  return outcome.kind === 'refused' && (outcome.reason === 'declined' || outcome.reason === 'hidden-ref');
}

/** One ref that a push changes, by compare-and-swap from `expected` to `to`. */
export interface RefUpdate {
  /** Full name: `refs/heads/develop`. */
  readonly ref: string;
  /** What the ref must be now; undefined: it must not exist. */
  readonly expected: string | undefined;
  /** What it becomes; undefined deletes it. */
  readonly to: string | undefined;
}

/** Pushes updates to a remote. `atomic`: all of them, or none. */
export type PushRefs = (updates: readonly RefUpdate[], options?: { readonly atomic: boolean }) => Promise<PushOutcome>;
