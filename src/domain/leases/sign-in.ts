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
