import { isWorthRemembering, type PushOutcome } from '../../git/answers/push-outcome.ts';

/**
 * Whether to race, publish, lead or wait, and what each answer of a server means for that: pure, so that every combination
 * is a row of a table test. `helping.ts` does what is chosen here.
 */

/** What a process knows of itself when it chooses. */
export interface Standing {
  /** Whether refs that ask others for help can be made on this server, as far as is known. */
  readonly publishing: 'possible' | 'impossible';
  /** Whether a ref of ours asks for help. */
  readonly asks: 'yes' | 'no';
  /** Intents that have no answer. */
  readonly pending: number;
  /** Of these, the ones that no ref of ours asks for. */
  readonly unasked: number;
  /** How busy this machine is. */
  readonly host: 'free' | 'crowded';
  /** Before then (ms since the epoch) others may lead, and we do not. */
  readonly leadFrom: number;
}

/** What a look at the remote has shown. */
export interface Seen {
  /** Requests of others that this version can read. */
  readonly others: number;
  /** Whose turn it is to lead; `nobody` where no request of ours is there. */
  readonly turn: 'ours' | 'theirs' | 'nobody';
  /** Whether a push on this very look has lost its race already. */
  readonly race: 'open' | 'lost';
}

export type Move =
  /** Push our own intents, leased on the tip: nobody else is there. */
  | { readonly kind: 'race' }
  /** Publish what is not published yet. `next`: look at once, or after a wait. */
  | { readonly kind: 'publish'; readonly next: 'look' | 'wait' }
  /** Carry out everybody's intents. */
  | { readonly kind: 'lead' }
  /** Wait for whoever leads. */
  | { readonly kind: 'wait' };

/**
 * What to do next.
 * @param now ms since the epoch
 */
export function nextMove(standing: Standing, seen: Seen, now: number): Move {
  if (standing.asks === 'yes') {
    if (seen.turn === 'ours' && now >= standing.leadFrom) return { kind: 'lead' };
    if (standing.unasked > 0 && standing.publishing === 'possible') return { kind: 'publish', next: 'wait' };
    return { kind: 'wait' };
  }
  if (standing.publishing === 'impossible') return { kind: 'race' };
  // To push past those who wait would only make whoever leads them lose its race.
  if (seen.others > 0) return { kind: 'publish', next: 'wait' };
  if (seen.race === 'lost') return { kind: 'publish', next: 'look' };
  return isLikelyToLose(standing) ? { kind: 'publish', next: 'wait' } : { kind: 'race' };
}

/**
 * Whether somebody else's push is likely to fall between our look and ours: on a machine this busy both take long. Of
 * 100 agents that started at once on 2 cores, each a machine of its own, 63 lost their first push without this rule,
 * none with it. Where intents of this machine came together already, those it is busy with are in this very group.
 */
function isLikelyToLose({ host, pending }: Standing): boolean {
  return host === 'crowded' && pending === 1;
}

/** What a push was for. */
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
  /** It is as we wanted it. */
  | 'done'
  /** Somebody else was first. */
  | 'lost'
  /** A failed try. It counts, and everything begins anew with a look. */
  | 'failed-try'
  /** Unclear, but a look at the refs tells. */
  | 'look'
  /** This server does not let us do that: go on without. */
  | 'cannot'
  /** Nothing that we do will change it. */
  | 'final';

type Answer = PushOutcome['kind'] | 'probably-rejected';

const VERDICTS: Readonly<Record<Answer, Readonly<Record<Purpose, Verdict>>>> = {
  landed: { race: 'done', lead: 'done', publish: 'done', withdraw: 'done' },
  rejected: { race: 'lost', lead: 'lost', publish: 'look', withdraw: 'look' },
  // Over HTTP a push may be sent twice: if the first one landed, the server rejects the second.
  'probably-rejected': { race: 'lost', lead: 'failed-try', publish: 'look', withdraw: 'look' },
  refused: { race: 'final', lead: 'final', publish: 'cannot', withdraw: 'cannot' },
  // This machine or this clone could not.
  local: { race: 'final', lead: 'final', publish: 'final', withdraw: 'cannot' },
  locked: { race: 'failed-try', lead: 'failed-try', publish: 'failed-try', withdraw: 'failed-try' },
  transient: { race: 'failed-try', lead: 'failed-try', publish: 'failed-try', withdraw: 'failed-try' },
  unknown: { race: 'failed-try', lead: 'failed-try', publish: 'look', withdraw: 'failed-try' },
};

/** What an answer means for what the push was for. */
export function verdictOn(purpose: Purpose, outcome: PushOutcome): Verdict {
  return VERDICTS['likely' in outcome ? 'probably-rejected' : outcome.kind][purpose];
}

/**
 * Whether that a server did not take a request says something about the server, and not about this moment: a token that has
 * expired (401, 403) and a rate limit (429) pass. Undefined: it took the request, and showed it to nobody.
 */
export function tellsOfServer(outcome: PushOutcome | undefined): boolean {
  if (outcome === undefined || isWorthRemembering(outcome)) return true;
  return outcome.kind === 'unknown' && !/\b(?:401|403|429)\b/.test(outcome.words);
}

/**
 * Tries to publish of which nothing came before this server is taken for one that cannot: a server that answers 413 or 502
 * to each of them, or in words that we do not know, would otherwise be asked for ever.
 */
export const MOST_FAILED_PUBLISHING = 3;
