import { beforeEach, describe, expect, it } from 'vitest';
import type { RunningAgentq } from '../../kit/processes/run-agentq.ts';
import { said } from '../../kit/processes/said.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import type { GitSandbox } from '../../kit/scene/git-sandbox.ts';
import { startForTest, testSandbox } from '../../kit/scene/test-sandbox.ts';

/** Ctrl-Z stops the process that looks at the branch for everybody: it lives, and nobody else looks. */

const task = (id: string): string => `task:\n id: ${id}\n title: Title of ${id}\n status: ready\n`;

let sandbox: GitSandbox;
let remote: string;
let clone: string;
beforeEach(async () => {
  sandbox = await testSandbox();
  remote = await sandbox.bareRemote({ '.agents/auth/completed/.gitkeep': '' });
  clone = await sandbox.clone(remote, 'clone');
});

function start(...args: readonly string[]): RunningAgentq {
  return startForTest(args, { cwd: sandbox.path(clone), env: sandbox.env });
}

async function add(count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => `T-${index + 1}`);
  const files = Object.fromEntries(ids.map((id) => [`.agents/auth/tasks/${id}.toon`, task(id)]));
  await sandbox.commitTo(remote, 'refs/heads/develop', files, 'More to do');
}

/** Starts who looks, and waits until it does. */
const LOOKERS: readonly (readonly [string, () => Promise<RunningAgentq>])[] = [
  [
    'a watch',
    async () => {
      const watch = start('watch', '-v');
      await said(watch, 'stderr', /ls-remote/);
      return watch;
    },
  ],
  [
    'a claim that waits',
    async () => {
      const claim = start('claim', 'first', '--wait');
      await said(claim, 'stderr', /; waiting\n/);
      return claim;
    },
  ],
];

describe.each(LOOKERS)('%s that is suspended', (_what, look) => {
  it('silences nobody who waits', async () => {
    const looker = await look();
    const waiting = [1, 2, 3].map((number) => start('claim', `a${number}`, '--wait', '2m'));
    await Promise.all(waiting.map((one) => said(one, 'stderr', /waiting for 2m at most/)));
    looker.child.kill('SIGSTOP');
    await add(3);
    const runs = await Promise.all(waiting.map(({ done }) => done));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(runs.map(({ stdout }) => stdout).sort()).toEqual(['auth/T-1\n', 'auth/T-2\n', 'auth/T-3\n']);
    expect((await auditQueue(sandbox.path(remote))).violations).toEqual([]);
  });

  it('has not the last word when the time to wait runs out', async () => {
    const looker = await look();
    const waiting = start('claim', 'a1', '--wait', '3s');
    await said(waiting, 'stderr', /waiting for 3s at most/);
    looker.child.kill('SIGSTOP');
    await add(1);
    expect(await waiting.done).toMatchObject({ code: 0, stdout: 'auth/T-1\n' });
  });
});
