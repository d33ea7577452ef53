import type { Arena } from './arena.ts';
import type { Installed } from './install.ts';
import { type Peer, type Tool, toolAt } from './peer.ts';

/**
 * `folder`: all agents in one clone. `documented`: a clone for each, and what the documentation says. `loop`: a clone
 * for each, and a loop made by hand that pulls, claims, shares the claim and begins again if somebody was faster.
 */
export const RACES = ['folder', 'documented', 'loop'] as const;

export type RaceKind = (typeof RACES)[number];

/** What became of one race. */
export interface Outcome {
  /** Agents that took a task for their own. */
  readonly claims: number;
  /** Tasks that at least one agent took for its own. */
  readonly tasks: number;
  /** Agents that had no task when the time was over, or whose command failed. */
  readonly without: number;
  /** Pushes that the remote did not take; undefined: nobody pushed. */
  readonly wasted: number | undefined;
  readonly pushes: number;
  readonly seconds: number;
  /** The first failure, if there was one. */
  readonly problem: string | undefined;
}

export interface Race {
  readonly kind: RaceKind;
  readonly agents: number;
  /** When agents of a loop give up (ms). */
  readonly limitMs: number;
}

/** Whether the race makes sense for the peer: agentq needs no loop. */
export function runs(peer: Peer, kind: RaceKind): boolean {
  return kind !== 'loop' || peer.share !== undefined;
}

/** Lets agents claim at once. Making their clones takes none of the time. */
export async function race(peer: Peer, { command }: Installed, arena: Arena, rules: Race): Promise<Outcome> {
  const shared = rules.kind === 'folder' ? [toolAt(command, await arena.place('shared'))] : [];
  const agents: { name: string; tool: Tool }[] = [];
  for (let index = 1; index <= rules.agents; index++) {
    const name = `agent-${index}`;
    agents.push({ name, tool: shared[0] ?? toolAt(command, await arena.place(name)) });
  }
  const before = await arena.pushes();
  const startedAt = performance.now();
  const ends = startedAt + rules.limitMs;
  const results = await Promise.allSettled(
    agents.map(({ name, tool }) => {
      if (rules.kind === 'loop') return inLoop(peer, tool, name, ends);
      return rules.kind === 'folder' ? peer.claim(tool, name) : afterReceiving(peer, tool, name);
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const { begun, landed } = await arena.pushes();
  const claimed = results.flatMap((result) =>
    result.status === 'fulfilled' && result.value !== undefined ? [result.value] : [],
  );
  const failed = results.find((result) => result.status === 'rejected');
  const pushes = begun - before.begun;
  return {
    claims: claimed.length,
    tasks: new Set(claimed).size,
    without: rules.agents - claimed.length,
    wasted: pushes === 0 ? undefined : pushes - (landed - before.landed),
    pushes,
    seconds,
    problem: failed === undefined ? undefined : String((failed.reason as Error).message),
  };
}

async function afterReceiving(peer: Peer, tool: Tool, agent: string): Promise<string | undefined> {
  await peer.receive?.(tool);
  return peer.claim(tool, agent);
}

/** As careful as a shell script can be: what was not shared is not a claim. */
async function inLoop(peer: Peer, tool: Tool, agent: string, ends: number): Promise<string | undefined> {
  for (let lost = 0; performance.now() < ends; lost++) {
    await peer.receive?.(tool);
    const task = await peer.claim(tool, agent);
    if (task === undefined || (await peer.share?.(tool, agent, task)) === true) return task;
    await pause(Math.random() * Math.min(200 * 2 ** lost, 5000));
  }
  return undefined;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
