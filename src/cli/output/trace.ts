import { writeFileSync } from 'node:fs';
import type { Clock } from '../../domain/base/clock.ts';
import type { QueueEvent } from '../../domain/base/event.ts';
import type { TraceTold } from '../../domain/telling/told.ts';
import { describeEvent, type Log } from './log.ts';
import { sanitizeJson } from './sanitize.ts';

/** Where a trace goes: to stderr line by line, or to a file when the command ends. */
export type TraceTarget = { readonly kind: 'lines' } | { readonly kind: 'file'; readonly path: string };

/** Records what a command does, and how long each part of it takes. */
export interface Trace {
  event(event: QueueEvent): void;
  /** A git process begins. `ended` settles when it has ended; absent: nobody waits for it. */
  gitProcess(command: string, ended: Promise<unknown> | undefined): void;
  /** Writes what is not written yet. Call it once, at the end. Never throws. */
  finish(exitCode: number): void;
}

export interface TraceOptions {
  readonly target: TraceTarget;
  readonly command: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Log, 'trace' | 'warning'>;
}

/**
 * A span or a moment, in Chrome's trace event format ("Trace Event Format", Google, 2016): `about:tracing` and
 * ui.perfetto.dev show it. Times are in microseconds.
 */
interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  readonly ph: 'X' | 'i' | 'M';
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly s?: 't';
  readonly args?: Readonly<Record<string, unknown>>;
}

/** The lanes of the picture. Git processes that run side by side get one each, from the last on. */
const LANES = { command: 1, steps: 2, git: 3 } as const;

/** One process: its own id would only differ from run to run. */
const PID = 1;

/** Begins a trace now. */
export function createTrace({ target, command, clock, log }: TraceOptions): Trace {
  const startedAt = clock.now();
  const events: TraceEvent[] = [];
  /** Until when each lane of git processes is taken; Infinity: by one that runs. */
  const lanes: number[] = [];
  const running = new Set<() => void>();

  const note = (message: string, at: number, step: string, fields: Readonly<Record<string, unknown>>): void => {
    if (target.kind !== 'lines') return;
    const atMs = Math.round(at - startedAt);
    log.trace(`+${atMs} ms  ${message}`, { event: `trace.${step}`, step, atMs, ...fields } as TraceTold);
  };
  const span = (name: string, cat: string, tid: number, from: number, to: number, args = {}): void => {
    const [ts, dur] = [(from - startedAt) * 1000, Math.max(0, to - from) * 1000];
    events.push({ name, cat, ph: 'X', ts, dur, pid: PID, tid, args });
  };

  return {
    event(event) {
      const now = clock.now();
      const { kind, ...args } = event;
      // Processes have spans of their own.
      if (kind === 'git-process') return;
      const elapsed = 'elapsedMs' in event && kind !== 'still-waiting' ? event.elapsedMs : undefined;
      if (kind === 'retrying') span('backoff', 'wait', LANES.steps, now, now + event.delayMs, args);
      else if (elapsed !== undefined) span(kind, 'step', LANES.steps, now - elapsed, now, args);
      else {
        const ts = (now - startedAt) * 1000;
        events.push({ name: kind, cat: 'step', ph: 'i', s: 't', ts, pid: PID, tid: LANES.steps, args });
      }
      const { message: _, ...fields } = { message: undefined, ...args };
      note(describeEvent(event).message, now, kind, fields);
    },
    gitProcess(name, ended) {
      const from = clock.now();
      if (ended === undefined) {
        note(`git ${name} starts, and nobody waits for it`, from, 'git', { command: name });
        return;
      }
      const free = lanes.findIndex((until) => until <= from);
      const lane = free < 0 ? lanes.length : free;
      lanes[lane] = Number.POSITIVE_INFINITY;
      const end = (): void => {
        if (!running.delete(end)) return;
        const to = clock.now();
        lanes[lane] = to;
        span(`git ${name}`, 'git', LANES.git + lane, from, to);
        note(`git ${name} (${Math.round(to - from)} ms)`, to, 'git', { command: name, elapsedMs: to - from });
      };
      running.add(end);
      void ended.then(end, end);
    },
    finish(exitCode) {
      // Processes that were told to end, and are not yet known to have ended.
      for (const end of [...running]) end();
      const now = clock.now();
      span(`agentq ${command}`, 'command', LANES.command, startedAt, now, { exitCode });
      note(`agentq ${command} ends with exit ${exitCode}`, now, 'end', { exitCode });
      if (target.kind === 'lines') return;
      const names = [
        [LANES.command, 'command'],
        [LANES.steps, 'steps'],
        ...lanes.map((_, lane) => [LANES.git + lane, lane === 0 ? 'git' : `git (${lane + 1})`] as const),
      ] as const;
      const named = names.map(([tid, name]): TraceEvent => {
        return { name: 'thread_name', cat: '__metadata', ph: 'M', ts: 0, pid: PID, tid, args: { name } };
      });
      const document = { displayTimeUnit: 'ms', traceEvents: [...named, ...events] };
      try {
        writeFileSync(target.path, `${sanitizeJson(JSON.stringify(document))}\n`);
      } catch (error) {
        log.warning(`the trace could not be written: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  };
}
