import { given } from '../../../domain/base/given.ts';
import type { TaskFilter } from '../../../domain/intents/intent.ts';
import { compareForClaiming, compareText } from '../../../domain/queue/ordering.ts';
import { QueueState } from '../../../domain/queue/queue-state.ts';
import type { TaskEntry } from '../../../domain/queue/snapshot.ts';
import type { TaskState, TaskView } from '../../../domain/queue/task.ts';
import { ClaimRoom, describeObstacle } from '../../../domain/rules/claim-room.ts';
import { matches } from '../../../domain/rules/filter.ts';
import { lastSign, viewOf } from '../../../domain/rules/task-view.ts';
import { placeOf, requireProject, tipsOf, warnUnreadable } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import { readFilter } from '../../command/filter.ts';
import type { Input } from '../../command/input.ts';
import type { ListedTask, ListResult } from './result.ts';

/** What `--ready`, `--claimed`, `--completed` and `--blocked` select. Every task is in exactly one of them. */
type Group = 'ready' | 'claimed' | 'completed' | 'blocked';

const GROUPS: readonly Group[] = ['ready', 'claimed', 'completed', 'blocked'];

/** In an old queue nearly all tasks are completed, and few want to read of them. */
const UNLESS_ASKED: readonly Group[] = ['ready', 'claimed', 'blocked'];

/** Options of `agentq list`. */
export interface ListOptions extends CommonOptions {
  readonly filter: TaskFilter;
  readonly groups: ReadonlySet<Group>;
  /** Whether completed tasks are missing only because nobody asked for anything. */
  readonly selected: 'by-default' | 'by-options';
}

/** Reads and checks the options of `agentq list`. */
export function parse(input: Input): ListOptions {
  const filter = readFilter(input);
  const named = input.isOn('all') ? GROUPS : GROUPS.filter((group) => input.isOn(group));
  if (named.length === 0) return { filter, groups: new Set(UNLESS_ASKED), selected: 'by-default' };
  return { filter, groups: new Set(named), selected: 'by-options' };
}

/** Lists the tasks at the tip of the queue. */
export function run(options: ListOptions, context: CommandContext): Promise<ListResult> {
  return context.withQueue(async (queue) => {
    const snapshot = await (await queue.read()).snapshot(
      { read: statesOf(options.groups), renewals: 'read' },
      given({ project: options.filter.project }),
    );
    requireProject(snapshot, options.filter.project);
    const now = context.clock.now();
    const state = new QueueState(snapshot);
    const room = new ClaimRoom(state);
    const listed: { readonly entry: TaskEntry; readonly group: Group; readonly line: ListedTask }[] = [];
    const { project } = options.filter;
    let completed = 0;
    for (const entries of state.all()) {
      for (const entry of entries) {
        const problem = problemOf(entries, entry);
        const view = viewOf(state, entry);
        const group = groupOf(entry, problem === null ? view.state : problem);
        if (group === 'completed' && (project === undefined || entry.key.project === project)) completed++;
        if (!options.groups.has(group) || !matches(entry, options.filter)) continue;
        warnUnreadable(context, entry);
        const lastFailure = state.failures(entry.key).last.at(-1) ?? null;
        const obstacle = group === 'ready' ? room.obstacle(entry) : undefined;
        const heldBackBy = obstacle === undefined ? null : describeObstacle(obstacle);
        listed.push({ entry, group, line: { ...lineOf(view, entry, problem, now), lastFailure, heldBackBy } });
      }
    }
    listed.sort(
      (a, b) =>
        GROUP_ORDER[a.group] - GROUP_ORDER[b.group] ||
        compareForClaiming(a.entry, b.entry) ||
        compareText(a.entry.path, b.entry.path),
    );
    const completedLeftOut = options.selected === 'by-default' ? completed : 0;
    if (completedLeftOut > 0) context.log.info(leftOut(completedLeftOut));
    return {
      ...placeOf(queue),
      tip: snapshot.tip,
      ...tipsOf(snapshot),
      tasks: listed.map(({ line }) => line),
      completedLeftOut,
    };
  });
}

function leftOut(completed: number): string {
  const tasks = completed === 1 ? '1 completed task is' : `${completed} completed tasks are`;
  return `${tasks} not listed: --completed lists them, and --all lists everything`;
}

/** Tasks in progress come first, then what can be done next, what cannot be done yet, and what is done. */
const GROUP_ORDER: Readonly<Record<Group, number>> = { claimed: 0, ready: 1, blocked: 2, completed: 3 };

/** What is claimed may be in the way of what is ready, and is read with it. */
function statesOf(groups: ReadonlySet<Group>): ReadonlySet<TaskState> {
  return new Set(
    [...groups].flatMap((group): readonly TaskState[] => {
      if (group === 'ready') return ['ready', 'claimed'];
      return [group === 'blocked' ? 'ready' : group];
    }),
  );
}

function groupOf(entry: TaskEntry, word: string): Group {
  if (entry.state !== 'ready') return entry.state;
  return word === 'ready' ? 'ready' : 'blocked';
}

function problemOf(entries: readonly TaskEntry[], entry: TaskEntry): ListedTask['problem'] {
  if (entries.length > 1) return 'two-states';
  return entry.reading.kind === 'unreadable' ? 'unreadable' : null;
}

function lineOf(
  view: TaskView,
  entry: TaskEntry,
  problem: ListedTask['problem'],
  now: number,
): Omit<ListedTask, 'lastFailure' | 'heldBackBy'> {
  const claim = view.state === 'completed' ? null : view.claim;
  const task = entry.reading.kind === 'read' ? entry.reading.task : undefined;
  const beat = claim === null ? undefined : lastSign(task?.claim, entry.renewedAt);
  return {
    ...view,
    problem,
    blockedReason: task?.blockedReason ?? null,
    owner: (view.state === 'completed' ? view.completion : view.claim)?.agent ?? null,
    claimId: claim?.claimId ?? null,
    lastHeartbeat: claim?.lastHeartbeat ?? null,
    heartbeatAgeMs: beat === undefined ? null : Math.max(0, now - beat),
  };
}
