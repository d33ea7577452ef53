import { expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import { claim, claimed, NOW } from '../../kit/queues/intents.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString().replace('.000', '');
const failed = (...failures: readonly (readonly [agent: string, secondsAgo: number])[]): Partial<TaskSpec> => ({
  failures: { count: failures.length, last: failures.map(([agent, at]) => ({ agent, at: ago(at), reason: 'r' })) },
});
const claims = (failures: Partial<TaskSpec>, intent: ReturnType<typeof claim>) =>
  decide(snapshotOf([{ id: 'T-1', priority: 9, ...failures }]), [intent], NOW).decisions.map(claimed)[0];

it.each([
  ['to the agent that failed a moment ago', failed(['a1', 5]), 'a1', 'refused'],
  ['to another agent', failed(['a1', 5]), 'a2', 'auth/T-1'],
  ['to the same agent, after a minute', failed(['a1', 60]), 'a1', 'auth/T-1'],
  ['to the same agent, a minute after its second failure', failed(['a1', 300], ['a1', 60]), 'a1', 'refused'],
  ['to the same agent, a minute after somebody failed', failed(['a1', 300], ['a2', 5]), 'a1', 'auth/T-1'],
  ['if the failure is from a clock that is far ahead', failed(['a1', -7200]), 'a1', 'auth/T-1'],
])('a failed task is offered %s: %s', (_name, failures, agent, expected) => {
  expect(claims(failures, claim(agent))).toBe(expected);
});

it('the next task is taken, the failed one by its name, and the refusal says how long it is left alone', () => {
  const specs = [{ id: 'T-1', priority: 9, ...failed(['a1', 5]) }, { id: 'T-2' }];
  const [first, second] = decide(snapshotOf(specs), [claim('a1'), claim('a1')], NOW).decisions;
  expect(first && claimed(first)).toBe('auth/T-2');
  expect(second).toMatchObject({
    refusal: {
      message: expect.stringContaining('1 is left to other agents for 55s, because this one has failed at it'),
      why: { failedBefore: { tasks: 1, nextMs: 55_000 } },
    },
  });
  expect(claims(failed(['a1', 5]), claim('a1', {}, { task: { id: 'T-1' } }))).toBe('auth/T-1');
});
