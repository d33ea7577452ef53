import type {
  Board,
  BoardAgent,
  BoardCounts,
  BoardEvent,
  BoardSpan,
  BoardTask,
  BoardTaskDetails,
} from '../../src/domain/dashboard/board.ts';
import type { TaskEventKind } from '../../src/domain/past/task-event.ts';
import { seededRandomness } from '../model/seeded-randomness.ts';
import { inventSeries } from './invented-series.ts';
import { AGENTS, type Chance, inventTasks, iso } from './invented-tasks.ts';

const HOUR_MS = 3_600_000;

/** The board of a queue that is at work, for looks at the page and for its tests: the same for the same seed. */
export function inventBoard(count: number, now: number, seed = 1): Board {
  const chance = seededRandomness(seed).next;
  const tasks = inventTasks(count, now, chance);
  const names = [...new Set(tasks.map(({ project }) => project))].sort();
  return {
    branch: 'develop',
    remote: 'origin',
    tip: '7f3c1e9b2a4d5f60718293a4b5c6d7e8f9012345',
    time: iso(now),
    window: { from: iso(now - 24 * HOUR_MS), to: iso(now) },
    knownFrom: null,
    stalledAfterMs: HOUR_MS,
    paused:
      count < 20
        ? []
        : [{ project: 'infra', at: iso(now - 2 * HOUR_MS), by: 'anna', reason: 'the staging cluster is being moved' }],
    projects: names.map((project) => {
      const own = tasks.filter((task) => task.project === project);
      const batches = [...new Set(own.map(({ batch }) => batch))].filter((batch) => batch !== null).sort();
      return {
        project,
        ...countsOf(own),
        batches: batches.map((batch) => {
          const { total, completed, percent } = countsOf(own.filter((task) => task.batch === batch));
          return { batch, completed, total, percent };
        }),
      };
    }),
    all: countsOf(tasks),
    tasks,
    agents: AGENTS.map((agent) => inventAgent(agent, tasks, now, chance)).sort(
      (a, b) => RANK.indexOf(a.state) - RANK.indexOf(b.state),
    ),
    events: inventEvents(tasks, now, chance),
    series: inventSeries(tasks, now, chance),
  };
}

/** What the drawer shows of a task. */
export function inventDetails({ project, task, title, agent, since, state, about }: BoardTask): BoardTaskDetails {
  const at = since ?? '2026-01-01T08:00:00Z';
  const who = agent ?? 'claude-1';
  const [earlier, later] = [iso(Date.parse(at) - HOUR_MS), iso(Date.parse(at) - HOUR_MS / 3)];
  const event = (kind: TaskEventKind, time: string, text: string | null): BoardEvent => {
    return { event: kind, time, project, task, title, agent: who, commit: 'c0ffee5e1f', text };
  };
  const note = 'The old code path is still used by the importer: kept it, and marked it for removal.';
  return {
    project,
    task,
    path: `.agents/${project}/tasks/${task}.toon`,
    text: `task:\n  id: ${task}\n  title: ${title ?? ''}\n  status: ${state}\ndescription: "<b>not bold</b>"\n`,
    description:
      'Requests that are sent twice must not be carried out twice.\n\nKeep the answer for 24 hours, and answer the second request from it. See `docs/payments.md` for what a key may look like.',
    acceptanceCriteria: [
      'A second request with the same key gets the answer of the first one',
      'A key with another body is refused with 409',
      'Keys are forgotten after 24 hours <script>alert(6)</script>',
    ],
    notes: [{ at: later, agent: who, text: note }],
    questions:
      state === 'asking'
        ? [{ at, agent: who, text: about ?? '', answer: null }]
        : [
            {
              at: later,
              agent: who,
              text: 'Is 24 hours in UTC?',
              answer: { at, agent: 'anna', text: 'Yes, always.' },
            },
          ],
    events: [
      event(state === 'completed' ? 'task.completed' : 'task.noted', at, state === 'completed' ? null : note),
      event('task.claimed', later, null),
      event('task.added', earlier, null),
    ],
  };
}

const RANK: readonly string[] = ['working', 'silent', 'idle', 'gone'];

function inventAgent(agent: string, tasks: readonly BoardTask[], now: number, chance: Chance): BoardAgent {
  const held = tasks.find((task) => task.agent === agent && task.state === 'claimed');
  const state = held === undefined ? (chance() < 0.7 ? 'idle' : 'gone') : held.isStalled ? 'silent' : 'working';
  const mine = tasks.filter((task) => task.agent === agent && task.state === 'completed');
  const completions = mine.length;
  return {
    agent,
    state,
    isStalled: held?.isStalled === true,
    task: held === undefined ? null : `${held.project}/${held.task}`,
    title: held?.title ?? null,
    since: held?.since ?? iso(now - chance() * 4 * HOUR_MS),
    lastSeen: iso(now - (state === 'working' ? 40_000 : state === 'idle' ? 300_000 : 9_000_000)),
    machine: chance() < 0.8 ? `ci-runner-${1 + Math.floor(chance() * 4)}` : null,
    claims: completions + 2,
    completions,
    releases: 1,
    failures: Math.floor(chance() * 3),
    stalls: chance() < 0.2 ? 1 : 0,
    reviews: Math.floor(chance() * 4),
    meanTaskMs: completions === 0 ? null : 1_200_000 + chance() * 1_200_000,
    spans: inventSpans(mine, held, now, chance),
  };
}

function inventSpans(
  mine: readonly BoardTask[],
  held: BoardTask | undefined,
  now: number,
  chance: Chance,
): readonly BoardSpan[] {
  const spans: BoardSpan[] = [];
  let at = now - 25 * HOUR_MS;
  const until = held?.since == null ? now - HOUR_MS / 2 : Date.parse(held.since);
  // Where there are many tasks, an agent has each for minutes.
  const pace = Math.min(1, 30 / Math.max(1, mine.length));
  const ends = ['completed', 'completed', 'review', 'completed', 'released', 'failed', 'asked', 'stalled'] as const;
  for (let n = 0; at < until; n++) {
    const task = mine[n % Math.max(1, mine.length)];
    if (task === undefined) break;
    const to = Math.min(until, at + (0.3 + chance() * 2) * HOUR_MS * pace);
    const end = ends[Math.floor(chance() * ends.length)] ?? 'completed';
    const from = at < now - 24 * HOUR_MS ? null : iso(at);
    if (to > now - 24 * HOUR_MS) spans.push({ task: `${task.project}/${task.task}`, from, to: iso(to), end });
    at = to + (chance() < 0.2 ? 2 : 0.2) * HOUR_MS * pace * chance();
  }
  if (held !== undefined) {
    spans.push({ task: `${held.project}/${held.task}`, from: held.since, to: null, end: 'open' });
  }
  return spans;
}

function inventEvents(tasks: readonly BoardTask[], now: number, chance: Chance): readonly BoardEvent[] {
  const kinds = ['task.completed', 'task.claimed', 'task.review', 'task.noted', 'task.released', 'task.asked'] as const;
  return Array.from({ length: Math.min(200, tasks.length * 2) }, (_, at): BoardEvent => {
    const task = tasks[Math.floor(chance() * tasks.length)];
    const event = kinds[Math.floor(chance() ** 1.6 * kinds.length)] ?? 'task.claimed';
    return {
      event,
      time: iso(now - at * 95_000 - chance() * 60_000),
      project: task?.project ?? null,
      task: task?.task ?? null,
      title: task?.title ?? null,
      agent: AGENTS[Math.floor(chance() * AGENTS.length)] ?? 'claude-1',
      commit: Math.floor(chance() * 0xffffff)
        .toString(16)
        .padStart(8, '0'),
      text:
        event === 'task.noted' ? 'found a second place that needs it' : event === 'task.asked' ? 'Which one?' : null,
    };
  });
}

function countsOf(tasks: readonly BoardTask[]): BoardCounts {
  const of = (state: BoardTask['state']): number => tasks.filter((task) => task.state === state).length;
  const [completed, cancelled, total] = [of('completed'), of('cancelled'), tasks.length];
  return {
    total,
    completed,
    ready: of('ready'),
    waiting: of('waiting'),
    held: 0,
    asking: of('asking'),
    blocked: of('blocked'),
    cancelled,
    due: 0,
    inProgress: of('claimed'),
    review: of('review'),
    stalled: tasks.filter(({ isStalled }) => isStalled).length,
    unreadable: 0,
    conflicting: 0,
    percent: total === cancelled ? 0 : Math.floor((completed / (total - cancelled)) * 100),
  };
}
