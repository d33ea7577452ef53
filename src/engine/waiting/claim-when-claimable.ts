import type { Clock } from '../../domain/base/clock.ts';
import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import type { ClaimIntent } from '../../domain/intents/intent.ts';
import { unanswered, unansweredIn } from '../base/unanswered.ts';
import type { Queue } from '../queue/queue.ts';
import type { Submitted } from '../queue/submitted.ts';
import type { Tip, Tips } from '../queue/tips.ts';
import { type Asked, askedIn } from '../transaction/asked.ts';
import { untilNextStall } from './next-stall.ts';

/** How long a claim waits, and what it needs for that. */
export interface ClaimWait {
  /** Longest time to wait (ms); undefined: forever. */
  readonly forMs: number | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The request of an earlier try whose outcome is unknown: the first intent uses it. */
  readonly again?: string;
  /** Called each time there is nothing to claim, or the remote does not answer, with the reason. */
  onWait(reason: Failure): void;
}

/** Pauses (ms) before a remote that does not answer is asked again. */
const RETRY = { first: 1_000, most: 30_000 } as const;

/** How long (ms) the last look may take after the time to wait has ended, and the try that it may lead to. */
const LAST_LOOK_MS = 5_000;
const LAST_TRY_MS = 5_000;

/**
 * Claims as soon as there is something to claim: it tries again whenever the branch moves, and when the next claim
 * counts as stalled. All waiting processes of this machine learn of a move at the same time, so that their claims share
 * one push.
 *
 * An intent stays the same until it has an answer, through every outage. If a new one were made after a push whose
 * answer was lost, the agent would get a second task, and the first one would stay claimed.
 *
 * @param intent makes the intent of each try; a refused one is not used again
 * @throws Failure: the last refusal when the time has run out; at once if waiting cannot help
 */
export async function claimWhenClaimable(
  queue: Pick<Queue, 'submit' | 'tips'>,
  intent: (request?: string) => ClaimIntent,
  wait: ClaimWait,
): Promise<Submitted> {
  const { forMs, clock, signal } = wait;
  const over = new AbortController();
  // A try that is under way when the time has ended may still find something, but only for a limited time.
  const enough = new AbortController();
  const done = new AbortController();
  if (forMs !== undefined) {
    const waitOver = async (): Promise<void> => {
      await clock.sleep(forMs, done.signal);
      const reason = new Failure('timed-out', 'the time to wait has run out');
      over.abort(reason);
      await clock.sleep(LAST_TRY_MS, done.signal);
      enough.abort(reason);
    };
    waitOver().catch(() => undefined);
  }
  let last: Failure | undefined;
  // The first try needs no look before it: mostly there is something to claim.
  let tip: { readonly seen: Tip } | undefined;
  let pause: number = RETRY.first;
  let current = intent(wait.again);
  let asked: Asked | undefined;
  try {
    for (;;) {
      try {
        if (last !== undefined && isAboutTheQueue(last)) {
          // The tip that we wait from must be seen before the try that fails, or a move in between would be missed.
          tip = { seen: await nextChance(queue.tips, tip, last, { clock, over: over.signal }) };
          pause = RETRY.first;
        }
        return await queue.submit(current, {
          until: enough.signal,
          ...given({ base: asked?.base }),
          ...(current.request === wait.again ? { again: true } : {}),
        });
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        const isRefused = isAboutTheQueue(error);
        asked = askedIn(current, { kind: isRefused ? 'nothing' : 'trouble', failure: error }, asked, clock.now());
        if (!isRefused && over.signal.aborted && asked !== undefined) throw error;
        if (!isRefused && !isWorthWaiting(error, last, asked)) throw error;
        if (isRefused && asked === undefined) current = intent();
        last = asked?.request === 'late' ? stillOpen(error, asked) : error;
        wait.onWait(error);
        if (isRefused) continue;
        await clock.sleep(pause, AbortSignal.any([signal, over.signal]));
        pause = Math.min(pause * 2, RETRY.most);
      }
    }
  } catch (error) {
    if (!over.signal.aborted || signal.aborted || last === undefined || unansweredIn(error, current.request))
      throw error;
    // The process that looks for all may have been suspended all the time: for the final answer we look ourselves.
    if (!isAboutTheQueue(last) || !(await hasMoved(queue.tips, tip, wait))) throw afterWaiting(last);
    const from = given({ base: asked?.base });
    const open = asked;
    return await queue.submit(current, { until: enough.signal, ...from }).catch((refusal: unknown) => {
      if (!(refusal instanceof Failure)) throw refusal;
      throw afterWaiting(open?.request === 'late' ? stillOpen(refusal, open) : refusal);
    });
  } finally {
    done.abort();
  }
}

/** Waits until the branch has moved or a claim may have stalled. @returns where the branch was seen last */
async function nextChance(
  tips: Tips,
  known: { readonly seen: Tip } | undefined,
  refusal: Failure,
  { clock, over }: { readonly clock: Clock; readonly over: AbortSignal },
): Promise<Tip> {
  if (known === undefined) return tips.look(over);
  const stallMs = untilNextStall(refusal);
  if (stallMs === undefined) return tips.changed(known.seen, over);
  const met = new AbortController();
  const signal = AbortSignal.any([over, met.signal]);
  const stalled = clock.sleep(stallMs, signal).then(() => known.seen);
  return Promise.race([tips.changed(known.seen, signal), stalled]).finally(() => met.abort());
}

/** Whether our own look shows that the branch has moved since it was seen last; false if it takes too long or fails. */
async function hasMoved(tips: Tips, known: { readonly seen: Tip } | undefined, wait: ClaimWait): Promise<boolean> {
  const answered = new AbortController();
  const limit = wait.clock.sleep(LAST_LOOK_MS, AbortSignal.any([answered.signal, wait.signal])).then(
    () => undefined,
    () => undefined,
  );
  const look = tips.lookAlone(wait.signal).then(
    (seen) => ({ seen }),
    () => undefined,
  );
  const last = await Promise.race([look, limit]);
  answered.abort();
  return last !== undefined && (known === undefined || last.seen !== known.seen);
}

/** We wait for an unreachable remote only if it has answered before: otherwise its name may simply be wrong. */
function isWorthWaiting({ code }: Failure, last: Failure | undefined, asked: Asked | undefined): boolean {
  return code === 'remote-unreachable' && (last !== undefined || asked !== undefined);
}

/** The refusal while a late request may still be carried out: it says so. */
function stillOpen(error: Failure, asked: Asked): Failure {
  return unansweredIn(error, asked.intent.request) === undefined ? unanswered(error, asked) : error;
}

/** Whether a commit of others can change the answer: there is nothing to claim yet, or not even the project. */
function isAboutTheQueue({ code }: Failure): boolean {
  return code === 'nothing-claimable' || code === 'unknown-project';
}

/**
 * The last refusal as the caller sees it when the time has run out. If the caller waited for a project, that was no
 * mistake: there was nothing to claim.
 */
export function afterWaiting(last: Failure): Failure {
  if (last.code !== 'unknown-project') return last;
  const { message, hint, details } = last;
  return new Failure('nothing-claimable', `nothing to claim: ${message}`, {
    details,
    ...given({ hint }),
  });
}
