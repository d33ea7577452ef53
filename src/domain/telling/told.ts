import type { QueueEvent } from '../base/event.ts';
import type { FailureCode } from '../base/failure.ts';
import type { EventView } from '../past/event-view.ts';

/** How much a line matters to whoever reads it. */
export type LogLevel = 'error' | 'warning' | 'info' | 'debug';

/**
 * What agentq tells while it works, as data: each line of stderr with `--log-format json` is one of these, with a
 * {@link Stamp}. What happened to tasks has the form in which `watch` and `log` have it.
 */
export type Told = MessageTold | TaskTold | EngineTold | WorkTold | OutputTold | TraceTold;

/** What each line has, whatever it is about. */
export interface Stamp {
  /** ISO, in seconds. */
  readonly time: string;
  readonly level: LogLevel;
  /** The line of the text format. */
  readonly message: string;
}

/** A line as a document. */
export type ToldLine = Stamp & { readonly agent: string } & Told;

/** A message for people, about nothing that has an event of its own. */
export interface MessageTold extends Partial<TaskNamed> {
  readonly event: 'log';
  /** Of a failure. */
  readonly code?: FailureCode;
  readonly hint?: string;
  /** Of a failure, if AGENTQ_DEBUG asks for it. */
  readonly stack?: string;
  /** How many git processes it took. */
  readonly processes?: number;
  /** What others have changed of the task. */
  readonly changed?: readonly string[];
}

/** A task as events name it. */
export interface TaskNamed {
  readonly project: string;
  readonly task: string;
}

/** What this process did to a task or a pause, with what it knows beyond history. */
export interface TaskTold extends Omit<EventView, 'time' | 'commit'> {
  /** null if there is none: a heartbeat by a ref, or one commit on each of several branches. */
  readonly commit: string | null;
  readonly claimId?: string;
  readonly elapsedMs?: number;
  /** How often the task has stalled. */
  readonly stalls?: number;
  /** Names of the fields that have changed. */
  readonly changed?: readonly string[];
  /** What became of it in the worker. */
  readonly outcome?: string;
}

/** A step of the engine. `message` is in the {@link Stamp}. */
export type EngineTold = {
  readonly [Kind in QueueEvent['kind']]: { readonly event: `engine.${Kind}` } & Omit<
    Extract<QueueEvent, { kind: Kind }>,
    'kind' | 'message'
  >;
}[QueueEvent['kind']];

/** The task that a worker is about, and its claim. */
export interface JobTold extends TaskNamed {
  readonly claimId: string;
}

/** What a worker does that changes no task in the queue. */
export type WorkTold =
  | ({ readonly event: 'work.running'; readonly attempt: number } & JobTold)
  | ({ readonly event: 'work.checking'; readonly check: string } & JobTold)
  | ({ readonly event: 'work.retrying'; readonly attempt: number } & Later & JobTold)
  | ({ readonly event: 'work.changed'; readonly changed: readonly string[] } & JobTold)
  | ({ readonly event: 'work.stopping'; readonly reason: string } & JobTold)
  /**
   * The work is over, and the queue was told nothing: the claim is gone, its command has asked, or nobody could tell.
   */
  | ({ readonly event: 'work.finished'; readonly outcome: string; readonly reason?: string } & JobTold)
  | { readonly event: 'work.idle'; readonly reason: string }
  | { readonly event: 'work.pausing'; readonly pauseMs: number; readonly reason: string }
  /** `tasks` are `project/TASK-ID`. */
  | { readonly event: 'work.renewed'; readonly tasks: readonly string[]; readonly commit: string | null }
  | ({ readonly event: 'work.not-renewed'; readonly tasks: readonly string[] } & Later)
  | ({ readonly event: 'work.trouble' } & Later)
  | ({ readonly event: 'work.untold'; readonly what: string; readonly failures: number } & Later & JobTold)
  | ({ readonly event: 'work.unheard'; readonly what: string; readonly sinceMs: number } & JobTold)
  | ({ readonly event: 'work.no-room'; readonly reason: string } & JobTold)
  | { readonly event: 'work.shutdown'; readonly how: 'gracefully' | 'at-once'; readonly running: number }
  | { readonly event: 'work.warning' };

/** Why something did not work, and when it is tried again. */
interface Later {
  readonly reason: string;
  readonly delayMs: number;
}

/** A line that a command for a task has printed: the `message`. */
export interface OutputTold extends TaskNamed {
  readonly event: 'command.output';
  readonly stream: 'stdout' | 'stderr';
}

/** A step of a trace: one of the engine, with its fields, a git process, or the end of the command. */
export type TraceTold =
  | ({ readonly atMs: number } & {
      readonly [Kind in TracedKind]: { readonly event: `trace.${Kind}`; readonly step: Kind } & Omit<
        Extract<QueueEvent, { kind: Kind }>,
        'kind' | 'message'
      >;
    }[TracedKind])
  /** `elapsedMs` is absent if nobody waits for the process. */
  | {
      readonly event: 'trace.git';
      readonly step: 'git';
      readonly atMs: number;
      readonly command: string;
      readonly elapsedMs?: number;
    }
  | { readonly event: 'trace.end'; readonly step: 'end'; readonly atMs: number; readonly exitCode: number };

/** Processes have steps of their own. */
type TracedKind = Exclude<QueueEvent['kind'], 'git-process'>;
