import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, type Listening, listenExclusively } from '../../src/machine/socket.ts';
import { programOf } from '../kit/processes/program.ts';
import { scene } from '../kit/scene/scene.ts';

/** Takes a path in turns with others, and says so, or that it was not alone. */
const HOLDER = 'test/kit/processes/path-holder.ts';

/** Opens as many files as it may, and says what became of listening and connecting. */
const CROWDED = fileURLToPath(new URL('../kit/processes/out-of-files.ts', import.meta.url));

let dir: string;
let path: string;
const listeners: { close(): void }[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agentq-socket-'));
  path = join(dir, 'a.sock');
});
afterEach(async () => {
  for (const listener of listeners.splice(0)) listener.close();
  await rm(dir, { recursive: true, force: true });
});

async function listen(at = path): Promise<Listening> {
  const result = await listenExclusively(at, (socket) => socket.destroy());
  if (result.kind === 'listening') listeners.push(result);
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
    listeners.pop()?.close();
    expect(await readdir(dir)).toEqual([]);
    expect((await listen()).kind).toBe('listening');
  });

  it('takes over from a process that was killed', async () => {
    await deadSocket();
    expect(await connect(path)).toEqual({ kind: 'nobody' });
    expect((await listen()).kind).toBe('listening');
    expect(await readdir(dir)).toEqual(['a.sock']);
  });

  it('lets one of many listen that find a dead one at once', async () => {
    await deadSocket();
    const results = await Promise.all(Array.from({ length: 12 }, () => listen()));
    expect(results.map(({ kind }) => kind).sort()).toEqual(['listening', ...Array(11).fill('taken')]);
    const reached = await connect(path);
    expect(reached.kind).toBe('open');
    if (reached.kind === 'open') reached.socket.destroy();
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

  it('is held by one at a time, of processes that take it in turns and are killed now and then', async () => {
    await using box = await scene();
    const holder = await programOf(HOLDER, box.root);
    const runs = Array.from({ length: 4 }, async (_, index) => {
      for (let seed = index; ; seed += 4) {
        const child = spawn(process.execPath, [holder, dir, '120', String(seed)], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const [text, [code]] = await Promise.all([child.stdout.toArray(), once(child, 'exit')]);
        reports.push(...text.join('').split('\n').filter(Boolean));
        if (code !== null) return code;
      }
    });
    const reports: string[] = [];
    expect(await Promise.all(runs)).toEqual([0, 0, 0, 0]);
    expect(reports.filter((line) => line === 'held').length).toBeGreaterThan(50);
    expect(reports.filter((line) => line !== 'held')).toEqual([]);
    expect(await readdir(dir)).toEqual([]);
  });

  it('removes what processes that were killed before they listened left beside a dead one, and nothing younger', async () => {
    await deadSocket();
    for (const name of ['a.sock.0badcafe', 'a.sock.1-1', 'a.sock.young', 'a.socket'])
      await writeFile(join(dir, name), '');
    const longAgo = new Date('2026-01-01T00:00:00Z');
    for (const name of ['a.sock.0badcafe', 'a.sock.1-1', 'a.socket']) await utimes(join(dir, name), longAgo, longAgo);
    expect((await listen()).kind).toBe('listening');
    expect((await readdir(dir)).sort()).toEqual(['a.sock', 'a.sock.young', 'a.socket']);
  });

  it('removes nothing that somebody else is about to remove: that may have been replaced by now', async () => {
    await deadSocket();
    const { ino, mtimeNs } = await lstat(path, { bigint: true });
    const right = `${path}.${ino.toString(36)}-${mtimeNs.toString(36)}`;
    await writeFile(right, '');
    expect((await listen()).kind).toBe('taken');
    expect((await readdir(dir)).sort()).toEqual(['a.sock', basename(right)]);
    await rm(right);
    expect((await listen()).kind).toBe('listening');
  });

  it('takes nobody for dead who is only busy: as many wait there as may', async () => {
    const script = `require('net').createServer().listen({ path: process.argv[1], backlog: 1 }, () => console.log('listening'))`;
    const busy = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const waiting: Socket[] = [];
    try {
      await once(busy.stdout, 'data');
      busy.kill('SIGSTOP');
      let reached = await connect(path);
      for (; reached.kind === 'open' && waiting.length < 100; reached = await connect(path))
        waiting.push(reached.socket);
      expect(reached).toEqual({ kind: 'busy' });
      const before = await lstat(path);
      expect((await listen()).kind).toBe('taken');
      expect((await lstat(path)).ino).toBe(before.ino);
    } finally {
      for (const socket of waiting) socket.destroy();
      busy.kill('SIGKILL');
      await once(busy, 'exit');
    }
  });

  it('takes nobody for dead because this process may open no more files', async () => {
    expect((await listen()).kind).toBe('listening');
    const before = await lstat(path);
    const script = `ulimit -n 64; exec "${process.execPath}" --import tsx "${CROWDED}" "${dir}"`;
    const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [text] = await Promise.all([child.stdout.toArray(), once(child, 'exit')]);
    expect(text.join('')).toBe('impossible no-files');
    expect((await lstat(path)).ino).toBe(before.ino);
  });

  it('does not listen where a folder is in the way, and leaves it there', async () => {
    await mkdir(join(path, 'of somebody'), { recursive: true });
    expect((await listen()).kind).toBe('impossible');
    expect(await readdir(dir, { recursive: true })).toEqual(['a.sock', 'a.sock/of somebody']);
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
    expect(await connect(at())).toEqual({ kind: 'nobody' });
  });
});
