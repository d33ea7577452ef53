import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import type { TaskFailures } from '../../../src/domain/queue/snapshot.ts';
import { readFailures, readLedger, writeLedger } from '../../../src/domain/rules/ledger.ts';
import { complete, NOW, only, release } from '../../kit/queues/intents.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const AT = '2026-03-01T12:00:00Z';
const EARLIER: TaskFailures = {
  count: 2,
  last: [
    { at: '2026-03-01T10:00:00Z', agent: 'a1', reason: 'ended with 7' },
    { at: '2026-03-01T11:00:00Z', agent: 'a2', reason: 'could not: "x", y' },
  ],
};
const claimed = (extra: Partial<TaskSpec> = {}): TaskSpec => ({
  id: 'T-1',
  state: 'claimed',
  claim: { claimedBy: 'a3', lastHeartbeat: AT, claimId: 'c1' },
  ...extra,
});
const failed = (reason = 'was killed by SIGKILL'): Intent => release('a3', 'T-1', { because: 'failed', reason });
const unblock: Intent = { kind: 'unblock', request: 'r-free', agent: 'orchestrator', task: { id: 'T-1' } };

const LEDGER = '.agents/auth/tasks/.agentq-stalls';

describe('the release of a task that a worker failed at', () => {
  it('is counted, with its reason, beside the stalls', () => {
    const plan = decide(snapshotOf([claimed({ stalls: 1 }), { id: 'T-2', failures: EARLIER }]), [failed()], NOW);
    expect(plan.commits).toMatchObject([
      {
        tasks: [{ edits: [{ kind: 'remove-claim' }], failures: { count: 1 } }],
        files: [
          {
            path: LEDGER,
            content: `T-1 1\nT-1 failed 1 ${AT} a3 was killed by SIGKILL\n${writeLedger(new Map(), new Map([['T-2', EARLIER]]))}`,
          },
        ],
      },
    ]);
    expect(plan.commits[0]?.trailers).toEqual(
      expect.arrayContaining([
        { key: 'Agentq-Reason', value: 'was killed by SIGKILL' },
        { key: 'Agentq-Failures', value: '1' },
      ]),
    );
    expect(only(plan)).toMatchObject({ outcome: { kind: 'released', failures: 1 } });
    expect(only(plan)).not.toHaveProperty('outcome.isBlocked');
  });

  it('blocks the task after the last of its chances, with every reason', () => {
    const plan = decide(snapshotOf([claimed({ failures: EARLIER })]), [failed()], NOW);
    expect(plan.commits[0]?.tasks[0]?.edits).toEqual([
      { kind: 'remove-claim' },
      { kind: 'set-status', status: 'blocked' },
      {
        kind: 'set-blocked-reason',
        reason:
          'failed 3 times - a1 ended with 7 - a2 could not x y - a3 was killed by SIGKILL - free it with agentq unblock --task auth/T-1',
      },
    ]);
    expect(only(plan)).toMatchObject({ outcome: { isBlocked: true, failures: 3 } });
  });

  it.each([
    [1, true],
    [2, true],
    [4, false],
  ])('blocks it as the pool has agreed on: after %i', (maxFailures, isBlocked) => {
    const snapshot = snapshotOf([claimed({ failures: { ...EARLIER, count: maxFailures === 1 ? 0 : 2 } })]);
    const pool = { ...snapshot, settings: { ...snapshot.settings, maxFailures } };
    const edits = decide(pool, [failed()], NOW).commits[0]?.tasks[0]?.edits ?? [];
    expect(edits.some(({ kind }) => kind === 'set-blocked-reason')).toBe(isBlocked);
  });

  it('leaves the words of a worker that blocks it itself, and counts that too', () => {
    const intent = { ...release('a3', 'T-1', { because: 'failed', reason: 'ended with 1' }), blockedReason: 'retried' };
    const [commit] = decide(snapshotOf([claimed({ failures: EARLIER })]), [intent], NOW).commits;
    expect(commit?.tasks[0]?.edits.at(-1)).toEqual({ kind: 'set-blocked-reason', reason: 'retried' });
    expect(readFailures(commit?.files[0]?.content ?? '').get('T-1')?.count).toBe(3);
  });
});

describe('failures', () => {
  it('are not counted where a person or an interrupted worker gives the task back', () => {
    const intent = release('a3', 'T-1', { reason: 'needs a database' });
    const [commit] = decide(snapshotOf([claimed({ failures: EARLIER })]), [intent], NOW).commits;
    expect(commit).toMatchObject({ files: [], tasks: [{ edits: [{ kind: 'remove-claim' }] }] });
    expect(commit?.trailers).toContainEqual({ key: 'Agentq-Reason', value: 'needs a database' });
  });

  it.each([
    ['complete', complete('a3', 'T-1'), claimed({ failures: EARLIER })],
    ['unblock --task', unblock, { id: 'T-1', failures: EARLIER } satisfies TaskSpec],
  ])('are forgotten with %s', (_, intent, spec) => {
    const [commit] = decide(snapshotOf([spec]), [intent], NOW).commits;
    expect(commit?.files).toEqual([{ path: LEDGER, content: undefined }]);
  });

  it('of one group of intents are seen by the next', () => {
    const specs = [claimed({ failures: EARLIER })];
    const plan = decide(snapshotOf(specs), [failed(), unblock], NOW);
    expect(plan.commits.map(({ files }) => files[0]?.content?.split('\n').length)).toEqual([4, undefined]);
    expect(plan.commits[1]?.tasks[0]?.edits).toHaveLength(2);
  });
});

describe('the lines of failures in a ledger', () => {
  it('are read as they were written, the last five of them, and are no stalls', () => {
    const last = Array.from({ length: 7 }, (_, n) => ({ at: AT, agent: `a${n}`, reason: `ended with ${n}` }));
    const text = writeLedger(new Map([['T-1', 2]]), new Map([['T-1', { count: 9, last }]])) ?? '';
    expect(text.split('\n')).toHaveLength(9);
    expect(readLedger(text)).toEqual(new Map([['T-1', 2]]));
    expect(readFailures(text)).toEqual(new Map([['T-1', { count: 9, last: last.slice(-5) }]]));
  });

  it.each([
    ['T-1 failed 1 t a1 x\r\nT-1 failed 1 t a2 y\n', [2, ['x', 'y']]],
    ['T-1 failed 4 t a1 \u001b[31mred\u0007\n', [4, [' [31mred ']]],
    ['T-1 failed 3 t a1 x\n<<<<<<<\nT-2 failed\nT-1  failed 9 t a1 x\nT-1 failed -1 t a x\n', [3, ['x']]],
  ])('are read from a damaged one as far as they go: %j', (text, [count, reasons]) => {
    const failures = readFailures(text as string).get('T-1');
    expect([failures?.count, failures?.last.map(({ reason }) => reason)]).toEqual([count, reasons]);
  });

  it('hold no more of a reason than they need, and never a second line', () => {
    const reason = `a\nT-9 5\n${'x'.repeat(500)}`;
    const [commit] = decide(snapshotOf([claimed()]), [failed(reason)], NOW).commits;
    const text = commit?.files[0]?.content ?? '';
    expect(text.split('\n')).toHaveLength(2);
    expect(text.length).toBeLessThan(250);
    expect(readLedger(text).size).toBe(0);
  });
});
