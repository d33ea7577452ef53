import { isoSeconds } from '../../../domain/base/clock.ts';
import { matches } from '../../../domain/deciding/claim.ts';
import type { TaskFilter } from '../../../domain/queue/intent.ts';
import { compareForClaiming, compareText } from '../../../domain/queue/ordering.ts';
import { QueueState } from '../../../domain/queue/queue-state.ts';
import type { TaskEntry } from '../../../domain/queue/snapshot.ts';
import type { ClaimBlock, TaskState } from '../../../domain/queue/task.ts';
import { placeOf, requireProject, warnUnreadable } from '../../command/answers.ts';
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
    const snapshot = await (await queue.read()).snapshot({ read: statesOf(options.groups), renewals: 'read' });
    requireProject(snapshot, options.filter.project);
    const now = context.clock.now();
    const state = new QueueState(snapshot);
    const listed: { readonly entry: TaskEntry; readonly group: Group; readonly line: ListedTask }[] = [];
    const { project } = options.filter;
    let completed = 0;
    for (const entries of state.all()) {
      for (const entry of entries) {
        const status = entries.length > 1 ? 'two-states' : statusOf(state, entry);
        const group = groupOf(entry, status);
        if (group === 'completed' && (project === undefined || entry.key.project === project)) completed++;
        if (!options.groups.has(group) || !matches(entry, options.filter)) continue;
        warnUnreadable(context, entry);
        listed.push({ entry, group, line: lineOf(state, entry, status, now) });
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
    return { ...placeOf(queue), tip: snapshot.tip, tasks: listed.map(({ line }) => line), completedLeftOut };
  });
}

function leftOut(completed: number): string {
  const tasks = completed === 1 ? '1 completed task is' : `${completed} completed tasks are`;
  return `${tasks} not listed: --completed lists them, and --all lists everything`;
}

/** Tasks in progress come first, then what can be done next, what cannot be done yet, and what is done. */
const GROUP_ORDER: Readonly<Record<Group, number>> = { claimed: 0, ready: 1, blocked: 2, completed: 3 };

function statesOf(groups: ReadonlySet<Group>): ReadonlySet<TaskState> {
  return new Set([...groups].map((group) => (group === 'blocked' ? 'ready' : group)));
}

function groupOf(entry: TaskEntry, status: string): Group {
  if (entry.state !== 'ready') return entry.state;
  return status === 'ready' ? 'ready' : 'blocked';
}

function statusOf(state: QueueState, entry: TaskEntry): string {
  if (entry.reading.kind === 'unreadable') return 'unreadable';
  if (entry.state !== 'ready') return entry.state;
  if (state.isClaimable(entry)) return 'ready';
  const status = entry.reading.kind === 'read' ? entry.reading.task.status : undefined;
  return status === 'ready' ? 'waiting' : (status ?? 'no status');
}

function lineOf(state: QueueState, entry: TaskEntry, status: string, now: number): ListedTask {
  const task = entry.reading.kind === 'read' ? entry.reading.task : undefined;
  const claim = entry.state === 'claimed' ? task?.claim : undefined;
  const beat = lastSign(claim, entry.renewedAt);
  return {
    project: entry.key.project,
    task: entry.key.id,
    title: task?.title ?? null,
    priority: task?.priority ?? null,
    type: task?.type ?? null,
    state: entry.state,
    status,
    // Files in the field carry leftovers of earlier claims: only the folder counts.
    owner: (entry.state === 'completed' ? task?.completion?.completedBy : claim?.claimedBy) ?? null,
    claimId: claim?.claimId ?? null,
    lastHeartbeat:
      entry.renewedAt !== undefined && entry.renewedAt === beat ? isoSeconds(beat) : (claim?.lastHeartbeat ?? null),
    heartbeatAgeMs: beat === undefined ? null : Math.max(0, now - beat),
    waitingFor: entry.state === 'ready' ? state.missing(entry) : [],
    path: entry.path,
  };
}

/** When the owner was last heard of, by its ref or by a readable time in the file. */
function lastSign(claim: ClaimBlock | undefined, renewedAt = Number.NEGATIVE_INFINITY): number | undefined {
  const text = claim?.lastHeartbeat ?? claim?.claimedAt;
  const isTime = text !== undefined && /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text);
  const written = isTime ? Date.parse(text) : Number.NaN;
  const newest = Number.isNaN(written) ? renewedAt : Math.max(written, renewedAt);
  return newest === Number.NEGATIVE_INFINITY ? undefined : newest;
}
