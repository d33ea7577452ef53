import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { ClaimIntent, ReleaseStalledIntent } from '../../../src/domain/intents/intent.ts';
import { type LayoutName, locationOf } from '../../../src/domain/queue/layouts.ts';
import { QueueState } from '../../../src/domain/queue/queue-state.ts';
import type { QueueSnapshot, TaskEntry } from '../../../src/domain/queue/snapshot.ts';
import type { TaskState } from '../../../src/domain/queue/task.ts';
import { ledgersAfter } from '../../../src/domain/rules/ledger.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const STATES: readonly TaskState[] = ['ready', 'claimed', 'completed'];
const OTHERS = { ready: 'completed', claimed: 'completed', completed: 'ready' } as const;

const claim: ClaimIntent = { kind: 'claim', request: 'r1', agent: 'a1', filter: {}, attempt: 1, waitedMs: 0 };
const releaseStalled: ReleaseStalledIntent = { kind: 'release-stalled', request: 'r1', agent: 'orchestrator' };

const silent = (id: string, extra: Partial<TaskSpec> = {}): TaskSpec => ({
  id,
  state: 'claimed',
  claim: { claimedBy: 'a1', lastHeartbeat: '2026-03-01T10:00:00Z', claimId: 'c1' },
  ...extra,
});

/** One project in two layouts: the tasks named lie in the other one. */
function inTwoLayouts(specs: readonly TaskSpec[], layout: LayoutName, ids: readonly string[]): QueueSnapshot {
  const snapshot = snapshotOf(specs);
  const projects = [...snapshot.projects.values()].map((project) => {
    const other = locationOf(layout, project.name);
    const move = (entry: TaskEntry): TaskEntry =>
      ids.includes(entry.key.id)
        ? { ...entry, location: other, path: `${other.folders[entry.state]}${entry.key.id}.toon` }
        : entry;
    const locations = [...project.locations, other];
    return [project.name, { ...project, locations, entries: project.entries.map(move) }] as const;
  });
  return { ...snapshot, projects: new Map(projects) };
}

describe('a task that lies in two states at once', () => {
  it.each(STATES)('is not complete with one file %s and another elsewhere, in either order', (state) => {
    const both: TaskSpec[] = [
      { id: 'T-1', state },
      { id: 'T-1', state: OTHERS[state] },
    ];
    for (const specs of [both, [...both].reverse()]) {
      const queue = new QueueState(snapshotOf([...specs, { id: 'T-2', required: ['T-1'] }]));
      expect(queue.isCompleted({ project: 'auth', id: 'T-1' })).toBe(false);
      expect(queue.lookup({ project: 'auth', id: 'T-1' })).toMatchObject({ kind: 'two-states' });
    }
  });

  it.each(STATES)('opens no task that requires it (%s and elsewhere), in either order', (state) => {
    const both: TaskSpec[] = [
      { id: 'T-1', state, status: 'blocked' },
      { id: 'T-1', state: OTHERS[state], status: 'blocked' },
    ];
    for (const specs of [both, [...both].reverse()]) {
      const { commits, decisions } = decide(snapshotOf([...specs, { id: 'T-2', required: ['T-1'] }]), [claim], NOW);
      expect(commits).toEqual([]);
      expect(decisions).toMatchObject([{ kind: 'refused', refusal: { code: 'nothing-claimable' } }]);
    }
  });

  it.each(STATES)('is not claimed, released or unblocked itself (%s and elsewhere)', (state) => {
    const specs = [silent('T-1', { state, status: 'ready' }), silent('T-1', { state: OTHERS[state], status: 'ready' })];
    expect(decide(snapshotOf(specs), [claim], NOW).commits).toEqual([]);
    expect(decide(snapshotOf(specs), [releaseStalled], NOW).commits).toEqual([]);
    const release = { kind: 'release', request: 'r1', agent: 'a1', task: { id: 'T-1' } } as const;
    expect(decide(snapshotOf(specs), [release], NOW).commits).toEqual([]);
  });
});

describe('a task of the same name in another project', () => {
  it('opens nothing here', () => {
    const specs: TaskSpec[] = [
      { project: 'pay', id: 'T-1', state: 'completed' },
      { id: 'T-1', status: 'blocked' },
      { id: 'T-2', required: ['T-1'] },
    ];
    expect(decide(snapshotOf(specs), [{ ...claim, filter: { project: 'auth' } }], NOW).commits).toEqual([]);
  });

  it('has a count of its own', () => {
    const state = new QueueState(
      snapshotOf([
        { id: 'T-1', stalls: 2 },
        { project: 'pay', id: 'T-1' },
      ]),
    );
    expect(state.stalls({ project: 'auth', id: 'T-1' })).toBe(2);
    expect(state.stalls({ project: 'pay', id: 'T-1' })).toBe(0);
    expect(state.stalls({ project: 'pay', id: 'T-9' })).toBe(0);
    expect(state.stalls({ project: 'none', id: 'T-1' })).toBe(0);
  });
});

describe('the ledgers of a project in two layouts', () => {
  const specs = [silent('T-1', { stalls: 1 }), silent('T-2', { stalls: 1 }), { id: 'T-3', stalls: 2 }];

  it('count the tasks of their own layout only', () => {
    const [commit] = decide(inTwoLayouts(specs, 'core', ['T-2']), [releaseStalled], NOW).commits;
    expect(commit?.files).toEqual([
      { path: '.agents/auth/tasks/.agentq-stalls', content: 'T-1 2\nT-3 2\n' },
      { path: '.agents-core/state/auth/tasks/.agentq-stalls', content: 'T-2 2\n' },
    ]);
  });

  it('are left alone where nothing of theirs has stalled', () => {
    const still = specs.map((spec) => (spec.id === 'T-1' ? { id: 'T-1', stalls: 1 } : spec));
    const [commit] = decide(inTwoLayouts(still, 'core', ['T-2']), [releaseStalled], NOW).commits;
    expect(commit?.files).toEqual([{ path: '.agents-core/state/auth/tasks/.agentq-stalls', content: 'T-2 2\n' }]);
  });

  it('forget tasks that are gone, and count no task that is in two states', () => {
    const snapshot = snapshotOf([silent('T-1'), { id: 'T-2', stalls: 2 }, { id: 'T-2', state: 'claimed' }]);
    const project = snapshot.projects.get('auth');
    if (project === undefined) throw new Error('no project');
    const stalls = new Map([...project.stalls, ['T-gone', 4]] as const);
    const known = { ...snapshot, projects: new Map([['auth', { ...project, stalls }]]) };
    const [commit] = decide(known, [releaseStalled], NOW).commits;
    expect(commit?.files).toEqual([{ path: '.agents/auth/tasks/.agentq-stalls', content: 'T-1 1\n' }]);
  });

  it('are not written where every count stays what it is', () => {
    const state = new QueueState(snapshotOf([silent('T-1', { stalls: 1 })]));
    const folder = '.agents/auth';
    const change = {
      key: { project: 'auth', id: 'T-1' },
      from: 'claimed' as const,
      to: 'ready' as const,
      fromPath: `${folder}/claimed/T-1.toon`,
      toPath: `${folder}/tasks/T-1.toon`,
      edits: [],
    };
    expect(ledgersAfter(state, [change, { ...change, stalls: 1 }])).toEqual([]);
    expect(ledgersAfter(state, [{ ...change, key: { project: 'auth', id: 'T-9' }, stalls: 3 }])).toEqual([]);
    // The last count goes, and the file with it.
    expect(ledgersAfter(state, [{ ...change, stalls: 0 }])).toEqual([
      { path: `${folder}/tasks/.agentq-stalls`, content: undefined },
    ]);
  });
});

describe('a change that is applied', () => {
  it('is seen by the next intent, at its new path, and by no other name', () => {
    const state = new QueueState(snapshotOf([{ id: 'T-1' }, { id: 'T-2' }]));
    const [first] = state.claimableInOrder();
    expect(first?.key.id).toBe('T-1');
    const toPath = '.agents/auth/claimed/T-1.toon';
    const at = '2026-03-01T12:00:00Z';
    const record = { claimedBy: 'a1', claimedAt: at, lastHeartbeat: at, attempt: 1, claimId: 'c1' };
    state.apply({
      key: { project: 'auth', id: 'T-1' },
      from: 'ready',
      to: 'claimed',
      fromPath: '.agents/auth/tasks/T-1.toon',
      toPath,
      edits: [{ kind: 'append-claim', claim: record }],
    });
    expect(state.lookup({ project: 'auth', id: 'T-1' })).toMatchObject({
      kind: 'found',
      entry: { state: 'claimed', path: toPath, reading: { task: { claim: record } } },
    });
    expect([...state.claimableInOrder()].map(({ key }) => key.id)).toEqual(['T-2']);
  });

  it('of a file that is not there changes nothing', () => {
    const state = new QueueState(snapshotOf([{ id: 'T-1' }]));
    const before = state.lookup({ project: 'auth', id: 'T-1' });
    const key = { project: 'auth', id: 'T-1' };
    const edits = [{ kind: 'set-status' as const, status: 'blocked' }];
    state.apply({ key, from: 'claimed', to: 'completed', fromPath: 'elsewhere', toPath: 'x', stalls: 3, edits });
    expect(state.lookup(key)).toEqual(before);
    expect(state.stalls(key)).toBe(0);
  });
});
