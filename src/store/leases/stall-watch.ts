import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { latestStall, poolLimit, stallsAtEarliest } from '../../domain/leases/staleness.ts';
import type { ObjectReader } from '../../git/objects/objects.ts';
import type { Ending } from '../../git/process/ending.ts';
import { replaceFile } from '../../git/repository/kept-file.ts';
import type { FoundTask } from '../reading/discovery.ts';

/** Longest file (bytes) that is read. */
const MAX_BYTES = 20_000_000;

/** Larger files are not searched: nobody knows what they are. */
const MAX_CLAIM_BYTES = 1_000_000;

/** From so many new files on, what they say is kept for the next process: 16 take git less than a millisecond. */
const FEWEST_KEPT = 16;

/** When a pool considers a claim stalled, and what time it is. */
export interface StallTerms {
  /** ms since the epoch */
  readonly now: number;
  readonly limitMs: number;
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
  /** Times (ms since the epoch) by blob, for this limit. */
  #known: { readonly limitMs: number; readonly times: Map<string, number> } | undefined;

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
    { now, limitMs }: StallTerms,
    { signal }: Ending = {},
  ): Promise<ReadonlyMap<string, number>> {
    if (claims.length === 0) return new Map();
    const known = this.#load(limitMs);
    const limit = poolLimit(limitMs);
    // A later time than that comes from a clock that has been set back since.
    const latest = latestStall(now, limit);
    const fresh = claims.filter(({ blob }) => (known.get(blob) ?? Number.POSITIVE_INFINITY) > latest);
    if (fresh.length > 0) {
      const blobs = await this.#objects.readBlobs(
        fresh.map(({ blob }) => blob),
        { maxBytes: MAX_CLAIM_BYTES, signal },
      );
      for (const [index, { blob }] of fresh.entries()) {
        const read = blobs[index];
        const beats = read?.kind === 'content' ? heartbeatsIn(read.bytes) : [];
        known.set(blob, stallsAtEarliest(beats, now, limit));
      }
    }
    if (fresh.length >= FEWEST_KEPT) this.#keep(limitMs, claims);
    return new Map(claims.map(({ path, blob }) => [path, known.get(blob) ?? 0]));
  }

  /** Notes what a better look has found out about all claims: the time of each, by blob. */
  note(limitMs: number, times: ReadonlyMap<string, number>): void {
    const known = this.#load(limitMs);
    for (const [blob, at] of times) known.set(blob, at);
    this.#keep(
      limitMs,
      [...times.keys()].map((blob) => ({ blob })),
    );
  }

  #load(limitMs: number): Map<string, number> {
    const known = this.#known?.limitMs === limitMs ? this.#known : { limitMs, times: new Map(this.#read(limitMs)) };
    this.#known = known;
    return known.times;
  }

  *#read(limitMs: number): Generator<[string, number]> {
    let text: string;
    try {
      text = readFileSync(this.#path, 'latin1');
    } catch {
      return;
    }
    const [first, ...lines] = text.length > MAX_BYTES ? [] : text.split('\n');
    if (first !== `${limitMs}`) return;
    for (const line of lines) {
      const [blob = '', at = ''] = line.split(' ');
      if (/^[0-9a-f]{40,64}$/.test(blob) && /^\d{1,15}$/.test(at)) yield [blob, Number(at)];
    }
  }

  /** Forgets what is no longer claimed. A file that cannot be written is no failure: then all are searched again. */
  #keep(limitMs: number, claims: readonly { readonly blob: string }[]): void {
    const known = this.#known?.times ?? new Map<string, number>();
    const lines = claims.flatMap(({ blob }) => {
      const at = known.get(blob);
      return at === undefined ? [] : [`${blob} ${Math.max(0, Math.round(at))}`];
    });
    try {
      replaceFile(this.#path, [`${limitMs}`, ...lines, ''].join('\n'), /^stalls-.*\.\d+$/);
    } catch {
      // A read-only git directory, or a full disk.
    }
  }
}

const KEY = 'last_heartbeat';

/** Longest line (bytes) with a heartbeat; what is longer is no time. */
const LONGEST_LINE = 200;

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
