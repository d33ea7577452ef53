import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PushFault } from '../../../lab/model/memory-remote.ts';
import { seededRandomness } from '../../../lab/model/seeded-randomness.ts';
import type { Engine, Settlement } from '../../../src/engine/base/engine.ts';
import { RejectionRate, UNKNOWN_RATE } from '../../../src/engine/base/rejection-rate.ts';
import { help } from '../../../src/engine/helping/helping.ts';
import { fixedSource } from '../../../src/engine/transaction/intent-source.ts';
import { transact } from '../../../src/engine/transaction/transaction.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';
import { claimOf, inShort, testEngine } from '../../kit/engine/test-engine.ts';
import { FileRemote } from '../../kit/remotes/file-remote.ts';
import { FileStore } from '../../kit/remotes/file-store.ts';
import { sized } from '../../kit/sample.ts';

/**
 * Agents that race for tasks, in every order of their requests and answers, while pushes go wrong in every way: whatever
 * happens, no task is claimed twice, no agent gets two, and every answer is true.
 */

interface Scenario {
  readonly agents: number;
  readonly tasks: number;
  /** What happens to the pushes, in the order in which they arrive. */
  readonly faults: readonly (PushFault | undefined)[];
  /** Steps, counted over all agents, at which a push arrives late. */
  readonly lateAt: readonly number[];
  /** Agents that die, and at which of their own steps. */
  readonly deaths: ReadonlyMap<number, number>;
  readonly crowded: boolean;
}

const FAULTS = [
  undefined,
  'answer-lost',
  'answer-reset',
  'lost',
  'never-arrived',
  'late',
  'rejected',
  'locked',
] as const;

const scenario: fc.Arbitrary<Scenario> = fc.record({
  agents: fc.integer({ min: 2, max: 5 }),
  tasks: fc.integer({ min: 1, max: 4 }),
  faults: fc.array(fc.constantFrom(...FAULTS), { maxLength: 12 }),
  lateAt: fc.array(fc.nat({ max: 80 }), { maxLength: 6 }),
  deaths: fc.constant(new Map()),
  crowded: fc.boolean(),
});

const deadly: fc.Arbitrary<Scenario> = scenario.chain((given) =>
  fc
    .array(fc.tuple(fc.nat({ max: given.agents - 1 }), fc.nat({ max: 25 })), { maxLength: given.agents - 1 })
    .map((deaths) => ({ ...given, deaths: new Map(deaths) })),
);

type Carry = (engine: Engine, agent: string) => Promise<Settlement>;

const alone: Carry = (engine, agent) => transact(engine, fixedSource([{ intent: claimOf(agent), base: undefined }]));

const capable = {
  canPublish: async () => true,
  canPushAtomically: async () => true,
  canLeaveAnswers: async () => true,
  rememberNoAnswers: async () => undefined,
  rememberNoPublishing: async () => undefined,
  rememberNoAtomic: async () => undefined,
  deleting: async () => 'possible' as const,
  rememberDeleting: async () => undefined,
};
const helping: Carry = (engine, agent) =>
  help(engine, capable, fixedSource([{ intent: claimOf(agent), base: undefined }]));

/** Lets the scheduler decide whose request or answer is next; sleepers wake in between, in the order of their times. */
async function race(scheduler: fc.Scheduler, given: Scenario, carry: Carry) {
  const remote = FileRemote.withTasks(given.tasks);
  const faults = [...given.faults];
  remote.fault = () => faults.shift();
  const clock = new TestClock('standing');
  const answers = new Map<string, string | undefined>();
  const living = new Set<string>();
  for (let index = 0; index < given.agents; index++) {
    const agent = `agent-${index}`;
    const death = given.deaths.get(index);
    let own = 0;
    const store = new FileStore(remote, async (what) => {
      await scheduler.schedule(Promise.resolve(), `${agent} ${what}`);
      // The dead are never heard of again; what they sent is on its way.
      if (death !== undefined && own++ >= death) await new Promise(() => undefined);
    });
    const engine = testEngine(store, {
      clock,
      random: seededRandomness(index),
      maxRetries: 500,
      host: given.crowded ? 'crowded' : 'free',
      rejections: new RejectionRate(given.crowded ? 0.6 : UNKNOWN_RATE, async () => undefined, clock.now()),
    });
    if (death === undefined) living.add(agent);
    carry(engine, agent).then(
      ({ settled }) => {
        answers.set(agent, inShort(settled[0]));
        living.delete(agent);
      },
      (error: unknown) => {
        answers.set(agent, String(error));
        living.delete(agent);
      },
    );
  }
  for (let steps = 0; living.size > 0; steps++) {
    if (steps > 50_000) throw new Error(`no end: ${[...living].join(', ')} still wait`);
    await new Promise(setImmediate);
    if (given.lateAt.includes(steps)) remote.landLate();
    // Requests take some milliseconds each; where none is on its way, time passes until somebody wakes.
    if (scheduler.count() > 0) await scheduler.waitOne();
    clock.advance(scheduler.count() > 0 ? 3 : 20);
  }
  remote.landLate();
  return { remote, answers };
}

function expectTruth(given: Scenario, { remote, answers }: Awaited<ReturnType<typeof race>>): void {
  const claims = remote.ancestors(remote.tip).flatMap(({ facts }) => {
    const [, agent, task] = /^\[AGENT-CLAIM\] (\S+) claimed (\S+)/.exec(facts.subject) ?? [];
    return agent === undefined || task === undefined ? [] : [{ agent, task }];
  });
  const distinct = (values: readonly string[]) => expect([...values].sort()).toEqual([...new Set(values)].sort());
  distinct(claims.map(({ task }) => task));
  distinct(claims.map(({ agent }) => agent));
  for (let index = 0; index < given.agents; index++) {
    if (given.deaths.has(index)) continue;
    const agent = `agent-${index}`;
    const claimed = claims.find((claim) => claim.agent === agent)?.task;
    // Tasks are never given back here: who was told that there is nothing must find all of them claimed.
    if (claimed === undefined) expect(claims).toHaveLength(given.tasks);
    expect({ agent, answer: answers.get(agent) }).toEqual({ agent, answer: claimed ?? 'nothing-claimable' });
  }
}

describe.each([
  ['each for itself', alone],
  ['helping each other', helping],
])('agents, %s', (_mode, carry) => {
  it('never claim a task twice, and all get true answers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), scenario, async (scheduler, given) => {
        expectTruth(given, await race(scheduler, given, carry));
      }),
      { numRuns: sized(150, 75) },
    );
  });

  it('are not held up or misled by those who die', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), deadly, async (scheduler, given) => {
        expectTruth(given, await race(scheduler, given, carry));
      }),
      { numRuns: sized(150, 75) },
    );
  });
});
