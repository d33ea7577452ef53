import { describe, expect, it } from 'vitest';
import { given } from '../../../src/domain/base/given.ts';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { ClaimIntent, TaskFilter, TaskReference } from '../../../src/domain/intents/intent.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

function decideClaim(specs: readonly TaskSpec[], intent: Partial<ClaimIntent> = {}) {
  const whole: ClaimIntent = {
    kind: 'claim',
    request: 'r1',
    agent: 'a1',
    filter: {},
    attempt: 1,
    waitedMs: 0,
    ...intent,
  };
  const [decision] = decide(snapshotOf(specs), [whole], NOW).decisions;
  if (decision === undefined) throw new Error('nothing was decided');
  return decision;
}

/** `project/TASK-ID` of the task that is claimed, or why none is. */
function claimed(specs: readonly TaskSpec[], intent: Partial<ClaimIntent> = {}): string {
  const decision = decideClaim(specs, intent);
  if (decision.kind === 'refused') return decision.refusal.message;
  return decision.outcome.kind === 'claimed'
    ? `${decision.outcome.key.project}/${decision.outcome.key.id}`
    : decision.outcome.kind;
}

describe('the filter of a claim', () => {
  const specs: TaskSpec[] = [
    { id: 'T-1', priority: 9, type: 'backend', labels: { area: 'db', size: 3 } },
    { id: 'T-2', priority: 5, type: 'frontend', labels: { area: 'ui' } },
    { id: 'T-3', priority: 1, type: 'backend' },
    { project: 'pay', id: 'T-4', priority: 7, type: 'backend', labels: { area: 'ui' } },
  ];

  it.each<[TaskFilter, string]>([
    [{}, 'auth/T-1'],
    [{ maxPriority: 9 }, 'auth/T-1'],
    [{ maxPriority: 8 }, 'pay/T-4'],
    [{ maxPriority: 5 }, 'auth/T-2'],
    [{ minPriority: 9 }, 'auth/T-1'],
    [{ minPriority: 5, maxPriority: 5 }, 'auth/T-2'],
    [{ minPriority: 10 }, 'nothing to claim: 4 do not match the filter'],
    [{ type: 'frontend' }, 'auth/T-2'],
    [{ type: 'backend', maxPriority: 1 }, 'auth/T-3'],
    [{ project: 'pay' }, 'pay/T-4'],
    [{ labels: { area: 'ui' } }, 'pay/T-4'],
    [{ labels: { area: 'ui' }, project: 'auth' }, 'auth/T-2'],
    [{ labels: { area: 'db', size: '3' } }, 'auth/T-1'],
    [{ labels: { area: 'db', size: '4' } }, 'nothing to claim: 4 do not match the filter'],
    [{ labels: { toString: 'x' } }, 'nothing to claim: 4 do not match the filter'],
    [{ labels: { area: 'undefined' } }, 'nothing to claim: 4 do not match the filter'],
    [{ labels: { other: 'undefined' } }, 'nothing to claim: 4 do not match the filter'],
    [{ except: ['auth/T-1', 'pay/T-4'] }, 'auth/T-2'],
  ])('%j gives %s', (filter, task) => {
    expect(claimed(specs, { filter })).toBe(task);
  });

  it('looks in the preferred project first, and then anywhere', () => {
    expect(claimed(specs, { prefer: 'pay' })).toBe('pay/T-4');
    expect(claimed(specs, { prefer: 'pay', filter: { maxPriority: 5 } })).toBe('auth/T-2');
    expect(claimed(specs, { prefer: 'none' })).toBe('there is no project none in this queue');
    expect(claimed(specs, { prefer: 'pay', filter: { project: 'auth' } })).toBe('auth/T-1');
  });
});

describe('a claim of a task by its name', () => {
  const by = (spec: TaskSpec, filter: TaskFilter = {}): string =>
    claimed([{ id: 'T-0', priority: 99 }, spec], { task: { id: 'T-1' }, filter });

  it.each<[string, TaskSpec, string]>([
    ['claimable', { id: 'T-1' }, 'auth/T-1'],
    ['claimed', { id: 'T-1', state: 'claimed', claim: { claimedBy: 'a2' } }, 'auth/T-1 is claimed by a2'],
    ['claimed by nobody known', { id: 'T-1', state: 'claimed' }, 'auth/T-1 is claimed by somebody'],
    ['claimed, unreadable', { id: 'T-1', state: 'claimed', unreadable: 'bad' }, 'auth/T-1 is claimed by somebody'],
    ['completed', { id: 'T-1', state: 'completed' }, 'auth/T-1 is completed'],
    ['completed, unreadable', { id: 'T-1', state: 'completed', unreadable: 'bad' }, 'auth/T-1 is completed'],
    ['blocked', { id: 'T-1', status: 'blocked' }, 'auth/T-1 has status blocked, not ready'],
    ['waiting', { id: 'T-1', required: ['T-7', 'T-8'] }, 'auth/T-1 waits for T-7, T-8'],
  ])('that is %s', (_, spec, answer) => {
    expect(by(spec)).toBe(answer);
  });

  it('minds the filter, and takes no other task instead', () => {
    const filter = { minPriority: 6, type: 'backend' };
    expect(by({ id: 'T-1', priority: 5 }, filter)).toBe('auth/T-1 does not match the filter (minPriority, type)');
    expect(by({ id: 'T-1', priority: 6, type: 'backend' }, filter)).toBe('auth/T-1');
  });

  it('names at most eight of what it waits for', () => {
    const required = (count: number) => Array.from({ length: count }, (_, n) => `W-${n + 1}`);
    const eight = 'W-1, W-2, W-3, W-4, W-5, W-6, W-7, W-8';
    expect(by({ id: 'T-1', required: required(8) })).toBe(`auth/T-1 waits for ${eight}`);
    expect(by({ id: 'T-1', required: required(11) })).toBe(`auth/T-1 waits for ${eight} and 3 more`);
  });

  it('counts only that task among the reasons', () => {
    const decision = decideClaim([{ id: 'T-0' }, { id: 'T-1', required: ['T-7'] }, { id: 'T-2', state: 'claimed' }], {
      task: { id: 'T-1' },
    });
    expect(decision).toMatchObject({
      kind: 'refused',
      refusal: {
        code: 'nothing-claimable',
        why: { waiting: 1, claimed: 0, filteredOut: 0, mostWaitedFor: { dependency: 'auth/T-7', waiting: 1 } },
      },
    });
  });
});

describe('a claim that finds nothing', () => {
  it('counts each task once, by what keeps it from being claimed', () => {
    const specs: TaskSpec[] = [
      { id: 'T-1', required: ['T-9'] },
      { id: 'T-2', required: ['T-9', 'T-8'] },
      { id: 'T-3', status: 'blocked', required: ['T-8'] },
      { id: 'T-4', status: 'held' },
      { id: 'T-5', state: 'claimed' },
      { id: 'T-6', state: 'completed' },
      { id: 'T-7', unreadable: 'bad' },
      { id: 'T-A' },
      { id: 'T-A', state: 'completed' },
      { id: 'T-B', priority: 1 },
      { project: 'pay', id: 'T-1', required: ['T-9'] },
    ];
    expect(decideClaim(specs, { filter: { project: 'auth', minPriority: 2 } })).toMatchObject({
      refusal: {
        why: {
          waiting: 2,
          otherStatus: { blocked: 1, held: 1 },
          claimed: 1,
          completed: 1,
          unreadable: 1,
          inTwoStates: 1,
          filteredOut: 1,
          mostWaitedFor: { dependency: 'auth/T-8', waiting: 2 },
        },
      },
    });
  });

  it('names what most tasks wait for, and of equals the first in natural order', () => {
    const waitFor = (specs: TaskSpec[]) => {
      const decision = decideClaim(specs);
      return decision.kind === 'refused' && decision.refusal.code === 'nothing-claimable'
        ? decision.refusal.why.mostWaitedFor
        : undefined;
    };
    const required = (...ids: string[]): TaskSpec[] => ids.map((id, n) => ({ id: `T-${n}`, required: [id] }));
    expect(waitFor(required('W-1', 'W-2', 'W-2'))).toEqual({ dependency: 'auth/W-2', waiting: 2 });
    expect(waitFor(required('W-10', 'W-9'))).toEqual({ dependency: 'auth/W-9', waiting: 1 });
    expect(waitFor(required('W-9', 'W-10', 'W-9', 'W-10', 'W-11'))).toEqual({ dependency: 'auth/W-9', waiting: 2 });
    expect(waitFor([{ id: 'T-1', state: 'claimed' }])).toBeUndefined();
  });

  it('follows what is waited for to its end, through whatever projects', () => {
    const specs = (end: Partial<TaskSpec>): TaskSpec[] => [
      { id: 'T-1', required: ['pay/T-2'] },
      { project: 'pay', id: 'T-2', status: 'blocked', required: ['auth/T-0', 'web/T-3'] },
      { id: 'T-0', state: 'completed' },
      { project: 'web', id: 'T-3', ...end },
    ];
    const said = (end: Partial<TaskSpec>, task?: TaskReference): string | undefined => {
      const decision = decideClaim(specs(end), { filter: { project: 'auth' }, ...given({ task }) });
      return decision.kind === 'refused' ? decision.refusal.message : undefined;
    };
    const wait = 'nothing to claim in auth: 1 waits for dependencies, 1 completed; most waited for: pay/T-2 (by 1)';
    expect(said({ state: 'claimed', claim: { claimedBy: 'a2' } })).toBe(
      `${wait}, which waits for web/T-3, claimed by a2`,
    );
    expect(said({})).toBe(`${wait}, which waits for web/T-3, ready`);
    expect(said({ status: 'draft' })).toBe(`${wait}, which waits for web/T-3, with status draft`);
    expect(said({ unreadable: 'bad' })).toBe(`${wait}, which waits for web/T-3, which is unreadable`);
    expect(said({ id: 'T-9' })).toBe(`${wait}, which waits for web/T-3, which does not exist`);
    expect(said({ required: ['pay/T-2'] })).toBe(`${wait}, which waits for pay/T-2, which waits for itself`);
    expect(said({ required: ['X-1'] }, { id: 'T-1' })).toBe(
      'auth/T-1 waits for pay/T-2, which waits for web/X-1, which does not exist',
    );
    expect(said({ required: ['X-1'] }, { project: 'pay', id: 'T-2' })).toBe(
      'pay/T-2 has status blocked, not ready: it waits for web/T-3, which waits for web/X-1, which does not exist',
    );
  });

  it('says of a project that does not exist that it does not, and counts only what is in one that does', () => {
    const inNone = (...specs: readonly TaskSpec[]) => claimed(specs, { filter: { project: 'none' } });
    expect(inNone()).toBe('there is no project none in this queue');
    expect(inNone({ id: 'T-1' })).toBe('there is no project none in this queue');
    expect(claimed([{ id: 'T-1', state: 'claimed' }], { filter: { project: 'auth' } })).toBe(
      'nothing to claim in auth: 1 claimed',
    );
  });
});

it('a claim says what was claimed, and nothing that the file does not say', () => {
  const decision = decideClaim([{ id: 'T-1', type: 'backend', priority: 7 }], { attempt: 3, waitedMs: 12.6 });
  const at = '2026-03-01T12:00:00Z';
  const claim = { claimedBy: 'a1', claimedAt: at, lastHeartbeat: at, attempt: 3, claimId: 'r1' };
  expect(decision).toMatchObject({
    outcome: {
      kind: 'claimed',
      key: { project: 'auth', id: 'T-1' },
      title: 'Title of T-1',
      type: 'backend',
      priority: 7,
      path: '.agents/auth/claimed/T-1.toon',
      claim,
      pool: { stalledAfterMs: 1_800_000, heartbeat: 'commit' },
    },
  });
  const plain = decideClaim([{ id: 'T-1' }]);
  expect(plain.kind === 'change' && Object.keys(plain.outcome)).not.toContain('type');
});
