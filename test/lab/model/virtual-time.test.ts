import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../../lab/model/virtual-time.ts';

describe('virtual time', () => {
  it('jumps to whatever wakes first, and keeps the order of equals', async () => {
    const time = new VirtualTime(1_000);
    const seen: string[] = [];
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await time.sleep(ms);
      seen.push(`${name} ${time.now()}`);
    };
    await time.run(
      Promise.all([sleeper('day', 86_400_000), sleeper('b', 20), sleeper('a', 10), sleeper('c', 20), sleeper('d', 0)]),
    );
    expect(seen).toEqual(['d 1000', 'a 1010', 'b 1020', 'c 1020', 'day 86401000']);
  });

  it('wakes in order of time, however many sleep', async () => {
    const time = new VirtualTime(0);
    const delays = Array.from({ length: 500 }, (_, index) => (index * 7919) % 503);
    const woken: number[] = [];
    await time.run(Promise.all(delays.map((ms) => time.sleep(ms).then(() => woken.push(ms)))));
    expect(woken).toEqual([...delays].sort((a, b) => a - b));
  });

  it('lets whatever can run do so before time passes', async () => {
    const time = new VirtualTime(0);
    let turns = 0;
    const busy = async (): Promise<void> => {
      for (; turns < 1_000; turns++) await Promise.resolve();
      expect(time.now()).toBe(0);
    };
    await time.run(Promise.all([busy(), time.sleep(1)]));
    expect(turns).toBe(1_000);
  });

  it('rejects with the reason of an abort, before or during the sleep', async () => {
    const time = new VirtualTime(0);
    const controller = new AbortController();
    const asleep = time.sleep(1_000, controller.signal).catch((reason: unknown) => reason);
    const stop = time.sleep(10).then(() => controller.abort('enough'));
    expect(await time.run(Promise.all([asleep, stop]))).toEqual(['enough', undefined]);
    await expect(time.sleep(1, controller.signal)).rejects.toBe('enough');
  });

  it('says so where everything waits for what never comes', async () => {
    await expect(new VirtualTime(0).run(new Promise(() => {}))).rejects.toThrow('everything waits');
  });
});
