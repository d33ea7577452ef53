import { describe, expect, it } from 'vitest';
import { frameOf, type Surroundings, sparkline, taskFrame } from '../../../../src/cli/commands/status/live/frame.ts';
import { pictureOf, type Sources } from '../../../../src/cli/commands/status/live/picture.ts';
import {
  AT_START,
  afterKey,
  type Choices,
  type ScreenState,
} from '../../../../src/cli/commands/status/live/screen-state.ts';
import type { Key } from '../../../../src/cli/output/screen.ts';
import { PLAIN } from '../../../../src/cli/output/style.ts';
import { displayWidth } from '../../../../src/cli/output/table.ts';
import { completionsIn, timeLeft } from '../../../../src/domain/figures/throughput.ts';
import type { TaskEvent } from '../../../../src/domain/past/task-event.ts';
import { snapshotOf, type TaskSpec } from '../../../kit/queues/snapshots.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const minutes = (count: number): number => count * 60_000;
const ago = (count: number): string => new Date(NOW - minutes(count)).toISOString().replace('.000', '');

const QUEUE: readonly TaskSpec[] = [
  { id: 'T-1', state: 'claimed', claim: { claimedBy: 'a1', claimedAt: ago(5), lastHeartbeat: ago(1) } },
  {
    id: 'T-2',
    state: 'claimed',
    claim: { claimedBy: 'a2', claimedAt: ago(90), lastHeartbeat: ago(80) },
    touchedAt: NOW - minutes(80),
  },
  { id: 'T-3', priority: 9 },
  { id: 'T-4', required: ['T-1'] },
  { id: 'T-5', status: 'blocked', blockedReason: 'legal' },
  { id: 'T-6', state: 'completed' },
  { id: 'P-1', project: 'pay' },
];

function event(kind: TaskEvent['kind'], task: string, agent: string, minutesAgo: number, project = 'auth'): TaskEvent {
  return { kind, project, task, agent, commit: 'c'.repeat(40), at: NOW - minutes(minutesAgo) };
}

const EVENTS = [
  event('task.claimed', 'T-2', 'a2', 90),
  event('task.completed', 'T-6', 'a1', 30),
  event('task.claimed', 'T-1', 'a1', 5),
];

function sources(tasks: readonly TaskSpec[] = QUEUE): Sources {
  const recent = [...EVENTS].reverse().map((one) => ({ event: one, task: undefined }));
  return { snapshot: snapshotOf(tasks), events: EVENTS, recent, signIns: [], readAt: NOW };
}

function around(columns = 100, rows = 40): Surroundings {
  return { place: 'develop of origin', now: NOW, notice: undefined, columns, rows, style: PLAIN };
}

function shown(state: Partial<ScreenState> = {}, size = around(), tasks = QUEUE) {
  const whole = { ...AT_START, ...state };
  const frame = frameOf(pictureOf(sources(tasks), whole.project), whole, size);
  return { ...frame, text: frame.lines.map((line) => line.trimEnd()).join('\n') };
}

describe('the board', () => {
  it('has what needs people on top, then projects, agents, what is next, and what happened', () => {
    const { text, tasks } = shown();
    expect(text).toBe(`\
develop of origin  12:00:00Z  1/7 done (14%)
                  █       0.5 tasks/h in the last two hours, about 12h to go
STALLED
> a2  silent   1h20m    auth/T-2  Title of T-2
PROJECTS
  auth  █████░░░░░░░░░░░░░░░░░░░░░░░░░ 1/6  1 ready, 2 in progress, 1 waiting, 1 blocked, 1 stalled
  pay   ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0/1  1 ready
AGENTS
  a1  working  5m       auth/T-1  Title of T-1
NEXT
  auth/T-3  ready    Title of T-3
  pay/P-1   ready    Title of P-1
  auth/T-5  blocked  Title of T-5  (legal)
  auth/T-4  waiting  Title of T-4  (waits for T-1)
EVENTS
  5m      claimed    auth/T-1  a1
  30m     completed  auth/T-6  a1
  1h30m   claimed    auth/T-2  a2
${'\n'.repeat(21)}q quit   arrows select   enter open   / search   p project`);
    expect(tasks).toEqual(['auth/T-2', 'auth/T-1', 'auth/T-3', 'pay/P-1', 'auth/T-5', 'auth/T-4']);
  });

  it('says first what is paused, and why', () => {
    const paused = { at: ago(3), by: 'Tess', reason: 'release day' };
    const all = sources();
    const picture = pictureOf(
      { ...all, snapshot: { ...all.snapshot, pauses: [paused, { ...paused, project: 'pay' }] } },
      'auth',
    );
    expect(frameOf(picture, AT_START, around()).lines.slice(2, 4)).toEqual([
      'PAUSED',
      '  the queue is paused by Tess: release day',
    ]);
  });

  it('counts the rate since the work began, if that is later than the window', () => {
    const begun = [event('task.claimed', 'T-6', 'a1', 40), event('task.completed', 'T-6', 'a1', 30)];
    const picture = pictureOf({ ...sources(), events: begun }, undefined);
    expect(frameOf(picture, AT_START, around()).lines[1]).toMatch(/ 1\.5 tasks\/h since 11:20:00Z, about 4h to go$/);
  });

  it('has names of batches in full where there is room, and cuts them where there is none', () => {
    const picture = pictureOf(sources(), undefined);
    const [first, ...others] = picture.stats.projects;
    if (first === undefined) throw new Error('there is no project');
    const batches = [{ batch: 'a cluster that heals', completed: 1, total: 6, percent: 16, holds: [] }];
    const stats = { ...picture.stats, projects: [{ ...first, batches }, ...others] };
    const at = (columns: number): string => frameOf({ ...picture, stats }, AT_START, around(columns)).lines.join('\n');
    expect(at(118)).toMatch(/\n {4}a cluster that heals {2}█+░+ 1\/6/);
    expect(at(80)).toContain('    a cluster that heals  ██');
    expect(at(40)).toContain('    a cluster…   1/6');
    expect(at(40)).toContain('  auth           1/6  1 ready, 2 in pro');
  });

  it('says once what is asked, unless it is looked for', () => {
    const tasks = [
      ...QUEUE,
      { id: 'T-7', status: 'asking', questions: [{ agent: 'a1', at: ago(3), text: 'Which bank?' }] },
    ];
    expect(shown({}, around(), tasks).text.match(/auth\/T-7/g)).toHaveLength(1);
    expect(shown({ search: 'bank' }, around(), tasks).tasks).toEqual(['auth/T-7']);
  });

  it('shows one project, and finds tasks by all words', () => {
    expect(shown({ project: 'pay' }).text).not.toContain('auth/');
    const found = shown({ search: 'title LEGAL' });
    expect(found.text).toContain('FOUND 1\n> auth/T-5  blocked');
    expect(found.tasks).toEqual(['auth/T-5']);
    expect(shown({ search: 'nothing like this' }).tasks).toEqual([]);
  });

  it('fits every terminal: no line is wider, there are never more, and the keys stay', () => {
    const many = Array.from({ length: 60 }, (_, at) => ({ id: `T-${at}`, project: `project-${at % 12}` }));
    for (const columns of [1, 5, 20, 39, 40, 80, 200]) {
      for (const rows of [1, 2, 3, 5, 8, 12, 24, 50]) {
        for (const state of [{}, { search: 't' }, { search: '', isTyping: true }]) {
          const { lines } = shown(state, around(columns, rows), [...QUEUE, ...many]);
          expect(lines).toHaveLength(rows);
          expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
        }
        if (rows >= 3 && columns > 1) expect(shown({}, around(columns, rows), many).lines.at(-1)).toMatch(/^q/);
      }
    }
    // The most important part stays longest.
    expect(shown({}, around(80, 6)).text).toContain('STALLED');
  });

  it('has titles and reasons as text', () => {
    const { text } = shown({}, around(), [
      { id: 'T-1', status: 'blocked', blockedReason: '\u001b[31mred\u001b[2J\u202e' },
    ]);
    expect(text).toContain('red');
    expect(text).not.toMatch(/\u001b|\u202e/);
  });
});

describe('an opened task', () => {
  it('is scrolled, and says how much there is', () => {
    const lines = Array.from({ length: 100 }, (_, at) => `line ${at}`);
    const seen = taskFrame(lines, { ...AT_START, open: 'auth/T-1', top: 10 }, around(80, 12));
    expect(seen).toHaveLength(12);
    expect(seen.slice(0, 2)).toEqual(['auth/T-1', 'line 10']);
    expect(seen.at(-1)).toContain('(80 more lines)');
  });
});

describe('keys', () => {
  const choices: Choices = { tasks: ['a/1', 'a/2', 'a/3'], projects: ['a', 'b'], lines: 50, rows: 20 };
  const press = (names: string, state: ScreenState = AT_START): ScreenState | 'quit' => {
    let now: ScreenState | 'quit' = state;
    for (const name of names.split(' ')) {
      const key: Key = { name, text: name.length === 1 ? name : name === 'space' ? ' ' : '' };
      if (now !== 'quit') now = afterKey(now, key, choices);
    }
    return now;
  };

  it('move through the tasks, and not beyond', () => {
    expect(press('down')).toMatchObject({ selected: 'a/2' });
    expect(press('down down down down')).toMatchObject({ selected: 'a/3' });
    expect(press('down up up')).toMatchObject({ selected: 'a/1' });
    expect(press('q')).toBe('quit');
  });

  it('open a task, scroll it, and come back to it', () => {
    expect(press('down return')).toMatchObject({ open: 'a/2', top: 0 });
    expect(press('return down down')).toMatchObject({ top: 2 });
    expect(press('return up')).toMatchObject({ top: 0 });
    expect(press('return pagedown pagedown pagedown pagedown pagedown')).toMatchObject({ top: 49 });
    expect(press('down return down escape')).toMatchObject({ open: undefined, selected: 'a/2' });
  });

  it('are letters while a search is typed', () => {
    expect(press('/ q p space x backspace')).toMatchObject({ isTyping: true, search: 'qp ' });
    expect(press('/ q return')).toMatchObject({ isTyping: false, search: 'q' });
    expect(press('/ q return escape')).toMatchObject({ search: undefined });
    expect(press('/ return')).toMatchObject({ search: undefined, isTyping: false });
    expect(press('/ q escape q')).toBe('quit');
  });

  it('go through the projects, and back to all', () => {
    expect(press('p')).toMatchObject({ project: 'a' });
    expect(press('p p')).toMatchObject({ project: 'b' });
    expect(press('p p p')).toMatchObject({ project: undefined });
  });
});

describe('the rate', () => {
  it('counts completions in equal parts, and none outside of them', () => {
    const span = { from: NOW - minutes(60), to: NOW, parts: 6 };
    const at = [61, 60, 59, 31, 30, 1, 0].map((count) => event('task.completed', 'T', 'a', count));
    expect(completionsIn([...at, event('task.claimed', 'T', 'a', 1)], span)).toEqual([2, 0, 1, 1, 0, 2]);
    expect(completionsIn(at, span, 'pay')).toEqual([0, 0, 0, 0, 0, 0]);
    expect(sparkline([0, 1, 4, 8])).toBe(' ▁▄█');
    expect(sparkline([])).toBe('');
  });

  it('tells the time that is left, if anything is done at all', () => {
    expect(timeLeft(10, 5)).toBe(2 * 3_600_000);
    expect(timeLeft(0, undefined)).toBe(0);
    expect(timeLeft(10, 0)).toBeUndefined();
    expect(timeLeft(10, undefined)).toBeUndefined();
  });
});
