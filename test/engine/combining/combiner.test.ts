import { createConnection } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/cli/command/system.ts';
import type { QueueEvent } from '../../../src/domain/base/event.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import type { Pending } from '../../../src/engine/base/engine.ts';
import type { CarryOut } from '../../../src/engine/combining/leader.ts';
import type { Channel } from '../../../src/machine/meeting.ts';
import { Combining, never, pending, submitTo } from '../../kit/engine/combining.ts';
import { inShort } from '../../kit/engine/test-engine.ts';
import { channelOver, meetIn } from '../../kit/processes/meeting.ts';

/** Combiners of several "processes" in this one, at a real socket, on a simulated remote. */

/** A carry-out that waits to be let go, and says when it was reached. */
function heldCarryOut(carryOut: CarryOut): { readonly held: CarryOut; readonly reached: Promise<void>; letGo(): void } {
  let letGo = (): void => undefined;
  const free = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let arrive = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const held: CarryOut = async (intake, signal, cut) => {
    arrive();
    await free;
    return carryOut(intake, signal, cut);
  };
  return { held, reached, letGo };
}

/** Carries out as soon as this many have arrived. */
function gathering(pool: Combining, count: number): CarryOut {
  return async (intake, signal, cut) => {
    const arrived: Pending[] = [];
    while (arrived.length < count) {
      arrived.push(...(await intake.join('now')));
      await new Promise(setImmediate);
    }
    return pool.plain({ ...intake, join: async () => arrived.splice(0) }, signal, cut);
  };
}

describe('processes that meet', () => {
  it('share one push, and each gets its own answer', async () => {
    await using pool = await Combining.create();
    const idle: CarryOut = async () => {
      throw new Error('a follower carries nothing out');
    };
    const { held, reached, letGo } = heldCarryOut(gathering(pool, 4));
    const leading = submitTo(pool.combiner({ carryOut: held }), pending('lead'), never);
    await reached;
    const roles: string[] = [];
    const onEvent = ({ kind }: QueueEvent): void => void roles.push(kind);
    const following = [1, 2, 3].map((n) =>
      submitTo(pool.combiner({ carryOut: idle, onEvent }), pending(`f${n}`), never),
    );
    letGo();
    const answers = await Promise.all([leading, ...following]);
    expect(answers.map(({ settled }) => inShort(settled)).sort()).toEqual(['TASK-1', 'TASK-2', 'TASK-3', 'TASK-4']);
    expect(inShort(answers[0]?.settled)).toBe('TASK-1');
    expect(roles).toEqual(['following', 'following', 'following']);
    expect(pool.remote.pushes).toHaveLength(1);
  });

  it('are all there at the first look, however busy the leader was when they came', async () => {
    await using pool = await Combining.create();
    const present: number[] = [];
    const { held, reached, letGo } = heldCarryOut(async (intake, signal, cut) => {
      const first = [...(await intake.join('now'))];
      present.push(first.length);
      return pool.plain({ ...intake, join: async () => first.splice(0) }, signal, cut);
    });
    const leading = submitTo(pool.combiner({ carryOut: held, clock: systemClock }), pending('lead'), never);
    await reached;
    // They reach the kernel, and the leader looks who is there before the loop has turned once.
    const followers = [1, 2, 3].map((n) => {
      const follower = channelOver(createConnection(pool.box.path('s.sock')));
      void follower.send({ kind: 'submit', pending: pending(`f${n}`) });
      return follower;
    });
    letGo();
    await leading;
    expect(present).toEqual([4]);
    for (const follower of followers) follower.close();
  });

  it('lead one after the other where they do not overlap', async () => {
    await using pool = await Combining.create();
    for (const agent of ['a', 'b']) await submitTo(pool.combiner(), pending(agent), never);
    expect(pool.remote.pushes).toHaveLength(2);
  });

  it('work alone where there is no place to meet', async () => {
    await using pool = await Combining.create();
    const nowhere = { meet: meetIn(pool.box.path('missing')) };
    const [a, b] = await Promise.all(
      ['a', 'b'].map((agent) => submitTo(pool.combiner(nowhere), pending(agent), never)),
    );
    expect([inShort(a?.settled), inShort(b?.settled)].sort()).toEqual(['TASK-1', 'TASK-2']);
  });
});

describe('a process that leads', () => {
  it('is idle when it has told its followers, and not only when it has carried them out', async () => {
    await using pool = await Combining.create();
    let letGo = (): void => undefined;
    const isRead = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let answering = (): void => undefined;
    const isAnswered = new Promise<void>((resolve) => {
      answering = resolve;
    });
    const slow: Channel = {
      peers: 'same-user',
      async send(message) {
        if (!('kind' in message) || message.kind !== 'answer') return 'sent';
        answering();
        await isRead;
        return 'sent';
      },
      onMessage: (receive) => receive({ kind: 'submit', pending: pending('f') }),
      onClose: () => undefined,
      leave: async () => undefined,
      close: () => undefined,
      avoid: () => undefined,
    };
    const one = pool.combiner({
      carryOut: gathering(pool, 2),
      async meet(onPeer) {
        onPeer(slow);
        return { kind: 'lead', caughtUp: async () => undefined, leave: () => undefined };
      },
    });
    await one.idle();
    await submitTo(one, pending('lead'), never);
    await isAnswered;
    let isIdle = false;
    const idle = one.idle().then(() => {
      isIdle = true;
    });
    await nextTurn();
    expect(isIdle).toBe(false);
    letGo();
    await idle;
  });
});

describe('a follower that gives up', () => {
  it('while it waits is told at once that nothing was done', async () => {
    await using pool = await Combining.create();
    const { held, reached, letGo } = heldCarryOut(pool.plain);
    const leading = submitTo(pool.combiner({ carryOut: held }), pending('lead'), never);
    await reached;
    const cancel = new AbortController();
    const reason = new Failure('timed-out', 'too late');
    const gaveUp = submitTo(pool.combiner({ onEvent: () => cancel.abort(reason) }), pending('f'), cancel.signal);
    await expect(gaveUp).rejects.toBe(reason);
    letGo();
    await leading;
    expect(pool.remote.ancestors(pool.remote.tip).filter(({ facts }) => facts.authorName === 'f')).toEqual([]);
  });

  it('before it has begun does nothing at all', async () => {
    await using pool = await Combining.create();
    const reason = new Failure('interrupted', 'early');
    await expect(submitTo(pool.combiner(), pending('f'), AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(pool.remote.pushes).toEqual([]);
  });
});
