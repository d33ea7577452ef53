import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../../lab/model/virtual-time.ts';
import { type SeeingThrough, seeThrough } from '../../../src/engine/combining/seeing-through.ts';

const NEVER = new AbortController().signal;
const busyForEver = { idle: () => new Promise<void>(() => undefined) };

/** How long (ms) the end of a process is held up by these. */
async function waited(
  busy: Parameters<typeof seeThrough>[0],
  { clock = new VirtualTime(0), interrupt = NEVER, leftMs }: Partial<SeeingThrough> & { clock?: VirtualTime },
): Promise<number> {
  await clock.run(seeThrough(busy, { clock, interrupt, leftMs }));
  return clock.now();
}

describe('a process whose caller has its answer', () => {
  it('goes on until it has carried out what it has begun for others, whatever kind that is', async () => {
    const clock = new VirtualTime(0);
    const busyFor = (ms: number) => ({ idle: () => clock.sleep(ms) });
    expect(await waited([busyFor(3_000), busyFor(2_000)], { clock })).toBe(3_000);
  });

  it('ends at once where it has begun nothing', async () => {
    expect(await waited([{ idle: async () => undefined }], {})).toBe(0);
  });

  it('ends within its limit, with time to spare for ending git', async () => {
    const ms = await waited([busyForEver], { leftMs: 4_000 });
    expect(ms).toBeLessThan(4_000);
    expect(ms).toBeGreaterThan(3_000);
    expect(await waited([busyForEver], { leftMs: 0 })).toBe(0);
  });

  it('ends within ten seconds where it has no limit, or a long one', async () => {
    for (const leftMs of [undefined, 600_000]) {
      const ms = await waited([busyForEver], { leftMs });
      expect(ms).toBeLessThanOrEqual(10_000);
      expect(ms).toBeGreaterThan(8_000);
    }
  });

  it('ends at once when it is interrupted, and where it was', async () => {
    const clock = new VirtualTime(0);
    const interrupt = new AbortController();
    void clock.sleep(500).then(() => interrupt.abort());
    expect(await waited([busyForEver], { clock, interrupt: interrupt.signal })).toBe(500);
    expect(await waited([busyForEver], { interrupt: interrupt.signal })).toBe(0);
  });
});
