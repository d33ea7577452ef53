import { describe, expect, it } from 'vitest';
import type { CommitFacts } from '../../../src/domain/past/activity.ts';
import {
  type CommitChanges,
  eventOf,
  type FileChange,
  filesToRead,
  movesOf,
} from '../../../src/domain/past/task-changes.ts';
import { eventsSaid } from '../../../src/domain/past/task-event.ts';
import type { Task } from '../../../src/domain/queue/task.ts';

const OID = 'c'.repeat(40);

function commit(subject: string, trailers: readonly string[] = [], author = 'Somebody'): CommitFacts {
  return {
    oid: OID,
    timeMs: 1_700_000_000_000,
    authorName: author,
    subject,
    trailers: trailers.map((line) => {
      const [key = '', value = ''] = line.split(': ');
      return { key, value };
    }),
  };
}

const brief = (subject: string, ...trailers: readonly string[]): string[] =>
  eventsSaid(commit(subject, trailers)).map(
    ({ kind, project, task, agent, attempts, waitedMs }) =>
      `${kind} ${project}/${task} ${agent}${attempts === undefined ? '' : ` ${attempts} ${waitedMs}`}`,
  );

describe('what a commit says', () => {
  it.each([
    [['[AGENT-CLAIM] a1 claimed T-1 from auth'], ['task.claimed auth/T-1 a1']],
    [['[AGENT-HEARTBEAT] a1 working on T-1'], ['task.renewed undefined/T-1 a1']],
    [['[AGENT-COMPLETE] a1 completed auth/T-1'], ['task.completed auth/T-1 a1']],
    [['[AGENT-REVIEW] a1 finished auth/T-1'], ['task.review auth/T-1 a1']],
    [['[AGENT-RELEASE] a1 released T-1 from auth'], ['task.released auth/T-1 a1']],
    [
      ['[ORCHESTRATOR] Released 2 stalled tasks (no heartbeat for 30m)'],
      ['task.stalled undefined/undefined Somebody', 'task.stalled undefined/undefined Somebody'],
    ],
    [['Fix the login page'], []],
    [
      [
        '[AGENT-CLAIM] a1 claimed T-1 from auth',
        'Agentq-Task: auth/T-1',
        'Agentq-Agent: a1',
        'Agentq-Request: r1',
        'Agentq-Attempts: 3',
        'Agentq-Waited-Ms: 1500',
      ],
      ['task.claimed auth/T-1 a1 3 1500'],
    ],
    [
      [
        '[AGENT-HEARTBEAT] 2 agents working',
        'Agentq-Task: auth/T-1',
        'Agentq-Agent: a1',
        'Agentq-Request: r1',
        'Agentq-Task: pay/T-1',
        'Agentq-Agent: a2',
        'Agentq-Request: r2',
      ],
      ['task.renewed auth/T-1 a1', 'task.renewed pay/T-1 a2'],
    ],
    [
      [
        '[AGENT-COMPLETE] a1 completed auth/T-1',
        'Agentq-Task: auth/T-1',
        'Agentq-Agent: a1',
        'Agentq-Unblocked: auth/T-2',
        'Agentq-Unblocked: auth/T-10',
      ],
      ['task.completed auth/T-1 a1', 'task.unblocked auth/T-2 a1', 'task.unblocked auth/T-10 a1'],
    ],
    [
      [
        '[ORCHESTRATOR] Released 2 stalled tasks (no heartbeat for 30m)',
        'Agentq-Task: a/T-1',
        'Agentq-Task: b/T-1',
        'Agentq-Agent: boss',
      ],
      ['task.stalled a/T-1 boss', 'task.stalled b/T-1 boss'],
    ],
    [
      [
        '[ORCHESTRATOR] Added 1 task to auth, updated 1',
        'Agentq-Task: auth/T-1',
        'Agentq-Task: auth/T-2',
        'Agentq-Agent: boss',
        'Agentq-Request: r',
        'Agentq-Updated: auth/T-2',
      ],
      ['task.added auth/T-1 boss', 'task.updated auth/T-2 boss'],
    ],
    [
      ['[ORCHESTRATOR] Updated 1 task of auth', 'Agentq-Task: auth/T-1', 'Agentq-Agent: boss', 'Agentq-Request: r'],
      ['task.updated auth/T-1 boss'],
    ],
    [
      ['[AGENT-CLAIM] a1 claimed T-1 from auth', 'Agentq-Task: auth/T-1', 'Agentq-Agent: a1', 'Agentq-Attempts: many'],
      ['task.claimed auth/T-1 a1'],
    ],
  ])('%j', ([subject = '', ...trailers], events) => {
    expect(brief(subject, ...trailers)).toEqual(events);
  });
});

const DIR = '.agents/auth';
type Pairs = readonly (readonly [folder: string, before: string | undefined, after: string | undefined])[];

function changes(files: Pairs, subject = 'by hand', trailers: readonly string[] = []): CommitChanges {
  return {
    ...commit(subject, trailers),
    files: files.map(([folder, before, after]): FileChange => ({ path: `${DIR}/${folder}/T-1.toon`, before, after })),
  };
}

/** Blobs are named by what is in them: `status owner beat`. */
function read({ blob }: { readonly blob: string }): Task | undefined {
  const [status, owner, beat] = blob.split(' ');
  if (status === 'bad') return undefined;
  return {
    priority: 0,
    status,
    labels: {},
    required: [],
    blocks: [],
    ...(owner === undefined ? {} : { claim: { claimedBy: owner, lastHeartbeat: beat } }),
  } as unknown as Task;
}

function happened(change: CommitChanges): string[] {
  return movesOf(change).flatMap((move) => {
    const event = eventOf(change, move, read);
    return event === undefined ? [] : [`${event.kind} ${event.agent}`];
  });
}

describe('what a commit did', () => {
  it.each<[string, Pairs, string, string[]]>([
    ['a new file', [['tasks', undefined, 'ready']], 'by hand', ['task.added Somebody']],
    ['a file that came complete', [['completed', undefined, 'ready']], 'Import', ['task.added Somebody']],
    ['a file that is gone', [['tasks', 'ready', undefined]], 'by hand', ['task.removed Somebody']],
    [
      'a claim by hand',
      [
        ['tasks', 'ready', undefined],
        ['claimed', undefined, 'ready a1 t'],
      ],
      'x',
      ['task.claimed a1'],
    ],
    [
      'a claim without a block',
      [
        ['tasks', 'ready', undefined],
        ['claimed', undefined, 'ready'],
      ],
      'x',
      ['task.claimed Somebody'],
    ],
    [
      'an older claim',
      [
        ['tasks', 'ready', undefined],
        ['claimed', undefined, 'ready'],
      ],
      '[AGENT-CLAIM] o1 claimed T-1 from auth',
      ['task.claimed o1'],
    ],
    [
      'a copy that says it is a claim',
      [['claimed', undefined, 'ready']],
      '[AGENT-CLAIM] o1 claimed T-1',
      ['task.claimed o1'],
    ],
    [
      'given back',
      [
        ['claimed', 'ready a1 t', undefined],
        ['tasks', undefined, 'ready'],
      ],
      'by hand',
      ['task.released Somebody'],
    ],
    [
      'taken away',
      [
        ['claimed', 'ready a1 t', undefined],
        ['tasks', undefined, 'ready'],
      ],
      '[ORCHESTRATOR] Released 1 stalled tasks',
      ['task.stalled a1'],
    ],
    [
      'completed',
      [
        ['claimed', 'ready a1 t', undefined],
        ['completed', undefined, 'ready a1 t'],
      ],
      'by hand',
      ['task.completed a1'],
    ],
    [
      'completed without a claim',
      [
        ['tasks', 'ready', undefined],
        ['completed', undefined, 'ready'],
      ],
      'by hand',
      ['task.completed Somebody'],
    ],
    [
      'reopened',
      [
        ['completed', 'ready', undefined],
        ['tasks', undefined, 'ready'],
      ],
      'by hand',
      ['task.released Somebody'],
    ],
    ['a heartbeat by hand', [['claimed', 'ready a1 t', 'ready a1 u']], 'by hand', ['task.renewed a1']],
    ['an edit of a claimed file', [['claimed', 'ready a1 t', 'other a1 t']], 'by hand', []],
    ['a takeover in place', [['claimed', 'ready a1 t', 'ready a2 t']], 'by hand', ['task.claimed a2']],
    [
      'a heartbeat that says so',
      [['claimed', 'bad', 'bad']],
      '[AGENT-HEARTBEAT] a1 working on T-1',
      ['task.renewed a1'],
    ],
    ['opened by hand', [['tasks', 'blocked', 'ready']], 'by hand', ['task.unblocked Somebody']],
    ['blocked by hand', [['tasks', 'ready', 'blocked']], 'by hand', ['task.blocked Somebody']],
    ['blocked by hand before', [['tasks', 'blocked', 'pending']], 'by hand', []],
    ['an edit of a ready file', [['tasks', 'ready', 'ready a']], 'by hand', []],
    ['an unreadable file', [['tasks', 'bad', 'bad']], 'by hand', []],
    [
      'archived',
      [
        ['completed', 'ready', undefined],
        ['completed/2025', undefined, 'ready'],
      ],
      'by hand',
      [],
    ],
  ])('%s', (_name, files, subject, events) => {
    expect(happened(changes(files, subject))).toEqual(events);
  });

  it('is an update where what the author says of the task changes, wherever it is', () => {
    const tasks: Readonly<Record<string, Partial<Task>>> = {
      before: { title: 'A', required: [{ id: 'T-9', text: 'T-9', line: 3 }] },
      moved: { title: 'A', required: [{ id: 'T-9', text: 'T-9', line: 5 }], claim: { claimedBy: 'a1' } },
      after: { title: 'A', required: [] },
      blocked: { title: 'B', required: [], status: 'blocked', blockedReason: 'no key' },
    };
    const readTask = ({ blob }: { readonly blob: string }): Task => ({
      ...(read({ blob: 'ready' }) as Task),
      ...tasks[blob],
    });
    const told = (folder: string, before: string, after: string): unknown[] => {
      const change = changes([[folder, before, after]]);
      return movesOf(change)
        .map((move) => eventOf(change, move, readTask))
        .map((event) => event && [event.kind, event.reason]);
    };
    expect(told('tasks', 'before', 'after')).toEqual([['task.updated', undefined]]);
    expect(told('completed', 'before', 'after')).toEqual([['task.updated', undefined]]);
    expect(told('tasks', 'before', 'moved')).toEqual([undefined]);
    expect(told('tasks', 'before', 'blocked')).toEqual([['task.blocked', 'no key']]);
  });

  it('is told by trailers where a file cannot be read', () => {
    const trailers = ['Agentq-Task: auth/T-0', 'Agentq-Agent: a1', 'Agentq-Unblocked: auth/T-1'];
    expect(happened(changes([['tasks', 'bad', 'bad']], '[AGENT-COMPLETE] a1 completed auth/T-0', trailers))).toEqual([
      'task.unblocked a1',
    ]);
  });

  it('is nothing where it only brings branches together: copies come and go with it', () => {
    const gone: Pairs = [['tasks', 'ready', undefined]];
    expect(happened(changes(gone, 'Merged', ['Agentq-Branches: develop develop-auth']))).toEqual([]);
    expect(happened(changes(gone, 'Merged', []))).toEqual(['task.removed Somebody']);
  });

  it('of several tasks is told moves first, in natural order', () => {
    const file = (path: string, before?: string, after?: string): FileChange => ({
      path: `${DIR}/${path}`,
      before,
      after,
    });
    const change: CommitChanges = {
      ...commit('by hand'),
      files: [
        file('tasks/T-2.toon', 'blocked', 'ready'),
        file('tasks/T-10.toon', undefined, 'ready'),
        file('tasks/T-9.toon', undefined, 'ready'),
        file('README.md', undefined, 'x'),
      ],
    };
    expect(movesOf(change).map(({ key }) => key.id)).toEqual(['T-9', 'T-10', 'T-2']);
  });

  it('reads of a heartbeat only what is there now', () => {
    const change = changes([['claimed', 'x a t', 'y a u']], '[AGENT-HEARTBEAT] a working on T-1');
    expect(
      movesOf(change)
        .flatMap((move) => filesToRead(change, move))
        .map(({ blob }) => blob),
    ).toEqual(['y a u']);
  });
});
