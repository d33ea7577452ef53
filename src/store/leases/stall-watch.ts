import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { latestStall, reviewLimit, type SilenceLimit, stallsAtEarliest } from '../../domain/leases/staleness.ts';
import type { ObjectReader } from '../../git/objects/objects.ts';
import type { Ending } from '../../git/process/ending.ts';
import { replaceFile } from '../../git/repository/kept-file.ts';
import type { FoundTask } from '../reading/discovery.ts';

/** Longest file (bytes) that is read. */
const MAX_BYTES = 20_000_000;

/** Larger files are not searched: nobody knows what they are. */
const MAX_CLAIM_BYTES = 1_000_000;

/** From this many new files on, what they say is kept for the next process: 16 take git less than a millisecond. */
const FEWEST_KEPT = 16;

/** When a pool considers a claim stalled, and what time it is. */
export interface StallTerms {
  /** ms since the epoch */
  readonly now: number;
  readonly limit: SilenceLimit;
}

/** When a claim begins to look stalled (ms since the epoch), and by which limit: that for reviews is much longer. */
export interface StallTime {
  readonly at: number;
  readonly of: 'work' | 'review';
}

/**
 * When each claim begins to look stalled, as cheaply as that can be told: a claim asks this of every other claim of the
 * queue, and mostly none has stalled.
 *
 * The files are searched for heartbeats, not parsed. What was found, and what a better look found out later, is kept by
 * the id of the file in the git directory. It holds for as long as the file stays as it is, because later heartbeats
 * only put off the time. So a claim reads the claimed files that are new to its clone, and nothing else.
 */
export class StallWatch {
  readonly #objects: Pick<ObjectReader, 'readBlobs'>;
  readonly #path: string;
  /** Times by blob, for these limits. */
  #known: { readonly limits: string; readonly times: Map<string, StallTime> } | undefined;

  /**
   * @param commonDir git directory that all worktrees share
   * @param queue identifies the remote and the branch
   */
  constructor(objects: Pick<ObjectReader, 'readBlobs'>, commonDir: string, queue: string) {
    this.#objects = objects;
    this.#path = join(commonDir, 'agentq', `stalls-${queue.replace(/[^A-Za-z0-9_-]/g, '_')}`);
  }

  /** When each of the claims begins to look stalled, by path; 0: its file does not tell. */
  async look(
    claims: readonly FoundTask[],
    { now, limit }: StallTerms,
    { signal }: Ending = {},
  ): Promise<ReadonlyMap<string, number>> {
    if (claims.length === 0) return new Map();
    const known = this.#load(limit);
    const limits = { work: limit, review: reviewLimit(limit) };
    // A later time than that comes from a clock that has been set back since.
    const latest = { work: latestStall(now, limits.work), review: latestStall(now, limits.review) };
    const fresh = claims.filter(({ blob }) => {
      const time = known.get(blob);
      return time === undefined || time.at > latest[time.of];
    });
    if (fresh.length > 0) {
      const blobs = await this.#objects.readBlobs(
        fresh.map(({ blob }) => blob),
        { maxBytes: MAX_CLAIM_BYTES, signal },
      );
      for (const [index, { blob }] of fresh.entries()) {
        const read = blobs[index];
        const beats = read?.kind === 'content' ? heartbeatsIn(read.bytes) : [];
        const of = read?.kind === 'content' && saysReview(read.bytes) ? 'review' : 'work';
        known.set(blob, { at: stallsAtEarliest(beats, now, limits[of]), of });
      }
    }
    if (fresh.length >= FEWEST_KEPT) this.#keep(claims);
    return new Map(claims.map(({ path, blob }) => [path, known.get(blob)?.at ?? 0]));
  }

  /** Notes what a better look has found out about all claims: the time of each, by blob. */
  note(limit: SilenceLimit, times: ReadonlyMap<string, StallTime>): void {
    const known = this.#load(limit);
    for (const [blob, time] of times) known.set(blob, time);
    this.#keep([...times.keys()].map((blob) => ({ blob })));
  }

  #load({ ms, reviewMs }: SilenceLimit): Map<string, StallTime> {
    const limits = `${ms} ${reviewMs}`;
    const known = this.#known?.limits === limits ? this.#known : { limits, times: new Map(this.#read(limits)) };
    this.#known = known;
    return known.times;
  }

  *#read(limits: string): Generator<[string, StallTime]> {
    let text: string;
    try {
      text = readFileSync(this.#path, 'latin1');
    } catch {
      return;
    }
    const [first, ...lines] = text.length > MAX_BYTES ? [] : text.split('\n');
    if (first !== limits) return;
    for (const line of lines) {
      const [blob = '', at = '', of] = line.split(' ');
      const isTime = /^[0-9a-f]{40,64}$/.test(blob) && /^\d{1,15}$/.test(at);
      if (isTime && (of === 'work' || of === 'review')) yield [blob, { at: Number(at), of }];
    }
  }

  /** Forgets what is no longer claimed. A file that cannot be written is not a failure: then all are searched again. */
  #keep(claims: readonly { readonly blob: string }[]): void {
    if (this.#known === undefined) return;
    const { limits, times } = this.#known;
    const lines = claims.flatMap(({ blob }) => {
      const time = times.get(blob);
      return time === undefined ? [] : [`${blob} ${Math.max(0, Math.round(time.at))} ${time.of}`];
    });
    try {
      replaceFile(this.#path, [limits, ...lines, ''].join('\n'), /^stalls-.*\.\d+$/);
    } catch {
      // A read-only git directory, or a full disk.
    }
  }
}

const KEY = 'last_heartbeat';

/** Longest line (bytes) with a heartbeat; what is longer is not a time. */
const LONGEST_LINE = 200;

/** Whether the claim says that its work waits for its review: the claim is what an agent wrote last into the file. */
function saysReview(bytes: Buffer): boolean {
  const claim = bytes.lastIndexOf('claimed_by');
  return claim >= 0 && /\n[ \t]+review_since:[ \t]*\S/.test(bytes.toString('latin1', claim));
}

/** Everything in the file that may be the heartbeat of its claim: what follows each `last_heartbeat:`. */
function heartbeatsIn(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = bytes.indexOf(KEY); at >= 0; at = bytes.indexOf(KEY, at + KEY.length)) {
    const rest = bytes.toString('latin1', at + KEY.length, at + KEY.length + LONGEST_LINE);
    const [, value] = /^["']?[ \t]*:[ \t]*([^\r\n]*)/.exec(rest) ?? [];
    if (value !== undefined) found.push(value.trim().replace(/^"(.*)"$/, '$1'));
  }
  return found;
}
