import { expect, it } from 'vitest';
import { type CommitChanges, eventOf, movesOf } from '../../../src/domain/past/task-changes.ts';
import { eventsSaid } from '../../../src/domain/past/task-event.ts';
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
  taken: { status: 'ready', claim: { claimedBy: 'a2' } },
};

function told(...files: Pairs): unknown {
  return toldOf('by hand', files);
}

function toldOf(subject: string, files: Pairs): unknown {
  const change: CommitChanges = {
    oid: 'c'.repeat(40),
    timeMs: 0,
    authorName: 'Somebody',
    subject,
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

it('a claim that is handed over tells whose it was', () => {
  const files: Pairs = [['claimed', 'held', 'taken']];
  expect(toldOf('[AGENT-TAKE] a2 took auth/T-1 from a1', files)).toMatchObject({
    kind: 'task.taken',
    agent: 'a2',
    from: 'a1',
  });
  expect(toldOf('by hand', files)).toMatchObject({ kind: 'task.claimed', agent: 'a2' });
});

it.each([
  ['[AGENT-TAKE] a2 took auth/T-1 from a1', 'task.taken', 'a2'],
  ['[AGENT-ASK] a1 asked about auth/T-1', 'task.asked', 'a1'],
  ['[AGENT-ANSWER] Ada Lovelace answered auth/T-1', 'task.answered', 'Ada Lovelace'],
])('%j says so', (subject, kind, agent) => {
  const said = eventsSaid({ oid: 'c'.repeat(40), timeMs: 0, authorName: 'Somebody', subject, trailers: [] });
  expect(said).toMatchObject([{ kind, agent, project: 'auth', task: 'T-1' }]);
});
