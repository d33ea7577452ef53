import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../domain/base/clock.ts';
import { given } from '../../domain/base/given.ts';
import {
  afterLook,
  type Moment,
  NOTHING_SEEN,
  type Sight,
  type Sighting,
  type SightingMemory,
  type Watched,
  watchedAt,
} from '../../domain/leases/sightings.ts';
import { replaceFile } from '../../git/repository/kept-file.ts';

/** Largest file that is read. */
const MAX_BYTES = 20_000_000;

/**
 * When this clone first saw each claim's heartbeat, in a file of the git directory. This judge trusts no clock but its
 * own, and that one only for durations. A file that cannot be read or written is not a failure: then nothing was seen
 * before.
 */
export class Sightings {
  readonly #folder: string;
  readonly #path: string;
  readonly #clock: Clock;

  /**
   * @param commonDir git directory that all worktrees share
   * @param queue identifies the remote and the branch
   */
  constructor(commonDir: string, queue: string, clock: Clock) {
    this.#folder = join(commonDir, 'agentq');
    this.#path = join(this.#folder, `sightings-${queue.replace(/[^A-Za-z0-9_-]/g, '_')}.json`);
    this.#clock = clock;
  }

  /**
   * Notes the current state of all claims of the queue.
   * @returns what is known of each, in their order
   */
  async note(sights: readonly Sight[]): Promise<readonly (Watched | undefined)[]> {
    const before = this.#read();
    if (sights.length === 0 && before.claims.size === 0) return [];
    const up = this.#clock.sinceStart?.();
    const now: Moment = { at: this.#clock.now(), ...given({ up }) };
    const memory = afterLook(before, sights, now);
    await this.#write(memory);
    return sights.map(({ claim }) => watchedAt(memory, claim, now));
  }

  #read(): SightingMemory {
    try {
      const text = readFileSync(this.#path, 'utf8');
      return text.length > MAX_BYTES ? NOTHING_SEEN : parse(text);
    } catch {
      return NOTHING_SEEN;
    }
  }

  async #write({ looked, claims }: SightingMemory): Promise<void> {
    try {
      replaceFile(this.#path, `${JSON.stringify({ looked, claims: [...claims] })}\n`, /^sightings-.*\.json\.\d+$/);
    } catch {
      // A read-only git directory: nothing is remembered.
    }
  }
}

function parse(text: string): SightingMemory {
  const value = JSON.parse(text) as { readonly looked?: unknown; readonly claims?: unknown } | null;
  const looked = momentOf(value?.looked);
  const claims = new Map<string, Sighting>();
  for (const pair of Array.isArray(value?.claims) ? (value.claims as unknown[]) : []) {
    const [name, sighting] = Array.isArray(pair) ? (pair as [unknown, Partial<Sighting> | null]) : [];
    const seen = momentOf(sighting?.seen);
    const absent = momentOf(sighting?.absent);
    if (typeof name !== 'string' || typeof sighting?.beat !== 'string' || seen === undefined) continue;
    claims.set(name, { beat: sighting.beat, seen, ...given({ absent }) });
  }
  return { claims, ...given({ looked }) };
}

function momentOf(value: unknown): Moment | undefined {
  const { at, up } = (value ?? {}) as { readonly at?: unknown; readonly up?: unknown };
  if (typeof at !== 'number') return undefined;
  return { at, ...(typeof up === 'number' ? { up } : {}) };
}
