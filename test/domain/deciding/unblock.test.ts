import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { UnblockIntent } from '../../../src/domain/intents/intent.ts';
import { formatKey } from '../../../src/domain/queue/task.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

function unblock(extra: Partial<UnblockIntent> = {}): UnblockIntent {
  return { kind: 'unblock', request: 'r1', agent: 'orchestrator', ...extra };
}

function opened(specs: readonly TaskSpec[], intent = unblock()): string[] | string {
  const [decision] = decide(snapshotOf(specs), [intent], NOW).decisions;
  if (decision?.kind === 'refused') return decision.refusal.code;
  return decision?.outcome.kind === 'unblocked' ? decision.outcome.tasks.map(({ key }) => formatKey(key)) : [];
}

const base: TaskSpec = { id: 'T-0', state: 'completed', batch: 'base' };

describe('unblock', () => {
  it('opens all that is due in one commit', () => {
    const specs: TaskSpec[] = [
      base,
      { id: 'T-10', status: 'blocked', required: ['T-0'] },
      { id: 'T-2', status: 'pending', required: ['T-0'] },
      { project: 'pay', id: 'T-0', state: 'completed' },
      { project: 'pay', id: 'T-1', status: 'blocked', required: ['T-0'] },
    ];
    const plan = decide(snapshotOf(specs), [unblock()], NOW);
    expect(plan.commits.map(({ subject, author }) => [subject, author])).toEqual([
      ['[ORCHESTRATOR] Unblocked 3 tasks', 'orchestrator'],
    ]);
    expect(plan.commits[0]?.trailers.map(({ value }) => value).slice(0, 3)).toEqual([
      'auth/T-2',
      'auth/T-10',
      'pay/T-1',
    ]);
    expect(opened(specs, unblock({ project: 'pay' }))).toEqual(['pay/T-1']);
  });

  it.each<[string, TaskSpec, readonly string[]]>([
    ['a dependency is missing', { id: 'T-1', status: 'blocked', required: ['T-0', 'T-9'] }, []],
    ['it never waited for anything', { id: 'T-1', status: 'blocked' }, []],
    ['its only dependency is a remark', { id: 'T-1', status: 'blocked', required: ['Note: ask Ann'] }, []],
    ['it has a reason', { id: 'T-1', status: 'blocked', required: ['T-0'], blockedReason: 'no budget' }, []],
    ['its status is another word', { id: 'T-1', status: 'draft', required: ['T-0'] }, []],
    ['it is ready', { id: 'T-1', required: ['T-0'] }, []],
    ['its batch is far enough', { id: 'T-1', status: 'pending', holdUntil: 'all of base' }, ['auth/T-1']],
    ['its batch has no tasks', { id: 'T-1', status: 'pending', holdUntil: '1% of core' }, []],
  ])('asks whether %s', (_, spec, expected) => {
    expect(opened([base, spec])).toEqual(expected);
    expect(decide(snapshotOf([base, spec]), [unblock()], NOW).commits).toHaveLength(expected.length);
  });
});

describe('unblock --task', () => {
  const task = { id: 'T-1' };

  it('says what the task still waits for, freed or not', () => {
    for (const status of ['blocked', 'ready']) {
      const specs: TaskSpec[] = [base, { id: 'T-1', status, required: ['T-0', 'T-9'] }];
      const [decision] = decide(snapshotOf(specs), [unblock({ task })], NOW).decisions;
      expect(decision).toMatchObject({ outcome: { waits: { key: { project: 'auth', id: 'T-1' }, for: ['T-9'] } } });
    }
    const free: TaskSpec[] = [base, { id: 'T-1', status: 'blocked', required: ['T-0'] }];
    const [decision] = decide(snapshotOf(free), [unblock({ task })], NOW).decisions;
    expect(decision?.kind !== 'refused' && decision?.outcome).not.toHaveProperty('waits');
  });

  it('frees a poisonous task and forgets its stalls', () => {
    const specs: TaskSpec[] = [{ id: 'T-1', status: 'blocked', blockedReason: 'stalled 3 times', stalls: 3 }];
    const [commit] = decide(snapshotOf(specs), [unblock({ task })], NOW).commits;
    expect(commit?.tasks[0]?.edits).toEqual([
      { kind: 'set-status', status: 'ready' },
      { kind: 'set-blocked-reason', reason: undefined },
    ]);
    expect(commit?.files).toEqual([{ path: '.agents/auth/tasks/.agentq-stalls', content: undefined }]);
  });

  it.each<[string, readonly TaskSpec[], readonly string[] | string]>([
    ['blocked by a person', [{ id: 'T-1', status: 'blocked' }], ['auth/T-1']],
    ['without a status', [{ id: 'T-1', status: '' }], ['auth/T-1']],
    ['held', [{ id: 'T-1', status: 'pending', holdUntil: '80% of core' }], ['auth/T-1']],
    ['waiting still', [{ id: 'T-1', status: 'blocked', required: ['T-9'] }], ['auth/T-1']],
    ['ready, with stalls to forget', [{ id: 'T-1', stalls: 1 }], ['auth/T-1']],
    ['ready', [{ id: 'T-1' }], []],
    ['claimed', [{ id: 'T-1', state: 'claimed' }], []],
    ['completed', [{ id: 'T-1', state: 'completed' }], []],
    ['unknown', [], 'unknown-task'],
    ['unreadable', [{ id: 'T-1', unreadable: 'bad' }], 'task-unreadable'],
    ['of two projects', [{ id: 'T-1' }, { project: 'pay', id: 'T-1' }], 'ambiguous-task'],
  ])('of a task that is %s', (_, specs, expected) => {
    expect(opened(specs, unblock({ task }))).toEqual(expected);
  });
});
