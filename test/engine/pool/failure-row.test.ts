import { expect, it } from 'vitest';
import { FailureRow } from '../../../src/engine/pool/failure-row.ts';
import type { TaskResult } from '../../../src/engine/work/job.ts';

const SECOND = 1_000;
const OUTCOMES = { f: 'failed', b: 'blocked', c: 'completed', r: 'review', d: 'deferred', i: 'interrupted' } as const;

/** The results of tasks, a letter for each. @returns after how many the pool must end; undefined: it goes on */
function endsAfter(letters: string, { agents = 1, everyMs = SECOND, tookMs = SECOND, tasks = 1_000 } = {}) {
  const row = new FailureRow(0, agents);
  for (const [index, letter] of [...letters].entries()) {
    const result: TaskResult = {
      job: {
        agent: 'a1',
        task: { project: 'p', id: `T-${index % tasks}` },
        title: '',
        claimId: '',
        path: '',
        commit: '',
      },
      outcome: OUTCOMES[letter as keyof typeof OUTCOMES],
      reason: 'ended with 1',
      exitCode: 1,
      attempts: 1,
      elapsedMs: tookMs,
      commit: '',
      unblocked: [],
      left: {},
    };
    if (row.note(result, (index + 1) * everyMs) !== undefined) return index + 1;
  }
  return undefined;
}

it.each([
  ['fffff', {}, 5],
  ['fbfbf', {}, 5],
  ['ffffcffff', {}, undefined],
  ['ffffrffff', {}, undefined],
  ['cfffff', {}, 6],
  // Said by commands and people: neither a failure nor a success.
  ['ffdiff', {}, undefined],
  ['ffdifff', {}, 7],
  // Of ten agents, the five that fail may simply be the first to end.
  ['cfffff', { agents: 10 }, undefined],
  ['cffffffffff', { agents: 10 }, 11],
  ['fffff', { agents: 100 }, 5],
  // Two hopeless tasks are not everything.
  ['ffffffff', { tasks: 2 }, undefined],
  // Later than two minutes after the start.
  ['f'.repeat(30), { everyMs: 60 * SECOND }, 20],
  ['f'.repeat(30), { everyMs: 60 * SECOND, tookMs: 61 * SECOND }, undefined],
  ['f'.repeat(50), { everyMs: 60 * SECOND, agents: 20 }, 40],
] as const)('%s with %j ends after %s', (letters, how, expected) => {
  expect(endsAfter(letters, how)).toBe(expected);
});
