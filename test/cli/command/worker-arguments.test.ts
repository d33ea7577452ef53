import { describe, expect, it } from 'vitest';
import { session } from '../../kit/scene/cli-session.ts';

/** What `agentq work` sets for its command. */
const WORKER = { AGENTQ_TASK_ID: 'TASK-7', AGENTQ_PROJECT: 'auth', AGENTQ_AGENT: 'w-1', AGENTQ_CLAIM_ID: 'c1' };
const OWN = { agent: 'w-1', task: { project: 'auth', id: 'TASK-7' } };
const URL = 'https://example.com/pull/1';

async function intentOf(...argv: readonly string[]): Promise<unknown> {
  const { intents, stderr } = await session(argv, {}, { env: WORKER });
  if (intents.length === 0) throw new Error(stderr);
  return intents[0];
}

describe('under a worker', () => {
  it.each<[readonly string[], object]>([
    [['heartbeat'], { kind: 'heartbeat', ...OWN, claimId: 'c1' }],
    [['complete'], { kind: 'complete', ...OWN, claimId: 'c1' }],
    [['complete', '', '', URL], { kind: 'complete', ...OWN, prUrl: URL }],
    [['complete', URL], { kind: 'complete', ...OWN, prUrl: URL }],
    [['complete', 'TASK-7', URL], { kind: 'complete', ...OWN, prUrl: URL }],
    [['release', '--reason', 'no token'], { kind: 'release', ...OWN, reason: 'no token' }],
    [['review', URL], { kind: 'review', ...OWN, prUrl: URL }],
    [['note', 'half done'], { kind: 'note', ...OWN, text: 'half done' }],
  ])('%j is about its own task and agent', async (argv, intent) => {
    expect(await intentOf(...argv)).toMatchObject(intent);
  });

  it.each<[readonly string[], object]>([
    [['heartbeat', 'pay/TASK-1', 'a2'], { agent: 'a2', task: { project: 'pay', id: 'TASK-1' } }],
    [['heartbeat', 'TASK-8'], { agent: 'w-1', task: { project: 'auth', id: 'TASK-8' } }],
    [['review', 'TASK-8', 'a2', URL], { agent: 'a2', task: { project: 'auth', id: 'TASK-8' }, prUrl: URL }],
    [
      ['note', 'TASK-8', 'seen', '--agent', 'a2'],
      { agent: 'a2', task: { project: 'auth', id: 'TASK-8' }, text: 'seen' },
    ],
    [['claim', 'a2'], { kind: 'claim', agent: 'a2' }],
  ])('%j says explicitly what it is about', async (argv, intent) => {
    const given = await intentOf(...argv);
    expect(given).toMatchObject(intent);
    // The claim of the worker's own task must not fence another one.
    expect(given).not.toHaveProperty('claimId');
  });

  it.each([[['note']], [['note', 'TASK-7']], [['review']]])('%j lacks what no variable knows', async (argv) => {
    expect(await session(argv, {}, { env: WORKER })).toMatchObject({ code: 64, intents: [] });
  });

  it('a second claim by the same agent is refused, with the reason', async () => {
    const claim = await session(['claim', 'w-1'], {}, { env: WORKER });
    expect(claim).toMatchObject({ code: 64, intents: [] });
    expect(claim.stderr).toContain('w-1 works on auth/TASK-7 here');
    expect((await session(['claim', 'w-1'], {}, { env: { AGENTQ_PROJECT: 'auth' } })).intents).toHaveLength(1);
    for (const worker of [
      ['work', 'w-1', '--', 'true'],
      ['work', 'w', '--concurrency', '2', '--', 'true'],
    ]) {
      const work = await session(worker, {}, { env: WORKER });
      expect(work).toMatchObject({ code: 64, intents: [] });
      expect(work.stderr).toContain('w-1 works on auth/TASK-7 here');
    }
  });
});

it('without a worker, what is missing is missing', async () => {
  const run = await session(['heartbeat'], {}, { env: { AGENTQ_PROJECT: 'auth' } });
  expect(run).toMatchObject({ code: 64, intents: [] });
  expect(run.stderr).toContain("missing required argument 'task-id'");
});
