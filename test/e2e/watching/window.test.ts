import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildCommits } from '../../../src/git/objects/fast-import.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const DAY_S = 86_400;
const AUTHOR = { name: 'old', email: 'old@agentq.invalid' };

/** One claim a day for 60 days before today, and what happens to them in the clone. @returns their ids, oldest first */
async function longAgo(box: Scene): Promise<readonly string[]> {
  const repository = await box.open('clone');
  const tip = await box.git('clone', 'rev-parse', 'origin/develop');
  const now = Math.floor(Date.now() / 1000);
  const specs = Array.from({ length: 60 }, (_, index) => ({
    message: `[AGENT-CLAIM] old claimed OLD-${index} from auth\n\nAgentq-Task: auth/OLD-${index}\nAgentq-Agent: old\n`,
    author: AUTHOR,
    committer: AUTHOR,
    timeSeconds: now - (60 - index) * DAY_S,
    changes: [{ path: `past/${index}`, mode: '100644' as const, content: Buffer.from(String(index)) }],
  }));
  const oids = await buildCommits(repository, tip, specs);
  await box.git('clone', 'push', '-q', 'origin', `${oids.at(-1)}:develop`);
  return oids;
}

/** Every object as a file of its own, and this one gone. */
async function without(box: Scene, oid: string): Promise<void> {
  const objects = box.path('clone', '.git', 'objects');
  const packs = (await readdir(join(objects, 'pack'))).filter((name) => name.endsWith('.pack'));
  for (const name of packs) {
    const bytes = await readFile(join(objects, 'pack', name));
    for (const ending of ['.pack', '.idx', '.rev']) {
      await rm(join(objects, 'pack', name.replace('.pack', ending)), { force: true });
    }
    execFileSync('git', ['unpack-objects', '-q'], { cwd: box.path('clone'), input: bytes });
  }
  await rm(join(objects, oid.slice(0, 2), oid.slice(2)));
}

it('what is asked of a window reads none of the history before it, which is broken here', async () => {
  await using box = await scene({ tasks: 3, clones: ['clone'] });
  const oids = await longAgo(box);
  expect((await box.agentq('clone', 'claim', 'a1', '--task', 'TASK-1')).code).toBe(0);
  expect((await box.agentq('clone', 'complete', 'TASK-1', 'a1')).code).toBe(0);
  // 30 days ago. To see that all of what is left is older, git looks at a few commits more than it tells of.
  await without(box, oids[30] ?? '');
  await expect(box.git('clone', 'rev-list', 'origin/develop')).rejects.toThrow();

  const day = await box.agentq('clone', 'metrics', '--json', '--since', '12h');
  expect(day, day.stderr).toMatchObject({ code: 0 });
  expect(JSON.parse(day.stdout).all).toMatchObject({ claims: 1, completions: 1 });
  const days = await box.agentq('clone', 'metrics', '--json', '--since', '10d');
  expect(JSON.parse(days.stdout).all).toMatchObject({ claims: 10, completions: 1 });
  for (const args of [
    ['metrics', '--since', '10d', '--format', 'prometheus'],
    ['metrics', '--since', '10d', '--slo', 'claims>3,asking<1'],
    ['agents', '--since', '10d'],
    ['log', '--since', '10d'],
    ['log', '-n', '1'],
    ['status'],
    ['list'],
  ]) {
    const { code, stderr } = await box.agentq('clone', ...args);
    expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
  }
  // The test can fail: who asks for all of it meets the gap.
  expect((await box.agentq('clone', 'metrics', '--since', 'all')).code).not.toBe(0);
});
