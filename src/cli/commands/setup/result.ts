import type { AgentName } from '../../../domain/setup/agents.ts';

/** What has happened to a file, or with `--dry-run` and `--check` would happen. */
export interface SetupFile {
  readonly path: string;
  readonly agents: readonly AgentName[];
  /** `none`: it is as it should be; `kept`: somebody has changed this file of ours. */
  readonly action: 'create' | 'update' | 'remove' | 'none' | 'kept';
}

export interface SetupResult {
  readonly agents: readonly AgentName[];
  /** The top of the working tree. */
  readonly dir: string;
  readonly files: readonly SetupFile[];
  /** Whether nothing had to change. */
  readonly upToDate: boolean;
  /** Whether files were written. */
  readonly changed: boolean;
  readonly presentation: { readonly mode: 'write' | 'check' | 'dry-run' };
}
