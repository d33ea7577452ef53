import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Randomness } from '../../src/domain/base/clock.ts';
import { given } from '../../src/domain/base/given.ts';
import { createSandbox, type SandboxCommit } from '../sandbox/sandbox.ts';
import { createThrowawayBranch } from '../sandbox/throwaway-branch.ts';
import { AgentProcesses, type Argv } from './agent-process.ts';
import { type Arena, createArena } from './arena.ts';
import { auditBranch } from './audit.ts';
import { crashPlan } from './crash-plan.ts';
import { figuresOf, type Setting, toSamples } from './figures.ts';
import { OLD_AGENT, OLD_AGENT_IDENTITY } from './old-agent.ts';
import { type PoolAgent, runPool } from './pool.ts';
import { BRANCH, simulatedQueue } from './queue.ts';
import { createRemoteArena, leftoversOf } from './remote-arena.ts';
import type { SimulationRun } from './simulation.ts';

/** Longest wait (ms) for processes that killed agents left running, for example a push on its way. */
const SETTLE_MS = 30_000;

/** What a race works with. */
export interface Surroundings {
  /** Where the user's repository is. */
  readonly config: { readonly dir: string };
  readonly clock: Clock;
  readonly random: Randomness;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly log: { info(message: string): void };
  /** How to start the agentq that is measured. */
  readonly program: Argv;
  /** Variables that tell agents where machines meet. */
  readonly meet: Readonly<Record<string, string>>;
}

/**
 * Lets a pool of real processes race, in a temporary folder or on a throwaway branch of one of the user's remotes, and
 * returns its figures. Nothing is left behind.
 */
export async function measure(
  setting: Setting,
  remote: string | undefined,
  context: Surroundings,
): Promise<SimulationRun> {
  const { clock, env, signal } = context;
  const commit = simulatedQueue(setting.tasks, setting.projects, clock.now());
  if (remote !== undefined) return measureAt(remote, commit, setting, context);
  const sandbox = await createSandbox({ parent: tmpdir(), branch: BRANCH, commits: [commit], env, signal });
  return removed(sandbox.root, sandbox.remove, async () => {
    const arena = await createArena({ sandbox, branch: BRANCH, latencyMs: setting.latencyMs });
    return race(setting, context, arena);
  });
}

async function measureAt(
  remote: string,
  commit: SandboxCommit,
  setting: Setting,
  { config, clock, random, env, signal, log, program, meet }: Surroundings,
): Promise<SimulationRun> {
  const branch = `agentq-simulation-${random.id()}`;
  const { dir } = config;
  const throwaway = await createThrowawayBranch({ dir, remote, branch, commit, parent: tmpdir(), env, signal });
  log.info(`the agents race on ${branch} at ${remote}, which is removed afterwards`);
  const remove = async (): Promise<void> => throwaway.remove(await leftoversOf(throwaway, remote));
  return removed(throwaway.root, remove, async () => {
    const arena = await createRemoteArena(throwaway, remote, env);
    return race(setting, { clock, signal, program, meet }, arena, throwaway.fetch);
  });
}

async function removed<T>(root: string, remove: () => Promise<void>, use: () => Promise<T>): Promise<T> {
  // A second Ctrl-C ends this process at once, without the `finally` below.
  const removeAtExit = (): void => rmSync(root, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  try {
    return await use();
  } finally {
    await remove();
    process.removeListener('exit', removeAtExit);
  }
}

async function race(
  setting: Setting,
  { clock, signal, program, meet }: Pick<Surroundings, 'clock' | 'signal' | 'program' | 'meet'>,
  arena: Arena,
  catchUp: () => Promise<void> = async () => undefined,
): Promise<SimulationRun> {
  const agents = await enter(setting, arena, program, meet);
  const processes = new AgentProcesses();
  try {
    const answers = await runPool(agents, { processes, clock, signal, workMs: setting.workMs ?? undefined });
    await processes.settle(SETTLE_MS);
    await catchUp();
    const audit = await auditBranch(arena.git, arena.ref);
    const pushes = await arena.pushes();
    return figuresOf(setting, {
      ...toSamples(setting, answers, audit),
      pushes: pushes.started,
      rejectedPushes: pushes.started - pushes.landed,
      branchMoves: pushes.moves,
    });
  } finally {
    await processes.settle(signal.aborted ? 0 : SETTLE_MS);
  }
}

/** The agents of the pool, each with a clone of its own, dealt out to the machines in turn. */
async function enter(
  setting: Setting,
  arena: Arena,
  program: Argv,
  meet: Readonly<Record<string, string>>,
): Promise<PoolAgent[]> {
  const isOld = setting.algorithm === 'v2';
  const script = join(arena.root, 'old-agent.sh');
  if (isOld) await writeFile(script, OLD_AGENT);
  const crashes = crashPlan(setting);
  const agents: PoolAgent[] = [];
  for (let index = 0; index < setting.agents; index++) {
    const name = `agent-${index + 1}`;
    const cwd = await arena.place(`c${index + 1}`, isOld ? 'tree' : 'detached');
    const env = await arena.environment(index % setting.machines);
    const crashAfterMs = crashes.get(index);
    agents.push({
      name,
      cwd,
      ...given({ crashAfterMs }),
      ...(isOld
        ? {
            env: { ...env, ...OLD_AGENT_IDENTITY },
            claim: ['bash', script, 'claim', name],
            complete: (task) => ['bash', script, 'complete', task, name],
          }
        : {
            env: { ...env, ...meet },
            claim: [...program, 'claim', name, ...arena.options],
            complete: (task) => [...program, 'complete', task, name, ...arena.options],
          }),
    });
  }
  return agents;
}
