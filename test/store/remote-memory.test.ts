import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RemoteMemory } from '../../src/store/remote-memory.ts';

const HOUR = 3_600_000;

let dir: string;
let now: number;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agentq-memory-'));
  now = 1_750_000_000_000;
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const memory = (key = 'origin'): RemoteMemory => new RemoteMemory(dir, key, () => now);

describe('what is remembered of a remote', () => {
  it('is known to the next process, and forgotten after an hour', async () => {
    await memory().rememberNoPublishing();
    await memory().rememberRejectionRate(0.25, now);
    expect(await memory().rejectedAt()).toBe(now);
    expect(await memory().canPublish()).toBe(false);
    expect(await memory().canPushAtomically()).toBe(true);
    expect(await memory().rejectionRate()).toBe(0.25);
    expect(await memory('other').canPublish()).toBe(true);
    now += HOUR;
    expect(await memory().canPublish()).toBe(false);
    now += 1;
    expect(await memory().canPublish()).toBe(true);
    expect(await memory().rejectionRate()).toBe(0.25);
  });

  it('holds each thing that a server cannot do apart', async () => {
    expect(await memory().deleting()).toBe('unknown');
    await memory().rememberDeleting('refused');
    expect(await memory().deleting()).toBe('refused');
    expect(await memory().canPublish()).toBe(true);
    expect(await memory().canPushAtomically()).toBe(true);
    await memory().rememberNoAnswers();
    expect(await memory().canLeaveAnswers()).toBe(false);
    expect(await memory().deleting()).toBe('refused');
    now += HOUR + 1;
    expect(await memory().deleting()).toBe('unknown');
    expect(await memory().canLeaveAnswers()).toBe(true);
  });

  it('believes the newest answer to a deletion', async () => {
    await memory().rememberDeleting('refused');
    await memory().rememberDeleting('possible');
    expect(await memory().deleting()).toBe('possible');
    await memory().rememberDeleting('refused');
    expect(await memory().deleting()).toBe('refused');
  });

  it('is over, too, where the clock was wrong by more than that when it was written', async () => {
    await memory().rememberNoPublishing();
    now -= HOUR + 1;
    expect(await memory().canPublish()).toBe(true);
  });

  it('is nothing where the file is damaged', async () => {
    await memory().rememberNoAtomic();
    const [file = ''] = await readdir(join(dir, 'agentq'));
    for (const text of ['', '{', 'null', '[]', '{"atomic":"yes","rejectionRate":7}']) {
      await writeFile(join(dir, 'agentq', file), text);
      expect(await memory().canPushAtomically(), text).toBe(true);
      expect(await memory().rejectionRate(), text).toBeUndefined();
    }
  });

  it('takes away what a process left that was killed while it wrote, and nothing younger', async () => {
    await memory().rememberNoAtomic();
    const [file = ''] = await readdir(join(dir, 'agentq'));
    const [dead, alive, other] = [`${file}.1234`, `${file}.5678`, 'readings-origin-develop'];
    for (const name of [dead, alive, other]) await writeFile(join(dir, 'agentq', name), '');
    const longAgo = new Date(Date.now() - 120_000);
    for (const name of [dead, other]) await utimes(join(dir, 'agentq', name), longAgo, longAgo);
    await memory().rememberNoPublishing();
    expect((await readdir(join(dir, 'agentq'))).sort()).toEqual([file, alive, other].sort());
  });
});
