import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../../lab/model/virtual-time.ts';
import type { FollowNotice } from '../../../src/engine/queue/queue.ts';
import { CheckoutFollower, type CheckoutFollowerParts, MOMENT_MS } from '../../../src/engine/work/checkout-follower.ts';

interface Follow {
  readonly commits: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** A follower of a checkout that takes as long as told, in simulated time. */
function follower(startsAfter: CheckoutFollowerParts['startsAfter'], tookMs: (nth: number) => number) {
  const time = new VirtualTime(0);
  const follows: Follow[] = [];
  const said: string[] = [];
  let running = 0;
  let answer = (): FollowNotice => ({ kind: 'followed' });
  const queue = {
    async follow(commits: readonly string[]) {
      expect(++running, 'two at once').toBe(1);
      const from = time.now();
      await time.sleep(tookMs(follows.length));
      follows.push({ commits: [...commits], from, to: time.now() });
      running--;
      return answer();
    },
  };
  const checkout = new CheckoutFollower({ queue, clock: time, startsAfter, onSkipped: (reason) => said.push(reason) });
  return {
    time,
    follows,
    said,
    checkout,
    answers: (how: typeof answer) => {
      answer = how;
    },
  };
}

const duration = fc.integer({ min: 1, max: 8_000 });
const pushes = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 3_000 }), isClaim: fc.boolean() }), {
  minLength: 1,
  maxLength: 12,
});

describe('a checkout that follows', () => {
  it.each(['nothing', 'moment', 'checkout'] as const)(
    'loses no commit, and holds nobody longer than it may where a command waits for: %s',
    async (startsAfter) => {
      await fc.assert(
        fc.asyncProperty(pushes, fc.array(duration, { minLength: 1, maxLength: 5 }), async (made, took) => {
          const { time, follows, checkout } = follower(startsAfter, (nth) => took[nth % took.length] ?? 1);
          const starts = new Map<string, { readonly asked: number; readonly started: number }>();
          let settledFrom = 0;
          const run = async (): Promise<void> => {
            const claims: Promise<void>[] = [];
            for (const [index, { afterMs, isClaim }] of made.entries()) {
              if (afterMs > 0) await time.sleep(afterMs);
              const asked = time.now();
              if (!isClaim) checkout.pushed(`${index}`);
              else {
                const started = checkout.claimed(`${index}`);
                claims.push(started.then(() => void starts.set(`${index}`, { asked, started: time.now() })));
              }
            }
            settledFrom = time.now();
            await Promise.all([checkout.settled(), ...claims]);
          };
          await time.run(run());

          expect(follows.flatMap(({ commits }) => commits)).toEqual(made.map((_, index) => `${index}`));
          for (const [commit, { asked, started }] of starts) {
            const shownAt = follows.find(({ commits }) => commits.includes(commit))?.to ?? Number.NaN;
            const until = { nothing: asked, checkout: shownAt, moment: Math.min(shownAt, asked + MOMENT_MS) };
            expect(started).toBe(until[startsAfter]);
          }
          // At the end there is no rest any more.
          for (const [index, { from }] of follows.entries()) {
            const before = follows[index - 1]?.to ?? 0;
            if (from > settledFrom) expect(from).toBe(before);
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  it('follows only twice what comes while it is at work, and rests after that', async () => {
    const { time, follows, checkout } = follower('nothing', () => 100);
    await time.run(
      (async () => {
        for (let n = 0; n < 50; n++) {
          checkout.pushed(`${n}`);
          await time.sleep(1);
        }
        await time.sleep(1_000);
        checkout.pushed('late');
        await time.sleep(1_000);
      })(),
    );
    expect(follows.map(({ commits, from }) => [commits.length, from])).toEqual([
      [1, 0],
      [49, 500],
      [1, 1_050],
    ]);
  });

  it('says once for each cause why it did not', async () => {
    const { time, said, checkout, answers } = follower('checkout', () => 1);
    await time.run(
      (async () => {
        for (let n = 0; n < 6; n++) {
          const because = (['dirty', 'busy'] as const)[n % 2] ?? 'failed';
          answers(() => ({ kind: 'skipped', because, reason: `${because} ${n}` }));
          await checkout.claimed(`${n}`);
        }
        answers(() => {
          throw new Error('broken');
        });
        await checkout.claimed('6');
        answers(() => ({ kind: 'skipped' }));
        await checkout.claimed('7');
      })(),
    );
    expect(said).toEqual(['dirty 0', 'busy 1', 'broken']);
  });
});
