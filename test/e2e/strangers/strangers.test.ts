import { mkdir } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { meetingPlaceOf } from '../../../src/engine/open/meeting-place.ts';
import { locate } from '../../../src/git/repository/locate.ts';
import { runtimeFolder, shortKey } from '../../../src/machine/runtime-folder.ts';
import type { RunningAgentq } from '../../kit/processes/run-agentq.ts';
import { said } from '../../kit/processes/said.ts';
import type { GitSandbox } from '../../kit/scene/git-sandbox.ts';
import { startForTest, testSandbox } from '../../kit/scene/test-sandbox.ts';

/** Somebody listens where processes meet, and is none of ours: another version, or a program that has nothing to do with it. */

const READY = 'task:\n id: T-1\n title: A task\n status: ready\n';

let sandbox: GitSandbox;
let remote: string;
let clone: string;
const servers: Server[] = [];
const sockets = new Set<Socket>();
beforeEach(async () => {
  sandbox = await testSandbox();
  remote = await sandbox.bareRemote({ '.agents/auth/completed/.gitkeep': '' });
  clone = await sandbox.clone(remote, 'clone');
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

function start(...args: readonly string[]): RunningAgentq {
  return startForTest(args, { cwd: sandbox.path(clone), env: sandbox.env });
}

const add = (): Promise<string> =>
  sandbox.commitTo(remote, 'refs/heads/develop', { '.agents/auth/tasks/T-1.toon': READY }, 'Something to do');

/** Where claims meet, and where those meet who wait. */
function paths(): { readonly claims: string; readonly tips: string } {
  const located = locate(sandbox.path(clone));
  const place = located && meetingPlaceOf(located, undefined, 'develop', sandbox.env);
  const folder = runtimeFolder(sandbox.env);
  if (!place || folder === undefined) throw new Error('nobody meets here');
  return { claims: join(folder, `${place.key}.sock`), tips: join(folder, `${shortKey(['tips', place.key])}.sock`) };
}

/** @returns how often it was connected to */
async function listen(path: string, act: (socket: Socket) => void): Promise<() => number> {
  let count = 0;
  const server = createServer((socket) => {
    count++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    act(socket);
  });
  servers.push(server);
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
    await add();
    const count = await listen(paths().claims, act);
    expect(await start('claim', 'a1').done).toMatchObject({ code: 0, stdout: 'auth/T-1\n' });
    expect(count()).toBeGreaterThan(0);
    expect(count()).toBeLessThanOrEqual(3);
  });

  it('keeps nobody from waiting, and is soon left alone', async () => {
    const count = await listen(paths().tips, act);
    const waiting = start('claim', 'a1', '--wait');
    await said(waiting, 'stderr', /; waiting\n/);
    await add();
    expect(await waiting.done).toMatchObject({ code: 0, stdout: 'auth/T-1\n' });
    expect(count()).toBeGreaterThan(0);
    expect(count()).toBeLessThanOrEqual(3);
  });
});

it('one that says nothing keeps nobody waiting for ever', async () => {
  const count = await listen(paths().tips, () => undefined);
  const waiting = start('claim', 'a1', '--wait');
  await said(waiting, 'stderr', /; waiting\n/);
  await add();
  expect(await waiting.done).toMatchObject({ code: 0, stdout: 'auth/T-1\n' });
  expect(count()).toBe(1);
});
