import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import { claim, complete, heartbeat, held, NOW, only, release, review } from '../../kit/queues/intents.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const URL = 'https://example.com/pull/7';
const AT = '2026-03-01T12:00:00Z';

/** A task that a1 holds, in review or not, and one that requires it. */
function queue(inReview: Partial<TaskSpec['claim'] & object> = {}) {
  const { claim: own, ...rest } = held('a1');
  return snapshotOf([
    { id: 'T-1', ...rest, claim: { ...own, ...inReview } },
    { id: 'T-2', status: 'blocked', required: ['T-1'] },
  ]);
}

const IN_REVIEW = { reviewSince: '2026-02-25T12:00:00Z', lastHeartbeat: '2026-02-25T12:00:00Z', prUrl: URL };

describe('a review', () => {
  it('keeps the task where it is, notes when it began and where, and opens nothing', () => {
    const { commits, decisions } = decide(queue(), [review('a1', 'T-1', { prUrl: URL })], NOW);
    expect(commits).toMatchObject([
      {
        subject: '[AGENT-REVIEW] a1 finished auth/T-1',
        body: `Pull request: ${URL}`,
        author: 'a1',
        trailers: [
          { key: 'Agentq-Task', value: 'auth/T-1' },
          { key: 'Agentq-Agent', value: 'a1' },
          { key: 'Agentq-Request' },
        ],
        tasks: [
          {
            from: 'claimed',
            to: 'claimed',
            edits: [
              { kind: 'set-heartbeat', at: AT },
              { kind: 'set-in-claim', field: 'review_since', value: AT },
              { kind: 'set-in-claim', field: 'pr_url', value: URL },
            ],
          },
        ],
      },
    ]);
    expect(decisions).toMatchObject([
      { kind: 'change', outcome: { kind: 'reviewed', claimId: 'c1', prUrl: URL, since: AT } },
    ]);
  });

  it('again changes nothing; another pull request begins anew', () => {
    const again = only(decide(queue(IN_REVIEW), [review('a1', 'T-1', { prUrl: URL })], NOW));
    expect(again).toMatchObject({ kind: 'unchanged', outcome: { since: IN_REVIEW.reviewSince, prUrl: URL } });
    const unnamed = only(decide(queue(IN_REVIEW), [review('a1', 'T-1')], NOW));
    expect(unnamed).toMatchObject({ kind: 'unchanged', outcome: { prUrl: URL } });
    const other = only(decide(queue(IN_REVIEW), [review('a1', 'T-1', { prUrl: `${URL}0` })], NOW));
    expect(other).toMatchObject({ kind: 'change', outcome: { since: AT, prUrl: `${URL}0` } });
  });

  it.each([
    ['somebody else', review('a2', 'T-1', { prUrl: URL }), 'not-owner'],
    ['an earlier claim', review('a1', 'T-1', { prUrl: URL, claimId: 'c0' }), 'claim-lost'],
    ['a task that nobody has claimed', review('a1', 'T-2', { prUrl: URL }), 'claim-lost'],
    ['no task', review('a1', 'T-9', { prUrl: URL }), 'unknown-task'],
  ])('is refused for %s', (_, intent, code) => {
    expect(only(decide(queue(), [intent], NOW))).toMatchObject({ kind: 'refused', refusal: { code } });
  });
});

describe('a task in review', () => {
  it('is offered to nobody, and what requires it waits', () => {
    const { decisions } = decide(queue(IN_REVIEW), [claim('a2')], NOW);
    expect(decisions).toMatchObject([{ kind: 'refused', refusal: { code: 'nothing-claimable' } }]);
  });

  it('is completed by its owner, with the pull request of the review, and opens what waited', () => {
    const done = only(decide(queue(IN_REVIEW), [complete('a1', 'T-1', { claimId: 'c1' })], NOW));
    expect(done).toMatchObject({
      kind: 'change',
      outcome: { kind: 'completed', prUrl: URL, unblocked: [{ key: { id: 'T-2' } }] },
    });
  });

  it('can be renewed and given back', () => {
    expect(only(decide(queue(IN_REVIEW), [heartbeat('a1', 'T-1')], NOW)).kind).toBe('change');
    const { commits } = decide(queue(IN_REVIEW), [release('a1', 'T-1'), claim('a2')], NOW);
    expect(commits.map(({ tasks }) => tasks.map(({ to }) => to))).toEqual([['ready'], ['claimed']]);
    expect(commits[0]?.tasks[0]?.edits).toEqual([{ kind: 'remove-claim' }]);
  });

  it('is not taken from its owner until the time for reviews is over', () => {
    const stalled = (reviewed: object, olderThanMs?: number) =>
      decide(
        queue(reviewed),
        [{ kind: 'release-stalled', request: 'r', agent: 'orchestrator', ...(olderThanMs ? { olderThanMs } : {}) }],
        NOW,
      ).commits.length;
    expect(stalled(IN_REVIEW)).toBe(0);
    expect(stalled(IN_REVIEW, 60_000)).toBe(0);
    const old = { ...IN_REVIEW, reviewSince: '2026-02-22T11:00:00Z', lastHeartbeat: '2026-02-22T11:00:00Z' };
    expect(stalled(old)).toBe(1);
    expect(stalled({ lastHeartbeat: IN_REVIEW.lastHeartbeat })).toBe(1);
  });
});
