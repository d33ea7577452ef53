import { describeStall, type NothingClaimable, rootIn } from '../base/claimable.ts';
import { given } from '../base/given.ts';
import { quote } from '../base/names.ts';
import type { TaskFilter } from '../intents/intent.ts';
import { describePause, type Pause, pauseOf } from '../pausing/pauses.ts';
import { requiredKey } from '../queue/dependency-entry.ts';
import { compareNatural } from '../queue/ordering.ts';
import { openQuestion } from '../queue/question.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { formatKey, isCancelled } from '../queue/task.ts';
import { type ClaimRoom, describeObstacle, type Obstacle } from './claim-room.ts';
import { matches } from './filter.ts';
import { lacking } from './needs.ts';
import { listed } from './unknown-names.ts';
import { chainEnd } from './waiting-chain.ts';

/** What is known of the other claims. */
interface Rivals {
  readonly room: ClaimRoom;
  readonly stalled: {
    /** How long (ms) until the first of these claims counts as stalled, unless it is renewed; undefined: not known. */
    nextAmong(concerns: (entry: TaskEntry) => boolean): number | undefined;
  };
}

/** Most obstacles, or capabilities, that a message names. */
const MOST_NAMED = 3;

/** Why there is nothing to claim among the tasks that it concerns, and what is in the way of those that are ready. */
export function countReasons(
  state: QueueState,
  filter: TaskFilter,
  concerns: (entry: TaskEntry) => boolean,
  { stalled, room }: Rivals,
): { readonly why: NothingClaimable; readonly obstacles: readonly Obstacle[] } {
  const counts = { waiting: 0, claimed: 0, completed: 0, unreadable: 0, inTwoStates: 0, filteredOut: 0 };
  const otherStatus: Record<string, number> = {};
  const waitedFor = new Map<string, number>();
  const obstacles: Obstacle[] = [];
  const lacked = new Map<string, number>();
  let leftAlone = 0;
  let needing = 0;
  const held = new Map<Pause, number>();
  for (const entries of state.all()) {
    const [entry, second] = entries;
    if (!entry || !concerns(entry)) continue;
    if (second) counts.inTwoStates++;
    else if (entry.state !== 'ready') counts[entry.state]++;
    else if (entry.reading.kind !== 'read') counts.unreadable++;
    else if (!matches(entry, filter)) {
      counts.filteredOut++;
      const isReady = entry.reading.task.status === 'ready';
      if (isReady && filter.except?.includes(formatKey(entry.key))) leftAlone++;
    } else if (entry.reading.task.status !== 'ready') {
      const { task } = entry.reading;
      const status = isCancelled(task) ? 'cancelled' : (task.status ?? 'no status');
      otherStatus[status] = (otherStatus[status] ?? 0) + 1;
      // What a cancelled task requires keeps nobody waiting.
      if (!isCancelled(task)) countMissing(state, entry, waitedFor);
    } else if (state.isClaimable(entry)) {
      const pause = pauseOf(state.pauses, entry.key.project);
      if (pause !== undefined) {
        held.set(pause, (held.get(pause) ?? 0) + 1);
        continue;
      }
      const lacks = lacking(state, entry, filter);
      const obstacle = lacks.length === 0 ? room.obstacle(entry) : undefined;
      if (obstacle !== undefined) obstacles.push(obstacle);
      if (lacks.length > 0) needing++;
      for (const word of lacks) lacked.set(word, (lacked.get(word) ?? 0) + 1);
    } else {
      counts.waiting++;
      countMissing(state, entry, waitedFor);
    }
  }
  const [top] = [...waitedFor].sort((a, b) => b[1] - a[1] || compareNatural(a[0], b[0]));
  const root = top && chainEnd(state, requiredKey(top[0], ''));
  // Claims of others may be in the way, too.
  const awaited = obstacles.length > 0 ? () => true : concerns;
  const paused = pausedIn(held, pauseOf(state.pauses, filter.project));
  const mayStall = (counts.claimed > 0 || obstacles.length > 0) && paused?.whole === undefined;
  const nextStallMs = mayStall ? stalled.nextAmong(awaited) : undefined;
  const why = {
    ...counts,
    otherStatus,
    ...(top ? { mostWaitedFor: { dependency: top[0], waiting: top[1], ...given({ root }) } } : {}),
    ...(leftAlone === 0 ? {} : { leftAlone }),
    ...(needing === 0 ? {} : { needing: { tasks: needing, what: mostCommon(lacked) } }),
    ...given({ paused, heldBack: heldBack(obstacles), nextStallMs }),
  };
  return { why, obstacles };
}

/** @param whole the pause of everything that was asked for */
function pausedIn(held: ReadonlyMap<Pause, number>, whole: Pause | undefined): NothingClaimable['paused'] {
  const tasks = [...held.values()].reduce((sum, count) => sum + count, 0);
  if (whole !== undefined) return { tasks, by: [describePause(whole)], whole: true };
  if (tasks === 0) return undefined;
  return { tasks, by: [...held.keys()].slice(0, MOST_NAMED).map(describePause) };
}

function heldBack(obstacles: readonly Obstacle[]): NothingClaimable['heldBack'] {
  if (obstacles.length === 0) return undefined;
  const times = new Map<string, number>();
  for (const obstacle of obstacles) {
    const name = describeObstacle(obstacle);
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  return { tasks: obstacles.length, by: mostCommon(times) };
}

function mostCommon(times: ReadonlyMap<string, number>): readonly string[] {
  const names = [...times].sort((a, b) => b[1] - a[1] || compareNatural(a[0], b[0])).map(([name]) => name);
  return names.slice(0, MOST_NAMED);
}

function countMissing(state: QueueState, entry: TaskEntry, waitedFor: Map<string, number>): void {
  for (const id of state.missing(entry)) {
    const name = formatKey(requiredKey(id, entry.key.project));
    waitedFor.set(name, (waitedFor.get(name) ?? 0) + 1);
  }
}

/** If it is only one that the task waits for: what that one waits for in the end. */
function alone(state: QueueState, { key }: TaskEntry, [first, second]: readonly string[]): string {
  return first === undefined || second !== undefined ? '' : rootIn(chainEnd(state, requiredKey(first, key.project)));
}

/** Why this task cannot be claimed, in one line. */
export function whyNot(state: QueueState, entry: TaskEntry, filter: TaskFilter, why: NothingClaimable): string {
  const name = formatKey(entry.key);
  const task = entry.reading.kind === 'read' ? entry.reading.task : undefined;
  if (entry.state === 'claimed') {
    const { nextStallMs } = why;
    const until = nextStallMs === undefined ? '' : `; ${describeStall(nextStallMs, 'this claim')}`;
    return `${name} is claimed by ${task?.claim?.claimedBy ?? 'somebody'}${until}`;
  }
  if (entry.state === 'completed') return `${name} is completed`;
  if (task !== undefined && isCancelled(task)) {
    const { reason } = task.cancellation ?? {};
    return `${name} is cancelled${reason === undefined ? '' : `: ${reason}`}`;
  }
  const missing = state.missing(entry);
  const waits = missing.length === 0 ? undefined : `waits for ${listed(missing)}${alone(state, entry, missing)}`;
  const question = task && openQuestion(task);
  if (question !== undefined) {
    return `${name} waits for the answer to a question of ${question.agent}: ${quote(question.text)}`;
  }
  if (task?.status !== 'ready') {
    return `${name} has status ${task?.status ?? '(none)'}, not ready${waits === undefined ? '' : `: it ${waits}`}`;
  }
  if (waits !== undefined) return `${name} ${waits}`;
  const pause = pauseOf(state.pauses, entry.key.project);
  if (pause !== undefined) return `${name} cannot be claimed: ${describePause(pause)}`;
  const lacks = lacking(state, entry, filter);
  if (lacks.length > 0) return `${name} needs ${listed(lacks)}: claim it with --can ${lacks.join(',')}`;
  if (why.heldBack !== undefined) return `${name} is held back by ${why.heldBack.by.join(', ')}`;
  return `${name} does not match the filter (${Object.keys(filter).join(', ')})`;
}
