import { isWorthRemembering, type PushOutcome } from '../../git/answers/push-outcome.ts';

/**
 * Chooses whether to race, publish, lead or wait, and what each answer of a server means for that. It is pure, so that
 * every combination is a row of a table test. `helping.ts` does what is chosen here.
 */

/** What a process knows about itself when it chooses. */
export interface Standing {
  /** Whether refs that ask others for help can be made on this server, as far as we know. */
  readonly publishing: 'possible' | 'impossible';
  /** Whether a ref of ours asks for help. */
  readonly asks: 'yes' | 'no';
  /** Intents that have no answer. */
  readonly pending: number;
  /** How many of these no ref of ours asks for. */
  readonly unasked: number;
  /** Whether others took the branch from us just now, see `rejection-rate.ts`. */
  readonly rivals: 'seen' | 'unseen';
  /** Until then (ms since the epoch) others may lead, and we do not. */
  readonly leadFrom: number;
}

/** What a look at the remote has shown. */
export interface Seen {
  /** Requests of others that this version can read. */
  readonly others: number;
  /** Whose turn it is to lead; `nobody` if no request of ours is there. */
  readonly turn: 'ours' | 'theirs' | 'nobody';
  /** Whether a push on this look has already lost its race. */
  readonly race: 'open' | 'lost';
}

export type Move =
  /** Push our own intents, leased on the tip: nobody else is there. */
  | { readonly kind: 'race' }
  /** Publish what is not published yet. `next`: look again at once, or after a wait. */
  | { readonly kind: 'publish'; readonly next: 'look' | 'wait' }
  /** Carry out everybody's intents. */
  | { readonly kind: 'lead' }
  /** Wait for the leader. */
  | { readonly kind: 'wait' };

/**
 * Chooses what to do next.
 * @param now ms since the epoch
 */
export function nextMove(standing: Standing, seen: Seen, now: number): Move {
  if (standing.asks === 'yes') {
    if (seen.turn === 'ours' && now >= standing.leadFrom) return { kind: 'lead' };
    if (standing.unasked > 0 && standing.publishing === 'possible') return { kind: 'publish', next: 'wait' };
    return { kind: 'wait' };
  }
  if (standing.publishing === 'impossible') return { kind: 'race' };
  // A push past the waiting machines would only make their leader lose its race.
  if (seen.others > 0) return { kind: 'publish', next: 'wait' };
  if (seen.race === 'lost') return { kind: 'publish', next: 'look' };
  return isLikelyToLose(standing) ? { kind: 'publish', next: 'wait' } : { kind: 'race' };
}

/**
 * Whether another push is likely to come between our look and our push. Only others who want the same branch are a
 * reason to think so: a claim on a machine that is merely busy once took two pushes and eight requests where one push
 * and two requests do. Several intents that come together risk only one push for all of them, so they do race.
 */
function isLikelyToLose({ rivals, pending }: Standing): boolean {
  return rivals === 'seen' && pending === 1;
}

/** What a push is for. */
export type Purpose =
  /** The branch, with our own intents. */
  | 'race'
  /** The branch, with everybody's. */
  | 'lead'
  /** Refs that ask others for help are made. */
  | 'publish'
  /** Refs of ours are deleted. */
  | 'withdraw';

export type Verdict =
  /** The push did what we wanted. */
  | 'done'
  /** Another push was first. */
  | 'lost'
  /** A failed try. It counts, and everything begins again with a look. */
  | 'failed-try'
  /** The outcome is unclear, but a look at the refs tells. */
  | 'look'
  /** This server does not let us do that: go on without it. */
  | 'cannot'
  /** Nothing that we do will change the outcome. */
  | 'final';

type Answer = PushOutcome['kind'] | 'probably-rejected';

const VERDICTS: Readonly<Record<Answer, Readonly<Record<Purpose, Verdict>>>> = {
  landed: { race: 'done', lead: 'done', publish: 'done', withdraw: 'done' },
  rejected: { race: 'lost', lead: 'lost', publish: 'look', withdraw: 'look' },
  // Over HTTP a push may be sent twice: if the first one landed, the server rejects the second.
  'probably-rejected': { race: 'lost', lead: 'failed-try', publish: 'look', withdraw: 'look' },
  refused: { race: 'final', lead: 'final', publish: 'cannot', withdraw: 'cannot' },
  // This machine or this clone could not push.
  local: { race: 'final', lead: 'final', publish: 'final', withdraw: 'cannot' },
  locked: { race: 'failed-try', lead: 'failed-try', publish: 'failed-try', withdraw: 'failed-try' },
  transient: { race: 'failed-try', lead: 'failed-try', publish: 'failed-try', withdraw: 'failed-try' },
  unknown: { race: 'failed-try', lead: 'failed-try', publish: 'look', withdraw: 'failed-try' },
};

/** What the answer means for a push with this purpose. */
export function verdictOn(purpose: Purpose, outcome: PushOutcome): Verdict {
  return VERDICTS['likely' in outcome ? 'probably-rejected' : outcome.kind][purpose];
}

/**
 * Whether a failed request tells something about the server, and not only about this moment: an expired token (401,
 * 403) and a rate limit (429) pass. Undefined: the server took the request, and showed it to nobody.
 */
export function tellsOfServer(outcome: PushOutcome | undefined): boolean {
  if (outcome === undefined || isWorthRemembering(outcome)) return true;
  return outcome.kind === 'unknown' && !/\b(?:401|403|429)\b/.test(outcome.words);
}

/**
 * Failed tries after which we assume that nobody can publish on this server. Otherwise a server that answers each try
 * with 413 or 502, or in words that we do not know, would be asked forever.
 */
export const MOST_FAILED_PUBLISHING = 3;
