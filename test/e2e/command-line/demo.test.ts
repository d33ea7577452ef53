import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunOptions, runAgentq, startAgentq } from '../../kit/processes/run-agentq.ts';
import { isFull } from '../../kit/sample.ts';

/** An empty working directory, and a folder for temporary files of its own: what is left there is the demo's. */
let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'agentq-demo-test-'));
  await mkdir(join(root, 'cwd'));
  await mkdir(join(root, 'tmp'));
});
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));

describe('agentq demo', () => {
  it('shows claims at once, a stalled claim, a lost one and a dependency, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await runAgentq(['demo'], options());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stepsIn(stdout)).toEqual([
      '1. A queue is a branch with one file for each task.',
      '2. Three agents claim at once.',
      '3. A claim is a block at the end of the task file.',
      '4. A stalled claim is released.',
      '5. dora wakes up and is fenced off.',
      '6. The owner says that it is still working.',
      '7. A task is completed, and what waited for it becomes ready.',
      '8. A pool of four works through a plan.',
      '9. This is the queue now, and the branch is its history.',
    ]);
    for (const agent of ['ann', 'ben', 'cleo']) expect(stdout).toContain(`$ agentq -C ${agent} claim ${agent} &\n`);
    expect(stdout).toMatch(/nothing to claim: .*\n +exit 1: nothing to claim\n/);
    expect(stdout).toMatch(/heartbeat SHOP-4 dora\n.*\n +exit 3: not yours any more\n/);
    expect(stdout).toMatch(/ +shop\/SHOP-1\n +shop\/SHOP-3\n +exit 0: done\n/);
    for (const subject of ['CLAIM', 'HEARTBEAT', 'COMPLETE']) expect(stdout).toContain(`[AGENT-${subject}]`);
    expect(stdout).toContain('[ORCHESTRATOR] Released 1 stalled tasks (no heartbeat for 30m)');
    expect(stdout).not.toContain('\u001b');
    await expectNothingLeft();
  });

  // Nine steps of some twenty commands take 3 s of processor time; documents.test.ts has the keys of the document.
  it.runIf(isFull)(
    'answers with one JSON document, however git is configured and whatever the environment tells agentq',
    async () => {
      const home = join(root, 'home');
      await mkdir(home);
      await writeFile(
        join(home, '.gitconfig'),
        '[user]\n\tname = Somebody\n[commit]\n\tgpgSign = true\n[core]\n\tbare = true\n',
      );
      const env = {
        HOME: home,
        GIT_CONFIG_GLOBAL: undefined,
        GIT_COMMITTER_NAME: 'Somebody',
        GIT_DIR: join(root, 'nowhere'),
        AGENTQ_PROJECT: 'other',
        AGENTQ_VERBOSE: '0',
      };
      const { code, stdout, stderr } = await runAgentq(['demo', '--keep', '--json'], options(env));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const { folder, steps } = JSON.parse(stdout);
      expect(steps).toHaveLength(9);
      const pool: string = steps[7].commands[1].stdout;
      expect(pool.trim().split('\n')).toHaveLength(8);
      const claims: { agent: string; exitCode: number; stdout: string }[] = steps[1].commands;
      expect(claims.map(({ exitCode }) => exitCode).sort()).toEqual([0, 0, 1]);
      expect(claims.map((claim) => claim.stdout).sort()).toEqual(['', 'shop/SHOP-1\n', 'shop/SHOP-2\n']);
      expect(await readdir(folder)).toEqual(expect.arrayContaining(['ann', 'ben', 'cleo', 'dora', 'queue.git']));
      const log = await runAgentq(['-C', join(folder, 'ann'), 'list', '--claimed', '--json'], options());
      expect(JSON.parse(log.stdout).tasks).toHaveLength(3);
    },
  );

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('removes everything on %s', async (signal, exit) => {
    const { child, done } = startAgentq(['demo'], options());
    await new Promise<void>((resolve, reject) => {
      let seen = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        seen += chunk;
        if (seen.includes('claim cleo')) resolve();
      });
      done.then(() => reject(new Error('it ended before it was interrupted')), reject);
    });
    child.kill(signal);
    const { code, stderr } = await done;
    expect(code).toBe(exit);
    expect(stderr).toContain(`interrupted by ${signal}`);
    await expectNothingLeft();
  });
});

function options(env: Readonly<Record<string, string | undefined>> = {}): RunOptions {
  return { cwd: join(root, 'cwd'), env: { TMPDIR: join(root, 'tmp'), ...env } };
}

function stepsIn(text: string): string[] {
  return text.split('\n').filter((line) => /^\d\. /.test(line));
}

async function expectNothingLeft(): Promise<void> {
  expect(await readdir(join(root, 'cwd'))).toEqual([]);
  expect(await readdir(join(root, 'tmp'))).toEqual([]);
  expect(existsSync(join(root, 'nowhere'))).toBe(false);
}
