import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { poolLimit, type SilenceLimit } from '../../../src/domain/leases/staleness.ts';
import { StallWatch } from '../../../src/store/leases/stall-watch.ts';
import type { FoundTask } from '../../../src/store/reading/discovery.ts';
import { locationFor } from '../../kit/queues/snapshots.ts';
import { scene } from '../../kit/scene/scene.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const limitOf = (stalledAfterMs: number): SilenceLimit => poolLimit({ stalledAfterMs, reviewAfterMs: 7 * DAY });
const TERMS = { now: NOW, limit: limitOf(30 * MINUTE) };

/** Claimed files by their texts, and how often each was read. */
class Claims {
  readonly #texts: readonly string[];
  read: string[] = [];

  constructor(...texts: readonly string[]) {
    this.#texts = texts;
  }

  get tasks(): readonly FoundTask[] {
    return this.#texts.map((_, index) => ({
      id: `T-${index}`,
      state: 'claimed',
      path: `.agents/auth/claimed/T-${index}.toon`,
      blob: index.toString(16).padStart(40, '0'),
      mode: '100644',
      location: locationFor('auth'),
    }));
  }

  async readBlobs(oids: readonly string[]) {
    this.read.push(...oids);
    return oids.map((oid) => {
      const bytes = Buffer.from(this.#texts[Number.parseInt(oid, 16)] ?? '', 'utf8');
      return { kind: 'content' as const, bytes };
    });
  }
}

const beat = (minutesAgo: number): string => new Date(NOW - minutesAgo * MINUTE).toISOString();
const claim = (heartbeat: string): string =>
  `task:\n id: T\n\nclaim:\n claimed_by: a1\n last_heartbeat: ${heartbeat}\n`;

/** Minutes from now until the claim in this file looks stalled, `0` if the file does not tell. */
async function minutes(text: string): Promise<number> {
  await using box = await scene();
  const claims = new Claims(text);
  const [at = -1] = (await new StallWatch(claims, box.root, 'q').look(claims.tasks, TERMS)).values();
  return at === 0 ? 0 : (at - NOW) / MINUTE;
}

describe('when a claim begins to look stalled', () => {
  it.each<[string, string, number]>([
    ['the limit and two minutes after its heartbeat', claim(beat(5)), 27],
    ['in the past', claim(beat(45)), -13],
    ['with other keys and spaces', `claim:\r\n  "last_heartbeat" : "${beat(5)}"\r\n`, 27],
    ['after the earlier of two: either may be a quotation', `${claim(beat(20))}\n# last_heartbeat: ${beat(5)}\n`, 12],
    ['not told by a time from the future', claim(beat(-5)), 0],
    ['not told by words', claim('soon'), 0],
    ['not told where one of two is no time', `${claim(beat(5))}last_heartbeat: yes\n`, 0],
    ['not told by nothing', 'claim:\n claimed_by: a1\n', 0],
    [
      'much later where the work waits for its review',
      `${claim(beat(45))} review_since: ${beat(45)}\n`,
      7 * 24 * 60 - 43,
    ],
    ['not later where only prose says so', `task:\n details: |\n  review_since: x\n${claim(beat(45))}`, -13],
    ['told by the key, not by prose', `last_heartbeat is a key\n${claim(beat(5))}`, 27],
  ])('%s', async (_, text, expected) => {
    expect(await minutes(text)).toBeCloseTo(expected);
  });
});

describe('what a clone remembers', () => {
  const many = (): Claims => new Claims(...Array.from({ length: 40 }, (_, index) => claim(beat(index))));

  it('is asked instead of the files, by this process and the next', async () => {
    await using box = await scene();
    const claims = many();
    const first = new StallWatch(claims, box.root, 'q');
    const times = await first.look(claims.tasks, TERMS);
    expect(claims.read).toHaveLength(40);
    expect(await first.look(claims.tasks, TERMS)).toEqual(times);
    expect(await new StallWatch(claims, box.root, 'q').look(claims.tasks, TERMS)).toEqual(times);
    expect(claims.read).toHaveLength(40);
  });

  it('is what a better look found out, as long as the file stays the same', async () => {
    await using box = await scene();
    const claims = new Claims(claim(beat(45)), claim(beat(45)));
    const [known, other] = claims.tasks;
    if (known === undefined || other === undefined) throw new Error('two claims');
    new StallWatch(claims, box.root, 'q').note(TERMS.limit, new Map([[known.blob, { at: NOW + MINUTE, of: 'work' }]]));
    const times = await new StallWatch(claims, box.root, 'q').look(claims.tasks, TERMS);
    expect([times.get(known.path), times.get(other.path)]).toEqual([NOW + MINUTE, NOW - 13 * MINUTE]);
    expect(claims.read).toEqual([other.blob]);
  });

  it('is kept for reviews too, which are days away', async () => {
    await using box = await scene();
    const claims = new Claims(...Array.from({ length: 20 }, () => `${claim(beat(45))} review_since: ${beat(45)}\n`));
    const times = await new StallWatch(claims, box.root, 'q').look(claims.tasks, TERMS);
    expect(await new StallWatch(claims, box.root, 'q').look(claims.tasks, TERMS)).toEqual(times);
    expect(claims.read).toHaveLength(20);
  });

  it.each<[string, string | undefined, Partial<typeof TERMS>]>([
    ['another limit', undefined, { limit: limitOf(20 * MINUTE) }],
    ['a clock that was set back by an hour', undefined, { now: NOW - 60 * MINUTE }],
    ['a damaged file', 'not a number\n\u0000\n', {}],
  ])('does not count with %s', async (_, text, terms) => {
    await using box = await scene();
    const claims = many();
    await new StallWatch(claims, box.root, 'q').look(claims.tasks, TERMS);
    if (text !== undefined) await writeFile(join(box.root, 'agentq/stalls-q'), text);
    claims.read = [];
    await new StallWatch(claims, box.root, 'q').look(claims.tasks, { ...TERMS, ...terms });
    expect(claims.read).toHaveLength(40);
  });
});
