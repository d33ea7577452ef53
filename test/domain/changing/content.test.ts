import { describe, expect, it } from 'vitest';
import { changedIn, contentOf } from '../../../src/domain/changing/content.ts';
import { decide } from '../../../src/domain/deciding/decide.ts';
import { type TaskEdit, withEdit } from '../../../src/domain/queue/edit.ts';
import { DEFAULT_POOL_SETTINGS } from '../../../src/domain/queue/snapshot.ts';
import type { Task } from '../../../src/domain/queue/task.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

const AT = '2026-03-01T12:00:00Z';
const TASK: Task = {
  title: 'A',
  status: 'ready',
  priority: 5,
  summary: 's',
  acceptanceCriteria: ['tested'],
  required: [{ id: 'T-2', text: 'T-2', line: 9 }],
  blocks: [],
  labels: {},
  claim: { claimedBy: 'a1', lastHeartbeat: AT },
};
const NOTE = { at: AT, agent: 'Ada', text: 'x' };

describe('what has changed of a task', () => {
  it.each<[TaskEdit, readonly string[]]>([
    [{ kind: 'set-field', section: 'task', key: 'title', value: 'B' }, ['title']],
    [{ kind: 'set-field', section: 'description', key: 'details', value: 'd' }, ['description']],
    [{ kind: 'set-field', section: 'criteria', key: '', value: ['tested', 'documented'] }, ['criteria']],
    [{ kind: 'set-field', section: 'labels', key: 'area', value: 'x' }, ['labels']],
    [{ kind: 'set-field', section: 'dependencies', key: 'required', value: [] }, ['requires']],
    [{ kind: 'append-note', note: NOTE }, ['notes']],
    [{ kind: 'append-note', note: { ...NOTE, agent: 'a1' } }, []],
    [{ kind: 'append-question', question: NOTE }, ['questions']],
    [{ kind: 'set-heartbeat', at: '2026-03-01T13:00:00Z' }, []],
    [{ kind: 'set-status', status: 'blocked' }, []],
  ])('is named, and what becomes of the task is not: %j', (edit, changed) => {
    expect(changedIn(contentOf(TASK), contentOf(withEdit(TASK, edit)))).toEqual(changed);
  });

  it('is nothing where only lines of the file moved, and a part that is gone counts', () => {
    const moved = { ...TASK, required: [{ id: 'T-2', text: 'T-2', line: 12 }] };
    expect(changedIn(contentOf(TASK), contentOf(moved))).toEqual([]);
    const { title: _, ...untitled } = TASK;
    expect(changedIn(contentOf(TASK), contentOf(untitled))).toEqual(['title']);
  });

  it.each(['commit', 'ref'] as const)('can be told by what a heartbeat answers, by %s', (heartbeat) => {
    const held = snapshotOf([{ id: 'T-1', state: 'claimed', claim: { claimedBy: 'a1' } }]);
    const snapshot = { ...held, settings: { ...DEFAULT_POOL_SETTINGS, heartbeat } };
    const beat = { kind: 'heartbeat', request: 'aaaaaa', agent: 'a1', task: { id: 'T-1' } } as const;
    expect(decide(snapshot, [beat], 0).decisions).toMatchObject([
      { outcome: { content: { title: expect.stringMatching(/^[a-z0-9]+\.[a-z0-9]+$/) } } },
    ]);
  });
});
