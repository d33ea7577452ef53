import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { expectAnswers, expectClaims, type PoolAnswer } from '../../kit/processes/pool.ts';
import type { RunningAgentq } from '../../kit/processes/run-agentq.ts';
import { said } from '../../kit/processes/said.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { holdPush, holdRead } from '../../kit/remotes/gate.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** Processes that share a push and do not all live to see it: whoever is left gets a true answer. */

const QUEUE = { tasks: 5, clones: ['clone'] };

function claim(box: Scene, agent: string): RunningAgentq {
  return box.start('clone', ['claim', agent, '-v', '--no-sync', '--combine', 'local']);
}

/** A process that has handed its claim to the one that leads. */
async function follower(box: Scene, agent: string): Promise<RunningAgentq> {
  const running = claim(box, agent);
  await said(running, 'stderr', (text) => text.includes('another agentq process carries this out'));
  return running;
}

/** A leader that stands right before its push is accepted, with claims of followers that share it. */
async function sharedPush(box: Scene, followers: readonly string[]) {
  const { remote } = box;
  const look = box.owns(await holdRead(box, 'clone', 'look'));
  const push = box.owns(await holdPush(box, remote, 'push'));
  const leader = claim(box, 'leader');
  await look.reached();
  const running = [];
  for (const agent of followers) running.push(await follower(box, agent));
  await look.open();
  await push.reached();
  return { leader, followers: running, push };
}

/** A leader that stands right before its push is accepted, and followers that came too late for it. */
async function latePush(box: Scene, followers: readonly string[]) {
  const { remote } = box;
  const push = box.owns(await holdPush(box, remote, 'push'));
  const leader = claim(box, 'leader');
  await push.reached();
  const running = [];
  for (const agent of followers) running.push(await follower(box, agent));
  return { leader, followers: running, push };
}

async function answerOf(agent: string, { done }: RunningAgentq): Promise<PoolAnswer> {
  const run = await done;
  return { ...run, agent, task: run.code === 0 ? run.stdout.trim() : undefined };
}

/** What the history says of an agent that did not live to tell. */
async function claimOf(box: Scene, agent: string): Promise<PoolAnswer[]> {
  const { remote } = box;
  const { moves } = await auditQueue(box.path(remote));
  const none = { agent, code: null, signal: null, stdout: '', stderr: '', bytes: new Uint8Array() };
  return moves.filter(({ owner }) => owner === agent).map(({ task }) => ({ ...none, task }));
}

describe('a leader is killed during its push', () => {
  it.each([
    ['the push lands after the others were answered', 'late'],
    ['the push lands while the others find out', 'soon'],
  ] as const)('and %s', async (_what, when) => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const base = await box.tip();
    const { leader, followers, push } = await sharedPush(box, ['f1', 'f2', 'f3']);
    leader.child.kill('SIGKILL');
    await leader.done;
    if (when === 'soon') await push.open();
    const answers = await Promise.all(followers.map((running, index) => answerOf(`f${index + 1}`, running)));
    if (when === 'late') await push.open();
    expectAnswers(answers);
    expect(answers.map(({ code }) => code)).toEqual([0, 0, 0]);
    await expectClaims(box, remote, base, [...answers, ...(await claimOf(box, 'leader'))]);
  });

  it('and those who came too late for it find another leader', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const base = await box.tip();
    const { leader, followers, push } = await latePush(box, ['f1', 'f2']);
    leader.child.kill('SIGKILL');
    await leader.done;
    const answers = await Promise.all(followers.map((running, index) => answerOf(`f${index + 1}`, running)));
    await push.open();
    expectAnswers(answers);
    expect(answers.map(({ code }) => code)).toEqual([0, 0]);
    await expectClaims(box, remote, base, [...answers, ...(await claimOf(box, 'leader'))]);
  });

  it('and its socket is taken over', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const base = await box.tip();
    const look = box.owns(await holdRead(box, 'clone', 'look'));
    const leader = claim(box, 'leader');
    await look.reached();
    leader.child.kill('SIGKILL');
    await leader.done;
    expect(await sockets(box)).toHaveLength(1);
    const answer = await answerOf('next', claim(box, 'next'));
    await expectClaims(box, remote, base, [answer]);
    expect(answer.task).toBe('auth/TASK-1');
    expect(await sockets(box)).toEqual([]);
  });
});

describe('a leader is interrupted', () => {
  it('before its push, and the others find another leader', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const base = await box.tip();
    const look = box.owns(await holdRead(box, 'clone', 'look'));
    const leader = claim(box, 'leader');
    await look.reached();
    const others = [await follower(box, 'f1'), await follower(box, 'f2')];
    leader.child.kill('SIGTERM');
    expect(await leader.done).toMatchObject({ code: 143, stdout: '' });
    const answers = await Promise.all(others.map((running, index) => answerOf(`f${index + 1}`, running)));
    expectAnswers(answers);
    await expectClaims(box, remote, base, answers);
    expect(answers.map(({ code }) => code)).toEqual([0, 0]);
  });

  it('during its push: it gives its own task back, and the others keep theirs', async () => {
    await using box = await scene(QUEUE);
    const { leader, followers, push } = await sharedPush(box, ['f1', 'f2']);
    leader.child.kill('SIGTERM');
    await push.open();
    expect(await leader.done).toMatchObject({ code: 143, stdout: '' });
    const answers = await Promise.all(followers.map((running, index) => answerOf(`f${index + 1}`, running)));
    expectAnswers(answers);
    expect(await ownersNow(box)).toEqual(answers.map(({ agent, task }) => [task, agent]).sort());
  });
});

describe('a follower', () => {
  it('that is killed while it waits gets no task', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const base = await box.tip();
    const { leader, followers, push } = await latePush(box, ['f1', 'f2']);
    followers[0]?.child.kill('SIGKILL');
    await followers[0]?.done;
    await push.open();
    const answers = [await answerOf('leader', leader), ...(await lastOf(followers, 'f2'))];
    expectAnswers(answers);
    expect(answers.map(({ code }) => code)).toEqual([0, 0]);
    await expectClaims(box, remote, base, answers);
  });

  it('that is killed during the push leaves a claim that is whole', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const base = await box.tip();
    const { leader, followers, push } = await sharedPush(box, ['f1', 'f2']);
    followers[0]?.child.kill('SIGKILL');
    await followers[0]?.done;
    await push.open();
    const answers = [await answerOf('leader', leader), ...(await lastOf(followers, 'f2'))];
    expectAnswers(answers);
    await expectClaims(box, remote, base, [...answers, ...(await claimOf(box, 'f1'))]);
  });

  it('that is interrupted while it waits gets no task, and does not wait for the push', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const base = await box.tip();
    const { leader, followers, push } = await latePush(box, ['f1']);
    followers[0]?.child.kill('SIGINT');
    expect(await followers[0]?.done).toMatchObject({ code: 130, stdout: '' });
    await push.open();
    const answer = await answerOf('leader', leader);
    await expectClaims(box, remote, base, [answer]);
    expect(answer.code).toBe(0);
  });

  it('that is interrupted during the push gives its task back', async () => {
    await using box = await scene(QUEUE);
    const { leader, followers, push } = await sharedPush(box, ['f1']);
    followers[0]?.child.kill('SIGINT');
    await push.open();
    expect(await followers[0]?.done).toMatchObject({ code: 130, stdout: '' });
    const answer = await answerOf('leader', leader);
    expect(await ownersNow(box)).toEqual([[answer.task, 'leader']]);
  });
});

async function lastOf(running: readonly RunningAgentq[], agent: string): Promise<PoolAnswer[]> {
  const last = running.at(-1);
  return last === undefined ? [] : [await answerOf(agent, last)];
}

/** Who has which task at the tip; and no commit on the way there broke a guarantee. */
async function ownersNow(box: Scene): Promise<(readonly [string, string | undefined])[]> {
  const { remote } = box;
  const { moves, tip, violations } = await auditQueue(box.path(remote));
  expect(violations).toEqual([]);
  return [...tip]
    .filter(([, state]) => state === 'claimed')
    .map(([task]) => [task, moves.findLast((move) => move.task === task)?.owner] as const)
    .sort();
}

async function sockets(box: Scene): Promise<readonly string[]> {
  const folder = (await readdir(box.root)).find((name) => /^agentq-\d+$/.test(name)) ?? '.';
  return (await readdir(box.path(folder))).filter((name) => name.includes('.sock'));
}
