import { isoSeconds } from '../base/clock.ts';
import { CLOCK_SKEW_MS } from '../queue/clock-proof.ts';
import type { Watched } from './sightings.ts';

/** Where worker processes sign in, one ref each; `git branch` and a normal clone never see these refs. */
export const SIGN_INS: string = 'refs/agentq/agents/';

/** What a process does under the names that it signed in. */
export type SignInCommand = 'work' | 'heartbeat' | 'mcp';

/** Says that a process on some machine acts for these agents, also while they hold nothing. */
export interface SignIn {
  readonly agents: readonly string[];
  /** The name of the machine, for people. */
  readonly machine: string;
  /** Identifies the machine, where two may have the same name. */
  readonly machineId: string;
  readonly pid: number;
  readonly command: SignInCommand;
  readonly version: string;
  /** What tasks may need that this worker has, such as `gpu`. */
  readonly capabilities: readonly string[];
  /** The only project that it works for; absent: any. */
  readonly project?: string;
  /** By its own clock, ms since the epoch. */
  readonly since: number;
  /** When it was last renewed, by its own clock. */
  readonly seen: number;
  /** It is renewed long before this time (ms) is over: after it, the process has ended without saying so. */
  readonly validMs: number;
}

/** A sign-in, and whether its process is believed to be there still. */
export interface SignedIn {
  readonly signIn: SignIn;
  readonly isFresh: boolean;
}

/**
 * How long (ms) a sign-in counts without a renewal. For this long, a killed process keeps its names from other
 * machines.
 */
export const SIGN_IN_VALID_MS: number = 15 * 60_000;

/** It is renewed this often (times) meanwhile: two renewals may fail. */
export const RENEWALS_IN_VALID = 3;

/** What others wrote is believed within these limits (ms). */
const SHORTEST_VALID_MS = 60_000;
const LONGEST_VALID_MS = 24 * 3_600_000;

/**
 * Whether the process is believed to be there: it renews its sign-in long before the time is over.
 *
 * What this clone has seen itself counts more than what clocks say: for how long it has watched this sign-in, and when
 * it looked and the sign-in was not there yet. By clocks, a sign-in that is older, or lies in the future, proves
 * nothing for its process: the next look shows whether it was renewed.
 * @param watched by this clone, of this very renewal; undefined: it has never looked before
 * @param now ms since the epoch
 */
export function isThere({ seen, validMs: said }: SignIn, watched: Watched | undefined, now: number): boolean {
  const validMs = Math.min(Math.max(said, SHORTEST_VALID_MS), LONGEST_VALID_MS);
  if (watched !== undefined && watched.watchedMs > validMs) return false;
  if (watched?.arrivedWithinMs !== undefined && watched.arrivedWithinMs <= validMs) return true;
  return Math.abs(now - seen) <= validMs + CLOCK_SKEW_MS;
}

/** An agent id that another machine works under right now. */
export interface InUse {
  readonly agent: string;
  readonly by: SignIn;
}

/** Which of these agents are at work on another machine, by the newest sign-in of each. */
export function inUseElsewhere(
  signedIn: readonly SignedIn[],
  { agents, machineId }: Pick<SignIn, 'agents' | 'machineId'>,
): readonly InUse[] {
  const others = signedIn
    .filter(({ isFresh, signIn }) => isFresh && signIn.machineId !== machineId)
    .map(({ signIn }) => signIn)
    .sort((a, b) => b.seen - a.seen);
  return agents.flatMap((agent) => {
    const by = others.find((signIn) => signIn.agents.includes(agent));
    return by === undefined ? [] : [{ agent, by }];
  });
}

/** Where the process is, for messages: the machine, the process, and since when. */
export function describeSignIn({ machine, pid, command, since }: SignIn): string {
  return `${machine}, process ${pid} (agentq ${command}), since ${isoSeconds(since)}`;
}

/**
 * Which of these sign-ins nobody needs any more: their processes have been gone for a day, by our clock and by others.
 */
export function longGone<One extends { readonly signIn: SignIn }>(signIns: readonly One[], now: number): One[] {
  const newest = Math.max(...signIns.map(({ signIn }) => signIn.seen));
  return signIns.filter(({ signIn }) => signIn.seen < Math.min(now, newest) - LONGEST_VALID_MS);
}
