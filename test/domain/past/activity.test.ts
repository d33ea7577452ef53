import { expect, it } from 'vitest';
import { activityOf, type CommitFacts, reasonSaid } from '../../../src/domain/past/activity.ts';

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

it.each([
  ['released', 'Reason: the vault is sealed\n\nAgentq-Task: auth/T-1\n', 'agentq', 'the vault is sealed'],
  ['released', '\nno token, see #12\nmore\n\nSigned-off-by: x\n', 'script', 'no token, see #12'],
  ['released', 'Signed-off-by: x\n', 'script', undefined],
  ['released', 'What was done\n\nAgentq-Task: auth/T-1\n', 'agentq', undefined],
  ['claimed', 'Reason: none\n', 'script', undefined],
])('finds why a task was %s in the body %j of a commit by %s', (verb, body, by, reason) => {
  const subject = verb === 'claimed' ? '[AGENT-CLAIM] a1 claimed T-1 from a' : '[AGENT-RELEASE] a1 released T-1 from a';
  const facts = commit(subject, by === 'agentq' ? { 'Agentq-Task': 'auth/T-1' } : {});
  expect(reasonSaid({ ...facts, body })).toBe(reason);
});

it('believes trailers rather than words', () => {
  const facts = commit('[AGENT-CLAIM] a1 claimed T-1 from auth', { 'Agentq-Task': 'pay/T-1', 'Agentq-Agent': 'a2' });
  expect(activityOf(facts)).toMatchObject({ agent: 'a2', tasks: ['pay/T-1'] });
});
