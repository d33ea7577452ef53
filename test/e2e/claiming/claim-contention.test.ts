import { describe, expect, it } from 'vitest';
import {
  claimAtOnce,
  expectAnswers,
  expectClaims,
  type PoolAnswer,
  type PoolMember,
} from '../../kit/processes/pool.ts';
import { sized, turnsOf } from '../../kit/sample.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** The reason why agentq exists: many want a task at once, and each task has one winner. */

/** Sharing pushes with other processes, and every process for itself: compare-and-swap and backoff. */
const MODES = [
  ['sharing pushes', []],
  ['each for itself', ['--no-combine', '--max-retries', '400']],
] as const;

describe.each(MODES)('%s', (mode, options) => {
  const isTurn = turnsOf(
    MODES.map(([name]) => name),
    mode,
  );
  it.runIf(isTurn())('gives 10 agents in 10 clones one of 10 tasks each', async () => {
    await using box = await scene({ tasks: 10 });
    const { answers, remote, base } = await race(box, 10, clonePerAgent);
    expect(answers.filter(({ code }) => code === 0)).toHaveLength(10);
    await expectClaims(box, remote, base, answers);
  });

  it.runIf(isTurn())(
    'gives 10 tasks to 10 of many agents in clones of their own, and tells the others why there is none',
    async () => {
      await using box = await scene({ tasks: 10 });
      const { answers, remote, base } = await race(box, sized(20, 13), clonePerAgent);
      expect(answers.filter(({ code }) => code === 0)).toHaveLength(10);
      const reasons = answers.filter(({ code }) => code === 1).map(({ stderr }) => stderr.trimEnd().split('] ').at(-1));
      // When the next of the claims would count as stalled depends on when it was made.
      const reason =
        /^nothing to claim: 10 claimed; the next claim counts as stalled in 3[12]m[\ds]*, unless it is renewed$/;
      expect(reasons).toEqual(Array(sized(10, 3)).fill(expect.stringMatching(reason)));
      await expectClaims(box, remote, base, answers);
    },
  );

  it.runIf(isTurn())('serves 20 processes in one clone', async () => {
    await using box = await scene({ tasks: 12 });
    const { answers, remote, base } = await race(box, 20, () => 'clone');
    expect(answers.filter(({ code }) => code === 0)).toHaveLength(12);
    await expectClaims(box, remote, base, answers);
    // All followed the branch, one after the other: the checkout is whole and at one of its commits.
    expect(await box.git('clone', 'status', '--porcelain')).toBe('');
    expect(await box.git('clone', 'rev-parse', 'HEAD')).toBe(await box.git(remote, 'rev-parse', 'develop'));
    expect(Object.keys(await box.refs('clone')).filter((ref) => ref.startsWith('refs/agentq/'))).toEqual([]);
  });

  async function race(
    box: Scene,
    agents: number,
    cloneOf: (index: number) => string,
  ): Promise<{ answers: readonly PoolAnswer[]; remote: string; base: string }> {
    const { remote } = box;
    const members: PoolMember[] = Array.from({ length: agents }, (_, index) => ({
      agent: `agent-${index + 1}`,
      dir: cloneOf(index),
      options,
    }));
    for (const dir of new Set(members.map((member) => member.dir))) await box.clone(remote, dir);
    const base = await box.tip();
    const answers = await claimAtOnce(box, members);
    expectAnswers(answers);
    return { answers, remote, base };
  }
});

function clonePerAgent(index: number): string {
  return `clone-${index + 1}`;
}
