import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { given } from '../../../src/domain/base/given.ts';
import type { TaskEdit } from '../../../src/domain/queue/edit.ts';
import { pathIn, QueueState } from '../../../src/domain/queue/queue-state.ts';
import type { TaskEntry } from '../../../src/domain/queue/snapshot.ts';
import type { Task, TaskKey, TaskState } from '../../../src/domain/queue/task.ts';
import { locationFor, snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

/** A batch is decided on a state that is kept up to date: it must be what a snapshot of the changed queue would give. */

const AT = '2026-03-01T12:00:00Z';
const KEY = { project: 'auth', id: 'T-1' };
const CLAIM = { claimedBy: 'a1', claimedAt: AT, lastHeartbeat: AT, attempt: 1, claimId: 'c1' };

function entryIn(state: QueueState, key: TaskKey): TaskEntry {
  const found = state.lookup(key);
  if (found.kind !== 'found') throw new Error(`${key.id} is ${found.kind}`);
  return found.entry;
}

function change(
  state: QueueState,
  key: TaskKey,
  to: TaskState,
  edits: readonly TaskEdit[] = [],
  stalls?: number,
): void {
  const entry = entryIn(state, key);
  state.apply({
    key,
    from: entry.state,
    to,
    fromPath: entry.path,
    toPath: pathIn(entry, to),
    edits,
    ...given({ stalls }),
  });
}

function taskAfter(edits: readonly TaskEdit[], spec: Partial<TaskSpec> = {}): Task {
  const state = new QueueState(snapshotOf([{ id: 'T-1', ...spec }]));
  change(state, KEY, 'ready', edits);
  const { reading } = entryIn(state, KEY);
  if (reading.kind !== 'read') throw new Error('not read');
  return reading.task;
}

describe('an edit, as the next intent sees it', () => {
  const plain = taskAfter([]);

  it('appends a claim, renews it and takes it away', () => {
    const append: TaskEdit = { kind: 'append-claim', claim: CLAIM };
    expect(taskAfter([append])).toEqual({ ...plain, claim: CLAIM });
    const later = '2026-03-01T12:30:00Z';
    const renewed = taskAfter([append, { kind: 'set-heartbeat', at: later }]);
    expect(renewed).toEqual({ ...plain, claim: { ...CLAIM, lastHeartbeat: later } });
    const gone = taskAfter([append, { kind: 'remove-claim' }]);
    expect(gone).toEqual(plain);
    expect(Object.keys(gone)).not.toContain('claim');
    expect(taskAfter([{ kind: 'set-heartbeat', at: later }])).toEqual({ ...plain, claim: { lastHeartbeat: later } });
  });

  it('completes, and sets the status', () => {
    const completion = { completedAt: AT, completedBy: 'a1', prUrl: 'https://x/1' };
    const done = taskAfter([{ kind: 'append-completion', completion }]);
    expect(done).toEqual({ ...plain, completion: { status: 'completed', ...completion } });
    expect(taskAfter([{ kind: 'set-status', status: 'pending' }])).toEqual({ ...plain, status: 'pending' });
  });

  it('sets the reason of a block, replaces it and takes it away', () => {
    const because = (reason: string | undefined): TaskEdit => ({ kind: 'set-blocked-reason', reason });
    expect(taskAfter([because('why')])).toEqual({ ...plain, blockedReason: 'why' });
    expect(taskAfter([because('why'), because('anew')])).toEqual({ ...plain, blockedReason: 'anew' });
    const freed = taskAfter([because(undefined)], { blockedReason: 'why' });
    expect(freed).toEqual(plain);
    expect(Object.keys(freed)).not.toContain('blockedReason');
  });

  it('changes nothing of a file that cannot be read, but moves it', () => {
    const state = new QueueState(snapshotOf([{ id: 'T-1', unreadable: 'bad' }]));
    change(state, KEY, 'completed', [{ kind: 'set-status', status: 'ready' }]);
    expect(entryIn(state, KEY)).toMatchObject({
      state: 'completed',
      path: '.agents/auth/completed/T-1.toon',
      reading: { kind: 'unreadable', message: 'bad' },
    });
    expect(state.missing(entryIn(state, KEY))).toEqual([]);
  });
});

describe('counts of stalls', () => {
  it('are those of the ledger until one changes, and of this task only', () => {
    const state = new QueueState(snapshotOf([{ id: 'T-1', stalls: 1 }, { id: 'T-2', stalls: 3 }, { id: 'T-3' }]));
    change(state, KEY, 'ready', [], 2);
    change(state, { ...KEY, id: 'T-3' }, 'ready', [], 1);
    change(state, { ...KEY, id: 'T-2' }, 'ready');
    expect(['T-1', 'T-2', 'T-3', 'T-4'].map((id) => state.stalls({ ...KEY, id }))).toEqual([2, 3, 1, 0]);
    expect([...state.stallsIn(locationFor('auth'))]).toEqual([
      ['T-1', 2],
      ['T-2', 3],
      ['T-3', 1],
    ]);
    expect([...state.stallsIn(locationFor('other'))]).toEqual([]);
  });
});

describe('a task that is added', () => {
  const [entry] = snapshotOf([{ project: 'new', id: 'T-9' }]).projects.get('new')?.entries ?? [];
  if (entry === undefined) throw new Error('no entry');

  it('is there at once, with its project, and can be claimed', () => {
    const state = new QueueState(snapshotOf([{ id: 'T-1' }]));
    expect([...state.claimableInOrder()].map(({ key }) => key.id)).toEqual(['T-1']);
    state.insert(entry);
    expect(state.projectNames).toEqual(['auth', 'new']);
    expect(state.project('new')).toEqual({ name: 'new', locations: [entry.location], entries: [], stalls: new Map() });
    expect(entryIn(state, entry.key)).toBe(entry);
    expect([...state.claimableInOrder()].map(({ key }) => key.id)).toEqual(['T-1', 'T-9']);
  });

  it('leaves a project that was there as it was', () => {
    const snapshot = snapshotOf([{ project: 'new', id: 'T-1', stalls: 2 }]);
    const state = new QueueState(snapshot);
    state.insert(entry);
    expect(state.project('new')).toBe(snapshot.projects.get('new'));
    expect(state.stalls({ project: 'new', id: 'T-1' })).toBe(2);
  });
});

describe('the order of claims', () => {
  const ids = (state: QueueState): string[] => [...state.claimableInOrder()].map(({ key }) => key.id);

  it('is asked for in parts, while tasks are taken', () => {
    const specs = Array.from({ length: 9 }, (_, n) => ({ id: `T-${9 - n}`, priority: n % 3 }));
    const state = new QueueState(snapshotOf(specs));
    const order = ids(state);
    for (const id of order) {
      const [next] = state.claimableInOrder();
      expect(next?.key.id).toBe(id);
      change(state, { ...KEY, id }, 'claimed', [{ kind: 'append-claim', claim: CLAIM }]);
    }
    expect(ids(state)).toEqual([]);
  });

  it('is that of a queue which has been so from the start, whatever was changed before', () => {
    const states: readonly TaskState[] = ['ready', 'claimed', 'completed'];
    const spec = fc.record({
      state: fc.constantFrom(...states),
      status: fc.constantFrom('ready', 'ready', 'blocked'),
      priority: fc.integer({ min: 0, max: 2 }),
      required: fc.subarray(['T-0', 'T-1', 'T-2'], { maxLength: 2 }),
    });
    const move = fc.record({
      task: fc.nat({ max: 7 }),
      to: fc.constantFrom(...states),
      status: fc.constantFrom('ready', 'blocked', undefined),
    });
    fc.assert(
      fc.property(fc.array(spec, { minLength: 8, maxLength: 8 }), fc.array(move, { maxLength: 12 }), (tasks, moves) => {
        const specs = tasks.map((task, n) => ({ id: `T-${n}`, ...task }));
        const state = new QueueState(snapshotOf(specs));
        for (const { task, to, status } of moves) {
          expect(ids(state)).toEqual(ids(new QueueState(snapshotOf(specs))));
          const edits: TaskEdit[] = status === undefined ? [] : [{ kind: 'set-status', status }];
          change(state, { ...KEY, id: `T-${task}` }, to, edits);
          const before = specs[task];
          if (before !== undefined) specs[task] = { ...before, state: to, status: status ?? before.status };
        }
        expect(ids(state)).toEqual(ids(new QueueState(snapshotOf(specs))));
      }),
    );
  });
});
