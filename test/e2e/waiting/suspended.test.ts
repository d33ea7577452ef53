import { describe, expect, it } from 'vitest';
import type { RunningAgentq } from '../../kit/processes/run-agentq.ts';
import { said } from '../../kit/processes/said.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** Ctrl-Z stops the process that looks at the branch for everybody: it lives, and nobody else looks. */

const task = (id: string): string => `task:\n id: ${id}\n title: Title of ${id}\n status: ready\n`;

function start(box: Scene, ...args: readonly string[]): RunningAgentq {
  return box.start('clone', args);
}

async function add(box: Scene, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => `T-${index + 1}`);
  const files = Object.fromEntries(ids.map((id) => [`.agents/auth/tasks/${id}.toon`, task(id)]));
  await box.commitTo(box.remote, 'refs/heads/develop', files, 'More to do');
}

/** Starts who looks, and waits until it does. */
const LOOKERS: readonly (readonly [string, (box: Scene) => Promise<RunningAgentq>])[] = [
  [
    'a watch',
    async (box) => {
      const watch = start(box, 'watch', '-v');
      await said(watch, 'stderr', /ls-remote|upload-pack/);
      return watch;
    },
  ],
  [
    'a claim that waits',
    async (box) => {
      const claim = start(box, 'claim', 'first', '--wait');
      await said(claim, 'stderr', /; waiting\n/);
      return claim;
    },
  ],
];

// Side by side: each waits some seconds for somebody to be silent.
describe.concurrent.each(LOOKERS)('%s that is suspended', (_what, look) => {
  it('silences nobody who waits', async () => {
    await using box = await scene({ files: { '.agents/auth/completed/.gitkeep': '' }, clones: ['clone'] });
    const looker = await look(box);
    const waiting = [1, 2, 3].map((number) => start(box, 'claim', `a${number}`, '--wait', '2m'));
    await Promise.all(waiting.map((one) => said(one, 'stderr', /waiting for 2m at most/)));
    looker.child.kill('SIGSTOP');
    await add(box, 3);
    const runs = await Promise.all(waiting.map(({ done }) => done));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(runs.map(({ stdout }) => stdout).sort()).toEqual(['auth/T-1\n', 'auth/T-2\n', 'auth/T-3\n']);
    expect((await auditQueue(box.path(box.remote))).violations).toEqual([]);
  });

  it('has not the last word when the time to wait runs out', async () => {
    await using box = await scene({ files: { '.agents/auth/completed/.gitkeep': '' }, clones: ['clone'] });
    const looker = await look(box);
    const waiting = start(box, 'claim', 'a1', '--wait', '3s');
    await said(waiting, 'stderr', /waiting for 3s at most/);
    looker.child.kill('SIGSTOP');
    await add(box, 1);
    expect(await waiting.done).toMatchObject({ code: 0, stdout: 'auth/T-1\n' });
  });
});
