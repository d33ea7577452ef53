import { accessSync, constants, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Identity of whatever the benches commit by hand. */
const IDENTITY = {
  GIT_AUTHOR_NAME: 'bench',
  GIT_AUTHOR_EMAIL: 'bench@example.com',
  GIT_COMMITTER_NAME: 'bench',
  GIT_COMMITTER_EMAIL: 'bench@example.com',
};

/** Variables that make every start of node slower, and with it whatever a ratio is taken against. */
const SLOWING = ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'NODE_V8_COVERAGE'];

/**
 * What measured processes get: the shell's environment, as agents started from it would, without settings of git and
 * agentq, and with home and temporary files in `root`.
 */
export function benchEnvironment(root: string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !/^(?:GIT_|AGENTQ_|XDG_)/.test(name)) env[name] = value;
  }
  return { ...env, ...IDENTITY, HOME: root, TMPDIR: root, GIT_CONFIG_NOSYSTEM: '1' };
}

/** What a reader of ratios must know of this shell; empty where there is nothing. */
export function environmentNote(): string {
  const set = SLOWING.filter((name) => process.env[name]);
  if (set.length === 0) return '';
  return `Here every start of node is slower, and ratios to it smaller, for ${set.join(' and ')} is set; without: env -i PATH="$PATH" HOME="$HOME" npm run ...`;
}

/**
 * Has temporary files in memory where the machine has a folder for that and TMPDIR names no other: on some file systems (ext4
 * without a journal) making files is ten times slower for minutes after many were removed, which every round does.
 */
export function workInMemory(): void {
  if (process.env.TMPDIR === undefined && canRunFrom('/dev/shm')) process.env.TMPDIR = '/dev/shm';
}

/** Containers often forbid to execute anything from there. */
function canRunFrom(folder: string): boolean {
  const probe = join(folder, `agentq-bench-${process.pid}`);
  try {
    writeFileSync(probe, '', { mode: 0o755 });
    accessSync(probe, constants.X_OK);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { force: true });
  }
}
