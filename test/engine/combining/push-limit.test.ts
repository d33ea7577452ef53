import { mkdir, readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { requestsIn } from '../../kit/engine/machine.ts';
import type { RunningAgentq } from '../../kit/processes/run-agentq.ts';
import { Gate } from '../../kit/remotes/gate.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** Seats for pushes: never more at once than there are, and a seat is free as soon as its holder is gone, however it went. */

/** The first pushes stop at one gate each; every push notes how many there are at once, itself included. */
async function gatedRemote(box: Scene, count: number): Promise<readonly Gate[]> {
  const { remote } = box;
  const gates: Gate[] = [];
  await mkdir(box.path('pushing'));
  for (let i = 0; i < count; i++) gates.push(box.owns(await Gate.create(box, `push-${i}`)));
  await box.hook(
    remote,
    'pre-receive',
    `mkdir '${box.path('pushing')}'/$$
ls '${box.path('pushing')}' | wc -l >> '${box.path('counts')}'
${gates.map(({ script }) => script).join(' || ')}
rmdir '${box.path('pushing')}'/$$
exit 0`,
  );
  return gates;
}

function claim(box: Scene, agent: string, limit: number, ...args: readonly string[]): RunningAgentq {
  return box.start('clone', [
    'claim',
    agent,
    '-v',
    '--no-sync',
    '--no-combine',
    '--push-limit',
    String(limit),
    '--max-retries',
    '100',
    ...args,
  ]);
}

/** Let in one after the other, so that whoever waits outside has every chance to come in too early. */
it('lets as many push at once as there are seats', async () => {
  await using box = await scene({ tasks: 12, clones: ['clone'] });
  const gates = await gatedRemote(box, 6);
  const running = Array.from({ length: 6 }, (_, index) => claim(box, `agent-${index}`, 2));
  for (const gate of gates) {
    await gate.reached();
    if (gate !== gates[0]) await gates[gates.indexOf(gate) - 1]?.open();
  }
  await gates.at(-1)?.open();
  const runs = await Promise.all(running.map(({ done }) => done));
  expect(runs.map(({ code }) => code)).toEqual(Array(6).fill(0));
  const counts = (await box.read('.', 'counts')).trim().split('\n').map(Number);
  expect(Math.max(...counts)).toBe(2);
  expect(counts.length).toBeGreaterThanOrEqual(6);
});

it('frees the seat of a process that was killed at once', async () => {
  await using box = await scene({ tasks: 12, clones: ['clone'] });
  const { remote } = box;
  const [gate] = await gatedRemote(box, 1);
  const holder = claim(box, 'holder', 1);
  await gate?.reached();
  const next = claim(box, 'next', 1);
  holder.child.kill('SIGKILL');
  await holder.done;
  // The push of the killed one still stands at the gate: its git lives on, and its seat does not.
  expect(await next.done).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
  await gate?.open();
  expect(await requestsIn(box, remote)).toHaveLength(1);
});

it('does not keep an interrupted process waiting for a seat', async () => {
  await using box = await scene({ tasks: 12, clones: ['clone'] });
  const { remote } = box;
  const [gate] = await gatedRemote(box, 1);
  const holder = claim(box, 'holder', 1);
  await gate?.reached();
  const folder = box.path(`agentq-${process.getuid?.() ?? 'user'}`);
  const seat = (await readdir(folder)).find((name) => name.endsWith('.seat-0')) ?? '';
  await gate?.open();
  await holder.done;

  // We take the seat ourselves, and so notice that somebody wants it.
  let noticed = (): void => undefined;
  const isWanted = new Promise<void>((resolve) => {
    noticed = resolve;
  });
  const server = createServer((socket) => {
    socket.destroy();
    noticed();
  });
  await new Promise<void>((resolve) => server.listen(join(folder, seat), resolve));
  const next = claim(box, 'next', 1);
  await isWanted;
  next.child.kill('SIGTERM');
  expect(await next.done).toMatchObject({ code: 143, stdout: '' });
  server.close();
  expect(await requestsIn(box, remote)).toHaveLength(1);
});
