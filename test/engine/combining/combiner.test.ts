import { setMaxListeners } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/cli/command/system.ts';
import type { QueueEvent } from '../../../src/domain/base/event.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import { CriticalSection } from '../../../src/engine/base/critical-section.ts';
import { startDeadline } from '../../../src/engine/base/deadline.ts';
import type { Pending, Settled } from '../../../src/engine/base/engine.ts';
import { Combiner, type CombinerOptions } from '../../../src/engine/combining/combiner.ts';
import type { CarryOut } from '../../../src/engine/combining/leader.ts';
import { transact } from '../../../src/engine/transaction/transaction.ts';
import type { Answer } from '../../../src/engine/wire/ticket.ts';
import type { Channel } from '../../../src/machine/meeting.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';
import { claimOf, inShort, testEngine } from '../../kit/engine/test-engine.ts';
import { channelOver, meetIn } from '../../kit/processes/meeting.ts';
import { MemoryRemote } from '../../kit/remotes/memory-remote.ts';
import { MemoryStore } from '../../kit/remotes/memory-store.ts';
import { GitSandbox } from '../../kit/scene/git-sandbox.ts';

/** Combiners of several "processes" in this one, at a real socket, on a simulated remote. */

const BASE = 'a'.repeat(40);
let box: GitSandbox;
let remote: MemoryRemote;
beforeEach(async () => {
  box = await GitSandbox.create();
  remote = MemoryRemote.withTasks(5);
});
afterEach(() => box.remove());

const never = new AbortController().signal;
// Many submits of one process share it here, which real processes do not.
setMaxListeners(0, never);

function combiner(parts: Partial<CombinerOptions> = {}): Combiner {
  const clock = new TestClock();
  const signal = parts.signal ?? never;
  const engine = testEngine(new MemoryStore(remote), { clock });
  return new Combiner({
    meet: meetIn(box.root),
    carryOut: (intake, batchSignal) => transact({ ...engine, signal: batchSignal }, intake),
    lookUp: async () => undefined,
    // A leader that says that it lives must not say so in no time.
    clock: systemClock,
    signal,
    critical: new CriticalSection(signal, clock),
    onEvent: () => undefined,
    ...parts,
  });
}

function pending(agent: string, base?: string): Pending {
  return { intent: claimOf(agent), base };
}

/** As a caller submits that gives up with the signal, and hears nothing else. */
async function submitTo(one: Combiner, asked: Pending, stop: AbortSignal): Promise<Answer> {
  const unlimited = startDeadline(systemClock, { tooLate: () => new Error('there is no limit') });
  const submission = await one.submit(asked, { ...unlimited, stop }, () => undefined);
  if (submission.kind === 'unanswered') throw submission.error;
  return submission.answer;
}

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

/** Carries out as soon as so many have arrived. */
function gathering(count: number): CarryOut {
  return async (intake, signal, cut) => {
    const arrived: Pending[] = [];
    while (arrived.length < count) {
      arrived.push(...(await intake.join('now')));
      await new Promise(setImmediate);
    }
    return plain({ ...intake, join: async () => arrived.splice(0) }, signal, cut);
  };
}

const plain: CarryOut = (intake, signal) => transact({ ...testEngine(new MemoryStore(remote)), signal }, intake);

describe('processes that meet', () => {
  it('share one push, and each gets its own answer', async () => {
    const idle: CarryOut = async () => {
      throw new Error('a follower carries nothing out');
    };
    const { held, reached, letGo } = heldCarryOut(gathering(4));
    const leading = submitTo(combiner({ carryOut: held }), pending('lead'), never);
    await reached;
    const roles: string[] = [];
    const onEvent = ({ kind }: QueueEvent): void => void roles.push(kind);
    const following = [1, 2, 3].map((n) => submitTo(combiner({ carryOut: idle, onEvent }), pending(`f${n}`), never));
    letGo();
    const answers = await Promise.all([leading, ...following]);
    expect(answers.map(({ settled }) => inShort(settled)).sort()).toEqual(['TASK-1', 'TASK-2', 'TASK-3', 'TASK-4']);
    expect(inShort(answers[0]?.settled)).toBe('TASK-1');
    expect(roles).toEqual(['following', 'following', 'following']);
    expect(remote.pushes).toHaveLength(1);
  });

  it('are all there at the first look, however busy the leader was when they came', async () => {
    const present: number[] = [];
    const { held, reached, letGo } = heldCarryOut(async (intake, signal, cut) => {
      const first = [...(await intake.join('now'))];
      present.push(first.length);
      return plain({ ...intake, join: async () => first.splice(0) }, signal, cut);
    });
    const leading = submitTo(combiner({ carryOut: held, clock: systemClock }), pending('lead'), never);
    await reached;
    // They reach the kernel, and the leader looks who is there before the loop has turned once.
    const followers = [1, 2, 3].map((n) => {
      const follower = channelOver(createConnection(box.path('s.sock')));
      void follower.send({ kind: 'submit', pending: pending(`f${n}`) });
      return follower;
    });
    letGo();
    await leading;
    expect(present).toEqual([4]);
    for (const follower of followers) follower.close();
  });

  it('lead one after the other where they do not overlap', async () => {
    for (const agent of ['a', 'b']) await submitTo(combiner(), pending(agent), never);
    expect(remote.pushes).toHaveLength(2);
  });

  it('work alone where there is no place to meet', async () => {
    const nowhere = { meet: meetIn(box.path('missing')) };
    const [a, b] = await Promise.all(['a', 'b'].map((agent) => submitTo(combiner(nowhere), pending(agent), never)));
    expect([inShort(a?.settled), inShort(b?.settled)].sort()).toEqual(['TASK-1', 'TASK-2']);
  });
});

describe('a process that leads', () => {
  it('is idle when it has told its followers, and not only when it has carried them out', async () => {
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
    const one = combiner({
      carryOut: gathering(2),
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

describe('a follower whose leader dies', () => {
  /** A leader that does what it is told with its first follower, and then is gone. */
  async function doomed(act: (follower: Channel) => Promise<unknown>): Promise<void> {
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
    await doomed(async () => undefined);
    const seen: Pending[] = [];
    const { settled } = await submitTo(combiner({ carryOut: spying(seen) }), pending('f'), never);
    expect(inShort(settled)).toBe('TASK-1');
    expect(seen).toEqual([pending('f')]);
  });

  it('during its push looks back to where that began', async () => {
    const base = remote.tip;
    await plain(oneIntake(pending('f')), never, never);
    await doomed((follower) => follower.send({ kind: 'taken', base }));
    const seen: Pending[] = [];
    const { settled } = await submitTo(combiner({ carryOut: spying(seen) }), pending('f'), never);
    expect(seen).toEqual([pending('f', base)]);
    expect(inShort(settled)).toBe('TASK-1');
    // Found in history, not claimed a second time.
    expect(remote.pushes).toHaveLength(1);
  });

  it('keeps the first base of several leaders', async () => {
    await doomed((follower) => follower.send({ kind: 'taken', base: BASE }));
    const first = remote.tip;
    const seen: Pending[] = [];
    await submitTo(combiner({ carryOut: spying(seen) }), pending('f', first), never);
    expect(seen).toEqual([pending('f', first)]);
  });

  it('and who gave up meanwhile asks the remote before it says so', async () => {
    const cancel = new AbortController();
    await doomed(async (follower) => {
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
    const { settled } = await submitTo(combiner({ lookUp, clock }), pending('f'), cancel.signal);
    expect(lookedUp).toEqual([pending('f', BASE)]);
    expect(settled).toMatchObject({ kind: 'refused' });
  });

  it('does not take strange words for an answer', async () => {
    await doomed((follower) => follower.send({ kind: 'answer', settled: { kind: 'done' } }));
    expect(inShort((await submitTo(combiner(), pending('f'), never)).settled)).toBe('TASK-1');
  });

  /** Carries out, and remembers what it was given. */
  function spying(seen: Pending[]): CarryOut {
    return (intake, signal, cut) =>
      plain(
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

describe('a follower that gives up', () => {
  it('while it waits is told at once that nothing was done', async () => {
    const { held, reached, letGo } = heldCarryOut(plain);
    const leading = submitTo(combiner({ carryOut: held }), pending('lead'), never);
    await reached;
    const cancel = new AbortController();
    const reason = new Failure('timed-out', 'too late');
    const gaveUp = submitTo(combiner({ onEvent: () => cancel.abort(reason) }), pending('f'), cancel.signal);
    await expect(gaveUp).rejects.toBe(reason);
    letGo();
    await leading;
    expect(remote.ancestors(remote.tip).filter(({ facts }) => facts.authorName === 'f')).toEqual([]);
  });

  it('before it has begun does nothing at all', async () => {
    const reason = new Failure('interrupted', 'early');
    await expect(submitTo(combiner(), pending('f'), AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(remote.pushes).toEqual([]);
  });
});
