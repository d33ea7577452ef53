import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import { validate } from '../../../src/domain/defects/validate.ts';
import type { ClaimIntent, TaskFilter } from '../../../src/domain/intents/intent.ts';
import { formatKey } from '../../../src/domain/queue/task.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

function claimBy(specs: readonly TaskSpec[], filter: TaskFilter, more: Partial<ClaimIntent> = {}): string {
  const claim = { kind: 'claim', request: 'r1', agent: 'a1', filter, attempt: 1, waitedMs: 0, ...more } as const;
  const [decision] = decide(snapshotOf(specs), [claim], NOW).decisions;
  if (decision?.kind === 'refused') return decision.refusal.message;
  return decision?.outcome.kind === 'claimed' ? formatKey(decision.outcome.key) : '';
}

describe('a task that needs something', () => {
  const specs: TaskSpec[] = [
    { id: 'T-1', priority: 9, needs: ['gpu', 'Docker'] },
    { id: 'T-2', priority: 8, needs: ['gpu'] },
    { id: 'T-3', priority: 1 },
  ];

  it.each<[readonly string[] | undefined, string]>([
    [undefined, 'auth/T-3'],
    [['docker'], 'auth/T-3'],
    [['gpu'], 'auth/T-2'],
    [['tpu', 'GPU', 'docker'], 'auth/T-1'],
  ])('goes to agents that can do all of it: %j', (can, task) => {
    expect(claimBy(specs, can === undefined ? {} : { can })).toBe(task);
  });

  it('is counted by what is lacking', () => {
    const lacking = 'nothing to claim: 2 need what this agent lacks (gpu, Docker)';
    expect(claimBy(specs.slice(0, 2), {})).toBe(lacking);
    expect(claimBy(specs.slice(0, 2), { can: ['docker'] })).toBe(
      'nothing to claim: 2 need what this agent lacks (gpu)',
    );
    expect(claimBy(specs, {}, { task: { id: 'T-1' } })).toBe(
      'auth/T-1 needs gpu, Docker: claim it with --can gpu,Docker',
    );
  });

  it('is not taken from a silent agent either', () => {
    const at = '2026-03-01T08:00:00Z';
    const claim = { claimedBy: 'a9', claimedAt: at, lastHeartbeat: at, claimId: 'c9' };
    const queue = snapshotOf([{ id: 'T-1', state: 'claimed', needs: ['gpu'], claim }]);
    const by = (can: readonly string[]) =>
      decide(
        { ...queue, stalls: 'witnessed' },
        [{ kind: 'claim', request: 'r1', agent: 'a1', filter: { can }, attempt: 1, waitedMs: 0 }],
        NOW,
      ).commits.length;
    expect([by([]), by(['gpu'])]).toEqual([0, 2]);
  });
});

describe('a word of needs that is the id of a task', () => {
  const waiting: TaskSpec = { id: 'T-2', status: 'blocked', needs: ['setup', 'gpu'] };
  const held: Partial<TaskSpec> = { state: 'claimed', claim: { claimedBy: 'a1', claimId: 'c1' } };

  it('gates as a dependency: it waits, and is opened when that one is complete', () => {
    const open: TaskSpec = { ...waiting, status: 'ready' };
    expect(claimBy([{ id: 'setup', state: 'claimed' }, open], { can: ['gpu', 'setup'] })).toContain(
      'waits for dependencies',
    );
    expect(claimBy([{ id: 'setup', state: 'completed' }, open], { can: ['gpu'] })).toBe('auth/T-2');
    // In another project it is none of this task's business.
    expect(claimBy([{ project: 'pay', id: 'setup', state: 'completed' }, open], { can: ['gpu'] })).toContain('(setup)');
    const complete = { kind: 'complete', request: 'r1', agent: 'a1', task: { id: 'setup' } } as const;
    const [decision] = decide(snapshotOf([{ id: 'setup', ...held }, waiting]), [complete], NOW).decisions;
    expect(decision).toMatchObject({ outcome: { unblocked: [{ key: { id: 'T-2' } }] } });
  });

  it('is noted, and so is one that is almost an id', () => {
    const specs: TaskSpec[] = [
      { id: 'setup', needs: ['T-2'] },
      { ...waiting, needs: ['setup', 'gpu', 'setpu'] },
    ];
    const found = validate(snapshotOf(specs), NOW).filter(({ code }) => code === 'doubtful-need');
    expect(found.map(({ severity, file, message }) => [severity, file, message])).toEqual([
      ['note', '.agents/auth/tasks/T-2.toon', 'needs "setup" is read as a dependency: setup is a task of this project'],
      ['note', '.agents/auth/tasks/T-2.toon', 'needs "setpu" is read as a capability: there is no task setpu'],
      ['note', '.agents/auth/tasks/setup.toon', 'needs "T-2" is read as a dependency: T-2 is a task of this project'],
    ]);
    expect(validate(snapshotOf(specs), NOW).map(({ code }) => code)).toContain('dependency-cycle');
  });
});
