import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, type Listening, listenExclusively } from '../../../src/engine/combining/socket.ts';

let dir: string;
let path: string;
const servers: Server[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agentq-socket-'));
  path = join(dir, 'a.sock');
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await rm(dir, { recursive: true, force: true });
});

async function listen(at = path): Promise<Listening> {
  const result = await listenExclusively(at, (socket) => socket.destroy());
  if (result.kind === 'listening') servers.push(result.server);
  return result;
}

/** A socket whose process was killed while it listened. */
async function deadSocket(): Promise<void> {
  const script = `require('net').createServer().listen(process.argv[1], () => console.log('listening'))`;
  const child = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await readdir(dir)).toEqual(['a.sock']);
}

/** Modes do not stop root. */
async function withoutPrivileges(work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work();
  await chown(dir, 12345, 12345);
  process.seteuid?.(12345);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}

describe('listenExclusively', () => {
  it('lets one listen, and the next one after it', async () => {
    expect((await listen()).kind).toBe('listening');
    expect((await listen()).kind).toBe('taken');
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await readdir(dir)).toEqual([]);
    expect((await listen()).kind).toBe('listening');
  });

  it('takes over from a process that was killed', async () => {
    await deadSocket();
    expect(await connect(path)).toBeUndefined();
    expect((await listen()).kind).toBe('listening');
    expect(await readdir(dir)).toEqual(['a.sock']);
  });

  it('leaves one that can be reached, of many that find a dead one at once', async () => {
    await deadSocket();
    const results = await Promise.all(Array.from({ length: 12 }, () => listen()));
    expect(results.map(({ kind }) => kind)).toContain('listening');
    expect(results.map(({ kind }) => kind)).not.toContain('impossible');
    const socket = await connect(path);
    expect(socket).toBeDefined();
    socket?.destroy();
    expect(await readdir(dir)).toEqual(['a.sock']);
  });

  it('gives up on a dead one in a folder that cannot be written to', async () => {
    await deadSocket();
    await chmod(dir, 0o500);
    await withoutPrivileges(async () => {
      expect((await listen()).kind).toBe('impossible');
      expect((await listen(join(dir, 'b.sock'))).kind).toBe('impossible');
    });
    await chmod(dir, 0o700);
    expect(await readdir(dir)).toEqual(['a.sock']);
  });

  it('takes a file away that is no socket', async () => {
    await writeFile(path, 'left by somebody');
    expect((await listen()).kind).toBe('listening');
  });

  it.each([
    ['a path that is too long for a socket', () => join(dir, 'x'.repeat(200))],
    ['a folder that is not there', () => join(dir, 'missing', 'a.sock')],
    ['a place where nothing can be made', () => '/proc/a.sock'],
  ])('says that there is no listening at %s', async (_what, at) => {
    expect((await listen(at())).kind).toBe('impossible');
    expect(await connect(at())).toBeUndefined();
  });
});
