import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import type { ClaimIntent, Intent } from '../../../src/domain/intents/intent.ts';
import type { ClaimedOutcome, Outcome } from '../../../src/domain/intents/outcome.ts';
import { unanswered } from '../../../src/engine/base/unanswered.ts';
import type { Queue } from '../../../src/engine/queue/queue.ts';
import type { Submitted } from '../../../src/engine/queue/submitted.ts';
import { CallQueue } from '../../../src/engine/session/call-queue.ts';
import { Holding, type HoldingNotice } from '../../../src/engine/session/holding.ts';
import { leaseOf } from '../../../src/engine/work/lease.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';

const KEY = { project: 'auth', id: 'T-1' };
const PATH = '.agents/auth/claimed/T-1.toon';
const CLAIM: ClaimIntent = { kind: 'claim', request: 'first1', agent: 'a1', filter: {}, attempt: 1, waitedMs: 0 };
const CLAIMED: ClaimedOutcome = {
  kind: 'claimed',
  key: KEY,
  path: PATH,
  priority: 1,
  claim: {
    claimedBy: 'a1',
    claimedAt: '2030-01-01T00:00:00Z',
    lastHeartbeat: '2030-01-01T00:00:00Z',
    attempt: 1,
    claimId: 'c1',
  },
};
const RELEASED: Outcome = { kind: 'released', key: KEY, path: PATH };
const RENEWED: Outcome = { kind: 'renewed', key: KEY, path: PATH, at: '2030-01-01T01:00:00Z', claimId: 'c1' };

type Answers = (intent: Intent, nth: number) => Outcome | Failure;

/** A session on a queue that answers as told, with a clock that the test moves. */
class Session {
  readonly clock = new TestClock('standing');
  readonly asked: Intent[] = [];
  readonly notices: HoldingNotice[] = [];
  readonly ending = new AbortController();
  readonly holding: Holding;
  readonly queue: Queue;

  constructor(answers: Answers) {
    const submit = async (intent: Intent): Promise<Submitted> => {
      const nth = this.asked.filter(({ kind }) => kind === intent.kind).length;
      this.asked.push(intent);
      const outcome = answers(intent, nth);
      if (outcome instanceof Failure) throw outcome;
      return { outcome, commit: 'f00', base: 'b', attempts: 1, rejectedPushes: 0, backoffBaseMs: 1, elapsedMs: 0 };
    };
    // Nothing is seen on the branch: what is known comes from answers.
    const blind = { look: () => new Promise<never>(() => undefined) };
    this.queue = {
      submit,
      renew: (intents: readonly Intent[]) =>
        Promise.all(
          intents.map((intent) =>
            submit(intent).then(
              (submitted) => ({ kind: 'renewed' as const, submitted }),
              (error: unknown) => ({ kind: 'failed' as const, error }),
            ),
          ),
        ),
      tips: blind,
      read: async () => ({ rehearse: () => Promise.reject(new Error('not completed')) }),
    } as unknown as Queue;
    this.holding = new Holding({
      queue: this.queue,
      clock: this.clock,
      random: { next: () => 0.5, id: () => `id${this.asked.length}abc` },
      heartbeatMs: undefined,
      interrupt: this.ending.signal,
      urgent: new AbortController().signal,
      onEvent: () => undefined,
      onNotice: (notice) => this.notices.push(notice),
    });
  }

  hold(): void {
    const now = this.clock.now();
    this.holding.hold(leaseOf('a1', CLAIMED, 'f00', { at: now, answeredAt: now }));
  }

  /** A call that claims. @returns what it got, and the doubts that it left */
  async claim(signal = new AbortController().signal): Promise<{ readonly claims: number; readonly call: CallQueue }> {
    let claims = 0;
    const call = new CallQueue(this.queue, { signal, now: () => this.clock.now(), onClaimed: () => claims++ });
    await call.submit(CLAIM).catch(() => undefined);
    return { claims, call };
  }

  kinds(): readonly string[] {
    return this.asked.map(({ kind }) => kind);
  }

  /** Lets time pass, and everything happen that it brings. */
  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

const lost = new Failure('remote-unreachable', 'the connection broke');
const doubtful = unanswered(lost, { intent: CLAIM, base: 'b0' });
const gone = new Failure('claim-lost', 'auth/T-1 is claimed by a2');

describe('a claim that had no answer', () => {
  it('and did land is given back, with its own request and claim', async () => {
    const session = new Session((intent, nth) => {
      if (intent.kind === 'claim') return nth === 0 ? (doubtful as Failure) : CLAIMED;
      return RELEASED;
    });
    const { claims, call } = await session.claim();
    expect({ claims, doubts: call.doubts }).toEqual({ claims: 0, doubts: [{ intent: CLAIM, base: 'b0' }] });
    session.holding.settle(call.doubts);
    await session.holding.settled();
    expect(session.asked).toMatchObject([
      { kind: 'claim', request: 'first1' },
      { kind: 'claim', request: 'first1' },
      { kind: 'release', agent: 'a1', task: KEY, claimId: 'c1' },
    ]);
    expect(session.notices).toMatchObject([{ kind: 'given-back', task: KEY }]);
  });

  it('and did not land is over', async () => {
    const session = new Session((_, nth) =>
      nth === 0 ? (doubtful as Failure) : new Failure('nothing-claimable', 'nothing to claim'),
    );
    session.holding.settle((await session.claim()).call.doubts);
    await session.holding.settled();
    expect(session.kinds()).toEqual(['claim', 'claim']);
    expect(session.notices).toEqual([]);
  });

  it('is asked for a limited number of times', async () => {
    const session = new Session(() => doubtful as Failure);
    session.holding.settle((await session.claim()).call.doubts);
    for (let time = 0; time < 60; time++) await session.pass(31_000);
    await session.holding.settled();
    expect(session.kinds()).toHaveLength(41);
  });

  it('tells a session of a claim that its call never hears of', async () => {
    const session = new Session(() => CLAIMED);
    expect(await session.claim()).toMatchObject({ claims: 1, call: { doubts: [] } });
  });
});

describe('a claim that could not be renewed for too long', () => {
  const answers =
    (after: Outcome | Failure): Answers =>
    (intent, nth) => {
      if (intent.kind !== 'heartbeat') return RELEASED;
      return nth < 1 ? lost : after;
    };

  /** The machine sleeps through all of the limit. */
  const slept = async (after: Outcome | Failure): Promise<Session> => {
    const session = new Session(answers(after));
    session.hold();
    await session.pass(0);
    await session.pass(31 * 60_000);
    expect(session.notices.map(({ kind }) => kind)).toEqual(['in-danger']);
    expect(session.holding.jobs).toEqual([]);
    await session.pass(10_000);
    return session;
  };

  it('is still ours if the branch says so, and is renewed again', async () => {
    const session = await slept(RENEWED);
    expect(session.notices.map(({ kind }) => kind)).toEqual(['in-danger', 'safe']);
    expect(session.holding.jobs).toMatchObject([{ task: KEY, claimId: 'c1' }]);
  });

  it('is lost if somebody has taken it', async () => {
    const session = await slept(gone);
    expect(session.notices.map(({ kind }) => kind)).toEqual(['in-danger', 'lost']);
    expect(session.holding.jobs).toEqual([]);
  });
});

describe('the end of a session', () => {
  it('gives back what is held, once', async () => {
    const session = new Session(() => RELEASED);
    session.hold();
    session.ending.abort();
    expect(await session.holding.end('release', 'the end')).toEqual([]);
    expect(session.asked).toMatchObject([{ kind: 'release', claimId: 'c1', reason: 'the end', inReview: 'leave' }]);
    expect(session.holding.jobs).toEqual([]);
  });

  it('keeps it if it is to, and asks nothing', async () => {
    const session = new Session(() => RELEASED);
    session.hold();
    session.ending.abort();
    expect(await session.holding.end('keep', 'the end')).toEqual([]);
    expect(session.asked).toEqual([]);
  });

  it('takes a claim that is gone for given back, and says what could not be given back', async () => {
    const taken = new Session(() => gone);
    taken.hold();
    taken.ending.abort();
    expect(await taken.holding.end('release', 'the end')).toEqual([]);
    const refused = new Session(() => new Failure('task-invalid', 'no'));
    refused.hold();
    refused.ending.abort();
    expect(await refused.holding.end('release', 'the end')).toMatchObject([
      { code: 'task-invalid', hint: expect.stringContaining('agentq release auth/T-1 a1') },
    ]);
  });
});
