import { expect } from 'vitest';
import type { AgentsResult } from '../../../src/cli/commands/agents/result.ts';
import type { LogResult } from '../../../src/cli/commands/log/result.ts';
import type { FiguresView, MetricsResult } from '../../../src/cli/commands/metrics/result.ts';
import type { StatusResult } from '../../../src/cli/commands/status/result.ts';
import type { Board, SeriesFigures } from '../../../src/domain/dashboard/board.ts';
import type { HistoryScene } from './history-scene.ts';
import { filesOf, scopeOf, type TreeTask } from './tree-figures.ts';

/** What all commands say of the same moment. */
export interface Answers {
  readonly status: StatusResult;
  readonly metrics: MetricsResult;
  readonly agents: AgentsResult;
  readonly log: LogResult;
  readonly board: Board;
}

/** Answers a command line with its document. */
export type Ask = (...argv: readonly string[]) => Promise<unknown>;

/** What they say of the whole queue, or of one project, or of a shorter time. */
export async function answersOf(
  ask: Ask,
  { project, since }: { readonly project?: string; readonly since?: string } = {},
): Promise<Answers> {
  const only = project === undefined ? [] : [project];
  const window = since === undefined ? only : [...only, '--since', since];
  const named = project === undefined ? [] : ['--project', project];
  return {
    status: (await ask('status', ...only)) as StatusResult,
    metrics: (await ask('metrics', ...window)) as MetricsResult,
    agents: (await ask('agents', ...window)) as AgentsResult,
    log: (await ask('log', '-n', '10000', ...named)) as LogResult,
    board: (await ask('dashboard', ...window)) as Board,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((one, other) => one + other, 0);

/** The dashboard says what the other commands say. */
export function expectSameFigures({ status, metrics, agents, log, board }: Answers): void {
  const bare = status.projects.map(({ batches, ...counts }) => ({
    ...counts,
    batches: batches.map(({ holds: _, ...batch }) => batch),
  }));
  expect(board.projects).toEqual(bare);
  expect(board.all).toEqual(status.all);
  expect(board.paused).toEqual(status.paused);
  const { series } = board;
  expectSameTotals(series.all, metrics.all);
  const nothing = { claims: 0, completions: 0, failures: 0, stalls: 0 };
  for (const [project, figures] of Object.entries(series.projects)) {
    const said = metrics.projects.find((one) => one.project === project);
    if (said === undefined) expect(figures.totals).toMatchObject(nothing);
    else expectSameTotals(figures, said);
  }
  for (const figures of [series.all, ...Object.values(series.projects)]) {
    for (const name of ['claims', 'completions', 'failures', 'stalls'] as const) {
      expect(sum(figures[name]), name).toBe(figures.totals[name]);
      expect(figures[name]).toHaveLength(series.parts);
    }
  }
  expect(board.agents.map(({ spans: _, title: _t, isStalled: _s, ...agent }) => agent)).toEqual(
    agents.agents.map(({ agent, state, project, task, since, lastSeen, machine, ...rest }) => {
      const { claims, completions, releases, failures, stalls, reviews, meanTaskMs } = rest;
      const name = project === null ? null : `${project}/${task}`;
      const counts = { claims, completions, releases, failures, stalls, reviews, meanTaskMs };
      return { agent, state, task: name, since, lastSeen, machine, ...counts };
    }),
  );
  for (const { agent, ...figures } of metrics.agents) {
    const { claims, completions, releases, failures, stalls, reviews } = figures;
    const counts = { claims, completions, releases, failures, stalls, reviews };
    const shown = board.agents.find((one) => one.agent === agent);
    // Only metrics counts the heartbeat, as a ref, of a claim that somebody has cut off the branch.
    const isOnlyHeartbeat = figures.renewals > 0 && Object.values(counts).every((count) => count === 0);
    if (shown !== undefined || !isOnlyHeartbeat) expect(shown).toMatchObject(counts);
  }
  const told = log.events.map(({ event, time, project, task, agent, commit }) => {
    return { event, time, project, task, agent, commit };
  });
  const shown = board.events.map(({ event, time, project, task, agent, commit }) => {
    return { event, time, project, task, agent, commit };
  });
  expect(shown).toEqual(told.reverse().slice(0, 200));
}

function expectSameTotals({ totals }: SeriesFigures, said: FiguresView): void {
  const { leadP50: _, leftMs: _l, pace: _p, ...figures } = totals;
  expect(figures).toEqual({
    claims: said.claims,
    completions: said.completions,
    failures: said.failures,
    stalls: said.stalls,
    conflictRate: said.conflictRate,
    latencyP50: said.latencyMs?.p50 ?? null,
    latencyP95: said.latencyMs?.p95 ?? null,
    workP50: said.durationMs?.p50 ?? null,
    tasksPerHour: said.tasksPerHour,
  });
}

/** Subjects of commits that agentq or an older script has made. */
const QUEUES_OWN = /^\[((?:AGENT|ORCHESTRATOR|ARCHITECT)[A-Z-]*)\] (\S+)/;

/** What is told of a task for a message with this tag. */
const ABOUT: Readonly<Record<string, string>> = {
  'AGENT-CLAIM': 'task.claimed',
  'AGENT-TAKE': 'task.taken',
  'AGENT-REVIEW': 'task.review',
  'AGENT-COMPLETE': 'task.completed',
  'AGENT-RELEASE': 'task.released',
  'AGENT-ASK': 'task.asked',
  'AGENT-ANSWER': 'task.answered',
  'AGENT-CANCEL': 'task.cancelled',
  'AGENT-REOPEN': 'task.reopened',
};

/** Messages after which an agent has one task less to work on. */
const ENDS: readonly string[] = ['AGENT-COMPLETE', 'AGENT-REVIEW', 'AGENT-RELEASE', 'AGENT-ASK'];

/** What the messages of the queue's commits begin with, on all branches. `agent` is the first word after the tag. */
async function ownCommits(world: HistoryScene) {
  const commits = new Map<string, { oid: string; at: number; tag: string; agent: string }>();
  for (const branch of world.branches) {
    const listed = await world.box.git(world.box.remote, 'log', '--format=%H %ct %s', branch);
    for (const line of listed.split('\n')) {
      const [oid = '', seconds, ...words] = line.split(' ');
      const [, tag, agent] = QUEUES_OWN.exec(words.join(' ')) ?? [];
      if (tag !== undefined && agent !== undefined) commits.set(oid, { oid, at: Number(seconds) * 1000, tag, agent });
    }
  }
  return [...commits.values()];
}

/** Whoever has nothing to do has had nothing since it last finished, handed in or gave back a task. */
export async function expectSameIdleness(world: HistoryScene, { agents }: Answers): Promise<void> {
  const commits = await ownCommits(world);
  const from = Date.parse(agents.from ?? '');
  for (const { agent, state, since } of agents.agents) {
    if (state !== 'idle') continue;
    const ends = commits.filter((one) => one.agent === agent && ENDS.includes(one.tag) && one.at >= from);
    if (ends.length > 0)
      expect([agent, Date.parse(since ?? '')]).toEqual([agent, Math.max(...ends.map(({ at }) => at))]);
  }
}

/** The log counts what the messages count, of commits that have messages. */
export async function expectSameEvents(world: HistoryScene, { log, metrics, agents }: Answers): Promise<void> {
  const said = new Map((await ownCommits(world)).map(({ oid, tag }) => [oid, tag]));
  const own = log.events.filter(({ commit }) => said.has(commit));
  // What each message is about, as the log tells it: a take is no claim.
  for (const { event, commit } of own) {
    const about = ABOUT[said.get(commit) ?? ''];
    if (about !== undefined && Object.values(ABOUT).includes(event)) expect(event, commit).toBe(about);
  }
  const count = (of: (event: (typeof own)[number]) => boolean) => own.filter(of).length;
  const figures = (agent?: string) => {
    const isIts = (one: (typeof own)[number]) => agent === undefined || one.agent === agent;
    const kind = (...kinds: readonly string[]) => count((one) => isIts(one) && kinds.includes(one.event));
    return {
      claims: kind('task.claimed', 'task.taken'),
      completions: kind('task.completed'),
      releases: kind('task.released', 'task.asked'),
      stalls: kind('task.stalled'),
      reviews: kind('task.review'),
      failures: count((one) => isIts(one) && one.event === 'task.released' && one.failures !== undefined),
    };
  };
  expect(metrics.all).toMatchObject(figures());
  for (const { agent, ...counts } of [...metrics.agents, ...agents.agents]) {
    expect({ agent, ...counts }).toMatchObject({ agent, ...figures(agent) });
  }
}

/** The tree has what all of them say. */
export function expectSameTree(tasks: readonly TreeTask[], { status, agents, board }: Answers): void {
  const byName = new Map<string, TreeTask[]>();
  for (const task of tasks) {
    const name = `${task.project}/${task.id}`;
    byName.set(name, [...(byName.get(name) ?? []), task]);
  }
  const single = [...byName.values()].flatMap(([task, second]) => (task && second === undefined ? [task] : []));
  const { all } = status;
  const count = (of: (task: TreeTask) => boolean) => single.filter(of).length;
  expect({
    total: all.total,
    completed: all.completed,
    claimed: all.inProgress + all.review,
    cancelled: all.cancelled,
    ready: all.ready + all.waiting + all.held + all.asking + all.blocked + all.due + all.unreadable,
    conflicting: all.conflicting,
  }).toEqual({
    total: byName.size,
    completed: count(({ state }) => state === 'completed'),
    claimed: count(({ state }) => state === 'claimed'),
    cancelled: count(({ isCancelled }) => isCancelled),
    ready: count(({ state, isCancelled }) => state === 'ready' && !isCancelled),
    conflicting: byName.size - single.length,
  });
  const { scope, done } = board.series.all;
  expect([scope.at(-1), done.at(-1)]).toEqual([byName.size - all.cancelled, all.completed]);
  expect(board.tasks.map(({ project, task }) => `${project}/${task}`).sort()).toEqual([...byName.keys()].sort());
  const cards = (...states: readonly string[]) => board.tasks.filter(({ state }) => states.includes(state)).length;
  expect({
    ready: cards('ready'),
    waiting: cards('waiting'),
    asking: cards('asking'),
    blocked: cards('blocked'),
    claimed: cards('claimed'),
    review: cards('review'),
    completed: cards('completed'),
    cancelled: cards('cancelled'),
    stalled: board.tasks.filter(({ isStalled }) => isStalled).length,
  }).toEqual({
    ready: all.ready,
    waiting: all.waiting + all.held + all.due,
    asking: all.asking,
    blocked: all.blocked + all.conflicting,
    claimed: all.inProgress,
    review: all.review,
    completed: all.completed,
    cancelled: all.cancelled,
    stalled: all.stalled,
  });
  const held = agents.agents.flatMap(({ agent, tasks: has }) =>
    has.map(({ project, task }) => `${agent} ${project}/${task}`),
  );
  const owned = tasks.flatMap(({ owner, project, id }) => (owner === undefined ? [] : [`${owner} ${project}/${id}`]));
  expect(held.sort()).toEqual(owned.sort());
  const open = board.agents.flatMap(({ agent, spans }) =>
    spans.flatMap(({ task, to }) => (to === null ? [`${agent} ${task}`] : [])),
  );
  const working = agents.agents.flatMap(({ agent, tasks: has }) =>
    has.flatMap(({ project, task, state }) => (state === 'review' ? [] : [`${agent} ${project}/${task}`])),
  );
  expect(open.sort()).toEqual(working.sort());
}

/** Every task file where its project lives. */
export async function treeOf(world: HistoryScene): Promise<readonly TreeTask[]> {
  const trees = await Promise.all(
    world.branches.map(async (branch) =>
      filesOf(await world.files(branch)).filter(({ project }) => world.branchOf(project) === branch),
    ),
  );
  return trees.flat();
}

/** How much there was to do, and how much was done, at the end of each part. */
export async function expectSameBurnUp(world: HistoryScene, { series }: Board): Promise<void> {
  const logs = await Promise.all(
    world.branches.map(async (branch) => {
      const listed = await world.box.git(world.box.remote, 'log', '--first-parent', '--format=%H %ct', branch);
      return { branch, commits: listed.split('\n').map((line) => line.split(' ')) };
    }),
  );
  const trees = new Map<string, readonly TreeTask[]>();
  const treeAt = async (branch: string, end: number): Promise<readonly TreeTask[]> => {
    const commits = logs.find((one) => one.branch === branch)?.commits ?? [];
    const [oid = ''] = commits.find(([, seconds]) => Number(seconds) * 1000 < end) ?? [];
    const known = trees.get(oid) ?? filesOf(await world.files(oid));
    trees.set(oid, known);
    return known.filter(({ project }) => world.branchOf(project) === branch);
  };
  const from = Date.parse(series.from);
  const was: { scope: number[]; done: number[] } = { scope: [], done: [] };
  for (let part = 1; part <= series.parts; part++) {
    const end = from + part * series.stepMs;
    const { scope, done } = scopeOf((await Promise.all(world.branches.map((one) => treeAt(one, end)))).flat());
    was.scope.push(scope);
    was.done.push(done);
  }
  expect({ scope: series.all.scope, done: series.all.done }).toEqual(was);
}
