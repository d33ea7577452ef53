import { describe, expect, it } from 'vitest';
import type { FileChange } from '../../../src/domain/past/task-changes.ts';
import { lookBack } from '../../../src/engine/waiting/looking-back.ts';
import type { PastChanges } from '../../../src/store/event-store.ts';

const HOME = '.agents/auth';
const T1 = { key: { project: 'auth', id: 'T-1' }, paths: [`${HOME}/tasks/T-1.toon`, `${HOME}/claimed/T-1.toon`] };

const added = (id: string): FileChange => ({ path: `${HOME}/tasks/${id}.toon`, before: undefined, after: 'b' });
const claimed = (id: string): FileChange[] => [
  { path: `${HOME}/tasks/${id}.toon`, before: 'b', after: undefined },
  { path: `${HOME}/claimed/${id}.toon`, before: undefined, after: 'c' },
];
const renewed = (id: string): FileChange => ({ path: `${HOME}/claimed/${id}.toon`, before: 'c', after: 'd' });

/** A history, newest first, that counts how far it is read. */
function history(commits: readonly { subject: string; files: readonly FileChange[]; isCut?: boolean }[]) {
  const seen = { commits: 0, files: 0 };
  const store = {
    async *back(): AsyncGenerator<PastChanges> {
      for (const [index, { subject, files, isCut = false }] of commits.entries()) {
        seen.commits++;
        yield { oid: `${index}`.repeat(40), timeMs: 0, authorName: 'a1', subject, trailers: [], files, isCut };
      }
    },
    async read(files: readonly unknown[]) {
      seen.files += files.length;
      return () => undefined;
    },
    resolve: async (revision: string) => revision,
  };
  return { store, seen };
}

async function told(
  { store }: ReturnType<typeof history>,
  options: { limit?: number; project?: string; task?: typeof T1; notices?: string[] },
): Promise<string[]> {
  const { limit, project, task, notices = [] } = options;
  const events: string[] = [];
  const wanted = { ...(task ? { task } : {}), ...(project ? { project } : {}) };
  const past = { tip: 'x', limit, ...wanted, onNotice: (message: string) => notices.push(message) };
  for await (const { event } of lookBack(store, past)) events.push(`${event.kind} ${event.task}`);
  return events;
}

describe('the past', () => {
  const beats = Array.from({ length: 500 }, () => ({
    subject: '[AGENT-HEARTBEAT] a1 working on T-1',
    files: [renewed('T-1')],
  }));
  const commits = [
    { subject: 'claim 2', files: claimed('T-2') },
    ...beats,
    { subject: 'claim 1', files: claimed('T-1') },
    { subject: 'add', files: [added('T-2'), added('T-1')] },
    ...Array.from({ length: 500 }, () => ({ subject: 'add', files: [added('T-0')] })),
  ];

  it('is told newest first, and read only as far as is asked', async () => {
    const past = history(commits);
    expect(await told(past, { limit: 3 })).toEqual(['task.claimed T-2', 'task.claimed T-1', 'task.added T-2']);
    // The three events, and the renewals between them, whose files are not read.
    expect(past.seen).toEqual({ commits: 503, files: 6 });
  });

  it('of a task ends when it was added', async () => {
    const past = history(commits);
    expect(await told(past, { task: T1 })).toEqual(['task.claimed T-1', 'task.added T-1']);
    expect(past.seen.commits).toBeLessThan(503 + 64);
  });

  it('of a project reads no file of another', async () => {
    const other = { path: '.agents/pay/tasks/T-1.toon', before: undefined, after: 'b' };
    const past = history([
      { subject: 'add', files: [other] },
      ...commits.slice(-3, -1),
      { subject: 'add', files: [added('T-3'), other] },
    ]);
    expect(await told(past, { project: 'pay' })).toEqual(['task.added T-1', 'task.added T-1']);
    expect(past.seen.files).toBe(3);
  });

  it('does not hide what a commit does behind the words of a renewal', async () => {
    const past = history([{ subject: '[AGENT-HEARTBEAT] a1 working on T-1', files: claimed('T-1') }]);
    expect(await told(past, {})).toEqual(['task.claimed T-1']);
  });

  it('says where it is not known, and does not take all of it for new', async () => {
    const notices: string[] = [];
    const past = history([
      { subject: 'claim 2', files: claimed('T-2') },
      { subject: 'x', files: [added('T-9')], isCut: true },
    ]);
    expect(await told(past, { notices })).toEqual(['task.claimed T-2']);
    expect(notices).toHaveLength(1);
  });
});
