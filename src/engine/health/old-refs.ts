import type { OldRef } from '../../domain/health/queue.ts';
import { HEARTBEATS, parseBeats } from '../../domain/leases/ref-heartbeat.ts';
import { SIGN_INS } from '../../domain/leases/sign-in.ts';
import { parseTime } from '../../domain/leases/staleness.ts';
import { parseSignIn } from '../../store/leases/sign-in-format.ts';
import { answerStateAt } from '../helping/answer-ref.ts';
import { isRubbish } from '../helping/request-ref.ts';
import { ANSWERS, REQUESTS } from '../transaction/requests.ts';
import { isProbeOver } from './probe-ref.ts';

/** After this long (ms) without a renewal, nobody needs a heartbeat or a sign-in any more. */
const NEEDED_MS = 24 * 3_600_000;

/** At which moment refs are judged. */
export interface Moment {
  /** By this machine's clock, ms since the epoch. */
  readonly now: number;
  /** The newest time that the branch shows: another clock, since ours may be ahead. */
  readonly witnessMs: number;
  readonly branchRef: string;
  readonly tip: string;
}

/** The refs whose blobs {@link oldRefsAmong} must know: those of heartbeats in the form of today, and of sign-ins. */
export function isToldByBlob(ref: string): boolean {
  return ref.startsWith(`${HEARTBEATS}_`) || ref.startsWith(SIGN_INS);
}

/**
 * Which refs nobody needs any more. Refs of kinds that this version does not know, and blobs that it cannot read, are left
 * alone.
 * @param refs what each points at
 * @param blobs contents by id, as far as they could be read
 */
export function oldRefsAmong(
  refs: ReadonlyMap<string, string>,
  blobs: ReadonlyMap<string, Uint8Array>,
  { now, witnessMs, branchRef, tip }: Moment,
): readonly OldRef[] {
  const needed = Math.min(now, witnessMs) - NEEDED_MS;
  const isRequestOver = isRubbish(now);
  const answerState = answerStateAt({ branchRef, tip, at: now });
  return [...refs].flatMap(([ref, oid]): OldRef[] => {
    const old = (kind: OldRef['kind'], is: boolean): OldRef[] => (is ? [{ ref, oid, kind }] : []);
    if (ref.startsWith(REQUESTS)) return old('request', isRequestOver(ref));
    if (ref.startsWith(ANSWERS)) return old('answer', answerState(ref) === 'over');
    if (isProbeOver(ref, now)) return old('probe', true);
    const bytes = isToldByBlob(ref) ? blobs.get(oid) : undefined;
    if (bytes === undefined) return [];
    if (ref.startsWith(SIGN_INS)) {
      const signIn = parseSignIn(bytes);
      return old('sign-in', signIn !== undefined && signIn.seen < needed);
    }
    const beats = parseBeats(Buffer.from(bytes).toString('utf8'));
    return old('heartbeat', beats.length > 0 && beats.every(({ at }) => (parseTime(at) ?? now) < needed));
  });
}
