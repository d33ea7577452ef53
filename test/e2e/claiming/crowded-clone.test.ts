import { expect, it } from 'vitest';
import { claimAtOnce, expectAnswers, expectClaims } from '../../kit/processes/pool.ts';
import { sized } from '../../kit/sample.ts';
import { scene } from '../../kit/scene/scene.ts';

it('serves a crowd of processes at once in one clone, three in four of which share pushes', async () => {
  await using box = await scene({ tasks: 16, clones: ['clone'] });
  const { remote } = box;
  const base = await box.tip();
  const members = Array.from({ length: sized(80, 28) }, (_, index) => ({
    agent: `agent-${index + 1}`,
    dir: 'clone',
    options: index % 4 === 0 ? ['--no-combine', '--max-retries', '400'] : [],
  }));
  const answers = await claimAtOnce(box, members);
  expectAnswers(answers);
  expect(answers.filter(({ code }) => code === 0)).toHaveLength(16);
  await expectClaims(box, remote, base, answers);
  expect(await box.git('clone', 'status', '--porcelain')).toBe('');
  expect(await box.git('clone', 'rev-parse', 'HEAD')).toBe(await box.tip());
  expect((await box.tryGit('clone', 'fsck', '--no-dangling', '--connectivity-only')).exitCode).toBe(0);
});
