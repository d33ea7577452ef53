import { expect, it } from 'vitest';
import type { Submitted } from '../../../../src/engine/queue/submitted.ts';
import { snapshotOf, type TaskSpec } from '../../../kit/queues/snapshots.ts';
import { session } from '../../../kit/scene/cli-session.ts';
import { scene } from '../../../kit/scene/scene.ts';

const held = (id: string, claimedBy: string): TaskSpec => ({
  id,
  state: 'claimed',
  claim: {
    claimedBy,
    claimedAt: '2025-01-02T03:00:00Z',
    lastHeartbeat: '2025-01-02T03:00:00Z',
    claimId: `c-${id}`,
    attempt: 1,
  },
});

const renewed = (project: string, id: string): Submitted => ({
  outcome: { kind: 'renewed', key: { project, id }, path: 'x', at: '2025-01-02T03:04:05Z' },
  commit: 'f00',
  base: undefined,
  attempts: 1,
  rejectedPushes: 0,
  backoffBaseMs: 1,
  elapsedMs: 1,
});

it.each([
  [['heartbeat'], "missing required argument 'task-id'"],
  [['heartbeat', '--mine'], 'no agent is named'],
  [['heartbeat', 'TASK-1', '--mine', '--agent', 'a1'], 'a task is named together with --mine'],
  [['heartbeat', '--mine', '--watch', '--agent', 'a1'], '--watch is for one task'],
  [['heartbeat', 'TASK-1', 'a1', '--hook', 'claude'], '--hook is for --mine'],
  [['heartbeat', '--mine', '--hook', 'emacs'], '--hook must be claude'],
  [['release', 'TASK-1', 'a1', '--remind'], '--remind and --hook are for --mine'],
  [['release', '--mine'], 'no agent is named'],
])('refuses %j', async (args, words) => {
  const { code, stderr } = await session(args);
  expect(code).toBe(64);
  expect(stderr).toContain(words);
});

it('renews all that the agent works on, in one go, and then not before it is time', async () => {
  await using box = await scene();
  await box.git('.', 'init', '-q', 'repository');
  const renewals: string[][] = [];
  const heartbeat = (...args: readonly string[]) =>
    session(
      ['-C', box.path('repository'), 'heartbeat', ...args],
      {
        renew(intents) {
          renewals.push(intents.map(({ task, claimId }) => `${task.project}/${task.id} ${claimId}`));
          return Promise.resolve(
            intents.map(({ task: { project = '', id } }) => ({ kind: 'renewed', submitted: renewed(project, id) })),
          );
        },
      },
      {
        env: { AGENTQ_AGENT: 'a1' },
        reading: {
          snapshot: async () => snapshotOf([held('TASK-1', 'a1'), held('TASK-2', 'b2'), held('TASK-3', 'a1')]),
        },
      },
    );
  expect(await heartbeat('--if-older-than', '5m')).toMatchObject({ code: 0, stdout: 'auth/TASK-1\nauth/TASK-3\n' });
  expect(renewals).toEqual([['auth/TASK-1 c-TASK-1', 'auth/TASK-3 c-TASK-3']]);
  const recent = await heartbeat('--if-older-than', '5m', '--json');
  expect(JSON.parse(recent.stdout)).toMatchObject({ skipped: 'recent', renewed: [], agent: 'a1' });
  expect(recent.opened).toEqual([]);
  // Another agent, and another queue, have renewals of their own; and who asks for one gets it.
  expect((await heartbeat('--if-older-than', '5m', '--agent', 'b2')).stdout).toBe('auth/TASK-2\n');
  expect((await heartbeat('--if-older-than', '5m', '--branch', 'other')).stdout).not.toBe('');
  expect((await heartbeat('--mine')).stdout).not.toBe('');
  expect(renewals).toHaveLength(4);
});
