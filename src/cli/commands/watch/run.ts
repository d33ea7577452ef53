import { resolve } from 'node:path';
import { isoSeconds } from '../../../domain/base/clock.ts';
import { parseDuration } from '../../../domain/base/duration.ts';
import { quote } from '../../../domain/base/names.ts';
import type { TaskFilter } from '../../../domain/intents/intent.ts';
import { type Cursor, formatCursor, parseCursor } from '../../../domain/past/cursor.ts';
import { eventView } from '../../../domain/past/event-view.ts';
import type { TaskEvent } from '../../../domain/past/task-event.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { matches } from '../../../domain/rules/filter.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Reader, WatchedEvent, WatchOptions as WatchRange } from '../../../engine/queue/reader.ts';
import { requireProject } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import { readFilter } from '../../command/filter.ts';
import type { Input } from '../../command/input.ts';
import { oneLineProblem, usage } from '../../command/usage.ts';
import { checkProgram } from '../work/find-program.ts';
import { CursorFile } from './cursor-file.ts';
import { EventCommand, type EventCommandRules, type EventDocument, nameOf } from './event-command.ts';
import type { WatchResult } from './result.ts';
import { wantedEvents } from './wanted-events.ts';

/** Options of `agentq watch`. */
export interface WatchOptions extends CommonOptions {
  readonly filter: TaskFilter;
  readonly from: WatchRange['from'];
  readonly until: WatchRange['until'];
  /** Absent: all. */
  readonly on: ((event: TaskEvent) => boolean) | undefined;
  /** The command that is run for events; undefined: they are printed. */
  readonly command: EventCommandRules | undefined;
  /** The file that keeps the cursor. */
  readonly state: string | undefined;
}

const DEFAULT_RETRIES = 3;
const DEFAULT_RETRY_DELAY_MS = 1_000;
const DEFAULT_COMMAND_TIMEOUT_MS = 300_000;

/** Reads and checks the options of `agentq watch`. */
export function parse(input: Input): WatchOptions {
  const filter = readFilter(input);
  const since = input.typed('since', oneLineProblem('--since'));
  const cursor = input.typed('cursor', oneLineProblem('--cursor'));
  const idleMs = input.duration('until-idle');
  const isOnce = input.isOn('once');
  if (since !== undefined && cursor !== undefined) throw usage('--since and --cursor exclude each other');
  const state = input.typed('state', oneLineProblem('--state'));
  if (state !== undefined && cursor !== undefined) throw usage('--state and --cursor exclude each other');
  if (isOnce && idleMs !== undefined) throw usage('--once and --until-idle exclude each other');
  const command = readCommand(input);
  return {
    filter,
    on: input.isGiven('on') || command !== undefined ? wantedEvents(onOf(input)) : undefined,
    command,
    state,
    from: cursor === undefined ? startOf(since, isOnce) : startAt(cursor),
    until: isOnce ? 'told' : idleMs === undefined ? 'stopped' : { idleMs },
  };
}

/** Prints each event as it happens, or what was done about it. */
export function run(options: WatchOptions, context: CommandContext): Promise<WatchResult> {
  const { filter, until, on, command } = options;
  if (command !== undefined) checkProgram(command.command[0] ?? '', context.env);
  const state = options.state === undefined ? undefined : new CursorFile(resolve(context.config.dir, options.state));
  return context.withQueue(async (queue) => {
    const reader = await queue.read();
    if (filter.project !== undefined) requireProject(await reader.snapshot({ read: new Set() }), filter.project);
    const from = (await startWith(state, options.from, reader, queue)) ?? options.from;
    const { branch, remote } = queue.place;
    const runs = command && new EventCommand(command, { branch, remote }, context);
    const onNotice = (message: string): void => context.log.warning(message);
    let failed = 0;
    for await (const watched of reader.watch({ from, until, onNotice })) {
      if (!isWanted(watched, filter) || on?.(watched.event) === false) continue;
      const document = documentOf(watched);
      const handled = await runs?.handle(document);
      // What was done is done, whether or not anybody reads the line about it.
      if (handled !== undefined) await state?.write(watched.cursor);
      if (handled?.kind === 'given-up') {
        failed++;
        context.log.error(`the command for ${document.event} ${nameOf(document)} failed: ${handled.why}; going on`);
        continue;
      }
      if (!(await context.tell(lineOf(watched), document))) break;
      if (handled === undefined) await state?.write(watched.cursor);
    }
    return { failed };
  });
}

/** Where the file says, or what it says from now on: events must not be missed because none has come yet. */
async function startWith(
  state: CursorFile | undefined,
  from: WatchRange['from'],
  reader: Reader,
  { place }: Queue,
): Promise<WatchRange['from'] | undefined> {
  if (state === undefined) return undefined;
  const known = await state.read();
  if (known !== undefined) return { kind: 'cursor', cursor: known };
  if (from.kind !== 'now') return undefined;
  const { tip, branches } = await reader.snapshot({ read: new Set() });
  const others = [...(branches?.tips ?? [])].filter(([branch]) => branch !== place.branch);
  const cursor: Cursor = {
    done: tip,
    ...(others.length === 0 ? {} : { branches: new Map(others.map(([branch, done]) => [branch, { done }])) }),
  };
  await state.write(formatCursor(cursor));
  return { kind: 'cursor', cursor };
}

function readCommand(input: Input): EventCommandRules | undefined {
  const command = input.optionalTail();
  if (command === undefined) {
    const without = ['retries', 'retry-delay', 'command-timeout'].find((flag) => input.isGiven(flag));
    if (without !== undefined) throw usage(`--${without} needs a command, and there is none`, 'put it after --');
    return undefined;
  }
  return {
    command,
    retries: input.integer('retries', 0, 1000) ?? DEFAULT_RETRIES,
    retryDelayMs: input.typedDuration('retry-delay') ?? DEFAULT_RETRY_DELAY_MS,
    timeoutMs: input.typedDuration('command-timeout') ?? DEFAULT_COMMAND_TIMEOUT_MS,
  };
}

/** Without --on, a command is run for everything except heartbeats. */
function onOf(input: Input): readonly string[] {
  return input.isGiven('on') ? input.list('on') : ['all'];
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

function documentOf({ event, task, cursor }: WatchedEvent): EventDocument {
  return { ...eventView(event, task), cursor };
}
