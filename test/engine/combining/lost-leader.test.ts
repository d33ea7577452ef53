import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import type { Pending, Settled } from '../../../src/engine/base/engine.ts';
import type { CarryOut } from '../../../src/engine/combining/leader.ts';
import type { Channel } from '../../../src/machine/meeting.ts';
import { Combining, never, pending, submitTo } from '../../kit/engine/combining.ts';
import { inShort } from '../../kit/engine/test-engine.ts';
import { channelOver } from '../../kit/processes/meeting.ts';

/** A leader that is gone in the middle of the work of others, at a real socket, on a simulated remote. */

const BASE = 'a'.repeat(40);

describe('a follower whose leader dies', () => {
  /** A leader that does what it is told with its first follower, and then is gone. */
  async function doomed({ box }: Combining, act: (follower: Channel) => Promise<unknown>): Promise<void> {
    const server = createServer((socket) => {
      const follower = channelOver(socket);
      follower.onMessage(() => {
        server.close();
        void act(follower).then(() => follower.close());
      });
    });
    await new Promise<void>((resolve) => server.listen(box.path('s.sock'), resolve));
  }

  it('before its push carries on with the intent as it was', async () => {
    await using pool = await Combining.create();
    await doomed(pool, async () => undefined);
    const seen: Pending[] = [];
    const { settled } = await submitTo(pool.combiner({ carryOut: spying(pool, seen) }), pending('f'), never);
    expect(inShort(settled)).toBe('TASK-1');
    expect(seen).toEqual([pending('f')]);
  });

  it('during its push looks back to where that began', async () => {
    await using pool = await Combining.create();
    const base = pool.remote.tip;
    await pool.plain(oneIntake(pending('f')), never, never);
    await doomed(pool, (follower) => follower.send({ kind: 'taken', base }));
    const seen: Pending[] = [];
    const { settled } = await submitTo(pool.combiner({ carryOut: spying(pool, seen) }), pending('f'), never);
    expect(seen).toEqual([pending('f', base)]);
    expect(inShort(settled)).toBe('TASK-1');
    // Found in history, not claimed a second time.
    expect(pool.remote.pushes).toHaveLength(1);
  });

  it('keeps the first base of several leaders', async () => {
    await using pool = await Combining.create();
    await doomed(pool, (follower) => follower.send({ kind: 'taken', base: BASE }));
    const first = pool.remote.tip;
    const seen: Pending[] = [];
    await submitTo(pool.combiner({ carryOut: spying(pool, seen) }), pending('f', first), never);
    expect(seen).toEqual([pending('f', first)]);
  });

  it('and who gave up meanwhile asks the remote before it says so', async () => {
    await using pool = await Combining.create();
    const cancel = new AbortController();
    await doomed(pool, async (follower) => {
      await follower.send({ kind: 'taken', base: BASE });
      cancel.abort(new Failure('timed-out', 'too late'));
    });
    const lookedUp: Pending[] = [];
    const refusal = { code: 'unknown-task', message: 'for this test' } as const;
    const lookUp = async (asked: Pending): Promise<Settled> => {
      lookedUp.push(asked);
      return { kind: 'refused', intent: asked.intent, refusal };
    };
    // The leader dies well before the follower's patience with it ends.
    const clock = { now: () => 0, sleep: () => new Promise<void>(() => undefined) };
    const { settled } = await submitTo(pool.combiner({ lookUp, clock }), pending('f'), cancel.signal);
    expect(lookedUp).toEqual([pending('f', BASE)]);
    expect(settled).toMatchObject({ kind: 'refused' });
  });

  it('does not take strange words for an answer', async () => {
    await using pool = await Combining.create();
    await doomed(pool, (follower) => follower.send({ kind: 'answer', settled: { kind: 'done' } }));
    expect(inShort((await submitTo(pool.combiner(), pending('f'), never)).settled)).toBe('TASK-1');
  });

  /** Carries out, and remembers what it was given. */
  function spying(pool: Combining, seen: Pending[]): CarryOut {
    return (intake, signal, cut) =>
      pool.plain(
        {
          ...intake,
          async join(when) {
            const joining = await intake.join(when);
            seen.push(...joining);
            return joining;
          },
        },
        signal,
        cut,
      );
  }

  function oneIntake(one: Pending): Parameters<CarryOut>[0] {
    const rest = [one];
    return {
      wasThere: () => true,
      join: async () => rest.splice(0),
      hasGivenUp: () => false,
      drop: () => new Set(),
      announce: async () => new Set(),
      leave: () => undefined,
    };
  }
});
