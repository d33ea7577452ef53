import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import type { Reading } from '../../../src/domain/queue/snapshot.ts';
import { TASK_STATES, type TaskState } from '../../../src/domain/queue/task.ts';
import type { FoundTask } from '../../../src/store/reading/discovery.ts';
import { IndexCache, indexesOf } from '../../../src/store/reading/index-cache.ts';
import { TaskReader } from '../../../src/store/reading/task-reader.ts';
import { Blobs, foundTask, snapshotWith } from '../../kit/queues/found-tasks.ts';
import { taskText } from '../../kit/queues/queue-files.ts';
import { damagedTaskFile, taskFile } from '../../kit/queues/task-files.ts';
import { sized } from '../../kit/sample.ts';

const READY = { read: new Set<TaskState>(['ready']), use: 'deciding' } as const;
const ALL = { read: new Set(TASK_STATES), use: 'deciding' } as const;

let folder: string;
let clones = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentq-index-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A git directory that has no index yet. */
function gitDir(): string {
  return join(folder, `clone-${clones++}`);
}

/** As a process that has just been started: it knows nothing but what is in the index. */
function reader(dir: string, blobs: Blobs, fewest = 1): TaskReader {
  return new TaskReader(blobs, ...indexesOf(dir, 'origin-develop'), fewest);
}

const indexOf = (dir: string): string => join(dir, 'agentq', 'readings-origin-develop');

/** So many ready tasks, numbered from the first on. */
function queue(blobs: Blobs, count: number, first = 1): FoundTask[] {
  return Array.from({ length: count }, (_, index) => `TASK-${first + index}`).map((id) =>
    foundTask({ project: 'auth', id, state: 'ready' }, blobs.add(Buffer.from(taskText(id)))),
  );
}

/** What a decision may ask for. */
function brief(readings: readonly Reading[]): readonly Reading[] {
  return readings.map((reading) => {
    if (reading.kind !== 'read') return reading;
    const { summary: _s, details: _d, declaredId: _i, declaredProject: _p, ...task } = reading.task;
    return { kind: 'read', task: { ...task, acceptanceCriteria: [] }, findings: [] };
  });
}

describe('the index of readings', () => {
  it('gives what the files say, whatever is added, edited, moved and removed', async () => {
    const place = fc.record({
      project: fc.constantFrom('shop', 'dating-app'),
      state: fc.constantFrom<TaskState>('ready', 'ready', 'claimed', 'completed'),
      number: fc.integer({ min: 1, max: 40 }),
      file: fc.nat(),
    });
    const files = fc.array(fc.oneof(taskFile, damagedTaskFile), { minLength: 10, maxLength: 30 });
    // Under 32 nothing is written; many of these are the same place again.
    const first = fc.array(place, { minLength: 120, maxLength: 160 });
    const later = fc.array(fc.array(place, { minLength: 1, maxLength: 120 }), { minLength: 1, maxLength: 3 });
    const looks = fc.tuple(first, later).map(([one, more]) => [one, ...more]);
    await fc.assert(
      fc.asyncProperty(files, looks, fc.boolean(), async (samples, places, staysOpen) => {
        const dir = gitDir();
        const blobs = new Blobs();
        const ids = samples.map(({ bytes }) => blobs.add(bytes));
        let process = reader(dir, blobs);
        const tasks = new Map<string, FoundTask>();
        for (const [round, changes] of places.entries()) {
          for (const { project, state, number, file } of changes) {
            const at = `${project} ${state} ${number}`;
            if (round > 0 && file % 3 === 0) tasks.delete(at);
            else tasks.set(at, foundTask({ project, state, id: `TASK-${number}` }, ids[file % ids.length] ?? ''));
          }
          const found = [...tasks.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
          const scope = round % 2 === 0 ? ALL : READY;
          const plain = await new TaskReader(
            blobs,
            new IndexCache(dir, 'none'),
            undefined,
            Number.POSITIVE_INFINITY,
          ).read(found, scope);
          if (!staysOpen) process = reader(dir, blobs);
          const indexed = await process.read(found, scope);
          expect(withoutOlder(found, scope, brief(indexed))).toEqual(brief(plain));

          const decided = (readings: readonly Reading[]) => decide(snapshotWith(found, readings), INTENTS, NOW);
          if (scope === ALL) expect(decided(indexed)).toEqual(decided(plain));
          // Who asks for the whole of it gets it, also from a reader that has seen only part.
          const whole = await process.read(found, { read: scope.read });
          expect(withoutOlder(found, scope, whole)).toEqual(plain);
          // Who shows all of the queue gets enough for that, whatever was read before, and spoils nothing for the others.
          if (!staysOpen) process = reader(dir, blobs);
          const every = { read: new Set<TaskState>(['ready', 'claimed', 'completed']) };
          const shown = await process.read(found, { ...every, use: 'showing' });
          const unindexed = new TaskReader(blobs, new IndexCache(dir, 'none'), undefined, Number.POSITIVE_INFINITY);
          const complete = await unindexed.read(found, every);
          expect(brief(shown)).toEqual(brief(complete));
          expect(await process.read(found, every)).toEqual(complete);
        }
      }),
      { numRuns: sized(15, 7) },
    );
  });

  it('is not written over what another process wrote since it was loaded', async () => {
    const dir = gitDir();
    const blobs = new Blobs();
    const cache = new IndexCache(dir, 'origin-develop');
    const before = cache.load();
    await reader(dir, blobs).read(queue(blobs, 300), READY);
    const written = await readFile(indexOf(dir));
    const tasks = queue(blobs, 40, 1_000);
    const readings = await new TaskReader(blobs, new IndexCache(dir, 'none'), undefined, Infinity).read(tasks, READY);
    const fresh = new Map(readings.entries());
    await cache.keep(before, tasks, fresh, 0);
    expect(await readFile(indexOf(dir))).toEqual(written);
    await cache.keep(cache.load(), tasks, fresh, 0);
    expect(await readFile(indexOf(dir))).not.toEqual(written);
  });

  it('saves parsing what was parsed before', async () => {
    const dir = gitDir();
    const blobs = new Blobs();
    await reader(dir, blobs).read(queue(blobs, 300), READY);
    expect(blobs.read).toBe(300);
    // Ten are gone, among them neighbours, and ten are new.
    const later = queue(blobs, 300, 11);
    await reader(dir, blobs).read(later, READY);
    expect(blobs.read).toBe(310);
    // So few are not worth writing it again.
    await reader(dir, blobs).read(later, READY);
    expect(blobs.read).toBe(320);
  });

  it('knows a file wherever it was moved to in its project', async () => {
    const dir = gitDir();
    const blobs = new Blobs();
    const tasks = queue(blobs, 100);
    await reader(dir, blobs).read(tasks, READY);
    const moved = tasks.map((task) => ({ ...task, state: 'claimed' as const, path: `elsewhere/${task.id}.toon` }));
    await reader(dir, blobs).read(moved.reverse(), ALL);
    expect(blobs.read).toBe(100);
  });

  it('tells projects apart: the same file may mean something else in another', async () => {
    const dir = gitDir();
    const blobs = new Blobs();
    const blob = blobs.add(Buffer.from(`${taskText('TASK-0')}dependencies:\n required[1]:\n  shop/TASK-3\n`));
    const same = ['auth', 'shop'].map((project) => foundTask({ project, id: 'TASK-0', state: 'ready' }, blob));
    const tasks = [...same, ...queue(blobs, 100)];
    await reader(dir, blobs).read(tasks, READY);
    const [auth, shop] = await reader(dir, blobs).read(tasks, READY);
    expect(blobs.read).toBe(102);
    expect(auth).toMatchObject({ task: { required: [{ id: 'shop/TASK-3' }] } });
    expect(shop).toMatchObject({ task: { required: [{ id: 'TASK-3' }] } });
  });

  it('forgets what the queue no longer has, once that is most of it', async () => {
    const dir = gitDir();
    const blobs = new Blobs();
    const tasks = queue(blobs, 1000);
    await reader(dir, blobs).read(tasks, READY);
    const { size } = await stat(indexOf(dir));
    await reader(dir, blobs).read(tasks.slice(0, 600), READY);
    expect((await stat(indexOf(dir))).size).toBe(size);
    await reader(dir, blobs).read(tasks.slice(0, 300), READY);
    expect((await stat(indexOf(dir))).size).toBeLessThan(size / 3);
    expect(blobs.read).toBe(1000);
  });

  it('leaves no file for a small queue, nor for those who ask for everything', async () => {
    const dir = gitDir();
    const blobs = new Blobs();
    const tasks = queue(blobs, 31);
    await new TaskReader(blobs, new IndexCache(dir, 'origin-develop')).read(tasks, READY);
    await reader(dir, blobs).read(tasks, { read: READY.read });
    await expect(stat(dir)).rejects.toThrow('ENOENT');
  });

  it('is none where it is damaged, cut, empty or another version', async () => {
    const dir = gitDir();
    const blobs = new Blobs();
    const tasks = queue(blobs, 120);
    const expected = brief(await reader(dir, blobs).read(tasks, READY));
    const good = await readFile(indexOf(dir));
    const damaged: Buffer[] = [
      Buffer.alloc(0),
      Buffer.from('\n'),
      Buffer.from(good.toString('latin1').replace(/ [0-9a-f]{12} /, ' 0123456789ab '), 'latin1'),
      Buffer.concat([good, good]),
    ];
    for (let at = 0; at < good.length; at += sized(311, 631)) {
      damaged.push(good.subarray(0, at));
      const flipped = Buffer.from(good);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      damaged.push(flipped);
    }
    for (const bytes of damaged) {
      await writeFile(indexOf(dir), bytes);
      blobs.read = 0;
      expect(brief(await reader(dir, blobs).read(tasks, READY))).toEqual(expected);
      expect(blobs.read).toBe(120);
      expect(await readFile(indexOf(dir))).toEqual(good);
    }
  });

  it('is no failure where it cannot be written or read', async () => {
    const blobs = new Blobs();
    const tasks = queue(blobs, 100);
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    expect(await reader(file, blobs).read(tasks, READY)).toHaveLength(100);
    const dir = gitDir();
    await mkdir(indexOf(dir), { recursive: true });
    expect(await reader(dir, blobs).read(tasks, READY)).toHaveLength(100);
  });

  it('is written by many at once without harm, and leaves nothing else behind', async () => {
    const dir = gitDir();
    const blobs = new Blobs();
    const tasks = queue(blobs, 400);
    const expected = brief(await reader(gitDir(), blobs).read(tasks, READY));
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const part = tasks.slice(index, 400 - index);
        expect(brief(await reader(dir, blobs).read(part, READY))).toEqual(expected.slice(index, 400 - index));
      }),
    );
    expect(await readdir(join(dir, 'agentq'))).toEqual(['readings-origin-develop']);
  });

  it('is written although a process died while it wrote', async () => {
    const dir = gitDir();
    const blobs = new Blobs();
    const tasks = queue(blobs, 100);
    await mkdir(join(dir, 'agentq'), { recursive: true });
    await writeFile(`${indexOf(dir)}.new`, 'half of an ind');
    await writeFile(`${indexOf(dir)}.lock`, '{"pid":999999999,"host":"gone"}');
    await reader(dir, blobs).read(tasks, READY);
    // A lock of another machine is waited for, for a minute; without it the draft is written over.
    expect(await readdir(join(dir, 'agentq'))).not.toContain('readings-origin-develop');
    await rm(`${indexOf(dir)}.lock`);
    await reader(dir, blobs).read(tasks, READY);
    expect(await readdir(join(dir, 'agentq'))).toEqual(['readings-origin-develop']);
  });

  it('does not keep that a file was missing from the clone', async () => {
    const dir = gitDir();
    const blobs = new Blobs();
    const elsewhere = new Blobs();
    const tasks = [...queue(blobs, 100), ...queue(elsewhere, 1, 101)];
    const [last] = (await reader(dir, blobs).read(tasks, READY)).slice(-1);
    expect(last).toMatchObject({ kind: 'unreadable' });
    queue(blobs, 1, 101);
    const [mended] = (await reader(dir, blobs).read(tasks, READY)).slice(-1);
    expect(mended).toMatchObject({ kind: 'read' });
  });
});

const NOW = Date.UTC(2025, 0, 2);
const ASKS = { agent: 'agent-1', attempt: 1, waitedMs: 0 } as const;
const INTENTS: readonly Intent[] = [
  { kind: 'release-stalled', request: 'r1', agent: 'agent-1' },
  { kind: 'unblock', request: 'r2', agent: 'agent-1' },
  { kind: 'claim', request: 'r3', ...ASKS, filter: { type: 'backend' } },
  { kind: 'claim', request: 'r4', ...ASKS, filter: { labels: { created_by: 'architect' } } },
  { kind: 'claim', request: 'r5', ...ASKS, filter: {} },
  { kind: 'claim', request: 'r6', ...ASKS, filter: { minPriority: 1000 } },
];

/** A reader that stays open knows more than it was asked for: what it read before, and is still there. */
function withoutOlder(
  tasks: readonly FoundTask[],
  scope: { readonly read: ReadonlySet<TaskState> },
  readings: readonly Reading[],
): readonly Reading[] {
  return readings.map((reading, index) =>
    scope.read.has(tasks[index]?.state ?? 'ready') ? reading : { kind: 'unread' },
  );
}
