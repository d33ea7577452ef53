import { expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import { claim, claimed, NOW } from '../../kit/queues/intents.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString().replace('.000', '');
const failed = (...failures: readonly (readonly [agent: string, secondsAgo: number])[]): Partial<TaskSpec> => ({
  failures: { count: failures.length, last: failures.map(([agent, at]) => ({ agent, at: ago(at), reason: 'r' })) },
});
/** What a1 claims first, if T-1 has the higher priority. */
const first = (failures: Partial<TaskSpec>, intent: ReturnType<typeof claim>) =>
  decide(snapshotOf([{ id: 'T-1', priority: 9, ...failures }, { id: 'T-2' }]), [intent], NOW).decisions.map(claimed)[0];

it.each([
  ['after the others by the agent that failed a moment ago', failed(['a1', 5]), 'a1', 'auth/T-2'],
  ['first by another agent', failed(['a1', 5]), 'a2', 'auth/T-1'],
  ['first by the same agent, after a minute', failed(['a1', 60]), 'a1', 'auth/T-1'],
  ['after the others a minute after its second failure', failed(['a1', 300], ['a1', 60]), 'a1', 'auth/T-2'],
  ['first by the same agent, a minute after somebody failed', failed(['a1', 300], ['a2', 5]), 'a1', 'auth/T-1'],
  ['first if the failure is from a clock that is far ahead', failed(['a1', -7200]), 'a1', 'auth/T-1'],
])('a failed task is taken %s: %s', (_name, failures, agent, expected) => {
  expect(first(failures, claim(agent))).toBe(expected);
});

it('the failed task is taken by its name, and when there is no other: whoever starts again wants another try', () => {
  expect(first(failed(['a1', 5]), claim('a1', {}, { task: { id: 'T-1' } }))).toBe('auth/T-1');
  const specs = [{ id: 'T-1', priority: 9, ...failed(['a1', 5]) }, { id: 'T-2' }];
  const { decisions } = decide(snapshotOf(specs), [claim('a1'), claim('a1')], NOW);
  expect(decisions.map(claimed)).toEqual(['auth/T-2', 'auth/T-1']);
});

it('its own project does not make it come before new ones of other projects', () => {
  const specs = [
    { project: 'auth', id: 'T-1', ...failed(['a1', 5]) },
    { project: 'billing', id: 'T-2' },
  ];
  const { decisions } = decide(snapshotOf(specs), [claim('a1', {}, { prefer: 'auth' })], NOW);
  expect(decisions.map(claimed)).toEqual(['billing/T-2']);
});
