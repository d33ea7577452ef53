import { afterAll, beforeAll, expect, it } from 'vitest';
import { claimAtOnce, expectAnswers, expectClaims } from '../../kit/processes/pool.ts';
import { queueRemote } from '../../kit/queues/queue-files.ts';
import { sized } from '../../kit/sample.ts';
import { GitSandbox } from '../../kit/scene/git-sandbox.ts';

let box: GitSandbox;
beforeAll(async () => {
  box = await GitSandbox.create();
});
afterAll(() => box.remove());

it('serves a crowd of processes at once in one clone, three in four of which share pushes', async () => {
  const remote = await queueRemote(box, 16);
  await box.clone(remote, 'clone');
  const base = await box.git(remote, 'rev-parse', 'develop');
  const members = Array.from({ length: sized(80, 40) }, (_, index) => ({
    agent: `agent-${index + 1}`,
    dir: 'clone',
    options: index % 4 === 0 ? ['--no-combine', '--max-retries', '400'] : [],
  }));
  const answers = await claimAtOnce(box, members);
  expectAnswers(answers);
  expect(answers.filter(({ code }) => code === 0)).toHaveLength(16);
  await expectClaims(box, remote, base, answers);
  expect(await box.git('clone', 'status', '--porcelain')).toBe('');
  expect(await box.git('clone', 'rev-parse', 'HEAD')).toBe(await box.git(remote, 'rev-parse', 'develop'));
  expect((await box.tryGit('clone', 'fsck', '--no-dangling', '--connectivity-only')).exitCode).toBe(0);
});
