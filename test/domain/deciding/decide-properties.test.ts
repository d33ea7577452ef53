import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decided, decide } from '../../../src/domain/deciding/decide.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { QueueState } from '../../../src/domain/queue/queue-state.ts';
import type { QueueSnapshot } from '../../../src/domain/queue/snapshot.ts';
import { formatKey } from '../../../src/domain/queue/task.ts';
import { claim, claimed, heartbeat, held, NOW, only, release } from '../../kit/queues/intents.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

describe('for any queue and any intents', () => {
  const id = fc.integer({ min: 1, max: 6 }).map((n) => `T-${n}`);
  const agent = fc.constantFrom('a1', 'a2', 'a3');
  const spec: fc.Arbitrary<TaskSpec> = fc
    .record({
      project: fc.constantFrom('auth', 'pay'),
      id,
      state: fc.constantFrom('ready', 'claimed', 'completed'),
      status: fc.constantFrom('ready', 'blocked'),
      priority: fc.integer({ min: 0, max: 3 }),
      required: fc.array(id, { maxLength: 2 }),
      owner: agent,
    })
    .map(({ owner, ...rest }) => (rest.state === 'claimed' ? { ...rest, ...held(owner) } : rest));
  const queue = fc.uniqueArray(spec, { selector: (task) => `${task.project}/${task.id}`, maxLength: 12 });
  const intent: fc.Arbitrary<Intent> = fc.oneof(
    agent.map((name) => claim(name)),
    fc.tuple(agent, id).map(([name, task]) => heartbeat(name, task)),
    fc.tuple(agent, id).map(([name, task]) => release(name, task)),
  );

  it('every task stays in exactly one folder, and every claim has one owner', () => {
    fc.assert(
      fc.property(queue, fc.array(intent, { maxLength: 8 }), (specs, intents) => {
        const snapshot = snapshotOf(specs);
        const plan = decide(snapshot, intents, NOW);
        expect(plan.decisions).toHaveLength(intents.length);
        const places = replay(snapshot, plan);
        expect(places.size).toBe(specs.length);
        const winners = plan.decisions.flatMap((decision) =>
          decision.kind === 'change' && decision.outcome.kind === 'claimed' ? [decision.commit] : [],
        );
        expect(new Set(winners).size).toBe(winners.length);
      }),
    );
  });

  it('a batch decides what its intents would have decided one after the other', () => {
    fc.assert(
      fc.property(
        queue,
        fc.array(
          fc.tuple(agent, fc.constant(0)).map(([name]) => claim(name)),
          { maxLength: 6 },
        ),
        (specs, intents) => {
          const batched = decide(snapshotOf(specs), intents, NOW).decisions.map(claimed);
          const state = { specs: [...specs] };
          const single = intents.map((one) => {
            const result = claimed(only(decide(snapshotOf(state.specs), [one], NOW)));
            state.specs = state.specs.map((task) =>
              `${task.project}/${task.id}` === result ? { ...task, ...held(one.agent, one.request) } : task,
            );
            return result;
          });
          expect(batched).toEqual(single);
        },
      ),
    );
  });

  /** Applies every change, checking that each starts from where its task is. */
  function replay(snapshot: QueueSnapshot, plan: Decided): ReadonlyMap<string, string> {
    const places = new Map<string, string>();
    for (const [entry] of new QueueState(snapshot).all()) if (entry) places.set(formatKey(entry.key), entry.path);
    for (const change of plan.commits.flatMap((commit) => commit.tasks)) {
      expect(places.get(formatKey(change.key))).toBe(change.fromPath);
      places.set(formatKey(change.key), change.toPath);
    }
    return places;
  }
});
