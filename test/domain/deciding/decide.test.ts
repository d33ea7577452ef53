import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { claim, claimed, complete, heartbeat, held, NOW, only, release } from '../../kit/queues/intents.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

describe('ownership (fencing)', () => {
  const intents: [string, (agent: string, id: string, extra?: { claimId: string }) => Intent][] = [
    ['heartbeat', heartbeat],
    ['release', release],
    ['complete', complete],
  ];
  for (const [name, intent] of intents) {
    it.each<[string, TaskSpec, { claimId: string } | undefined, string]>([
      ['of the owner', { id: 'T-1', ...held('a1') }, undefined, 'change'],
      ['of the owner with its claim', { id: 'T-1', ...held('a1') }, { claimId: 'c1' }, 'change'],
      ['of another agent', { id: 'T-1', ...held('b') }, undefined, 'not-owner'],
      ['by an older claim', { id: 'T-1', ...held('a1', 'c2') }, { claimId: 'c1' }, 'claim-lost'],
      ['by a claim that an old script replaced', { id: 'T-1', ...held('a1', '') }, { claimId: 'c1' }, 'claim-lost'],
      ['of a released task', { id: 'T-1' }, undefined, 'claim-lost'],
      ['of a completed task', { id: 'T-1', state: 'completed' }, undefined, 'claim-lost'],
      ['of an unreadable task', { id: 'T-1', state: 'claimed', unreadable: 'bad' }, undefined, 'task-unreadable'],
      ['of no task', { id: 'T-2' }, undefined, 'unknown-task'],
    ])(`${name} %s`, (_, spec, extra, expected) => {
      const decision = only(decide(snapshotOf([spec]), [intent('a1', 'T-1', extra)], NOW));
      expect(decision.kind === 'refused' ? decision.refusal.code : decision.kind).toBe(expected);
    });
  }
});

describe('heartbeats', () => {
  it('of one agent is a commit of its own', () => {
    const plan = decide(snapshotOf([{ id: 'T-1', ...held('a1') }]), [heartbeat('a1', 'T-1')], NOW);
    expect(plan.commits.map((commit) => commit.subject)).toEqual(['[AGENT-HEARTBEAT] a1 working on T-1']);
    expect(plan.commits[0]?.tasks[0]?.edits).toEqual([{ kind: 'set-heartbeat', at: '2026-03-01T12:00:00Z' }]);
  });

  it('of many agents are one commit, with trailers for each', () => {
    const snapshot = snapshotOf([{ id: 'T-1', ...held('a1') }, { id: 'T-2', ...held('a2') }, { id: 'T-3' }]);
    const plan = decide(snapshot, [heartbeat('a1', 'T-1'), claim('a3'), heartbeat('a2', 'T-2')], NOW);
    expect(plan.commits.map((commit) => commit.subject)).toEqual([
      '[AGENT-HEARTBEAT] 2 agents working',
      '[AGENT-CLAIM] a3 claimed T-3 from auth',
    ]);
    expect(plan.commits[0]?.trailers.filter(({ key }) => key === 'Agentq-Agent').map(({ value }) => value)).toEqual([
      'a1',
      'a2',
    ]);
    expect(plan.decisions.map((decision) => decision.kind === 'change' && decision.commit)).toEqual([0, 1, 0]);
  });

  it('within the same second changes nothing and succeeds', () => {
    const snapshot = snapshotOf([{ id: 'T-1', ...held('a1', 'c1', '2026-03-01T12:00:00Z') }]);
    const plan = decide(snapshot, [heartbeat('a1', 'T-1')], NOW);
    expect(plan.commits).toEqual([]);
    expect(only(plan)).toMatchObject({ kind: 'unchanged', outcome: { kind: 'renewed', claimId: 'c1' } });
  });
});

it('a released task can be claimed by another intent of the same batch', () => {
  // Whatever their order: claims are decided last.
  const plan = decide(snapshotOf([{ id: 'T-1', ...held('a1') }]), [claim('a2'), release('a1', 'T-1')], NOW);
  expect(plan.decisions.map(claimed)).toEqual(['auth/T-1', 'auth/T-1']);
  expect(plan.commits.map((commit) => commit.tasks[0]?.to)).toEqual(['ready', 'claimed']);
});
