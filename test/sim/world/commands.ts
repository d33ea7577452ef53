import { Failure } from '../../../src/domain/base/failure.ts';
import type { ClaimIntent, Intent } from '../../../src/domain/intents/intent.ts';
import type { Outcome } from '../../../src/domain/intents/outcome.ts';
import type { NewTask } from '../../../src/domain/queue/new-task.ts';
import { formatKey } from '../../../src/domain/queue/task.ts';
import { runPool } from '../../../src/engine/pool/pool.ts';
import type { Submitted } from '../../../src/engine/queue/submitted.ts';
import { claimWhenClaimable } from '../../../src/engine/waiting/claim-when-claimable.ts';
import type { CommandEnd, RunningCommand } from '../../../src/engine/work/workspace.ts';
import type { PoolTold, Told } from '../history.ts';
import type { Command } from '../spec.ts';
import type { SimProcess } from './process.ts';
import type { SimQueue } from './queue.ts';

/** What a command needs of the world. */
export interface Surroundings {
  readonly process: SimProcess;
  readonly queue: SimQueue;
  readonly interrupt: AbortSignal;
  readonly urgent: AbortSignal;
  /** What an earlier process claimed. */
  readonly claimed: (process: string) => Extract<Outcome, { kind: 'claimed' }> | undefined;
  /** The world ends: those that go on forever stop. */
  readonly over: AbortSignal;
}

/** Carries a command out, as `src/cli/commands` does. */
export async function runCommand(command: Command, around: Surroundings): Promise<Told> {
  try {
    switch (command.kind) {
      case 'claim':
        return done(await claim(command, around));
      case 'work':
        return await work(command, around);
      case 'watch':
        return await watch(around);
      case 'stranger':
        return { kind: 'stopped' };
      default: {
        const intent = intentOf(command, around);
        return intent === undefined ? { kind: 'stopped' } : done(await around.queue.submit(intent));
      }
    }
  } catch (error) {
    return failed(error);
  }
}

/** What an error says to a caller. */
export function failed(error: unknown): Told {
  if (!(error instanceof Failure)) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: 'failed', code: 'no-failure', words };
  }
  return {
    kind: 'failed',
    code: error.code,
    words: [error.message, error.hint, JSON.stringify(error.details)].join(' | '),
  };
}

function done({ outcome, commit }: Submitted): Told {
  return { kind: 'done', outcome, commit };
}

function claim(
  { agent, waitMs }: Extract<Command, { kind: 'claim' }>,
  { queue, process, interrupt }: Surroundings,
): Promise<Submitted> {
  const intent = (): ClaimIntent => ({
    kind: 'claim',
    request: process.random.id(),
    agent,
    filter: {},
    attempt: 1,
    waitedMs: 0,
  });
  if (waitMs === undefined) return queue.submit(intent());
  const forMs = waitMs === 'ever' ? undefined : waitMs;
  const { clock } = process;
  return claimWhenClaimable(queue, intent, { forMs, clock, signal: interrupt, onWait: () => undefined });
}

function intentOf(
  command: Exclude<Command, { kind: 'claim' | 'work' | 'watch' | 'stranger' }>,
  { process, claimed }: Surroundings,
): Intent | undefined {
  switch (command.kind) {
    case 'complete':
    case 'review':
    case 'release':
    case 'note':
    case 'ask':
    case 'answer':
    case 'edit':
    case 'take':
    case 'heartbeat': {
      const of = claimed(command.claim);
      if (of === undefined) return undefined;
      const { claimId, claimedBy: agent } = of.claim;
      if (command.kind === 'note') {
        return { kind: 'note', request: process.random.id(), agent, task: of.key, text: 'half of it is done' };
      }
      if (command.kind === 'edit') {
        const edits = { title: `As ${process.name} says`, priority: 7, labels: { by: process.name } };
        return { kind: 'edit', request: process.random.id(), agent: 'planner', task: of.key, edits };
      }
      if (command.kind === 'ask') {
        return { kind: 'ask', request: process.random.id(), agent, task: of.key, claimId, text: 'which one?' };
      }
      if (command.kind === 'take') {
        return { kind: 'take', request: process.random.id(), agent: `${agent}-heir`, task: of.key, from: agent };
      }
      if (command.kind === 'answer') {
        return { kind: 'answer', request: process.random.id(), agent: 'Ada Lovelace', task: of.key, text: 'this one' };
      }
      return { kind: command.kind, request: process.random.id(), agent, task: of.key, claimId };
    }
    case 'cancel':
    case 'reopen':
    case 'block':
    case 'free':
      return changing(command, process.random.id());
    case 'pause':
      return { kind: 'pause', request: process.random.id(), agent: 'Ada Lovelace', reason: 'the tree is red' };
    case 'resume':
      return { kind: 'resume', request: process.random.id(), agent: 'Ada Lovelace' };
    case 'release-stalled':
      return { kind: 'release-stalled', request: process.random.id(), agent: 'orchestrator' };
    case 'add': {
      const task: NewTask = { title: 'One more', criteria: [], required: [], blocks: [], labels: {}, rest: {} };
      return { kind: 'add', request: process.random.id(), agent: 'planner', project: 'auth', tasks: [task] };
    }
  }
}

function changing(
  { kind, task }: Extract<Command, { kind: 'cancel' | 'reopen' | 'block' | 'free' }>,
  request: string,
): Intent {
  const named = { request, agent: 'Ada Lovelace', task: { id: `TASK-${task}` } };
  switch (kind) {
    case 'cancel':
    case 'block':
      return { kind, ...named, reason: 'no more' };
    case 'reopen':
      return { kind, ...named };
    case 'free':
      return { kind: 'unblock', ...named, agent: 'orchestrator' };
  }
}

async function work(
  { agents, agent, runsMs, idle, maxTasks, stubborn }: Extract<Command, { kind: 'work' }>,
  { queue, process, interrupt, urgent }: Surroundings,
): Promise<PoolTold> {
  const warnings: string[] = [];
  const { clock, random, name } = process;
  const report = await runPool(
    {
      agents: Array.from({ length: agents }, (_, index) => `${agent ?? name}-${index + 1}`),
      filter: {},
      prefer: undefined,
      staggerMs: 0,
      maxTasks,
      until: 'nothing-claimable',
      idle: idle === 'leave' ? { kind: 'leave' } : { kind: 'wait', ms: idle },
      heartbeatMs: undefined,
      rules: { graceMs: 5_000, timeoutMs: undefined, retries: undefined, retryDelayMs: 10_000 },
    },
    {
      queue,
      workspaces: {
        open: async () => ({
          checks: [],
          start: () => startCommand(process, runsMs, stubborn),
          startCheck: () => startCommand(process, 0),
          lacking: async () => undefined,
          said: async () => ({ problems: [] }),
          clear: async () => ({}),
        }),
      },
      clock,
      random,
      interrupt,
      urgent,
      onEvent: (event) => {
        if (event.kind === 'warning') warnings.push(event.message);
      },
      checkout: { claimed: async () => undefined, pushed: () => undefined },
    },
  );
  await queue.forgetHeartbeats();
  const of = (...outcomes: readonly string[]) => report.results.filter(({ outcome }) => outcomes.includes(outcome));
  return {
    kind: 'pool',
    completed: of('completed').map(({ job }) => formatKey(job.task)),
    unsettled: [...of('unsettled', 'lost').map(({ job }) => formatKey(job.task)), ...warnings].join(' | '),
    failure: report.failure === undefined ? undefined : `${report.failure.code}: ${report.failure.message}`,
  };
}

/** A command that runs for a while and ends well, unless it is stopped. */
function startCommand({ clock }: SimProcess, runsMs: number, isStubborn = false): RunningCommand {
  const over = new AbortController();
  let stop = (_graceMs: number): void => undefined;
  const ended = new Promise<CommandEnd>((resolve) => {
    const end = (how: CommandEnd): void => {
      resolve(how);
      over.abort();
    };
    const after = (ms: number, how: CommandEnd): void => {
      clock.sleep(ms, over.signal).then(
        () => end(how),
        () => undefined,
      );
    };
    after(runsMs, { kind: 'exited', code: 0, output: [] });
    stop = (graceMs) => {
      const killed: CommandEnd = { kind: 'signalled', signal: 'SIGKILL', output: [] };
      if (graceMs === 0) end(killed);
      else if (isStubborn) after(graceMs, killed);
      else end({ kind: 'signalled', signal: 'SIGTERM', output: [] });
    };
  });
  return { ended, stop: (graceMs) => stop(graceMs) };
}

async function watch({ queue, over }: Surroundings): Promise<Told> {
  try {
    for (let tip = await queue.tips.look(over); ; ) tip = await queue.tips.changed(tip, over);
  } catch (error) {
    if (over.aborted) return { kind: 'stopped' };
    throw error;
  }
}
