import { describe, expect, it } from 'vitest';
import type { SignIn } from '../../../../src/domain/leases/sign-in.ts';
import type { TaskEventKind } from '../../../../src/domain/past/task-event.ts';
import type { Location } from '../../../../src/domain/queue/layouts.ts';
import {
  DEFAULT_POOL_SETTINGS,
  type QueueSnapshot,
  type Reading,
  type TaskEntry,
} from '../../../../src/domain/queue/snapshot.ts';
import type { Task, TaskState } from '../../../../src/domain/queue/task.ts';
import { NO_REGISTRY } from '../../../../src/engine/queue/registry.ts';
import type { SnapshotScope } from '../../../../src/store/reading/snapshot-scope.ts';
import { session } from '../../../kit/scene/cli-session.ts';

describe('list', () => {
  const location: Location = {
    project: 'auth',
    layout: 'agents',
    folders: { ready: 'r/', claimed: 'c/', completed: 'd/' },
  };
  const entry = (id: string, state: TaskState, task: Partial<Task> | 'unreadable'): TaskEntry => {
    const model: Task = { priority: 0, acceptanceCriteria: [], required: [], blocks: [], labels: {} };
    const reading: Reading =
      task === 'unreadable'
        ? { kind: 'unreadable', line: 2, message: 'no TOON' }
        : { kind: 'read', findings: [], task: { ...model, ...task } };
    const path = `${location.folders[state]}${id}.toon`;
    return { key: { project: 'auth', id }, state, path, blob: id, mode: '100644', location, reading };
  };
  const requires = (id: string) => ({ required: [{ id, text: id, line: 1 }] });
  const entries = [
    entry('TASK-1', 'completed', { status: 'ready', completion: { completedBy: 'a9' } }),
    entry('TASK-2', 'ready', { status: 'ready', priority: 5, ...requires('TASK-1') }),
    entry('TASK-3', 'ready', { status: 'ready', ...requires('TASK-4') }),
    entry('TASK-4', 'claimed', { status: 'ready', claim: { claimedBy: 'a1', lastHeartbeat: '2025-01-02T03:00:05Z' } }),
    entry('TASK-5', 'ready', { status: 'blocked', claim: { claimedBy: 'leftover' } }),
    entry('TASK-6', 'ready', 'unreadable'),
    entry('TASK-10', 'ready', { status: 'ready', priority: 5 }),
    entry('TASK-11', 'claimed', { status: 'ready', claim: { claimedBy: 'a2', lastHeartbeat: 'yesterday' } }),
  ];
  const snapshot: QueueSnapshot = {
    tip: 'abc',
    settings: DEFAULT_POOL_SETTINGS,
    findings: [],
    projects: new Map([['auth', { name: 'auth', locations: [location], entries, stalls: new Map() }]]),
  };
  const engine = { reading: { snapshot: async () => snapshot } };
  const listed = async (...options: string[]) => {
    const { stdout } = await session(['list', '--json', ...options], {}, engine);
    const { tasks } = JSON.parse(stdout) as { tasks: { task: string; state: string; problem: string | null }[] };
    return tasks.map(({ task, state, problem }) => `${task} ${problem ?? state}`);
  };

  it('shows what is at work, what comes next, what waits and what is done', async () => {
    expect(await listed('--all')).toEqual([
      'TASK-4 claimed',
      'TASK-11 claimed',
      'TASK-2 ready',
      'TASK-10 ready',
      'TASK-3 waiting',
      'TASK-5 blocked',
      'TASK-6 unreadable',
      'TASK-1 completed',
    ]);
  });

  it('leaves completed tasks unread unless it is asked for them, and says how many there are', async () => {
    const asked: SnapshotScope[] = [];
    const reading = {
      snapshot: async (scope: SnapshotScope) => {
        asked.push(scope);
        return snapshot;
      },
    };
    const { stdout, stderr } = await session(['list', '--json', '--min-priority', '5'], {}, { reading });
    expect(JSON.parse(stdout)).toMatchObject({
      completedLeftOut: 1,
      tasks: [
        { task: 'TASK-2' },
        { task: 'TASK-10' },
        { task: 'TASK-6', state: 'blocked', status: null, problem: 'unreadable' },
      ],
    });
    expect(stderr).toContain('1 completed task is not listed: --completed lists them, and --all lists everything');
    expect([...(asked[0]?.read ?? [])].sort()).toEqual(['claimed', 'ready']);

    for (const options of [['--ready'], ['--all'], ['--completed'], ['auth', '--all', '--ready']]) {
      const told = await session(['list', '--json', ...options], {}, { reading });
      expect(JSON.parse(told.stdout)).toMatchObject({ completedLeftOut: 0 });
      expect(told.stderr).not.toContain('not listed');
      expect(asked.at(-1)?.read.has('completed')).toBe(options.join() !== '--ready');
    }
  });

  it.each([
    ['--ready', ['TASK-2 ready', 'TASK-10 ready']],
    ['--claimed', ['TASK-4 claimed', 'TASK-11 claimed']],
    ['--completed', ['TASK-1 completed']],
    ['--blocked', ['TASK-3 waiting', 'TASK-5 blocked', 'TASK-6 unreadable']],
  ])('narrows with %s', async (option, expected) => {
    expect(await listed(option)).toEqual(expected);
  });

  it.each([
    [['--waiting'], ['TASK-3 waiting']],
    [['--review'], ['TASK-13 review']],
    // TASK-11 says nothing that can be read of its heartbeat.
    [['--stalled'], ['TASK-12 claimed']],
    [['--agent', 'a9', '--all'], ['TASK-1 completed']],
    [
      ['--agent', 'a1'],
      ['TASK-4 claimed', 'TASK-12 claimed'],
    ],
    [
      ['--label', 'size'],
      ['TASK-12 claimed', 'TASK-2 ready', 'TASK-6 unreadable'],
    ],
    [
      ['--label', 'size', '--label', 'size=2'],
      ['TASK-2 ready', 'TASK-6 unreadable'],
    ],
    [
      ['--search', 'task-1', '--all'],
      ['TASK-11 claimed', 'TASK-12 claimed', 'TASK-13 review', 'TASK-10 ready', 'TASK-1 completed'],
    ],
    [['--search', 'ÉCLAIR'], ['TASK-3 waiting']],
    [['--search', 'vanilla choux'], ['TASK-3 waiting']],
    [['--search', 'vanilla tea'], []],
    [['--search', 'which cream'], ['TASK-20 asking']],
    [['--asking'], ['TASK-20 asking']],
    [['--cancelled'], ['TASK-21 cancelled']],
    [
      ['--cancelled', '--asking', '--review'],
      ['TASK-13 review', 'TASK-20 asking', 'TASK-21 cancelled'],
    ],
    [
      ['--since', '1h'],
      ['TASK-4 claimed', 'TASK-2 ready'],
    ],
    [['--since', '1h', '--agent', 'a1'], ['TASK-4 claimed']],
  ])('finds by %s', async (options, expected) => {
    const task = { priority: 0, status: 'ready' };
    const [old, now] = ['2025-01-02T02:00:00Z', '2025-01-02T03:04:00Z'];
    const more = [
      ...entries.map((one) =>
        one.key.id === 'TASK-2' ? entry('TASK-2', 'ready', { ...task, priority: 5, labels: { size: 2 } }) : one,
      ),
      entry('TASK-12', 'claimed', { ...task, labels: { size: 'x' }, claim: { claimedBy: 'a1', lastHeartbeat: old } }),
      entry('TASK-13', 'claimed', { ...task, claim: { claimedBy: 'a2', lastHeartbeat: old, reviewSince: old } }),
      entry('TASK-20', 'ready', {
        ...task,
        status: 'asking',
        questions: [{ at: now, agent: 'a', text: 'Which cream?' }],
      }),
      entry('TASK-21', 'ready', { ...task, status: 'cancelled', cancellation: { reason: 'too sweet' } }),
    ].map((one) =>
      one.key.id === 'TASK-3'
        ? entry('TASK-3', 'ready', {
            ...task,
            ...requires('TASK-4'),
            title: 'e\u0301clair',
            details: 'of Choux',
            notes: [{ at: now, agent: 'a', text: 'Vanilla' }],
          })
        : one,
    );
    const queue = {
      ...snapshot,
      projects: new Map([['auth', { name: 'auth', locations: [location], entries: more, stalls: new Map() }]]),
    };
    const past = async function* () {
      const events: [string, TaskEventKind][] = [
        ['TASK-4', 'task.claimed'],
        ['TASK-10', 'task.renewed'],
        ['TASK-2', 'task.released'],
      ];
      for (const [id, kind] of events) {
        yield { event: { kind, project: 'auth', task: id, agent: 'a', commit: 'c', at: 0 }, task: undefined };
      }
    };
    const { stdout } = await session(
      ['list', '--json', ...options],
      {},
      { reading: { snapshot: async () => queue, past } },
    );
    const { tasks } = JSON.parse(stdout) as { tasks: { task: string; state: string; problem: string | null }[] };
    expect(tasks.map(({ task, state, problem }) => `${task} ${problem ?? state}`)).toEqual(expected);
  });

  it.each([
    ['--label', '=x'],
    ['--label', 'a b'],
    ['--since', '-x'],
    ['--agent', 'a b'],
  ])('refuses %s %s', async (...options) => {
    expect(await session(['list', ...options], {}, engine)).toMatchObject({ code: 64, stdout: '' });
  });

  it('names the machine of who has signed in, and asks for it only in text and where something is claimed', async () => {
    let asked = 0;
    const signIn = { agents: ['a1'], machine: 'build-7' } as unknown as SignIn;
    const registry = async () => ({
      ...NO_REGISTRY,
      read: async () => {
        asked++;
        return [{ signIn, isFresh: true }];
      },
    });
    const lines = (await session(['list'], { registry }, engine)).stdout.split('\n');
    expect(lines[1]).toMatch(/TASK-4 .* build-7 /);
    expect(lines[2]).not.toContain('build-7');
    await session(['list', '--json'], { registry }, engine);
    await session(['list', '--ready'], { registry }, engine);
    expect(asked).toBe(1);
  });

  it('adds narrowing options up, and filters', async () => {
    expect(await listed('--ready', '--completed', '--min-priority', '1')).toEqual(['TASK-2 ready', 'TASK-10 ready']);
  });

  it('is a table with owners and ages, and warns of what it cannot read', async () => {
    const { stdout, stderr } = await session(['list', '--all'], {}, engine);
    expect(stdout).toMatchSnapshot();
    expect(stderr).toBe('[2025-01-02T03:04:05Z] [agentq] warning: r/TASK-6.toon:2: no TOON\n');
  });

  it('belongs to show: the text, or the model for --json', async () => {
    expect((await session(['show', 'TASK-2'], {}, engine)).stdout).toBe('task:\n id: x\n');
    const { stdout } = await session(['show', 'auth/TASK-3', '--json'], {}, engine);
    expect(JSON.parse(stdout)).toMatchObject({
      task: 'TASK-3',
      state: 'waiting',
      waitingFor: ['TASK-4'],
      status: 'ready',
    });
    expect(await session(['show', 'TASK-99'], {}, engine)).toMatchObject({ code: 3, stdout: '' });
    expect(await session(['show', 'TASK-6', '--json'], {}, engine)).toMatchObject({ code: 5 });
  });
});
