import { readdir } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { expectAnswers, expectClaims, type PoolAnswer } from '../../kit/processes/pool.ts';
import { type RunningAgentq, startAgentq } from '../../kit/processes/run-agentq.ts';
import { said } from '../../kit/processes/said.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { holdPush, holdRead } from '../../kit/remotes/gate.ts';
import type { GitSandbox } from '../../kit/scene/git-sandbox.ts';
import { held, testQueue } from '../../kit/scene/test-sandbox.ts';

/** Processes that share a push and do not all live to see it: whoever is left gets a true answer. */

let box: GitSandbox;
let remote: string;
let base: string;
beforeEach(async () => {
  ({ box, remote, base } = await testQueue(5, 'clone'));
});

function claim(agent: string): RunningAgentq {
  return startAgentq(['claim', agent, '-v', '--no-sync', '--combine', 'local'], {
    cwd: box.path('clone'),
    env: box.env,
  });
}

/** A process that has handed its claim to the one that leads. */
async function follower(agent: string): Promise<RunningAgentq> {
  const running = claim(agent);
  await said(running, 'stderr', (text) => text.includes('another agentq process carries this out'));
  return running;
}

/** A leader that stands right before its push is accepted, with claims of followers that share it. */
async function sharedPush(followers: readonly string[]) {
  const look = await held(holdRead(box, 'clone', 'look'));
  const push = await held(holdPush(box, remote, 'push'));
  const leader = claim('leader');
  await look.reached();
  const running = [];
  for (const agent of followers) running.push(await follower(agent));
  await look.open();
  await push.reached();
  return { leader, followers: running, push };
}

/** A leader that stands right before its push is accepted, and followers that came too late for it. */
async function latePush(followers: readonly string[]) {
  const push = await held(holdPush(box, remote, 'push'));
  const leader = claim('leader');
  await push.reached();
  const running = [];
  for (const agent of followers) running.push(await follower(agent));
  return { leader, followers: running, push };
}

async function answerOf(agent: string, { done }: RunningAgentq): Promise<PoolAnswer> {
  const run = await done;
  return { ...run, agent, task: run.code === 0 ? run.stdout.trim() : undefined };
}

/** What the history says of an agent that did not live to tell. */
async function claimOf(agent: string): Promise<PoolAnswer[]> {
  const { moves } = await auditQueue(box.path(remote));
  const none = { agent, code: null, signal: null, stdout: '', stderr: '', bytes: new Uint8Array() };
  return moves.filter(({ owner }) => owner === agent).map(({ task }) => ({ ...none, task }));
}

describe('a leader is killed during its push', () => {
  it.each([
    ['the push lands after the others were answered', 'late'],
    ['the push lands while the others find out', 'soon'],
  ] as const)('and %s', async (_what, when) => {
    const { leader, followers, push } = await sharedPush(['f1', 'f2', 'f3']);
    leader.child.kill('SIGKILL');
    await leader.done;
    if (when === 'soon') await push.open();
    const answers = await Promise.all(followers.map((running, index) => answerOf(`f${index + 1}`, running)));
    if (when === 'late') await push.open();
    expectAnswers(answers);
    expect(answers.map(({ code }) => code)).toEqual([0, 0, 0]);
    await expectClaims(box, remote, base, [...answers, ...(await claimOf('leader'))]);
  });

  it('and those who came too late for it find another leader', async () => {
    const { leader, followers, push } = await latePush(['f1', 'f2']);
    leader.child.kill('SIGKILL');
    await leader.done;
    const answers = await Promise.all(followers.map((running, index) => answerOf(`f${index + 1}`, running)));
    await push.open();
    expectAnswers(answers);
    expect(answers.map(({ code }) => code)).toEqual([0, 0]);
    await expectClaims(box, remote, base, [...answers, ...(await claimOf('leader'))]);
  });

  it('and its socket is taken over', async () => {
    const look = await held(holdRead(box, 'clone', 'look'));
    const leader = claim('leader');
    await look.reached();
    leader.child.kill('SIGKILL');
    await leader.done;
    expect(await sockets()).toHaveLength(1);
    const answer = await answerOf('next', claim('next'));
    await expectClaims(box, remote, base, [answer]);
    expect(answer.task).toBe('auth/TASK-1');
    expect(await sockets()).toEqual([]);
  });
});

describe('a leader is interrupted', () => {
  it('before its push, and the others find another leader', async () => {
    const look = await held(holdRead(box, 'clone', 'look'));
    const leader = claim('leader');
    await look.reached();
    const others = [await follower('f1'), await follower('f2')];
    leader.child.kill('SIGTERM');
    expect(await leader.done).toMatchObject({ code: 143, stdout: '' });
    const answers = await Promise.all(others.map((running, index) => answerOf(`f${index + 1}`, running)));
    expectAnswers(answers);
    await expectClaims(box, remote, base, answers);
    expect(answers.map(({ code }) => code)).toEqual([0, 0]);
  });

  it('during its push: it gives its own task back, and the others keep theirs', async () => {
    const { leader, followers, push } = await sharedPush(['f1', 'f2']);
    leader.child.kill('SIGTERM');
    await push.open();
    expect(await leader.done).toMatchObject({ code: 143, stdout: '' });
    const answers = await Promise.all(followers.map((running, index) => answerOf(`f${index + 1}`, running)));
    expectAnswers(answers);
    expect(await ownersNow()).toEqual(answers.map(({ agent, task }) => [task, agent]).sort());
  });
});

describe('a follower', () => {
  it('that is killed while it waits gets no task', async () => {
    const { leader, followers, push } = await latePush(['f1', 'f2']);
    followers[0]?.child.kill('SIGKILL');
    await followers[0]?.done;
    await push.open();
    const answers = [await answerOf('leader', leader), ...(await lastOf(followers, 'f2'))];
    expectAnswers(answers);
    expect(answers.map(({ code }) => code)).toEqual([0, 0]);
    await expectClaims(box, remote, base, answers);
  });

  it('that is killed during the push leaves a claim that is whole', async () => {
    const { leader, followers, push } = await sharedPush(['f1', 'f2']);
    followers[0]?.child.kill('SIGKILL');
    await followers[0]?.done;
    await push.open();
    const answers = [await answerOf('leader', leader), ...(await lastOf(followers, 'f2'))];
    expectAnswers(answers);
    await expectClaims(box, remote, base, [...answers, ...(await claimOf('f1'))]);
  });

  it('that is interrupted while it waits gets no task, and does not wait for the push', async () => {
    const { leader, followers, push } = await latePush(['f1']);
    followers[0]?.child.kill('SIGINT');
    expect(await followers[0]?.done).toMatchObject({ code: 130, stdout: '' });
    await push.open();
    const answer = await answerOf('leader', leader);
    await expectClaims(box, remote, base, [answer]);
    expect(answer.code).toBe(0);
  });

  it('that is interrupted during the push gives its task back', async () => {
    const { leader, followers, push } = await sharedPush(['f1']);
    followers[0]?.child.kill('SIGINT');
    await push.open();
    expect(await followers[0]?.done).toMatchObject({ code: 130, stdout: '' });
    const answer = await answerOf('leader', leader);
    expect(await ownersNow()).toEqual([[answer.task, 'leader']]);
  });
});

async function lastOf(running: readonly RunningAgentq[], agent: string): Promise<PoolAnswer[]> {
  const last = running.at(-1);
  return last === undefined ? [] : [await answerOf(agent, last)];
}

/** Who has which task at the tip; and no commit on the way there broke a guarantee. */
async function ownersNow(): Promise<(readonly [string, string | undefined])[]> {
  const { moves, tip, violations } = await auditQueue(box.path(remote));
  expect(violations).toEqual([]);
  return [...tip]
    .filter(([, state]) => state === 'claimed')
    .map(([task]) => [task, moves.findLast((move) => move.task === task)?.owner] as const)
    .sort();
}

async function sockets(): Promise<readonly string[]> {
  const folder = (await readdir(box.root)).find((name) => /^agentq-\d+$/.test(name)) ?? '.';
  return (await readdir(box.path(folder))).filter((name) => name.includes('.sock'));
}
