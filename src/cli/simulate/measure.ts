import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGitClient } from '../../git/git-client.ts';
import { createSandbox, type Sandbox } from '../../git/sandbox.ts';
import type { CommandContext } from '../context.ts';
import { AgentProcesses, ownProgram } from './agent-process.ts';
import { type Arena, createArena } from './arena.ts';
import { auditBranch } from './audit.ts';
import { crashPlan } from './crash-plan.ts';
import { figuresOf, type Setting, toSamples } from './figures.ts';
import { OLD_AGENT, OLD_AGENT_IDENTITY } from './old-agent.ts';
import { type PoolAgent, runPool } from './pool.ts';
import { BRANCH, simulatedQueue } from './queue.ts';
import type { SimulationRun } from './simulation.ts';

/** Longest wait (ms) for what killed agents have left running, a push on its way for example. */
const SETTLE_MS = 30_000;

/** Lets a pool of real processes race in a temporary folder, and says how it went. Nothing is left behind. */
export async function measure(setting: Setting, context: CommandContext): Promise<SimulationRun> {
  const { clock, env, signal } = context;
  const commits = [simulatedQueue(setting.tasks, setting.projects, clock.now())];
  const sandbox = await createSandbox({ parent: tmpdir(), branch: BRANCH, commits, env, signal });
  // A second Ctrl-C ends this process at once, without the `finally` below.
  const removeAtExit = (): void => rmSync(sandbox.root, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  try {
    return await race(setting, context, sandbox);
  } finally {
    process.removeListener('exit', removeAtExit);
    await sandbox.remove();
  }
}

async function race(setting: Setting, { clock, signal }: CommandContext, sandbox: Sandbox): Promise<SimulationRun> {
  const arena = await createArena({ sandbox, branch: BRANCH, latencyMs: setting.latencyMs });
  const agents = await enter(setting, arena);
  const processes = new AgentProcesses();
  try {
    const answers = await runPool(agents, { processes, clock, signal, workMs: setting.workMs ?? undefined });
    await processes.settle(SETTLE_MS);
    const git = createGitClient({ dir: sandbox.remote, env: sandbox.env, signal });
    const audit = await auditBranch(git, `refs/heads/${BRANCH}`);
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

/** The agents of the pool, each with a clone of its own, dealt out to the machines one after the other. */
async function enter(setting: Setting, arena: Arena): Promise<PoolAgent[]> {
  const isOld = setting.algorithm === 'v2';
  const script = join(arena.sandbox.root, 'old-agent.sh');
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
      ...(crashAfterMs === undefined ? {} : { crashAfterMs }),
      ...(isOld
        ? {
            env: { ...env, ...OLD_AGENT_IDENTITY },
            claim: ['bash', script, 'claim', name],
            complete: (task) => ['bash', script, 'complete', task, name],
          }
        : {
            env,
            claim: [...ownProgram(), 'claim', name],
            complete: (task) => [...ownProgram(), 'complete', task, name],
          }),
    });
  }
  return agents;
}
