import { describe, expect, it } from 'vitest';
import { type Decided, decide } from '../../../src/domain/deciding/decide.ts';
import { validate } from '../../../src/domain/defects/validate.ts';
import type { ClaimIntent } from '../../../src/domain/intents/intent.ts';
import { QueueState } from '../../../src/domain/queue/queue-state.ts';
import type { QueueSnapshot } from '../../../src/domain/queue/snapshot.ts';
import { viewOf } from '../../../src/domain/rules/task-view.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

/** Tasks that require tasks of projects on other branches. */

const NOW = Date.parse('2026-03-01T12:00:00Z');
const TIP = 'b'.repeat(40);

/** The branch on which web lives; billing lives on develop-pay, and is there as the specs say. */
function branchOfWeb(specs: readonly TaskSpec[], billing: readonly TaskSpec[] = []): QueueSnapshot {
  const there = snapshotOf(billing.map((spec) => ({ project: 'billing', ...spec }))).projects.get('billing');
  return {
    ...snapshotOf(specs.map((spec) => ({ project: 'web', ...spec }))),
    otherBranch: (project) => (project === 'web' ? undefined : `develop-${project === 'billing' ? 'pay' : 'x'}`),
    ...(there && { elsewhere: new Map([['billing', { branch: 'develop-pay', tip: TIP, project: there }]]) }),
  };
}

function claim(more: Partial<ClaimIntent> = {}): ClaimIntent {
  return { kind: 'claim', request: 'r1', agent: 'a1', filter: { project: 'web' }, attempt: 1, waitedMs: 0, ...more };
}

function subjects({ commits }: Decided): string[] {
  return commits.map(({ subject }) => subject);
}

function message({ decisions: [decision] }: Decided): string | undefined {
  return decision?.kind === 'refused' ? decision.refusal.message : undefined;
}

const DONE: TaskSpec = { id: 'TASK-7', state: 'completed' };
const WAITING: TaskSpec = { id: 'T-1', status: 'blocked', required: ['billing/TASK-7', 'T-0'] };
const T0: TaskSpec = { id: 'T-0', state: 'completed', status: 'completed' };

describe('a claim of what waited for another branch', () => {
  it('opens it in the commit before, and names the tip that it relied on', () => {
    const plan = decide(branchOfWeb([WAITING, T0], [DONE]), [claim()], NOW);
    expect(subjects(plan)).toEqual(['[ORCHESTRATOR] Unblocked 1 tasks', '[AGENT-CLAIM] a1 claimed T-1 from web']);
    const [opening, taking] = plan.commits;
    expect(opening).toMatchObject({
      author: 'orchestrator',
      trailers: [
        { key: 'Agentq-Task', value: 'web/T-1' },
        { key: 'Agentq-Agent', value: 'orchestrator' },
        { key: 'Agentq-Request', value: 'r1-opened' },
      ],
      tasks: [{ from: 'ready', to: 'ready', edits: [{ kind: 'set-status', status: 'ready' }] }],
    });
    expect(taking?.trailers).toContainEqual({ key: 'Agentq-Relied-On', value: `develop-pay ${TIP}` });
    expect(plan.decisions[0]).toMatchObject({ kind: 'change', commit: 1 });
  });

  it.each<[string, TaskSpec, readonly TaskSpec[]]>([
    ['it is not complete there', WAITING, [{ id: 'TASK-7', state: 'claimed' }]],
    ['it is in two folders there', WAITING, [DONE, { id: 'TASK-7' }]],
    ['nothing is known of that branch', WAITING, []],
    ['another requirement is missing here', { ...WAITING, required: ['billing/TASK-7', 'T-9'] }, [DONE]],
    ['a person blocked it', { ...WAITING, blockedReason: 'not now' }, [DONE]],
    ['its status is somebody else’s word', { ...WAITING, status: 'draft' }, [DONE]],
    ['what it requires is of its own branch, and unblock opens that', { ...WAITING, required: ['T-0'] }, [DONE]],
    ['it waits for a batch', { ...WAITING, holdUntil: 'all of x' }, [DONE]],
  ])('gets nothing where %s', (_, spec, billing) => {
    const plan = decide(branchOfWeb([spec, T0], billing), [claim()], NOW);
    expect(plan.commits).toEqual([]);
    expect(plan.decisions).toMatchObject([{ kind: 'refused', refusal: { code: 'nothing-claimable' } }]);
  });

  it('leaves those as they are that nobody takes, and claims in one group take one each', () => {
    const other: TaskSpec = { ...WAITING, id: 'T-2' };
    const snapshot = branchOfWeb([WAITING, other, T0, { id: 'T-3', priority: 9 }], [DONE]);
    expect(subjects(decide(snapshot, [claim()], NOW))).toEqual(['[AGENT-CLAIM] a1 claimed T-3 from web']);
    const two = [claim({ task: { project: 'web', id: 'T-2' } }), claim({ request: 'r2', agent: 'a2' })];
    expect(subjects(decide(snapshot, two, NOW))).toEqual([
      '[ORCHESTRATOR] Unblocked 1 tasks',
      '[AGENT-CLAIM] a1 claimed T-2 from web',
      '[AGENT-CLAIM] a2 claimed T-3 from web',
    ]);
  });

  it('says where the others wait for something', () => {
    const plan = decide(branchOfWeb([WAITING, { id: 'T-2', required: ['T-1'] }, T0]), [claim()], NOW);
    expect(message(plan)).toBe(
      'nothing to claim in web: 1 waits for dependencies, 1 blocked, 1 completed; most waited for: billing/TASK-7 (by 1)',
    );
    const named = decide(
      branchOfWeb([{ id: 'T-2', required: ['T-1'] }, WAITING, T0]),
      [claim({ task: { id: 'T-2', project: 'web' } })],
      NOW,
    );
    expect(message(named)).toBe('web/T-2 waits for T-1, which waits for billing/TASK-7, on the branch develop-pay');
  });

  it('needs no commit more where the task says that it is ready', () => {
    const plan = decide(branchOfWeb([{ ...WAITING, status: 'ready' }, T0], [DONE]), [claim()], NOW);
    expect(subjects(plan)).toEqual(['[AGENT-CLAIM] a1 claimed T-1 from web']);
    expect(plan.commits[0]?.trailers.at(-1)).toEqual({ key: 'Agentq-Relied-On', value: `develop-pay ${TIP}` });
  });
});

describe('a task that requires one of another branch', () => {
  it('is ready in every answer once that is complete there', () => {
    const shown = (billing: readonly TaskSpec[]) => {
      const state = new QueueState(branchOfWeb([WAITING, T0], billing));
      const found = state.lookup({ project: 'web', id: 'T-1' });
      return found.kind === 'found' ? viewOf(state, found.entry) : undefined;
    };
    expect(shown([DONE])).toMatchObject({ state: 'ready', status: 'blocked', waitingFor: [] });
    expect(shown([])).toMatchObject({ state: 'waiting', waitingFor: ['billing/TASK-7'] });
  });

  it('is no defect on its branch, where nobody can tell', () => {
    expect(validate(branchOfWeb([WAITING, T0]), NOW).map(({ code }) => code)).toEqual([]);
  });

  it('is opened by unblock and by the complete of what else it requires', () => {
    const claimed: TaskSpec = { id: 'T-0', state: 'claimed', claim: { claimedBy: 'a1', claimId: 'c1' } };
    const complete = { kind: 'complete', request: 'r1', agent: 'a1', task: { project: 'web', id: 'T-0' } } as const;
    const plan = decide(branchOfWeb([WAITING, claimed], [DONE]), [complete], NOW);
    expect(plan.decisions).toMatchObject([{ outcome: { unblocked: [{ key: { id: 'T-1' } }] } }]);
    const unblock = { kind: 'unblock', request: 'r1', agent: 'orchestrator', project: 'web' } as const;
    expect(decide(branchOfWeb([WAITING, T0], [DONE]), [unblock], NOW).decisions).toMatchObject([
      { outcome: { tasks: [{ key: { id: 'T-1' } }] } },
    ]);
  });
});
