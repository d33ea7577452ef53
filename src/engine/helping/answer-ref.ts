import type { Pending, Settled } from '../base/engine.ts';
import { ANSWERS } from '../transaction/requests.ts';
import { isOid } from '../wire/leader-message.ts';
import { claimOutcome } from '../wire/outcome-schema.ts';
import { branchKey, MAX_NAME } from './request-ref.ts';

/**
 * The answers of a leader to the machines whose requests it has carried out: the outcome of each request, in the names
 * of a few refs that are pushed with the commits themselves. A waiting machine reads them in the look that shows its
 * request to be gone, and need not fetch and search the history. With 100 machines on one computer, that was a sixth of
 * the cost of each. Over a network, it is another connection.
 *
 * Nothing depends on them. If they are missing, late, too long or not understood, history tells (DESIGN 5, rule 5).
 */

/** How long (ms) answers stay, by the clock of their leader: longer than anybody waits between two looks. */
const ANSWERS_LIVE_MS = 20_000;

/**
 * A leader leaves answers only for at least this many requests: each ref costs the server and, for a while, every look.
 * If fewer have to fetch, they are not a crowd.
 */
const LEAST_ASKED = 12;

/**
 * Limit (bytes) for the names of all answers in one push, about 250 claims: a command line holds them twice, besides
 * the names of the requests.
 */
export const MAX_ANSWERS = 50_000;

/** Raised whenever the content changes its meaning: other versions then ask the history. */
const FORMAT = 1;

/** For which push the answers are, and when it is made. */
export interface AnswerPlace {
  readonly branchRef: string;
  /** The commit that the branch is at. For new answers: the commit to which their own push moves it. */
  readonly tip: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Names of refs that tell what became of the intents:
 * `refs/agentq/answers/<time36>-<branch>-<tip>-<index>-<count>/<text>`. The texts of all `count` refs together are
 * base64url of deflated JSON: a name holds some 110 bytes, about as much as one answer takes. They tell only of claims
 * that a commit carried out. History tells of everything else.
 */
export function answerRefs(settled: readonly Settled[], place: AnswerPlace): readonly string[] {
  const told = settled.flatMap((one) =>
    one.kind === 'done' && one.outcome.kind === 'claimed' && one.commit !== undefined
      ? [[one.intent.request, one.commit, one.outcome] as const]
      : [],
  );
  const { deflateRawSync } = zlib();
  const head = `${ANSWERS}${place.at.toString(36).padStart(9, '0')}-${branchKey(place.branchRef)}-${place.tip}-`;
  const room = MAX_NAME - head.length - '999-999/'.length;
  // Answers beyond the limit are left out.
  for (let some = told; some.length >= LEAST_ASKED; some = some.slice(0, (some.length * 3) / 4)) {
    const text = deflateRawSync(JSON.stringify([FORMAT, ...some])).toString('base64url');
    const count = Math.ceil(text.length / room);
    if (count * MAX_NAME > MAX_ANSWERS) continue;
    return Array.from(
      { length: count },
      (_, index) => `${head}${index}-${count}/${text.slice(index * room, (index + 1) * room)}`,
    );
  }
  return [];
}

/**
 * What the refs tell about waiting intents.
 *
 * A killed server may have made the answers of an atomic push without moving the branch (DESIGN 5). So they count only
 * if the same look shows the branch at the commit to which that push moved it. Otherwise the history is asked.
 */
export function answersAmong(
  refs: Iterable<string>,
  { branchRef, tip }: Pick<AnswerPlace, 'branchRef' | 'tip'>,
  pending: readonly Pending[],
): readonly Settled[] {
  const sign = `-${branchKey(branchRef)}-${tip}-`;
  const settled: Settled[] = [];
  for (const text of textsIn([...refs].filter((ref) => ref.startsWith(ANSWERS) && ref.includes(sign)))) {
    for (const [request, commit, value] of decode(text)) {
      const asked = pending.find(({ intent }) => intent.request === request);
      if (asked?.base === undefined || asked.intent.kind !== 'claim') continue;
      const outcome = claimOutcome(value, asked.intent);
      if (outcome) settled.push({ kind: 'done', intent: asked.intent, outcome, commit, base: asked.base });
    }
  }
  return settled;
}

/**
 * Tells the state of a ref: answers count as long as the branch is at the commit that they name. They are `over` when
 * it is not, or when nobody can wait for them any more. Undefined: the ref holds no answers.
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

/** The texts that refs hold together; of those that are not all there, none. */
function textsIn(refs: readonly string[]): readonly string[] {
  const parts = new Map<string, Map<number, string>>();
  for (const ref of refs) {
    const name = /^([0-9a-z]{9}-[0-9a-f]+-[0-9a-f]+-)([0-9]{1,3})-([0-9]{1,3})\/([A-Za-z0-9_-]+)$/.exec(
      ref.slice(ANSWERS.length),
    );
    if (name === null) continue;
    const [, head = '', index, count = '', text = ''] = name;
    const key = `${head}${count}`;
    const found = parts.get(key) ?? new Map<number, string>();
    parts.set(key, found.set(Number(index), text));
  }
  return [...parts].flatMap(([key, found]) => {
    const count = Number(key.slice(key.lastIndexOf('-') + 1));
    const texts = Array.from({ length: count }, (_, index) => found.get(index));
    return texts.every((text) => text !== undefined) ? [texts.join('')] : [];
  });
}

/** @returns the content, as far as it has the form of answers; anybody who can push may have written it */
function decode(text: string): readonly (readonly [request: string, commit: string, outcome: unknown])[] {
  const { inflateRawSync } = zlib();
  try {
    const bytes = Buffer.from(text, 'base64url');
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

/** Loaded only to write or read answers: it takes a millisecond, too much for every claim. */
function zlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('node:zlib');
}
