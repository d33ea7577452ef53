import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchEnvironment } from '../../../lab/bench/support/environment.ts';
import { arenaFor } from '../../../lab/peers/arena.ts';
import { BY_GIT, publish } from '../../../lab/peers/by-git.ts';
import { must, type Place, run } from '../../../lab/peers/commands.ts';
import { type Peer, toolAt } from '../../../lab/peers/peer.ts';
import { type Outcome, type RaceKind, race } from '../../../lab/peers/race.ts';
import { sandboxFolder } from '../../kit/scene/git-sandbox.ts';

/** Tasks are files; whoever renames the first one has it, in its own clone. */
const CARELESS: Peer = {
  ...BY_GIT,
  name: 'careless',
  says: 'rename the file',
  async prepare(tool, tasks) {
    for (let index = 1; index <= tasks; index++) await writeFile(join(tool.place.cwd, `task-${index}`), '');
    await publish(tool);
  },
  async claim({ place: { cwd } }, agent) {
    const task = (await readdir(cwd)).filter((name) => name.startsWith('task-')).sort()[0];
    if (task === undefined) return undefined;
    await rename(join(cwd, task), join(cwd, `${agent}-has-${task}`));
    return task;
  },
};

/** The tool itself is never started. */
const INSTALLED = { command: ['false'], version: '1', megabytes: 0 };

async function outcomeOf(kind: RaceKind, { agents, tasks }: { agents: number; tasks: number }): Promise<Outcome> {
  const root = await sandboxFolder();
  try {
    const base = { cwd: root, env: benchEnvironment(root), limitMs: 30_000 };
    const make = (place: Place) => CARELESS.prepare(toolAt(['false'], place), tasks);
    const arena = await arenaFor(CARELESS, join(root, 'arena'), base, make);
    return await race(CARELESS, INSTALLED, arena, { kind, agents, limitMs: 30_000 });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

describe('a race', () => {
  it('counts a task that several took', async () => {
    const outcome = await outcomeOf('documented', { agents: 3, tasks: 3 });
    expect(outcome).toMatchObject({ claims: 3, tasks: 1, without: 0, pushes: 0, wasted: undefined });
  });

  it('in a loop takes nothing that was not pushed, and counts pushes in vain', async () => {
    const outcome = await outcomeOf('loop', { agents: 3, tasks: 3 });
    expect(outcome).toMatchObject({ claims: 3, tasks: 3, without: 0, problem: undefined });
    expect(outcome.pushes - (outcome.wasted ?? 0)).toBe(3);
  });

  it('counts agents for which nothing is left', async () => {
    expect(await outcomeOf('loop', { agents: 3, tasks: 2 })).toMatchObject({ claims: 2, tasks: 2, without: 1 });
  });
});

describe('a program', () => {
  const place = { cwd: '/', env: { PATH: process.env.PATH ?? '' }, limitMs: 30_000 };

  it('that fails is an answer, with its words', async () => {
    expect(await run('sh', ['-c', 'echo out; echo no >&2; exit 3'], place)).toEqual({
      code: 3,
      stdout: 'out\n',
      stderr: 'no\n',
    });
    await expect(must('sh', ['-c', 'echo no >&2; exit 3'], place)).rejects.toThrow('no');
  });

  it('that takes too long is ended', async () => {
    await expect(must('sleep', ['60'], { ...place, limitMs: 100 })).rejects.toThrow('took longer than 0.1 s');
  });

  it('that does not exist is no success', async () => {
    await expect(must('/does/not/exist', [], place)).rejects.toThrow('ENOENT');
  });
});
