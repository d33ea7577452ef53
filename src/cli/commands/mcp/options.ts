import type { CommonOptions } from '../../command/declaration.ts';

/** Options of `agentq mcp`. */
export interface McpOptions extends CommonOptions {
  /** The only project that it claims from and looks at; undefined: any. */
  readonly project: string | undefined;
  /** What the agent can do. */
  readonly can: readonly string[];
  /** What becomes of the tasks that it holds when the session ends. */
  readonly onExit: 'release' | 'keep';
  /** Most tasks held at a time. */
  readonly mostHeld: number;
  /** Time (ms) between two heartbeats; undefined: a third of the pool's `stalled_after`. */
  readonly heartbeatMs: number | undefined;
  /** Whether it may work under an agent id that another machine uses. */
  readonly names: 'own' | 'taken-over';
  /** The task of the worker that has started the agent, which renews and ends it; undefined: there is no worker. */
  readonly workersTask: string | undefined;
}
