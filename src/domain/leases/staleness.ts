import { CLOCK_SKEW_MS } from '../queue/clock-proof.ts';
import type { PoolSettings, TaskEntry } from '../queue/snapshot.ts';
import type { ClaimBlock } from '../queue/task.ts';

/**
 * Skew may be at most a tenth of a limit that a person asked for: `--older-than 10s` must not wait for two minutes.
 */
const SKEW_SHARE = 10;

/** A pool with a shorter limit (ms) than this is a trial on one machine, which has one clock. */
const SHORTEST_OF_MACHINES_MS = 30_000;

type LimitSettings = Pick<PoolSettings, 'stalledAfterMs' | 'reviewAfterMs'>;

/** How long an owner may be silent. */
export interface SilenceLimit {
  readonly ms: number;
  /** How much longer (ms) it may be silent by clocks that are not the judge's own: they may be apart by this much. */
  readonly skewMs: number;
  /** The same as `ms` for an owner whose work waits for its review, if that is longer: it sends no heartbeats. */
  readonly reviewMs: number;
}

/**
 * The limit that a pool sets itself (`stalled_after`). Its clocks may be apart by two minutes, or by the limit if that
 * is less: with a tenth, a limit of one minute took living claims from owners whose clock was 10 s behind the judge's.
 */
export function poolLimit({ stalledAfterMs, reviewAfterMs }: LimitSettings): SilenceLimit {
  const most = stalledAfterMs < SHORTEST_OF_MACHINES_MS ? stalledAfterMs / SKEW_SHARE : stalledAfterMs;
  return { ms: stalledAfterMs, skewMs: Math.min(CLOCK_SKEW_MS, most), reviewMs: reviewAfterMs };
}

/**
 * The limit that a person asked for (`--older-than`): two minutes of skew, or a tenth of it if that is less. It is
 * about heartbeats, so it shortens no review.
 */
export function askedLimit(olderThanMs: number, { reviewAfterMs }: LimitSettings): SilenceLimit {
  return {
    ms: olderThanMs,
    skewMs: Math.min(CLOCK_SKEW_MS, olderThanMs / SKEW_SHARE),
    reviewMs: Math.max(reviewAfterMs, olderThanMs),
  };
}

/** Whether the work on the task is done and waits for its review. */
export function isInReview({ state, reading }: Pick<TaskEntry, 'state' | 'reading'>): boolean {
  return state === 'claimed' && reading.kind === 'read' && reading.task.claim?.reviewSince !== undefined;
}

/** How long (ms) the owner of this claim may be silent. */
function limitOf(entry: TaskEntry, { ms, reviewMs }: Pick<SilenceLimit, 'ms' | 'reviewMs'>): number {
  return isInReview(entry) ? Math.max(ms, reviewMs) : ms;
}

/** When the owner of a claim was last heard from, and how that is known. */
export type SignOfLife =
  /** The file or the owner's ref says so. */
  | { readonly kind: 'heartbeat'; readonly at: number }
  /** The file says nothing that can be trusted; this is when the branch's commits last touched it. */
  | { readonly kind: 'commit'; readonly at: number }
  | { readonly kind: 'none' };

/**
 * The time in a claim's heartbeat, in ms since the epoch.
 *
 * undefined if it is missing, cannot be read, or is further in the future than clocks differ: agents invent such times,
 * and a claim with one would never be stalled. `claimed_at` is not used: in the field it is invented more often than
 * not.
 */
export function trustedHeartbeat(claim: ClaimBlock | undefined, now: number): number | undefined {
  const at = parseTime(claim?.lastHeartbeat);
  return isPossible(at, now) ? at : undefined;
}

/**
 * The owner's last sign of life: the heartbeat, by commit or by ref, or if that cannot be trusted the commit that last
 * touched the claim.
 */
export function heartbeatWitness(entry: TaskEntry, now: number): SignOfLife {
  const claim = entry.reading.kind === 'read' ? entry.reading.task.claim : undefined;
  const beats = [trustedHeartbeat(claim, now), entry.renewedAt].filter((at) => isPossible(at, now));
  if (beats.length > 0) return { kind: 'heartbeat', at: Math.max(...beats) };
  return entry.touchedAt === undefined ? { kind: 'none' } : { kind: 'commit', at: entry.touchedAt };
}

function isPossible(at: number | undefined, now: number): at is number {
  return at !== undefined && at <= now + CLOCK_SKEW_MS;
}

/** The newest time in the claim's heartbeats, in the file or the ref, believable or not; undefined if there is none. */
function namedHeartbeat({ reading, renewedAt }: TaskEntry): number | undefined {
  const written = parseTime(reading.kind === 'read' ? reading.task.claim?.lastHeartbeat : undefined);
  if (written === undefined || renewedAt === undefined) return written ?? renewedAt;
  return Math.max(written, renewedAt);
}

/**
 * How long (ms) the owner has been silent, never negative; undefined if that is not known.
 *
 * The clocks tell, corrected by what is proven about them. But if this clone itself has watched the claim for longer,
 * the claim has been silent for that long, whatever the clocks say (the local-clock rule of leases in Kubernetes'
 * client-go).
 */
export function silenceOf(entry: TaskEntry, now: number): number | undefined {
  const told = silenceByClocks(entry, now);
  const watched = entry.evidence?.watchedMs;
  if (told === undefined || watched === undefined) return told ?? watched;
  return Math.max(told, watched);
}

function silenceByClocks(entry: TaskEntry, now: number): number | undefined {
  const { clock, arrivedWithinMs = Number.POSITIVE_INFINITY } = entry.evidence ?? {};
  const sign = heartbeatWitness(entry, now);
  if (clock === undefined) return sign.kind === 'none' ? undefined : Math.max(0, now - sign.at);
  const named = namedHeartbeat(entry);
  if (named !== undefined && !isPossible(named, now)) {
    // A clock that is ahead wrote it: the silence is known only if later commits say by how much.
    if (clock.aheadMs === 0) return undefined;
    return Math.min(Math.max(0, now - named + clock.aheadMs), arrivedWithinMs);
  }
  if (sign.kind === 'none') return undefined;
  return Math.min(Math.max(0, now - sign.at - clock.behindMs), arrivedWithinMs);
}

/** Whether more evidence may explain the silence of a claim, as far as the claim itself shows one. */
export function needsEvidence(entry: TaskEntry, now: number, limit: Pick<SilenceLimit, 'ms' | 'reviewMs'>): boolean {
  const named = namedHeartbeat(entry);
  const silence = silenceOf(entry, now);
  return (named !== undefined && !isPossible(named, now)) || (silence !== undefined && silence > limitOf(entry, limit));
}

/**
 * Whether the owner of a claim has been silent for longer than the limit: by the clocks, with room for one that is
 * behind ours, or as long as this clone itself has watched, which needs no room. A claim about which nothing is known
 * is not stalled.
 */
export function isStalled(entry: TaskEntry, now: number, limit: SilenceLimit): boolean {
  const ms = limitOf(entry, limit);
  const told = silenceByClocks(entry, now);
  const { watchedMs } = entry.evidence ?? {};
  return (told !== undefined && told > ms + limit.skewMs) || (watchedMs !== undefined && watchedMs > ms);
}

/**
 * When the claim counts as stalled unless it is renewed (ms since the epoch), by all that the entry has; undefined if
 * that is not known. In the past if it is stalled.
 */
export function stallsAt(entry: TaskEntry, now: number, limit: SilenceLimit): number | undefined {
  const ms = limitOf(entry, limit);
  const told = silenceByClocks(entry, now);
  const { watchedMs } = entry.evidence ?? {};
  const left = Math.min(
    told === undefined ? Number.POSITIVE_INFINITY : ms + limit.skewMs - told,
    watchedMs === undefined ? Number.POSITIVE_INFINITY : ms - watchedMs,
  );
  return left === Number.POSITIVE_INFINITY ? undefined : now + left;
}

/**
 * The same by nothing but the times that may be its heartbeat: the earliest counts, so that no stalled claim is missed.
 * @returns 0 if they do not tell, since one of them is not a time or lies in the future
 */
export function stallsAtEarliest(heartbeats: readonly string[], now: number, { ms, skewMs }: SilenceLimit): number {
  const times = heartbeats.map((text) => parseTime(text) ?? Number.POSITIVE_INFINITY);
  const earliest = Math.min(...times);
  const tells = times.length > 0 && times.every((at) => isPossible(at, now));
  return tells ? earliest + ms + skewMs : 0;
}

/** The limit of a claim whose work waits for its review, as that of any claim. */
export function reviewLimit(limit: SilenceLimit): SilenceLimit {
  return { ...limit, ms: Math.max(limit.ms, limit.reviewMs) };
}

/**
 * The latest (ms since the epoch) that a claim of today can begin to look stalled: later times come from other clocks.
 */
export function latestStall(now: number, { ms, skewMs }: SilenceLimit): number {
  return now + CLOCK_SKEW_MS + ms + skewMs;
}

/**
 * Parses a time of a task file, in ms since the epoch; undefined if it does not name its zone: a local time may be
 * hours off, in either direction.
 */
export function parseTime(text: string | undefined): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|UTC|[+-]\d\d:?\d\d)$/i.exec(
    text?.trim() ?? '',
  );
  if (match === null) return undefined;
  const [, date = '', time = '', zone = ''] = match;
  const offset = /^[zu]/i.test(zone) ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const ms = Date.parse(`${date}T${time}${offset}`);
  return Number.isNaN(ms) ? undefined : ms;
}
