import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGitClient, type GitClient } from '../../src/git/process/git-client.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

/** Pushes as the server counted them. */
export interface PushCounts {
  /** Pushes that reached the server, whatever their outcome. */
  readonly started: number;
  /** How many of them the server carried out. */
  readonly landed: number;
  /** How many of them moved the branch. */
  readonly moves: number;
}

/** Where agents work: one remote, and clones of it that count pushes and delay connections. */
export interface Arena {
  /** Absolute. */
  readonly root: string;
  /** Where the branch can be read after the race, and its full name there. */
  readonly git: GitClient;
  readonly ref: string;
  /** The options with which agents find the branch. */
  readonly options: readonly string[];
  /** Makes a working folder for one more agent. `tree`: with the files of the branch checked out. */
  place(name: string, form: 'detached' | 'tree'): Promise<string>;
  /** Environment of the agents on a machine: agents on the same machine share their pushes, others do not meet. */
  environment(machine: number): Promise<Readonly<Record<string, string>>>;
  pushes(): Promise<PushCounts>;
}

export interface ArenaOptions {
  readonly sandbox: Sandbox;
  readonly branch: string;
  /** Added to every connection to the remote. */
  readonly latencyMs: number;
}

/** Prepares the remote for counting, and one clone of it to copy: 200 clones would take longer than the race. */
export async function createArena({ sandbox, branch, latencyMs }: ArenaOptions): Promise<Arena> {
  const bin = join(sandbox.root, 'server');
  const started = join(bin, 'started');
  const landed = join(bin, 'landed');
  await mkdir(bin);
  await writeFile(started, '');
  await writeFile(landed, '');
  const nap = latencyMs > 0 ? [`sleep ${(latencyMs / 1000).toFixed(3)}`] : [];
  await script(join(bin, 'upload-pack'), [...nap, 'exec git upload-pack "$@"']);
  await script(join(bin, 'receive-pack'), [`echo >>${quoted(started)}`, ...nap, 'exec git receive-pack "$@"']);
  const hooks = join(sandbox.remote, 'hooks');
  await mkdir(hooks, { recursive: true });
  await script(join(hooks, 'post-receive'), [
    'what=refs',
    `while read -r old new ref; do if [ "$ref" = refs/heads/${branch} ]; then what=branch; fi; done`,
    `echo $what >>${quoted(landed)}`,
  ]);

  const original = await sandbox.clone('original');
  const settings = [
    ...(nap.length > 0 ? [['uploadpack', join(bin, 'upload-pack')] as const] : []),
    ['receivepack', join(bin, 'receive-pack')] as const,
  ];
  const config = join(original, '.git', 'config');
  const lines = settings.map(([name, path]) => `\t${name} = ${JSON.stringify(quoted(path))}\n`);
  await writeFile(config, `${await readFile(config, 'utf8')}[remote "origin"]\n${lines.join('')}`);
  const tip = await readFile(join(sandbox.remote, 'refs', 'heads', branch), 'utf8');

  return {
    root: sandbox.root,
    git: createGitClient({ dir: sandbox.remote, env: sandbox.env }),
    ref: `refs/heads/${branch}`,
    options: [],
    async place(name, form) {
      const folder = join(sandbox.root, name);
      if (form === 'tree') await cp(original, folder, { recursive: true });
      else {
        // As on a CI machine: a checkout that does not follow the branch.
        await cp(join(original, '.git'), join(folder, '.git'), { recursive: true });
        await writeFile(join(folder, '.git', 'HEAD'), tip);
      }
      return folder;
    },
    async environment(machine) {
      const runtime = join(sandbox.root, `m${machine}`);
      await mkdir(runtime, { recursive: true, mode: 0o700 });
      return { ...sandbox.env, XDG_RUNTIME_DIR: runtime };
    },
    async pushes() {
      const results = await linesOf(landed);
      return {
        started: (await readFile(started, 'utf8')).length,
        landed: results.length,
        moves: results.filter((what) => what === 'branch').length,
      };
    },
  };
}

async function linesOf(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
}

async function script(path: string, lines: readonly string[]): Promise<void> {
  await writeFile(path, `${['#!/bin/sh', ...lines].join('\n')}\n`);
  await chmod(path, 0o755);
}

/** The text quoted as one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
