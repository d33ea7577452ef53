import { accessSync, constants, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Identity for commits that the benches make by hand. */
const IDENTITY = {
  GIT_AUTHOR_NAME: 'bench',
  GIT_AUTHOR_EMAIL: 'bench@example.com',
  GIT_COMMITTER_NAME: 'bench',
  GIT_COMMITTER_EMAIL: 'bench@example.com',
};

/** Variables that make every start of node slower, and with it the base of the ratios. */
const SLOWING = ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'NODE_V8_COVERAGE'];

/**
 * The environment of measured processes: that of the shell, as for agents started from it, without settings of git and
 * agentq, and with home and temporary files in `root`.
 */
export function benchEnvironment(root: string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !/^(?:GIT_|AGENTQ_|XDG_)/.test(name)) env[name] = value;
  }
  return { ...env, ...IDENTITY, HOME: root, TMPDIR: root, GIT_CONFIG_NOSYSTEM: '1' };
}

/** What a reader of ratios must know about this shell; empty if there is nothing. */
export function environmentNote(): string {
  const set = SLOWING.filter((name) => process.env[name]);
  if (set.length === 0) return '';
  return `Here every start of node is slower, and ratios to it smaller, because ${set.join(' and ')} is set; without: env -i PATH="$PATH" HOME="$HOME" npm run ...`;
}

/** Free space (bytes) that a folder in memory must have: containers often give it 64 MB. */
const ROOM = 2 * 1024 ** 3;

/**
 * Puts temporary files into memory if the machine has a folder for that and TMPDIR names no other. On some file systems
 * (ext4 without a journal) it is ten times slower to make files for minutes after many were removed, as every round
 * does. Tests of many clones take 13% less processor time.
 */
export function workInMemory(): void {
  if (process.env.TMPDIR === undefined && canRunFrom('/dev/shm')) process.env.TMPDIR = '/dev/shm';
}

/** Whether the folder has room, and programs can run from it: containers often forbid it. */
function canRunFrom(folder: string): boolean {
  const probe = join(folder, `agentq-bench-${process.pid}`);
  try {
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < ROOM) return false;
    writeFileSync(probe, '', { mode: 0o755 });
    accessSync(probe, constants.X_OK);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { force: true });
  }
}
