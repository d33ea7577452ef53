import { expect, it } from 'vitest';
import { Stage, type Started } from '../../kit/processes/crash-roles.ts';
import { said } from '../../kit/processes/said.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { Gate } from '../../kit/remotes/gate.ts';

/**
 * A leader has carried out its own claim, and pushes once more for who came too late for that: its own caller has the answer
 * by then, and the process ends when the others have theirs.
 */

/** Where nothing ends it earlier, it goes on for others for longer than this (ms). */
const SOON_MS = 8_500;

/** The second push to the branch stops at a gate, too. */
async function holdSecond({ box, remote, gate }: Stage): Promise<Gate> {
  const second = box.owns(await Gate.create(box, 'second'));
  await box.hook(remote, 'pre-receive', `${gate.script} || ${second.script}\nexit 0`);
  return second;
}

/** A leader whose caller has its answer, and that stands at the gate with the push for a follower. */
async function leadingForAnother(
  stage: Stage,
  second: Gate,
  ...args: readonly string[]
): Promise<{ leader: Started; follower: Started }> {
  const leader = stage.start('one', ['claim', 'a1', '--combine', 'local', '--no-sync', ...args]);
  await stage.atGate(leader);
  const follower = stage.start('one', ['claim', 'a2', '--combine', 'local', '--no-sync', '-v']);
  await leader.reached('accepted');
  const answered = said(leader, 'stdout', (text) => text.includes('auth/TASK-1\n'));
  await stage.gate.open();
  await answered;
  await Promise.race([second.reached(), leader.done]);
  expect(leader.child.exitCode).toBeNull();
  return { leader, follower };
}

async function expectSound({ box, remote }: Stage): Promise<void> {
  expect((await auditQueue(box.path(remote))).violations).toEqual([]);
}

it('lets no push be cut off by the end of its process, and keeps its own caller waiting for nothing', async () => {
  await using stage = await Stage.open(4);
  const second = await holdSecond(stage);
  const { leader, follower } = await leadingForAnother(stage, second);
  await second.open();
  const { code, stdout, stderr } = await follower.done;
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: 'auth/TASK-2\n' });
  // The push that was held is the one that has carried it out: it did nothing itself.
  expect(stderr).toContain('0 git processes');
  expect(await leader.done).toMatchObject({ code: 0, signal: null });
  await expectSound(stage);
});

it('does not keep its process beyond an interrupt: the follower finds another way', async () => {
  await using stage = await Stage.open(4);
  const second = await holdSecond(stage);
  const { leader, follower } = await leadingForAnother(stage, second);
  const interruptedAt = performance.now();
  leader.child.kill('SIGTERM');
  // Its answer stands.
  expect(await leader.done).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
  expect(performance.now() - interruptedAt).toBeLessThan(SOON_MS);
  expect((await follower.done).code).toBe(0);
  await expectSound(stage);
});

it('does not keep its process beyond its deadline', async () => {
  await using stage = await Stage.open(4);
  const second = await holdSecond(stage);
  const { leader, follower } = await leadingForAnother(stage, second, '--timeout', '8s');
  const answeredAt = performance.now();
  expect(await leader.done).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
  expect(performance.now() - answeredAt).toBeLessThan(SOON_MS);
  expect((await follower.done).code).toBe(0);
  await expectSound(stage);
});
