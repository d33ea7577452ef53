import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { ClaimIntent, Intent, TakeIntent } from '../../../src/domain/intents/intent.ts';
import type { TaskEdit } from '../../../src/domain/queue/edit.ts';
import { parseIntent } from '../../../src/engine/wire/intent-schema.ts';
import { editTask } from '../../../src/store/codec/edits/edit-task.ts';
import { readTask } from '../../../src/store/codec/read-task.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';
import { taskFile } from '../../kit/queues/task-files.ts';
import { sized } from '../../kit/sample.ts';

const NOW = Date.parse('2026-03-01T12:00:00.750Z');
const AT = '2026-03-01T12:00:00Z';
const HELD: TaskSpec = { id: 'T-1', state: 'claimed', claim: { claimedBy: 'a1', claimId: 'c1' } };

function take(extra: Partial<TakeIntent> = {}): TakeIntent {
  return { kind: 'take', request: 'aaaaaa', agent: 'a2', task: { id: 'T-1' }, from: 'a1', ...extra };
}

function decided(specs: readonly TaskSpec[], ...intents: readonly Intent[]) {
  return decide(snapshotOf(specs), intents, NOW);
}

describe('a claim that is handed over', () => {
  it('is another claim, of the other agent, in one commit', () => {
    const claim: ClaimIntent = { kind: 'claim', request: 'cccccc', agent: 'a3', filter: {}, attempt: 1, waitedMs: 0 };
    const plan = decided([HELD], take(), claim);
    const record = { claimedBy: 'a2', claimedAt: AT, lastHeartbeat: AT, attempt: 1, claimId: 'aaaaaa' };
    const path = '.agents/auth/claimed/T-1.toon';
    expect(plan.commits).toMatchObject([
      {
        subject: '[AGENT-TAKE] a2 took auth/T-1 from a1',
        author: 'a2',
        tasks: [
          { fromPath: path, toPath: path, edits: [{ kind: 'remove-claim' }, { kind: 'append-claim', claim: record }] },
        ],
      },
    ]);
    expect(plan.decisions).toMatchObject([
      { outcome: { kind: 'claimed', path, claim: record } },
      { refusal: { code: 'nothing-claimable' } },
    ]);
  });

  it.each<Intent>([
    { kind: 'complete', request: 'dddddd', agent: 'a1', task: { id: 'T-1' } },
    { kind: 'release', request: 'dddddd', agent: 'a1', task: { id: 'T-1' }, claimId: 'c1' },
    { kind: 'review', request: 'dddddd', agent: 'a1', task: { id: 'T-1' } },
    { kind: 'ask', request: 'dddddd', agent: 'a1', task: { id: 'T-1' }, text: 'which?' },
    { kind: 'take', request: 'dddddd', agent: 'a4', task: { id: 'T-1' }, from: 'a1' },
  ])('shuts its old owner out at once: $kind', (intent) => {
    expect(decided([HELD], take(), intent).decisions[1]).toMatchObject({ refusal: { code: 'not-owner' } });
  });

  it('shuts out another process of the same agent, too', () => {
    const beat: Intent = { kind: 'heartbeat', request: 'eeeeee', agent: 'a1', task: { id: 'T-1' }, claimId: 'c1' };
    const [commit] = decided([HELD], take({ agent: 'a1' })).commits;
    expect(commit?.subject).toBe('[AGENT-TAKE] a1 took auth/T-1 from a1');
    const after = decided([{ ...HELD, claim: { claimedBy: 'a1', claimId: 'aaaaaa' } }], beat);
    expect(after.decisions).toMatchObject([{ refusal: { code: 'claim-lost' } }]);
  });

  it('goes on with its review, and has the next owner complete it', () => {
    const review = { reviewSince: '2026-02-27T12:00:00Z', prUrl: 'https://example.com/pull/7' };
    const done: Intent = { kind: 'complete', request: 'ffffff', agent: 'a2', task: { id: 'T-1' }, claimId: 'aaaaaa' };
    const plan = decided([{ ...HELD, claim: { ...HELD.claim, ...review } }], take(), done);
    expect(plan.commits[0]?.tasks[0]?.edits.slice(2)).toEqual([
      { kind: 'set-in-claim', field: 'review_since', value: review.reviewSince },
      { kind: 'set-in-claim', field: 'pr_url', value: review.prUrl },
    ]);
    expect(plan.decisions).toMatchObject([
      { outcome: { kind: 'claimed' } },
      { outcome: { kind: 'completed', prUrl: review.prUrl } },
    ]);
  });

  it.each<[TaskSpec, Partial<TakeIntent>, string]>([
    [HELD, { from: 'a3' }, 'not-owner'],
    [{ id: 'T-1' }, {}, 'claim-lost'],
    [{ id: 'T-1', state: 'completed', claim: { claimedBy: 'a1' } }, {}, 'claim-lost'],
    [{ ...HELD, claim: {} }, {}, 'not-owner'],
    [HELD, { task: { id: 'T-9' } }, 'unknown-task'],
    [{ ...HELD, unreadable: 'x' }, {}, 'task-unreadable'],
  ])('is only from who holds it: %j %j', (spec, extra, code) => {
    const plan = decided([spec], take(extra));
    expect(plan).toMatchObject({ commits: [], decisions: [{ kind: 'refused', refusal: { code } }] });
  });

  it.each<[Partial<TakeIntent>, boolean]>([
    [{}, true],
    [{ from: 'a b' }, false],
    [{ agent: '-x' }, false],
  ])('comes from other processes only with names of agents: %j', (extra, isTaken) => {
    expect(parseIntent(take(extra)) !== undefined).toBe(isTaken);
  });

  it('leaves the bytes that the file would have had if the other agent had claimed it', () => {
    const claimOf = (claimedBy: string): TaskEdit => ({
      kind: 'append-claim',
      claim: { claimedBy, claimedAt: AT, lastHeartbeat: AT, attempt: 1, claimId: `of-${claimedBy}` },
    });
    fc.assert(
      fc.property(taskFile, (file) => {
        fc.pre(readTask(file.bytes, file.where).kind === 'read');
        const held = editTask(file.bytes, [claimOf('a1')], file.where);
        const taken = editTask(held, [{ kind: 'remove-claim' }, claimOf('a2')], file.where);
        expect(Buffer.from(taken)).toEqual(Buffer.from(editTask(file.bytes, [claimOf('a2')], file.where)));
      }),
      { numRuns: sized(100, 30) },
    );
  });
});
