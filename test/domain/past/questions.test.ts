import { expect, it } from 'vitest';
import { type CommitChanges, eventOf, movesOf } from '../../../src/domain/past/task-changes.ts';
import type { Task } from '../../../src/domain/queue/task.ts';

type Pairs = readonly (readonly [folder: string, before: string | undefined, after: string | undefined])[];

const asked = { at: '2026-03-01T12:00:00Z', agent: 'a1', text: 'which?' };
const answer = { at: '2026-03-01T13:00:00Z', agent: 'Ada', text: 'this' };
const TASKS: Readonly<Record<string, Partial<Task>>> = {
  held: { status: 'ready', claim: { claimedBy: 'a1' } },
  asking: { status: 'asking', questions: [asked] },
  answered: { status: 'ready', questions: [{ ...asked, answer }] },
  waiting: { status: 'blocked', questions: [{ ...asked, answer }] },
  freed: { status: 'ready' },
};

function told(...files: Pairs): unknown {
  const change: CommitChanges = {
    oid: 'c'.repeat(40),
    timeMs: 0,
    authorName: 'Somebody',
    subject: 'by hand',
    trailers: [],
    files: files.map(([folder, before, after]) => ({ path: `.agents/auth/${folder}/T-1.toon`, before, after })),
  };
  const read = ({ blob }: { readonly blob: string }): Task => ({
    priority: 0,
    acceptanceCriteria: [],
    labels: {},
    required: [],
    blocks: [],
    ...TASKS[blob],
  });
  return movesOf(change).map((move) => eventOf(change, move, read))[0];
}

it('a question that gives a task back, and the answer to it, are told with what was said', () => {
  expect(told(['claimed', 'held', undefined], ['tasks', undefined, 'asking'])).toMatchObject({
    kind: 'task.asked',
    question: 'which?',
  });
  const opened = { kind: 'task.answered', question: 'which?', answer: 'this' };
  expect(told(['tasks', 'asking', 'answered'])).toMatchObject(opened);
  expect(told(['tasks', 'asking', 'waiting'])).toMatchObject(opened);
  expect(told(['tasks', 'asking', 'freed'])).toMatchObject({ kind: 'task.unblocked' });
  expect(told(['claimed', 'held', undefined], ['tasks', undefined, 'answered'])).toMatchObject({
    kind: 'task.released',
  });
});
