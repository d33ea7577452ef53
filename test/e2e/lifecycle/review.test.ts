import { expect, it } from 'vitest';
import { bookingFiles, foldersOf } from '../../kit/queues/booking-queue.ts';
import { scene } from '../../kit/scene/scene.ts';

const FOLDERS = foldersOf('agents', 'booking');
const PR = 'https://example.com/booking/pull/7';

it('a task in review belongs to its owner, needs no heartbeats, and opens others only when it is merged', async () => {
  await using box = await scene({ files: bookingFiles('agents', 'dialect'), clones: ['clone'] });
  const { claimId } = JSON.parse((await box.agentq('clone', 'claim', 'a1', '--json')).stdout);
  expect((await box.agentq('clone', 'review', 'TASK-001', 'a1')).code).toBe(64);
  expect((await box.agentq('clone', 'review', 'TASK-001', 'a1', 'javascript:alert(1)')).code).toBe(64);
  const done = await box.agentq('clone', 'review', 'TASK-001', 'a1', PR, '--claim-id', claimId);
  expect({ code: done.code, stdout: done.stdout }).toEqual({ code: 0, stdout: 'booking/TASK-001\n' });
  expect(await box.git(box.remote, 'log', '-1', '--format=%an %s', 'develop')).toBe(
    'a1 [AGENT-REVIEW] a1 finished booking/TASK-001',
  );

  // As it looks a day later: long silent, but not for a review.
  const path = `${FOLDERS.claimed}/TASK-001.toon`;
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().replace(/\.\d+/, '');
  const file = await box.git(box.remote, 'show', `develop:${path}`);
  const old = file.replace(/(last_heartbeat|review_since): .*/g, `$1: ${yesterday}`);
  await box.commitTo(box.remote, 'refs/heads/develop', { [path]: `${old}\n` }, 'Let a day pass');
  expect((await box.agentq('clone', 'release-stalled', '--older-than', '1m')).stdout).toBe('');
  expect((await box.agentq('clone', 'claim', 'a2')).code).toBe(1);
  const { all, recent } = JSON.parse((await box.agentq('clone', 'status', '--json')).stdout);
  expect(all).toMatchObject({ review: 1, inProgress: 0, stalled: 0 });
  expect(recent[0]).toMatchObject({ event: 'review', agent: 'a1', tasks: ['booking/TASK-001'] });
  expect((await box.agentq('clone', 'list', '--claimed')).stdout).toMatch(/booking\/TASK-001 .* review +a1 /);
  expect(JSON.parse((await box.agentq('clone', 'show', 'TASK-001', '--json')).stdout)).toMatchObject({
    state: 'review',
    review: { since: yesterday, prUrl: PR },
  });

  const merged = await box.agentq('clone', 'complete', 'TASK-001', 'a1', '--json');
  expect(JSON.parse(merged.stdout)).toMatchObject({
    prUrl: PR,
    unblocked: [{ task: 'TASK-002' }, { task: 'TASK-010' }],
  });

  await box.agentq('clone', 'claim', 'a1');
  const second = await box.git(box.remote, 'show', `develop~1:${FOLDERS.tasks}/TASK-002.toon`);
  await box.agentq('clone', 'review', 'TASK-002', 'a1', PR);
  expect((await box.agentq('clone', 'release', 'TASK-002', 'a1')).code).toBe(0);
  expect(await box.git(box.remote, 'show', `develop:${FOLDERS.tasks}/TASK-002.toon`)).toBe(second);
});
