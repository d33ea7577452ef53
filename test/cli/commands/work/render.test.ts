import { describe, expect, it } from 'vitest';
import { describeEnding, exitCode } from '../../../../src/cli/commands/work/render.ts';
import type { WorkedTask, WorkResult } from '../../../../src/cli/commands/work/result.ts';
import type { NothingClaimable } from '../../../../src/domain/base/claimable.ts';

const worked = (task: string, outcome: WorkedTask['outcome'], reason: string | null): WorkedTask => ({
  agent: 'a1',
  project: 'shop',
  task,
  title: null,
  claimId: 'c1',
  outcome,
  reason,
  exitCode: 0,
  attempts: 1,
  failures: null,
  elapsedMs: 1,
  commit: null,
  prUrl: null,
  summary: null,
  costUsd: null,
  tokens: null,
  unblocked: [],
  worktree: null,
  branch: null,
  log: null,
});

const result = (counts: Partial<WorkResult>): WorkResult => ({
  remote: 'origin',
  branch: 'develop',
  agents: ['a1'],
  completed: 0,
  inReview: 0,
  asked: 0,
  failed: 0,
  lost: 0,
  givenBack: 0,
  deferred: 0,
  once: false,
  tasks: [],
  elapsedMs: 1,
  ...counts,
});

const NONE: NothingClaimable = {
  waiting: 0,
  otherStatus: {},
  claimed: 0,
  completed: 9,
  unreadable: 0,
  inTwoStates: 0,
  filteredOut: 0,
};

describe('how a pool ended', () => {
  it('says that nothing is left', () => {
    expect(describeEnding(result({ completed: 9 }), 0, NONE)).toBe(
      'ended with exit code 0: 9 completed, 0 failed; nothing is left',
    );
  });

  it('names what was not done, by its last try, and what the rest waits for', () => {
    const tasks = [
      worked('T-1', 'failed', 'ended with 7'),
      worked('T-2', 'failed', 'ended with 1'),
      worked('T-2', 'completed', null),
      worked('T-1', 'blocked', 'was killed by SIGKILL'),
      ...Array.from({ length: 6 }, (_, index) => worked(`L-${index}`, 'lost', 'gone')),
    ];
    const why = {
      ...NONE,
      waiting: 3,
      mostWaitedFor: { dependency: 'shop/T-1', waiting: 3 },
      otherStatus: { blocked: 1 },
      filteredOut: 3,
      leftAlone: 2,
      claimed: 4,
    };
    expect(describeEnding(result({ completed: 1, failed: 3, lost: 6, tasks }), 6, why)).toBe(
      'ended with exit code 6: 1 completed, 3 failed, 6 lost; shop/T-1 was killed by SIGKILL, shop/L-0 gone, shop/L-1 gone, shop/L-2 gone, shop/L-3 gone, and 2 more; left: 2 ready but failed or put off here, 3 wait for dependencies, 1 blocked, 1 does not match the filter, 4 claimed; most waited for: shop/T-1 (by 3)',
    );
  });

  it('says nothing of what is left where nobody has looked', () => {
    expect(describeEnding(result({ completed: 1, givenBack: 1 }), 0, undefined)).toBe(
      'ended with exit code 0: 1 completed, 0 failed, 1 given back',
    );
  });

  it.each([
    [{ completed: 2 }, 0],
    [{ completed: 2, failed: 1 }, 6],
    [{ completed: 2, deferred: 1 }, 6],
    [{ completed: 2, lost: 1 }, 0],
    [{ lost: 1 }, 3],
  ])('%j is exit code %i', (counts, code) => {
    expect(exitCode(result(counts))).toBe(code);
  });
});
