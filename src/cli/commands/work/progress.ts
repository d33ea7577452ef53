import { approximateDuration, formatDuration } from '../../../domain/base/duration.ts';
import { formatKey, type TaskKey } from '../../../domain/queue/task.ts';
import { named } from '../../../domain/telling/happened.ts';
import type { WorkEvent } from '../../../engine/work/events.ts';
import { isDone, type Job, type TaskResult } from '../../../engine/work/job.ts';
import { describeTaking } from '../../command/answers.ts';
import type { Stderr } from '../../command/context.ts';
import { withColours } from '../../output/colours.ts';
import type { Log } from '../../output/log.ts';
import { sanitizeLine } from '../../output/sanitize.ts';
import { workTold } from './telling/work-told.ts';

/** The log line for an event; undefined if nobody needs to know. */
export function describeWork(event: WorkEvent):
  | {
      readonly agent: string | undefined;
      readonly level: 'error' | 'info' | 'warning' | 'debug';
      readonly message: string;
    }
  | undefined {
  switch (event.kind) {
    case 'claimed': {
      const { agent, task, title, takenFrom } = event.job;
      const named = `${formatKey(task)}${title === undefined ? '' : `: ${title}`}`;
      const whose = takenFrom === undefined ? '' : ` (${describeTaking(takenFrom)})`;
      return { agent, level: 'info', message: `claimed ${named}${whose}` };
    }
    case 'running':
      return { ...about(event.job), level: 'debug', message: `runs the command for ${nameOf(event.job)}` };
    case 'checking':
      return { ...about(event.job), level: 'info', message: `checks ${nameOf(event.job)}: ${event.check}` };
    case 'retrying': {
      const message = `${nameOf(event.job)} ${event.reason}; attempt ${event.attempt} in ${formatDuration(event.delayMs)}`;
      return { ...about(event.job), level: 'warning', message };
    }
    case 'stopping':
      return { ...about(event.job), level: 'warning', message: `stops work on ${nameOf(event.job)}: ${event.reason}` };
    case 'finished':
      return describeResult(event.result);
    case 'idle':
      return { agent: event.agent, level: 'debug', message: event.why };
    case 'renewed':
      return { agent: undefined, level: 'debug', message: `renewed ${claims(event.jobs.length)}` };
    case 'not-renewed': {
      const message = `${claims(event.jobs.length)} could not be renewed, again in ${formatDuration(event.delayMs)}: ${event.reason}`;
      return { agent: undefined, level: 'warning', message };
    }
    case 'trouble': {
      const message = `${event.message}; again in ${formatDuration(event.delayMs)}`;
      return { agent: event.agent, level: 'warning', message };
    }
    case 'untold': {
      const why = `it could not be ${event.what}: ${event.reason}`;
      const again = `again in ${formatDuration(event.delayMs)} (try ${event.failures + 1})`;
      const message = `${nameOf(event.job)} is kept until that passes: ${why}; ${again}`;
      return { ...about(event.job), level: 'warning', message };
    }
    case 'unheard': {
      const since = formatDuration(event.sinceMs);
      const message = `${nameOf(event.job)} is to be ${event.what}, but there has been no answer for ${since}`;
      return { ...about(event.job), level: 'warning', message };
    }
    case 'no-room':
      return { ...about(event.job), level: 'warning', message: `waits with ${nameOf(event.job)}: ${event.reason}` };
    case 'pausing': {
      const message = `claims nothing for ${formatDuration(event.pauseMs)}: the command ${event.reason}`;
      return { agent: event.agent, level: 'warning', message };
    }
    case 'changed': {
      const message = `${nameOf(event.job)} has changed: ${event.changed.join(', ')}`;
      return { ...about(event.job), level: 'info', message };
    }
    case 'shutdown': {
      const what = event.running === 1 ? '1 command runs' : `${event.running} commands run`;
      const then =
        event.how === 'gracefully'
          ? 'they get some time to finish; a second signal stops them at once'
          : 'they are stopped at once';
      return {
        agent: undefined,
        level: 'info',
        message: `told to end: ${event.running === 0 ? 'no command runs' : `${what}, ${then}`}`,
      };
    }
    case 'warning':
      return { agent: event.agent, level: 'warning', message: event.message };
    case 'claiming':
    case 'giving-back':
    case 'left':
      return undefined;
  }
}

function describeResult(result: TaskResult): ReturnType<typeof describeWork> {
  const { job, outcome, reason, left } = result;
  const name = nameOf(job);
  const kept = left.keptAt === undefined ? '' : `; the worktree is kept, ${left.keptBecause}: ${left.keptAt}`;
  const branch = left.branch === undefined || left.keptAt !== undefined ? '' : `; its commits are on ${left.branch}`;
  const rest = `${branch}${kept}`;
  switch (outcome) {
    case 'completed': {
      const ready = result.unblocked.length === 0 ? '' : `; ready now: ${result.unblocked.map(formatKey).join(', ')}`;
      const message = `completed ${name} in ${approximateDuration(result.elapsedMs)}${ready}${rest}`;
      return { ...about(job), level: kept === '' ? 'info' : 'warning', message };
    }
    case 'review': {
      const level = reason === undefined && result.prUrl !== undefined && kept === '' ? 'info' : 'warning';
      const where = reason ?? result.prUrl ?? 'no pull request is named';
      return { ...about(job), level, message: `${name} is in review: ${where}${rest}` };
    }
    case 'failed': {
      const { failures = 0 } = result;
      const times = failures > 1 ? `, the last of ${failures} failures` : '';
      return { ...about(job), level: 'error', message: `gave ${name} back: it ${reason}${times}${rest}` };
    }
    case 'blocked': {
      const { attempts, failures = 0 } = result;
      const all = failures > 1 ? `, the last of ${failures} failures` : '';
      const tries = attempts === 1 ? all : `, the last of ${attempts} times`;
      return { ...about(job), level: 'error', message: `blocked ${name}: it ${reason}${tries}${rest}` };
    }
    case 'asked':
      return { ...about(job), level: 'info', message: `gave ${name} back: it ${reason}${rest}` };
    case 'lost': {
      const message = `lost ${name}, its work was not completed: ${reason}${rest}`;
      return { ...about(job), level: 'error', message };
    }
    case 'no-room':
      return {
        ...about(job),
        level: 'warning',
        message: `gave ${name} back, it cannot be worked on here: ${reason}${rest}`,
      };
    case 'deferred':
      return { ...about(job), level: 'warning', message: `gave ${name} back for later: it ${reason}${rest}` };
    case 'interrupted':
      return { ...about(job), level: 'info', message: `gave ${name} back: ${reason}${rest}` };
    case 'unsettled':
      return { ...about(job), level: 'error', message: `still holds ${name}: ${reason}${rest}` };
  }
}

function about({ agent }: Job): { readonly agent: string } {
  return { agent };
}

function nameOf({ task }: { readonly task: TaskKey }): string {
  return formatKey(task);
}

function claims(count: number): string {
  return count === 1 ? '1 claim' : `${count} claims`;
}

export interface ProgressOptions {
  readonly agents: readonly string[];
  readonly logFor: (agent: string) => Log;
  /** For lines that are about all agents. */
  readonly log: Log;
  readonly stderr: Stderr;
  /** `display`: also one line per agent at the bottom of the terminal. */
  readonly form: 'display' | 'lines';
  now(): number;
}

interface AgentState {
  readonly doing: 'starting' | 'looking' | 'idle' | 'working' | 'left';
  readonly job?: Job;
  readonly since: number;
  readonly done: number;
  readonly failed: number;
}

/** Shows what a pool does: lines for what happened, and on a terminal one line per agent for what is happening now. */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #logs = new Map<string, Log>();
  readonly #agents = new Map<string, AgentState>();
  readonly #startedAt: number;
  #timer: NodeJS.Timeout | undefined;
  #lost = 0;
  #isFull = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#startedAt = options.now();
    for (const agent of options.agents) {
      this.#agents.set(agent, { doing: 'starting', since: this.#startedAt, done: 0, failed: 0 });
    }
    if (options.form === 'display') {
      this.#timer = setInterval(() => this.#draw(), 1000);
      this.#timer.unref();
    }
  }

  on(event: WorkEvent): void {
    this.#fold(event);
    const line = this.#once(event);
    const told = workTold(event);
    if (line !== undefined && told !== undefined) this.#log(line.agent).tell(told, line.message, { level: line.level });
    this.#draw();
  }

  /** A machine at its limits is worth one warning, but not one for each of a hundred agents. */
  #once(event: WorkEvent): ReturnType<typeof describeWork> {
    const line = describeWork(event);
    if (event.kind !== 'no-room' || line === undefined) return line;
    const level = this.#isFull ? 'debug' : line.level;
    this.#isFull = true;
    return { ...line, level };
  }

  /** Shows one line of output of the command for a task. */
  output(job: Job, line: string, stream: 'stdout' | 'stderr'): void {
    const { sink, style, format, level } = this.#options.stderr;
    // `-q` shows errors only; `--log-dir` has all output.
    if (level === 'error') return;
    if (format === 'json') this.#log(job.agent).tell({ event: 'command.output', ...named(job.task), stream }, line);
    else sink.write(`${style.dim(`[${job.agent}]`)} ${withColours(line)}\n`);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#options.stderr.sink.footer([]);
  }

  #log(agent: string | undefined): Log {
    if (agent === undefined) return this.#options.log;
    const known = this.#logs.get(agent) ?? this.#options.logFor(agent);
    this.#logs.set(agent, known);
    return known;
  }

  #fold(event: WorkEvent): void {
    const now = this.#options.now();
    const set = (agent: string, change: Partial<AgentState>): void => {
      const before = this.#agents.get(agent);
      if (before) this.#agents.set(agent, { ...before, ...change });
    };
    switch (event.kind) {
      case 'claiming':
        set(event.agent, { doing: 'looking', since: now });
        break;
      case 'claimed':
        set(event.job.agent, { doing: 'working', job: event.job, since: now });
        break;
      case 'idle':
        set(event.agent, { doing: 'idle', since: now });
        break;
      case 'left':
        set(event.agent, { doing: 'left', since: now });
        break;
      case 'finished':
        this.#count(event.result);
        set(event.result.job.agent, { doing: 'looking', since: now });
        break;
    }
  }

  #count(result: TaskResult): void {
    const { outcome, job } = result;
    if (outcome === 'lost') this.#lost++;
    const state = this.#agents.get(job.agent);
    if (state === undefined) return;
    const isFailed = outcome === 'failed' || outcome === 'blocked';
    this.#agents.set(job.agent, {
      ...state,
      done: state.done + (isDone(result) ? 1 : 0),
      failed: state.failed + (isFailed ? 1 : 0),
    });
  }

  #draw(): void {
    const { form, now } = this.#options;
    const { sink, style } = this.#options.stderr;
    if (form !== 'display') return;
    const states = [...this.#agents];
    const width = Math.max(...states.map(([agent]) => agent.length));
    const columns = (sink.columns ?? 80) - 1;
    const lines = states.map(([agent, state]) => {
      const text = `${agent.padEnd(width)}  ${activityOf(state, now()).padEnd(7)} ${state.doing === 'working' ? labelOf(state.job) : ''}`;
      const cut = sanitizeLine(text).slice(0, columns).trimEnd();
      return state.doing === 'working' ? cut : style.dim(cut);
    });
    const sum = (key: 'done' | 'failed'): number => states.reduce((total, [, state]) => total + state[key], 0);
    const working = states.filter(([, { doing }]) => doing === 'working').length;
    const elapsed = approximateDuration(now() - this.#startedAt);
    const lost = this.#lost === 0 ? '' : `, ${this.#lost} lost`;
    const total = `${sum('done')} completed, ${sum('failed')} failed${lost}, ${working} at work, ${elapsed}`;
    sink.footer([...lines, style.bold(total.slice(0, columns))]);
  }
}

function activityOf({ doing, since }: AgentState, now: number): string {
  return doing === 'working' ? approximateDuration(now - since) : doing;
}

function labelOf(job: Job | undefined): string {
  if (job === undefined) return '';
  return job.title === undefined ? nameOf(job) : `${nameOf(job)}  ${job.title}`;
}
