import { mkdir } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { meetingPlaceOf } from '../../../src/engine/open/meeting-place.ts';
import { locate } from '../../../src/git/repository/locate.ts';
import { runtimeFolder, shortKey } from '../../../src/machine/runtime-folder.ts';
import type { RunningAgentq } from '../../kit/processes/run-agentq.ts';
import { said } from '../../kit/processes/said.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** Somebody listens where processes meet, and is none of ours: another version, or a program that has nothing to do with it. */

const FILES_AND_CLONES = { files: { '.agents/auth/completed/.gitkeep': '' }, clones: ['clone'] };

const READY = 'task:\n id: T-1\n title: A task\n status: ready\n';

function start(box: Scene, ...args: readonly string[]): RunningAgentq {
  return box.start('clone', args);
}

const add = (box: Scene): Promise<string> =>
  box.commitTo(box.remote, 'refs/heads/develop', { '.agents/auth/tasks/T-1.toon': READY }, 'Something to do');

/** Where claims meet, and where those meet who wait. */
function paths(box: Scene): { readonly claims: string; readonly tips: string } {
  const located = locate(box.path('clone'));
  const place = located && meetingPlaceOf(located, undefined, 'develop', box.env);
  const folder = runtimeFolder(box.env);
  if (!place || folder === undefined) throw new Error('nobody meets here');
  return { claims: join(folder, `${place.key}.sock`), tips: join(folder, `${shortKey(['tips', place.key])}.sock`) };
}

/** @returns how often it was connected to */
async function listen(box: Scene, path: string, act: (socket: Socket) => void): Promise<() => number> {
  let count = 0;
  const server = createServer((socket) => {
    count++;
    box.owns({ close: () => socket.destroy() });
    socket.on('error', () => undefined);
    act(socket);
  });
  box.owns(server);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return () => count;
}

const STRANGERS: readonly (readonly [string, (socket: Socket) => void])[] = [
  ['answers with what is no JSON', (socket) => void socket.write('220 mail.example ESMTP\r\n')],
  ['says what is not understood', (socket) => void socket.write('{"kind":"novelty"}\n')],
  ['understands nothing, and ends it', (socket) => void socket.on('data', () => socket.destroy())],
  ['accepts, and ends it at once', (socket) => void socket.destroy()],
];

describe.each(STRANGERS)('a stranger that %s', (_what, act) => {
  it('keeps nobody from claiming, and is soon left alone', async () => {
    await using box = await scene(FILES_AND_CLONES);
    await add(box);
    const count = await listen(box, paths(box).claims, act);
    expect(await start(box, 'claim', 'a1').done).toMatchObject({ code: 0, stdout: 'auth/T-1\n' });
    expect(count()).toBeGreaterThan(0);
    expect(count()).toBeLessThanOrEqual(3);
  });

  it('keeps nobody from waiting, and is soon left alone', async () => {
    await using box = await scene(FILES_AND_CLONES);
    const count = await listen(box, paths(box).tips, act);
    const waiting = start(box, 'claim', 'a1', '--wait');
    await said(waiting, 'stderr', /; waiting\n/);
    await add(box);
    expect(await waiting.done).toMatchObject({ code: 0, stdout: 'auth/T-1\n' });
    expect(count()).toBeGreaterThan(0);
    expect(count()).toBeLessThanOrEqual(3);
  });
});

it('one that says nothing keeps nobody waiting for ever', async () => {
  await using box = await scene(FILES_AND_CLONES);
  const count = await listen(box, paths(box).tips, () => undefined);
  const waiting = start(box, 'claim', 'a1', '--wait');
  await said(waiting, 'stderr', /; waiting\n/);
  await add(box);
  expect(await waiting.done).toMatchObject({ code: 0, stdout: 'auth/T-1\n' });
  expect(count()).toBe(1);
});
