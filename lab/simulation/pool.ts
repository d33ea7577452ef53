import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../src/domain/base/clock.ts';
import type { AgentProcesses, AgentRun, Argv } from './agent-process.ts';

/** One agent of a pool, and how it asks for work. */
export interface PoolAgent {
  readonly name: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly claim: Argv;
  complete(task: string): Argv;
  /** When it is killed, in ms after the start; absent: it lives. */
  readonly crashAfterMs?: number;
}

/** What one process of an agent answered. */
export interface AgentAnswer {
  readonly agent: string;
  readonly action: 'claim' | 'complete';
  /** `project/TASK-ID`; undefined if it got none. */
  readonly task: string | undefined;
  /** null if it was killed. */
  readonly exitCode: number | null;
  /** Milliseconds since the pool started. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** Last line on stderr of an unexpected answer. */
  readonly words: string | undefined;
}

export interface PoolOptions {
  readonly processes: AgentProcesses;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long (ms) each agent works on a task before it completes it and claims again; undefined: each claims once. */
  readonly workMs: number | undefined;
}

/** Answers that an agent can live with: done, nothing to claim, gave up, and killed by us. */
const EXPECTED: readonly (number | null)[] = [0, 1, 2, null];

/** Starts all agents at once and lets them run to their end. */
export async function runPool(agents: readonly PoolAgent[], options: PoolOptions): Promise<readonly AgentAnswer[]> {
  // Every agent listens for the interrupt; node takes more than ten listeners for a leak.
  setMaxListeners(agents.length * 3 + 10, options.signal);
  const start = options.clock.now();
  const answers = await Promise.all(agents.map((agent) => runAgent(agent, start, options)));
  options.signal.throwIfAborted();
  return answers.flat();
}

async function runAgent(agent: PoolAgent, start: number, options: PoolOptions): Promise<AgentAnswer[]> {
  const { processes, clock, signal, workMs } = options;
  const crash = new AbortController();
  const timer = agent.crashAfterMs === undefined ? undefined : setTimeout(() => crash.abort(), agent.crashAfterMs);
  const answers: AgentAnswer[] = [];
  const run = async (action: AgentAnswer['action'], command: Argv, task?: string): Promise<AgentAnswer> => {
    const { cwd, env } = agent;
    const ran = await processes.run(command, { cwd, env, clock, signal, crash: crash.signal });
    const answer = toAnswer(agent.name, action, ran, start, task);
    answers.push(answer);
    return answer;
  };
  try {
    while (!signal.aborted && !crash.signal.aborted) {
      const claimed = await run('claim', agent.claim);
      if (claimed.task === undefined || workMs === undefined) break;
      await sleep(workMs, undefined, { signal: AbortSignal.any([signal, crash.signal]) }).catch(() => undefined);
      if (signal.aborted || crash.signal.aborted) break;
      await run('complete', agent.complete(claimed.task), claimed.task);
    }
    return answers;
  } finally {
    clearTimeout(timer);
  }
}

function toAnswer(
  agent: string,
  action: AgentAnswer['action'],
  run: AgentRun,
  start: number,
  task: string | undefined,
): AgentAnswer {
  const { exitCode, stdout, stderr } = run;
  const claimed = exitCode === 0 ? stdout.split('\n')[0] : undefined;
  return {
    agent,
    action,
    task: action === 'claim' ? claimed : task,
    exitCode,
    startedMs: run.startedAt - start,
    endedMs: run.endedAt - start,
    words: EXPECTED.includes(exitCode) ? undefined : stderr.trim().split('\n').at(-1),
  };
}
