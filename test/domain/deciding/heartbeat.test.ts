import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import { joinHeartbeats } from '../../../src/domain/deciding/heartbeat.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { QueueState } from '../../../src/domain/queue/queue-state.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const AT = '2026-03-01T12:00:00Z';

const claimed = (n: number): TaskSpec => ({
  id: `T-${n}`,
  state: 'claimed',
  claim: { claimedBy: `a${n}`, lastHeartbeat: '2026-03-01T11:00:00Z', claimId: `c${n}` },
});
const beat = (n: number): Intent => ({ kind: 'heartbeat', request: `r${n}`, agent: `a${n}`, task: { id: `T-${n}` } });

describe('heartbeats of one batch', () => {
  it('are one commit that renews every one of the claims, whatever else is in the batch', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.boolean(), (count, isCrowded) => {
        const numbers = Array.from({ length: count }, (_, index) => index + 1);
        const snapshot = snapshotOf([...numbers.map(claimed), { id: 'T-100' }]);
        const claim: Intent = { kind: 'claim', request: 'r0', agent: 'a0', filter: {}, attempt: 1, waitedMs: 0 };
        const plan = decide(snapshot, [...(isCrowded ? [claim] : []), ...numbers.map(beat)], NOW);
        const [commit, ...others] = plan.commits;
        expect(others).toHaveLength(isCrowded ? 1 : 0);
        const state = new QueueState(snapshot);
        for (const change of commit?.tasks ?? []) state.apply(change);
        for (const n of numbers) {
          const found = state.lookup({ project: 'auth', id: `T-${n}` });
          expect(found).toMatchObject({
            kind: 'found',
            entry: { state: 'claimed', reading: { task: { claim: { claimedBy: `a${n}`, lastHeartbeat: AT } } } },
          });
        }
        const named = (key: string) => commit?.trailers.filter((each) => each.key === key).map(({ value }) => value);
        expect(named('Agentq-Request')).toEqual(numbers.map((n) => `r${n}`));
        expect(named('Agentq-Task')).toEqual(numbers.map((n) => `auth/T-${n}`));
        expect(commit?.author).toBe(count === 1 ? 'a1' : 'agentq');
        expect(commit?.subject).toBe(
          count === 1 ? '[AGENT-HEARTBEAT] a1 working on T-1' : `[AGENT-HEARTBEAT] ${count} agents working`,
        );
      }),
    );
  });

  it('stand first, and each decision names the commit that carries it out', () => {
    const release: Intent = { kind: 'release', request: 'r9', agent: 'a3', task: { id: 'T-3' } };
    const { commits, decisions } = decide(snapshotOf([1, 2, 3].map(claimed)), [release, beat(1), beat(2)], NOW);
    expect(commits.map(({ subject }) => subject)).toEqual([
      '[AGENT-HEARTBEAT] 2 agents working',
      '[AGENT-RELEASE] a3 released T-3 from auth',
    ]);
    expect(decisions).toMatchObject([
      { kind: 'change', commit: 1 },
      { kind: 'change', commit: 0 },
      { kind: 'change', commit: 0 },
    ]);
  });

  it('that are refused or say nothing new are left out, and the others are renewed', () => {
    const stranger: Intent = { kind: 'heartbeat', request: 'r8', agent: 'other', task: { id: 'T-1' } };
    const { commits, decisions } = decide(snapshotOf([1, 2].map(claimed)), [stranger, beat(2), beat(2)], NOW);
    expect(decisions.map(({ kind }) => kind)).toEqual(['refused', 'change', 'unchanged']);
    expect(commits).toMatchObject([{ author: 'a2', tasks: [{ key: { id: 'T-2' } }] }]);
  });

  it('of one agent on its own are not changed by joining', () => {
    const commit = { subject: 's', trailers: [], author: 'a1', tasks: [], files: [] };
    expect(joinHeartbeats([commit])).toBe(commit);
  });
});
