import { expect, it } from 'vitest';
import { activityOf, type CommitFacts } from '../../../src/domain/past/activity.ts';

function commit(subject: string, trailers: Readonly<Record<string, string>> = {}): CommitFacts {
  return {
    oid: 'f'.repeat(40),
    timeMs: 1_000,
    authorName: 'Author',
    subject,
    trailers: Object.entries(trailers).map(([key, value]) => ({ key, value })),
  };
}

it.each([
  ['[AGENT-CLAIM] a1 claimed T-1 from auth', 'claimed', 'a1', ['auth/T-1'], 1],
  ['[AGENT-CLAIM] agent-x claimed TASK-001', 'claimed', 'agent-x', ['TASK-001'], 1],
  ['[AGENT-HEARTBEAT] a1 working on T-1', 'heartbeat', 'a1', ['T-1'], 1],
  ['[AGENT-HEARTBEAT] a1 still working on T-1', 'heartbeat', 'a1', ['T-1'], 1],
  ['[AGENT-HEARTBEAT] 12 agents working', 'heartbeat', 'Author', [], 12],
  ['[AGENT-COMPLETE] a1 completed auth/T-1', 'completed', 'a1', ['auth/T-1'], 1],
  ['[AGENT-COMPLETE] a1 completed TASK-1 from pay', 'completed', 'a1', ['pay/TASK-1'], 1],
  ['[AGENT-REVIEW] a1 finished auth/T-1', 'review', 'a1', ['auth/T-1'], 1],
  ['[AGENT-RELEASE] a1 released T-1 from auth', 'released', 'a1', ['auth/T-1'], 1],
  ['[ORCHESTRATOR] Released 3 stalled tasks (no heartbeat for 30m)', 'stalled', 'Author', [], 3],
  ['[ORCHESTRATOR] Released stalled task T-1', 'stalled', 'Author', ['T-1'], 1],
  ['[ORCHESTRATOR] Unblocked 2 tasks', 'unblocked', 'Author', [], 2],
  ['[ORCHESTRATOR] Unblocked TASK-004', 'unblocked', 'Author', ['TASK-004'], 1],
  ['[ARCHITECT] Created 12 tasks', 'added', 'Author', [], 12],
])('reads %j', (subject, kind, agent, tasks, count) => {
  expect(activityOf(commit(subject))).toEqual({ kind, agent, tasks, count, at: 1_000, commit: 'f'.repeat(40) });
});

it.each(['Fix the login', 'a1 claimed T-1', '[AGENT-CLAIM]', '[AGENT-CLAIM] nothing', '[ORCHESTRATOR] had lunch', ''])(
  'knows that %j is none of its own',
  (subject) => {
    expect(activityOf(commit(subject))).toBeUndefined();
  },
);

it('believes trailers rather than words', () => {
  const facts = commit('[AGENT-CLAIM] a1 claimed T-1 from auth', { 'Agentq-Task': 'pay/T-1', 'Agentq-Agent': 'a2' });
  expect(activityOf(facts)).toMatchObject({ agent: 'a2', tasks: ['pay/T-1'] });
});
