import type { Failure } from '../../domain/base/failure.ts';

/**
 * What a push came to. Only `landed` and `rejected` are certain; `unknown` may have landed, and must be looked up on the
 * remote before anything else is tried (CONTRACT 7.3).
 */
export type PushOutcome =
  | { readonly kind: 'landed' }
  /** Somebody else was first: the lease on a ref did not hold. */
  | { readonly kind: 'rejected'; readonly words: string }
  /** Will never succeed as it is: hook, protected branch, hidden ref, no permission. */
  | {
      readonly kind: 'refused';
      readonly reason: RefusalReason;
      /** Full names of the refs that it refused, where it said so of each: it may take the others. */
      readonly refs?: readonly string[];
      readonly words: string;
    }
  /** Nothing was sent, or not all of it: this machine or this clone could not. `failure` says what to do. */
  | { readonly kind: 'local'; readonly failure: Failure; readonly words: string }
  /** A lock file on the server: another push is at work, or one was killed and left it. */
  | { readonly kind: 'locked'; readonly words: string }
  /** Never reached the remote, or it could not serve just now. */
  | { readonly kind: 'transient'; readonly words: string; readonly reason?: 'rate-limited' }
  | { readonly kind: 'unknown'; readonly words: string }
  /** The server says that somebody else was first, but may say so of a push that it was sent twice. */
  | { readonly kind: 'unknown'; readonly words: string; readonly likely: 'rejected' };

/** Whether somebody else was first, as far as one can tell before looking. */
export function isLostRace(outcome: PushOutcome): outcome is LostRace {
  return outcome.kind === 'rejected' || 'likely' in outcome;
}

export type LostRace = Extract<PushOutcome, { kind: 'rejected' } | { likely: 'rejected' }>;

export type RefusalReason =
  /** A hook or a protection rule on the server, or its files, which it may not write. */
  | 'declined'
  | 'authentication'
  /** The server's certificate is not trusted. */
  | 'certificate'
  | 'no-repository'
  /** The ref is hidden or may not be written: custom refs are not for us on this server. */
  | 'hidden-ref'
  /** More than the server, or a proxy before it, takes at once. */
  | 'too-large'
  /** The server's own repository lacks objects, or has damaged ones. */
  | 'damaged'
  /** The server can't do `--atomic`. */
  | 'no-atomic'
  /** git would not even start the push: our own defect, or the user's configuration. */
  | 'usage';

/** What a user can do about each. */
export const REFUSAL_HINTS: Readonly<Record<RefusalReason, string>> = {
  declined: 'this will not go away by itself: ask for permission, or use another --branch',
  authentication: 'check the credentials, and what they may do; agentq never asks for a password',
  certificate:
    "the server's certificate is not trusted here: name its authority with `git config http.sslCAInfo <file>`, and check this machine's clock",
  'no-repository': 'check the URL with `git remote -v`',
  'hidden-ref': 'the server takes no such refs: its settings have to allow them',
  'too-large': 'the server, or a proxy before it, takes no push of this size: its limit has to be raised',
  damaged:
    'on the server `git fsck --full` names what is missing; `git repack -ad` in a whole clone, and its .git/objects/pack/* copied into objects/pack/ there, bring it back',
  'no-atomic': 'the server cannot push several refs at once',
  usage: 'git did not begin the push: look at the settings `git config --list` shows for this remote',
};

/**
 * Whether this refusal tells what the server can do, so that it is worth to be remembered for a while. Credentials expire
 * and are renewed, and a limit of requests is over in a minute. Pure.
 */
export function isWorthRemembering(outcome: PushOutcome): boolean {
  return outcome.kind === 'refused' && (outcome.reason === 'declined' || outcome.reason === 'hidden-ref');
}

/** One ref that a push changes: a compare-and-swap from `expected` to `to`. */
export interface RefUpdate {
  /** Full name: `refs/heads/develop`. */
  readonly ref: string;
  /** What the ref must be now; undefined: it must not exist. */
  readonly expected: string | undefined;
  /** What it becomes; undefined deletes it. */
  readonly to: string | undefined;
}
