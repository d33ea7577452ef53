import { isoSeconds } from '../../../domain/base/clock.ts';
import { parseDuration } from '../../../domain/base/duration.ts';
import { quote } from '../../../domain/base/names.ts';
import type { TaskFilter } from '../../../domain/intents/intent.ts';
import { parseCursor } from '../../../domain/past/cursor.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { matches } from '../../../domain/rules/filter.ts';
import type { WatchedEvent, WatchOptions as WatchRange } from '../../../engine/queue/reader.ts';
import { requireProject } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import { eventView } from '../../command/event-view.ts';
import { readFilter } from '../../command/filter.ts';
import type { Input } from '../../command/input.ts';
import { oneLineProblem, usage } from '../../command/usage.ts';

/** Options of `agentq watch`. */
export interface WatchOptions extends CommonOptions {
  readonly filter: TaskFilter;
  readonly from: WatchRange['from'];
  readonly until: WatchRange['until'];
}

/** Reads and checks the options of `agentq watch`. */
export function parse(input: Input): WatchOptions {
  const filter = readFilter(input);
  const since = input.typed('since', oneLineProblem('--since'));
  const cursor = input.typed('cursor', oneLineProblem('--cursor'));
  const idleMs = input.duration('until-idle');
  const isOnce = input.isOn('once');
  if (since !== undefined && cursor !== undefined) throw usage('--since and --cursor exclude each other');
  if (isOnce && idleMs !== undefined) throw usage('--once and --until-idle exclude each other');
  return {
    filter,
    from: cursor === undefined ? startOf(since, isOnce) : startAt(cursor),
    until: isOnce ? 'told' : idleMs === undefined ? 'stopped' : { idleMs },
  };
}

/** Prints each event as it happens. */
export function run({ filter, from, until }: WatchOptions, context: CommandContext): Promise<object> {
  return context.withQueue(async (queue) => {
    const reader = await queue.read();
    if (filter.project !== undefined) requireProject(await reader.snapshot({ read: new Set() }), filter.project);
    const onNotice = (message: string): void => context.log.warning(message);
    for await (const watched of reader.watch({ from, until, onNotice })) {
      if (!isWanted(watched, filter)) continue;
      if (!(await context.tell(lineOf(watched), documentOf(watched)))) break;
    }
    return {};
  });
}

function startOf(since: string | undefined, isOnce: boolean): WatchRange['from'] {
  if (since === undefined) return { kind: isOnce ? 'beginning' : 'now' };
  const ago = parseDuration(since);
  if (ago.kind === 'duration') return { kind: 'ago', ms: ago.ms };
  // A text in the form of a duration must not be looked up as a commit, even if it is not a valid one.
  if (/^(\d+(\.\d+)?(ms|[dhms]))+$/.test(since)) throw usage(`--since ${quote(since)}: ${ago.problem}`);
  const cursor = parseCursor(since);
  if (cursor !== undefined) return { kind: 'cursor', cursor };
  if (since.startsWith('-')) throw usage(`--since ${quote(since)} is neither a commit, a cursor nor a duration`);
  return { kind: 'revision', revision: since };
}

function startAt(text: string): WatchRange['from'] {
  const cursor = parseCursor(text);
  if (cursor === undefined) {
    throw usage(`--cursor ${quote(text)} is not a cursor`, 'each event of `agentq watch` has one');
  }
  return { kind: 'cursor', cursor };
}

/** Filters as for a claim. A task whose file cannot be read is judged by its project alone. */
function isWanted({ event, task }: WatchedEvent, filter: TaskFilter): boolean {
  const key = { project: event.project ?? '', id: event.task ?? '' };
  return matches({ key, reading: task ? { kind: 'read', task, findings: [] } : { kind: 'unread' } }, filter);
}

function lineOf({ event, cursor }: WatchedEvent): string {
  const { kind, project = '', task = '', agent, commit, at } = event;
  const fields = [
    isoSeconds(at),
    kind.padEnd(14),
    formatKey({ project, id: task }),
    agent,
    commit.slice(0, 10),
    cursor,
  ];
  return fields.join('  ');
}

function documentOf({ event, task, cursor }: WatchedEvent): object {
  return { ...eventView(event, task), cursor };
}
