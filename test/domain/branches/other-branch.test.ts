import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { NOW } from '../../kit/queues/intents.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

const base = { request: 'r-000001', agent: 'a1' };
const claim = { kind: 'claim', ...base, attempt: 1, waitedMs: 0 } as const;
const task = { title: 'x', criteria: [], required: [], blocks: [], labels: {}, rest: {} };

/** A main branch that has `web`, while `auth` lives on a branch of its own. */
const main = {
  ...snapshotOf([{ project: 'web', id: 'T-1' }]),
  otherBranch: (project: string) => (project === 'auth' ? 'develop-auth' : undefined),
};

describe('an intent on a queue of several branches', () => {
  it.each<[string, Intent, string | undefined]>([
    ['names a project that lives here', { ...claim, filter: { project: 'web' } }, undefined],
    ['names one that lives elsewhere', { ...claim, filter: { project: 'auth' } }, 'develop-auth'],
    ['names a task there', { kind: 'heartbeat', ...base, task: { project: 'auth', id: 'T-1' } }, 'develop-auth'],
    ['claims a task there', { ...claim, filter: {}, task: { project: 'auth', id: 'T-1' } }, 'develop-auth'],
    ['names no project', { ...claim, filter: {} }, 'several'],
    ['names a task only', { kind: 'release', ...base, task: { id: 'T-1' } }, 'several'],
    ['prefers a project', { ...claim, filter: {}, prefer: 'web' }, 'several'],
    ['is about all projects', { kind: 'unblock', ...base }, 'several'],
    ['is about all that live here', { kind: 'unblock', ...base, here: true }, undefined],
    ['is about all stalled claims', { kind: 'release-stalled', ...base }, 'several'],
    ['is about those that live here', { kind: 'release-stalled', ...base, here: true }, undefined],
    ['adds to a project here', { kind: 'add', ...base, tasks: [task], project: 'web' }, undefined],
    ['adds to a new project', { kind: 'add', ...base, tasks: [{ ...task, project: 'new' }] }, undefined],
    [
      'adds to one elsewhere, too',
      { kind: 'add', ...base, tasks: [task, { ...task, project: 'auth' }], project: 'web' },
      'develop-auth',
    ],
    ['adds a task without a project', { kind: 'add', ...base, tasks: [task] }, 'several'],
  ])('that %s', (_, intent, where) => {
    const [decision] = decide(main, [intent], NOW).decisions;
    const refusal = decision?.kind === 'refused' ? decision.refusal : undefined;
    const said = refusal?.code === 'other-branch' ? (refusal.branch ?? 'several') : undefined;
    expect(said).toBe(where);
    const [alone] = decide(snapshotOf([{ project: 'web', id: 'T-1' }]), [intent], NOW).decisions;
    expect(alone?.kind === 'refused' ? alone.refusal.code : undefined).not.toBe('other-branch');
  });
});
