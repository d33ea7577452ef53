import type { Pending, Settled } from '../base/engine.ts';
import { ANSWERS } from '../transaction/requests.ts';
import { isOid } from '../wire/leader-message.ts';
import { claimOutcome } from '../wire/outcome-schema.ts';
import { branchKey, partsOf } from './request-ref.ts';

/**
 * What a leader leaves for those whose requests it has carried out: what became of each, in the names of a few refs that are
 * pushed with the commits themselves. Who waits reads them at the look that shows its request to be gone, and need not
 * fetch and search the history: where 100 machines were one computer that was a sixth of what each cost, and over a network
 * it is another connection.
 *
 * Nothing depends on them. Where they are missing, late, too long or not understood, history tells (DESIGN 5, rule 5).
 */

/** How long (ms) they stay, by the clock of whoever pushed them: longer than anybody waits between two looks. */
const ANSWERS_LIVE_MS = 20_000;

/**
 * So many must have asked before answers are left: each ref costs the server and, for a while, everybody's looks. Of fewer,
 * those who fetch are no crowd.
 */
const LEAST_ASKED = 12;

/** Longest name in bytes, as of a request. */
const MAX_NAME = 2_000;

/**
 * Longest names (bytes) of all the answers in one push, some three hundred: they stand twice on a command line that names
 * the requests as well.
 */
export const MAX_ANSWERS = 50_000;

/** Raised whenever what is within changes its meaning: other versions then ask the history. */
const FORMAT = 1;

/** For which push, and when. */
export interface AnswerPlace {
  readonly branchRef: string;
  /** The commit that the branch stands at: for answers the one that the very push that carries them moves it to. */
  readonly tip: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Names of refs that say what became of the intents: `refs/agentq/answers/<time36>-<branch>-<tip>-<number>/<text>`, the
 * text base64url of deflated JSON, in parts. Only what was carried out by a commit is told, and only of claims: whatever
 * else somebody asked for, history tells.
 */
export function answerRefs(settled: readonly Settled[], place: AnswerPlace): readonly string[] {
  const told = settled.flatMap((one) =>
    one.kind === 'done' && one.outcome.kind === 'claimed' && one.commit !== undefined
      ? [[one.intent.request, one.commit, one.outcome] as const]
      : [],
  );
  if (told.length < LEAST_ASKED) return [];
  const { deflateRawSync } = zlib();
  const texts: string[] = [];
  const pack = (some: typeof told): void => {
    const text = deflateRawSync(JSON.stringify([FORMAT, ...some])).toString('base64url');
    if (text.length <= MAX_NAME) texts.push(text);
    // One that does not fit alone is not told, nor are those beyond what all may take.
    else if (some.length > 1)
      for (const half of [some.slice(0, some.length / 2), some.slice(some.length / 2)]) pack(half);
  };
  pack(told);
  const time = place.at.toString(36).padStart(9, '0');
  const head = `${ANSWERS}${time}-${branchKey(place.branchRef)}-${place.tip}`;
  const refs = texts.map((text, index) => `${head}-${index}/${partsOf(text)}`);
  return refs.slice(0, Math.floor(MAX_ANSWERS / (head.length + MAX_NAME)));
}

/**
 * What refs say of intents that wait.
 *
 * A server that is killed may have made the answers of an atomic push and not moved the branch (DESIGN 5). So they count
 * only where the same look shows the branch to stand where that push moved it; else the history is asked.
 */
export function answersAmong(
  refs: Iterable<string>,
  { branchRef, tip }: Pick<AnswerPlace, 'branchRef' | 'tip'>,
  pending: readonly Pending[],
): readonly Settled[] {
  const sign = `-${branchKey(branchRef)}-${tip}-`;
  const settled: Settled[] = [];
  for (const ref of refs) {
    if (!ref.startsWith(ANSWERS) || !ref.includes(sign)) continue;
    for (const [request, commit, value] of decode(ref.slice(ref.indexOf('/', ANSWERS.length)))) {
      const asked = pending.find(({ intent }) => intent.request === request);
      if (asked?.base === undefined || asked.intent.kind !== 'claim') continue;
      const outcome = claimOutcome(value, asked.intent);
      if (outcome) settled.push({ kind: 'done', intent: asked.intent, outcome, commit, base: asked.base });
    }
  }
  return settled;
}

/**
 * Tells what is still to be done with a ref: answers count as long as the branch stands where they say, and are `over` when
 * it does not, or when nobody can wait for them any more. Undefined: it holds none.
 */
export function answerStateAt({ branchRef, tip, at }: AnswerPlace): (ref: string) => 'counts' | 'over' | undefined {
  const key = branchKey(branchRef);
  return (ref) => {
    if (!ref.startsWith(ANSWERS)) return undefined;
    const name = /^([0-9a-z]{9})-([0-9a-f]+)-([0-9a-f]+)-/.exec(ref.slice(ANSWERS.length));
    if (name === null) return undefined;
    const [, time = '', branch, moved] = name;
    if (at > Number.parseInt(time, 36) + ANSWERS_LIVE_MS) return 'over';
    if (branch !== key) return undefined;
    return moved === tip ? 'counts' : 'over';
  };
}

/** @returns what is within, as far as it has the form of answers; anybody who can push may have written it. */
function decode(text: string): readonly (readonly [request: string, commit: string, outcome: unknown])[] {
  const { inflateRawSync } = zlib();
  try {
    const bytes = Buffer.from(text.replaceAll('/', ''), 'base64url');
    const value: unknown = JSON.parse(inflateRawSync(bytes, { maxOutputLength: 1_000_000 }).toString('utf8'));
    if (!Array.isArray(value) || value[0] !== FORMAT) return [];
    return value.slice(1).flatMap((entry: unknown) => {
      if (!Array.isArray(entry)) return [];
      const [request, commit, outcome]: unknown[] = entry;
      return typeof request === 'string' && isOid(commit) ? [[request, commit, outcome] as const] : [];
    });
  } catch {
    return [];
  }
}

/** Loaded by those who leave or take answers: it takes a millisecond, which is more than every claim has for it. */
function zlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('node:zlib');
}
