import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoSeconds } from '../../../src/domain/base/clock.ts';
import { measure } from '../../../src/domain/figures/metrics.ts';
import { type RosterAgent, rosterOf } from '../../../src/domain/figures/roster.ts';
import type { SignedIn } from '../../../src/domain/leases/sign-in.ts';
import type { TaskEvent, TaskEventKind } from '../../../src/domain/past/task-event.ts';
import { signInOf } from '../../kit/queues/sign-ins.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 0, 2, 12);
const ago = (minutes: number): number => NOW - minutes * MINUTE;
/** The pool's limit is half an hour, and clocks may be two minutes apart. */
const DAY = { from: ago(24 * 60), to: NOW };

const event = (kind: TaskEventKind, agent: string, at: number, more: Partial<TaskEvent> = {}): TaskEvent => {
  return { kind, project: 'auth', task: 'T-1', agent, commit: 'c', at, ...more };
};

const held = (id: string, agent: string, beat: number, more: object = {}): TaskSpec => ({
  id,
  state: 'claimed',
  claim: { claimedBy: agent, claimedAt: isoSeconds(ago(600)), lastHeartbeat: isoSeconds(beat), ...more },
});

const signedIn = (agents: readonly string[], since: number, more: Partial<SignedIn> = {}): SignedIn => ({
  signIn: signInOf(agents, since),
  isFresh: true,
  ...more,
});

const roster = (events: readonly TaskEvent[], tasks: readonly TaskSpec[] = [], signIns: readonly SignedIn[] = []) =>
  rosterOf({ events, snapshot: snapshotOf(tasks), signIns }, DAY).agents;

const told = ({ agent, state, since }: RosterAgent): string =>
  `${agent} ${state} ${since === undefined ? '?' : (NOW - since) / MINUTE}`;

describe('the state of an agent', () => {
  it.each<[string, TaskSpec | undefined, number, string]>([
    ['its heartbeat is fresh', held('T-1', 'a', ago(16)), 100, 'a working 100'],
    ['one is missing, by more than clocks are apart', held('T-1', 'a', ago(18)), 100, 'a silent 18'],
    ['anybody may take its task', held('T-1', 'a', ago(33)), 100, 'a silent 33'],
    ['its work waits for a merge', held('T-1', 'a', ago(90), { reviewSince: isoSeconds(ago(90)) }), 20, 'a idle 20'],
    ['it holds nothing, and was here', undefined, 30, 'a idle 30'],
    ['it holds nothing, and was here long ago', undefined, 31, 'a gone 31'],
  ])('if %s', (_when, task, minutes, state) => {
    const events = [event('task.claimed', 'a', ago(minutes))];
    expect(roster(events, task === undefined ? [] : [task]).map(told)).toEqual([state]);
  });

  it('is idle while it is signed in, since it was done or came, and gone as others when its sign-in is not renewed', () => {
    const done = [event('task.completed', 'a', ago(200))];
    expect(roster(done, [], [signedIn(['a', 'b'], ago(300))]).map(told)).toEqual(['a idle 200', 'b idle 300']);
    expect(roster(done, [], [signedIn(['a', 'b'], ago(300), { isFresh: false })]).map(told)).toEqual([
      'a gone 200',
      'b gone 300',
    ]);
  });

  it('is that of the task whose heartbeats come, if a killed one is left over from before', () => {
    const [one] = roster([], [held('T-1', 'a', ago(60)), held('T-2', 'a', ago(1)), held('T-3', 'a', ago(20))]);
    expect(one?.holds.map(({ key, condition }) => `${key.id} ${condition}`)).toEqual([
      'T-2 working',
      'T-3 silent',
      'T-1 stalled',
    ]);
    expect(one).toMatchObject({ state: 'working', lastSeen: ago(1), figures: { claims: 0 } });
  });
});

describe('a roster', () => {
  it('lists who works first, then whoever needs help, and nobody in the future', () => {
    const events = [
      event('task.completed', 'a10', ago(-90)),
      event('task.claimed', 'a2', ago(60), { task: 'T-2' }),
      event('task.noted', 'a person', ago(1)),
    ];
    const tasks = [held('T-2', 'a2', ago(3)), held('T-3', 'a1', ago(25)), held('T-4', 'a3', ago(4))];
    const agents = roster(events, tasks, [signedIn(['a9'], ago(5))]);
    // The commit tells when a2 claimed its task: what the file says about it may be invented.
    expect(agents.map(told)).toEqual(['a2 working 60', 'a3 working 600', 'a1 silent 25', 'a9 idle 5']);
    expect(roster([event('task.completed', 'a', ago(-1))], [], []).map(told)).toEqual([]);
  });

  it('tells of a project who has to do with it, and what else they do', () => {
    const events = [event('task.completed', 'a', ago(5)), event('task.completed', 'b', ago(5), { project: 'pay' })];
    const parts = {
      events,
      snapshot: snapshotOf([{ ...held('P-1', 'a', ago(1)), project: 'pay' }]),
      signIns: [signedIn(['c'], ago(1))],
    };
    const { agents } = rosterOf(parts, DAY, 'auth');
    expect(agents.map(({ agent, state, figures }) => [agent, state, figures.completions])).toEqual([
      ['a', 'working', 1],
      ['c', 'idle', 0],
    ]);
  });

  it('counts what metrics counts, whatever happened', () => {
    const kinds = ['claimed', 'completed', 'released', 'stalled', 'review', 'renewed', 'noted', 'added'] as const;
    const agent = fc.constantFrom('x', 'y', 'z');
    const events = fc.array(
      fc.record({
        kind: fc.constantFrom(...kinds).map((kind): TaskEventKind => `task.${kind}`),
        project: fc.constantFrom('auth', 'pay', undefined),
        task: fc.constantFrom('T-1', 'T-2', undefined),
        agent,
        commit: fc.constant('c'),
        at: fc.integer({ min: -10, max: 100 }).map(ago),
        failures: fc.constantFrom(1, 2),
      }),
    );
    const holder = fc.option(fc.tuple(agent, fc.integer({ min: 0, max: 60 })), { nil: undefined });
    const project = fc.constantFrom('auth', undefined);
    const window = { from: ago(80), to: NOW };
    fc.assert(
      fc.property(events, holder, fc.subarray(['x', 'v']), project, (list, holds, there, only) => {
        const snapshot = snapshotOf(holds === undefined ? [] : [held('T-1', holds[0], ago(holds[1]))]);
        const { agents } = rosterOf({ events: list, snapshot, signIns: [signedIn(there, ago(2))] }, window, only);
        const metrics = measure(list, window, only);
        for (const name of ['claims', 'completions', 'releases', 'failures', 'stalls', 'reviews'] as const) {
          const counts = (all: readonly { agent: string; count: number }[]) =>
            Object.fromEntries(all.filter(({ count }) => count > 0).map((one) => [one.agent, one.count]));
          expect(counts(agents.map((one) => ({ agent: one.agent, count: one.figures[name] })))).toEqual(
            counts(metrics.agents.map((one) => ({ agent: one.agent, count: one[name] }))),
          );
        }
        expect(new Set(agents.map((one) => one.agent)).size).toBe(agents.length);
        for (const one of agents) {
          expect(one.lastSeen ?? 0).toBeLessThanOrEqual(NOW);
          expect(one.state === 'working' || one.state === 'silent').toBe(one.holds.length > 0);
        }
      }),
      { numRuns: 60 },
    );
  });
});
