import { describe, expect, it } from 'vitest';
import type { Pending } from '../../../src/engine/base/engine.ts';
import { fixedSource } from '../../../src/engine/transaction/intent-source.ts';
import { lookUp, recall } from '../../../src/engine/transaction/recall.ts';
import { transact } from '../../../src/engine/transaction/transaction.ts';
import { claimOf, inShort, testEngine } from '../../kit/engine/test-engine.ts';
import { FileRemote } from '../../kit/remotes/file-remote.ts';
import { FileStore } from '../../kit/remotes/file-store.ts';

/** A branch on which `a`, then somebody else, then `b`, then somebody else made a commit; and the tip before each. */
async function history() {
  const remote = FileRemote.withTasks(4);
  const engine = testEngine(new FileStore(remote));
  const tips: string[] = [];
  for (const agent of ['a', undefined, 'b', undefined]) {
    tips.push(remote.tip);
    if (agent === undefined) remote.othersCommit();
    else await transact(engine, fixedSource([{ intent: claimOf(agent), base: undefined }]));
  }
  const pending = (agent: string, before: number | undefined): Pending => ({
    intent: claimOf(agent),
    base: before === undefined ? undefined : tips[before],
  });
  const recalled = async (...pendings: readonly Pending[]): Promise<Record<string, string | undefined>> => {
    const settled = await recall(engine, remote.tip, pendings);
    return Object.fromEntries(settled.map((one) => [one.intent.agent, inShort(one)]));
  };
  return { remote, engine, tips, pending, recalled };
}

describe('what was carried out', () => {
  it('is found behind the oldest base in question, in whatever order they are asked for', async () => {
    const { pending, recalled } = await history();
    const intents = [pending('a', 0), pending('b', 1), pending('c', 3)];
    for (const order of [intents, [...intents].reverse(), [intents[1], intents[0], intents[2]]]) {
      expect(await recalled(...order.flatMap((one) => one ?? []))).toEqual({ a: 'TASK-1', b: 'TASK-2' });
    }
  });

  it('is found also where only a newer base is of somebody else', async () => {
    const { pending, recalled } = await history();
    expect(await recalled(pending('a', 0), pending('c', 3))).toEqual({ a: 'TASK-1' });
    expect(await recalled(pending('c', 3), pending('a', 0))).toEqual({ a: 'TASK-1' });
  });

  it('is not looked for where nothing was tried, or the branch stands where it stood', async () => {
    const { remote, engine, pending, recalled } = await history();
    expect(await recalled(pending('a', undefined))).toEqual({});
    expect(await recall(engine, remote.tip, [{ intent: claimOf('a'), base: remote.tip }])).toEqual([]);
  });

  it('keeps the base that it was given, and names the commit', async () => {
    const { engine, remote, tips, pending } = await history();
    const [settled] = await recall(engine, remote.tip, [pending('b', 1)]);
    expect(settled).toMatchObject({ kind: 'done', base: tips[1], commit: tips[3] });
    expect(await lookUp(engine, pending('a', 0))).toMatchObject({ kind: 'done', commit: tips[1] });
    expect(await lookUp(engine, pending('c', 0))).toBeUndefined();
  });

  it('is no verdict where a base is not in the history, and the failure names what to look for', async () => {
    const { engine, remote, pending } = await history();
    const stray = { intent: claimOf('a'), base: 'f'.repeat(40) };
    await expect(recall(engine, remote.tip, [pending('b', 1), stray])).rejects.toMatchObject({
      code: 'remote-unreachable',
      message: expect.stringContaining('it is not known whether an earlier push landed'),
      hint: expect.stringContaining('Agentq-Request: request-of-b'),
    });
  });
});
