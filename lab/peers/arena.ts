import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must, type Place } from './commands.ts';
import type { Peer } from './peer.ts';

/** A bare remote that counts pushes, and a queue in it that one peer has made. */
export interface Arena {
  /** A clone of the remote, as on a machine of its own. */
  place(name: string): Promise<Place>;
  /** Pushes that were begun, and those that the remote took. */
  pushes(): Promise<{ begun: number; landed: number }>;
}

/** @param make makes the queue in a clone, and pushes it */
export async function arenaFor(
  peer: Peer,
  root: string,
  base: Place,
  make: (place: Place) => Promise<void>,
): Promise<Arena> {
  await mkdir(root, { recursive: true });
  const remote = join(root, 'remote.git');
  const receive = join(root, 'receive-pack');
  const [begun, landed] = [join(root, 'begun'), join(root, 'landed')];
  const here = { ...base, cwd: root };
  await must('git', ['init', '-q', '--bare', '-b', 'main', remote], here);
  await script(receive, [`echo push >>'${begun}'`, 'exec git-receive-pack "$@"']);
  await script(join(remote, 'hooks', 'post-receive'), [`echo push >>'${landed}'`]);

  async function place(name: string): Promise<Place> {
    const cwd = join(root, name);
    const runtime = join(root, `run-${name}`);
    await mkdir(runtime, { recursive: true, mode: 0o700 });
    await must('git', ['clone', '-q', remote, cwd], here);
    const at = { ...base, cwd, env: { ...base.env, ...peer.env, XDG_RUNTIME_DIR: runtime } };
    await must('git', ['config', 'remote.origin.receivepack', `'${receive}'`], at);
    return at;
  }

  const first = await place('first');
  await must('git', ['commit', '-q', '--allow-empty', '-m', 'Begin'], first);
  await must('git', ['push', '-q', 'origin', 'HEAD:main', 'HEAD:develop'], first);
  await make(first);
  for (const file of [begun, landed]) await writeFile(file, '');
  return {
    place,
    pushes: async () => ({ begun: await linesIn(begun), landed: await linesIn(landed) }),
  };
}

async function script(path: string, lines: readonly string[]): Promise<void> {
  await writeFile(path, `${['#!/bin/sh', ...lines].join('\n')}\n`);
  await chmod(path, 0o755);
}

async function linesIn(path: string): Promise<number> {
  return (await readFile(path, 'utf8')).split('\n').length - 1;
}
