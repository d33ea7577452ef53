import { describe, expect, it } from 'vitest';
import { isoSeconds } from '../../../src/domain/base/clock.ts';
import type { Board, BoardSpan } from '../../../src/domain/dashboard/board.ts';
import { boardOf } from '../../../src/domain/dashboard/board-of.ts';
import type { BoardSources } from '../../../src/domain/dashboard/sources.ts';
import type { TaskEvent, TaskEventKind } from '../../../src/domain/past/task-event.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 0, 2, 12);
const ago = (minutes: number): number => NOW - minutes * MINUTE;
const time = (minutes: number): string => isoSeconds(ago(minutes));

const event = (kind: TaskEventKind, minutes: number, more: Partial<TaskEvent> = {}): TaskEvent => {
  return { kind, project: 'auth', task: 'T-1', agent: 'a', commit: 'c', at: ago(minutes), ...more };
};

const board = (tasks: readonly TaskSpec[], events: readonly TaskEvent[], more: Partial<BoardSources> = {}): Board =>
  boardOf({
    branch: 'develop',
    remote: 'origin',
    snapshot: snapshotOf(tasks),
    events,
    recent: [],
    signIns: [],
    from: ago(60),
    now: NOW,
    knownFrom: undefined,
    queue: 'older',
    project: undefined,
    ...more,
  });

const held = (agent: string, minutes: number): TaskSpec => ({
  id: 'T-1',
  state: 'claimed',
  claim: { claimedBy: agent, claimedAt: time(minutes), lastHeartbeat: time(1) },
});

describe('what agents had', () => {
  const spans = (tasks: readonly TaskSpec[], events: readonly TaskEvent[]): Record<string, readonly BoardSpan[]> =>
    Object.fromEntries(board(tasks, events).agents.map((one) => [one.agent, one.spans]));
  const span = (from: number | null, to: number | null, end: BoardSpan['end']): BoardSpan => ({
    task: 'auth/T-1',
    from: from === null ? null : time(from),
    to: to === null ? null : time(to),
    end,
  });

  it.each<[string, TaskSpec, readonly TaskEvent[], readonly BoardSpan[]]>([
    [
      'it has completed',
      { id: 'T-1', state: 'completed' },
      [event('task.claimed', 50), event('task.completed', 40)],
      [span(50, 40, 'completed')],
    ],
    ['it still has', held('a', 30), [event('task.claimed', 30)], [span(30, null, 'open')]],
    ['it had before the window and still has', held('a', 300), [], [span(null, null, 'open')]],
    [
      'it had before the window and gave back',
      { id: 'T-1' },
      [event('task.released', 10)],
      [span(null, 10, 'released')],
    ],
    [
      'its command failed at',
      { id: 'T-1' },
      [event('task.claimed', 50), event('task.released', 40, { failures: 1 })],
      [span(50, 40, 'failed')],
    ],
    [
      'fell silent with',
      { id: 'T-1' },
      [event('task.claimed', 50), event('task.stalled', 10, { agent: 'orchestrator' })],
      [span(50, 10, 'stalled')],
    ],
    [
      'waits for a merge, which is no work',
      { id: 'T-1', state: 'completed' },
      [event('task.claimed', 50), event('task.review', 40), event('task.completed', 5, { agent: 'merger' })],
      [span(50, 40, 'review')],
    ],
    ['somebody put back by hand', { id: 'T-1' }, [event('task.claimed', 50)], [span(50, 0, 'other')]],
    [
      'somebody completed by hand',
      { id: 'T-1', state: 'completed', completion: { completedAt: time(20) } },
      [event('task.claimed', 50)],
      [span(50, 20, 'completed')],
    ],
  ])('a task that %s', (_what, task, events, expected) => {
    expect(spans([task], events).a).toEqual(expected);
  });

  it('ends with whoever takes it', () => {
    const events = [event('task.claimed', 50), event('task.taken', 20, { agent: 'b', from: 'a' })];
    expect(spans([held('b', 20)], events)).toEqual({ a: [span(50, 20, 'taken')], b: [span(20, null, 'open')] });
  });
});

describe('how much there was to do', () => {
  const lines = (tasks: readonly TaskSpec[], events: readonly TaskEvent[]): [number, number][] => {
    const { series } = board(tasks, events);
    const at = (minutes: number): number => Math.floor((ago(minutes) - Date.parse(series.from)) / series.stepMs);
    return [60, 30, 0].map((minutes) => {
      const part = at(minutes);
      return [series.all.scope[part] ?? -1, series.all.done[part] ?? -1];
    });
  };

  it.each<[string, readonly TaskSpec[], readonly TaskEvent[], [number, number][]]>([
    [
      'a task was completed',
      [{ id: 'T-1', state: 'completed' }],
      [event('task.completed', 40)],
      [
        [1, 0],
        [1, 1],
        [1, 1],
      ],
    ],
    [
      'a task was added',
      [{ id: 'T-1' }],
      [event('task.added', 40)],
      [
        [0, 0],
        [1, 0],
        [1, 0],
      ],
    ],
    [
      'a task was cancelled',
      [{ id: 'T-1', status: 'cancelled' }],
      [event('task.cancelled', 40)],
      [
        [1, 0],
        [0, 0],
        [0, 0],
      ],
    ],
    [
      'a task was completed and reopened',
      [{ id: 'T-1' }],
      [event('task.reopened', 40)],
      [
        [1, 1],
        [1, 0],
        [1, 0],
      ],
    ],
    [
      'nobody said anything',
      [{ id: 'T-1', state: 'completed' }],
      [],
      [
        [1, 1],
        [1, 1],
        [1, 1],
      ],
    ],
    [
      'a file says when it was completed',
      [{ id: 'T-1', state: 'completed', completion: { completedAt: time(40) } }],
      [],
      [
        [1, 0],
        [1, 1],
        [1, 1],
      ],
    ],
    [
      'somebody completed it by hand after its claim',
      [{ id: 'T-1', state: 'completed' }],
      [event('task.claimed', 40)],
      [
        [1, 0],
        [1, 0],
        [1, 1],
      ],
    ],
    [
      'somebody removed it',
      [],
      [event('task.claimed', 40)],
      [
        [1, 0],
        [1, 0],
        [0, 0],
      ],
    ],
  ])('if %s', (_when, tasks, events, expected) => {
    expect(lines(tasks, events)).toEqual(expected);
  });
});

describe('the cards', () => {
  it('have what can be claimed in front, in its order, and what was completed last at the end', () => {
    const tasks: readonly TaskSpec[] = [
      { id: 'T-1', state: 'completed', completion: { completedAt: time(30), completedBy: 'a' } },
      { id: 'T-2', state: 'completed', completion: { completedAt: time(10), completedBy: 'b' } },
      { id: 'T-3', priority: 1 },
      { id: 'T-4', priority: 9 },
      { id: 'T-5', required: ['T-4'] },
      { ...held('a', 5), id: 'T-6' },
    ];
    const { tasks: cards } = board(tasks, [event('task.claimed', 4, { task: 'T-6' })]);
    expect(
      cards.map(({ task, state, agent, since, waitingFor }) => [task, state, agent, since, ...waitingFor]),
    ).toEqual([
      ['T-4', 'ready', null, null],
      ['T-3', 'ready', null, null],
      ['T-5', 'waiting', null, null, 'auth/T-4'],
      ['T-6', 'claimed', 'a', time(4)],
      ['T-2', 'completed', 'b', time(10)],
      ['T-1', 'completed', 'a', time(30)],
    ]);
  });

  it('have one for a file in two folders, which nobody can claim', () => {
    const { tasks, all } = board([{ id: 'T-1' }, { id: 'T-1', state: 'completed' }], []);
    expect(tasks.map(({ task, state, about }) => [task, state, about])).toEqual([
      ['T-1', 'blocked', 'is in two folders at once: `agentq validate` names them'],
    ]);
    expect(all).toMatchObject({ total: 1, conflicting: 1, completed: 0 });
  });
});

describe('the figures over time', () => {
  it('begin with a queue that is younger than the window, and have the time from claim and addition to the end', () => {
    const events = [
      event('task.added', 50, { agent: 'orchestrator' }),
      event('task.claimed', 40, { attempts: 2, waitedMs: 700 }),
      event('task.completed', 20),
    ];
    const { series } = board([{ id: 'T-1', state: 'completed' }], events, { from: ago(24 * 60), queue: 'younger' });
    expect([series.from, series.stepMs, series.parts]).toEqual([time(50), MINUTE, 51]);
    const { all } = series;
    expect([all.claims[10], all.conflictRate[10], all.latencyP50[10]]).toEqual([1, 0.5, 700]);
    expect([all.completions[30], all.workP50[30], all.leadP50[30]]).toEqual([1, 20 * MINUTE, 30 * MINUTE]);
    expect(all.conflictRate[11]).toBeNull();
    expect(all.totals).toMatchObject({ claims: 1, completions: 1, leadP50: 30 * MINUTE, tasksPerHour: 1.2, leftMs: 0 });
  });
});
