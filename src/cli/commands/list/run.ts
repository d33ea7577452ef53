import { given } from '../../../domain/base/given.ts';
import { isStalled, poolLimit } from '../../../domain/leases/staleness.ts';
import { compareForClaiming, compareText } from '../../../domain/queue/ordering.ts';
import { QueueState } from '../../../domain/queue/queue-state.ts';
import type { TaskEntry } from '../../../domain/queue/snapshot.ts';
import { formatKey, type TaskView } from '../../../domain/queue/task.ts';
import { ClaimRoom, describeObstacle } from '../../../domain/rules/claim-room.ts';
import { inProject } from '../../../domain/rules/filter.ts';
import { lastSign, viewOf } from '../../../domain/rules/task-view.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Reader, ReadQueue } from '../../../engine/queue/reader.ts';
import { placeOf, requireProject, tipsOf, warnUnreadable } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import { startOf } from '../../command/filter.ts';
import type { Input } from '../../command/input.ts';
import { allSignIns } from '../../presence/all-sign-ins.ts';
import type { ListedTask, ListResult } from './result.ts';
import { type Candidate, foldersOf, isAsked, isOfKind, isOver, readSelection, type Selection } from './selection.ts';

/** Options of `agentq list`. */
export type ListOptions = CommonOptions & Selection;

/** Reads and checks the options of `agentq list`. */
export function parse(input: Input): ListOptions {
  return readSelection(input);
}

/** Lists the tasks at the tip of the queue. */
export function run(options: ListOptions, context: CommandContext): Promise<ListResult> {
  return context.withQueue(async (queue) => {
    const { filter } = options;
    const now = context.clock.now();
    const reader = await queue.read();
    const read = foldersOf(options);
    // Lines have no more of a task than decisions ask for. A search needs its texts, and completed tasks, which are
    // asked for rarely and are most of an old queue, would only make the index large.
    const isBrief = options.words.length === 0 && !read.has('completed');
    const scope = { read, witnesses: { now }, ...given({ use: isBrief ? ('deciding' as const) : undefined }) };
    const snapshot = await reader.snapshot(scope, given({ project: filter.project }));
    requireProject(snapshot, filter.project);
    const touched = await touchedSince(options, reader, snapshot, context);
    const state = new QueueState(snapshot);
    const limit = poolLimit(snapshot.settings);
    const listed: Candidate[] = [];
    const leftOut = { completed: 0, cancelled: 0 };
    for (const entries of state.all()) {
      for (const entry of entries) {
        const task = lineOf(viewOf(state, entry), entry, problemOf(entries, entry), now);
        const stalled = entry.state === 'claimed' && isStalled(entry, now, limit);
        const candidate: Candidate = { entry, task, isStalled: stalled };
        if (options.selected === 'by-default' && isOver(candidate) && inProject(entry, filter)) {
          leftOut[entry.state === 'completed' ? 'completed' : 'cancelled']++;
        }
        if (!isOfKind(candidate, options) || !isAsked(candidate, options)) continue;
        if (touched !== undefined && !touched.has(formatKey(entry.key))) continue;
        warnUnreadable(context, entry);
        listed.push(candidate);
      }
    }
    listed.sort(compare);
    const room = new ClaimRoom(state);
    const tasks = listed.map((candidate): ListedTask => {
      const { entry, task } = candidate;
      const obstacle = rankOf(candidate) === RANK.ready ? room.obstacle(entry) : undefined;
      const heldBackBy = obstacle === undefined ? null : describeObstacle(obstacle);
      return { ...task, lastFailure: state.failures(entry.key).last.at(-1) ?? null, heldBackBy };
    });
    sayLeftOut(leftOut, context);
    return {
      ...placeOf(queue),
      tip: snapshot.tip,
      ...tipsOf(snapshot),
      tasks,
      completedLeftOut: leftOut.completed,
      cancelledLeftOut: leftOut.cancelled,
      presentation: {
        now,
        stalled: new Set(listed.flatMap(({ entry, isStalled: is }) => (is ? formatKey(entry.key) : []))),
        why: new Map(listed.flatMap(whyOf)),
        machines: context.answer === 'text' ? await machinesOf(tasks, queue, snapshot) : new Map(),
      },
    };
  });
}

/** Names of tasks to which something has happened since then; undefined: nobody asked. Heartbeats do not count. */
async function touchedSince(
  { since, filter }: Selection,
  reader: Reader,
  { tip }: ReadQueue,
  { clock, log }: CommandContext,
): Promise<ReadonlySet<string> | undefined> {
  if (since === undefined) return undefined;
  const touched = new Set<string>();
  const past = reader.past({
    tip,
    limit: undefined,
    ...startOf(since, clock.now()),
    ...given({ project: filter.project }),
    onNotice: (message) => log.warning(message),
  });
  for await (const { event } of past) {
    if (event.kind !== 'task.renewed') touched.add(`${event.project ?? ''}/${event.task ?? ''}`);
  }
  return touched;
}

/** Where the owners of claimed tasks work. This takes a look of its own, so nothing is asked if no task is claimed. */
async function machinesOf(
  tasks: readonly ListedTask[],
  queue: Queue,
  snapshot: ReadQueue,
): Promise<ReadonlyMap<string, string>> {
  if (!tasks.some(isHeld)) return new Map();
  const signIns = await allSignIns(queue, snapshot);
  const fresh = signIns.filter(({ isFresh }) => isFresh);
  return new Map(fresh.flatMap(({ signIn }) => signIn.agents.map((agent) => [agent, signIn.machine] as const)));
}

function isHeld({ state, owner }: ListedTask): boolean {
  return state === 'claimed' && owner !== null;
}

function sayLeftOut({ completed, cancelled }: { completed: number; cancelled: number }, { log }: CommandContext): void {
  const tasks = (count: number, what: string): string =>
    count === 1 ? `1 ${what} task is` : `${count} ${what} tasks are`;
  const all = '--all lists everything';
  if (completed > 0) log.info(`${tasks(completed, 'completed')} not listed: --completed lists them, and ${all}`);
  if (cancelled > 0) log.info(`${tasks(cancelled, 'cancelled')} not listed: --cancelled lists them, and ${all}`);
}

/** Tasks in progress come first, then what can be done next, what cannot be done yet, and what is over. */
const RANK = { claimed: 0, ready: 1, 'not yet': 2, completed: 3, cancelled: 4 } as const;

function rankOf({ entry, task }: Candidate): number {
  if (entry.state !== 'ready') return RANK[entry.state];
  if (task.state === 'cancelled') return RANK.cancelled;
  return task.state === 'ready' && task.problem === null ? RANK.ready : RANK['not yet'];
}

function compare(a: Candidate, b: Candidate): number {
  return rankOf(a) - rankOf(b) || compareForClaiming(a.entry, b.entry) || compareText(a.entry.path, b.entry.path);
}

/** What the table says in WHY about a task that nobody has blocked. */
function whyOf({ entry, task }: Candidate): [string, string][] {
  const cancellation = entry.reading.kind === 'read' ? entry.reading.task.cancellation : undefined;
  const why = task.state === 'asking' ? task.questions.at(-1)?.text : cancellation?.reason;
  const isSaid = why !== undefined && (task.state === 'asking' || task.state === 'cancelled');
  return isSaid ? [[formatKey(entry.key), why]] : [];
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
