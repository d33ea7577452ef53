import { expect, it } from 'vitest';
import { runChaos } from '../../kit/processes/chaos.ts';
import { sampleOf, sized } from '../../kit/sample.ts';
import { scene } from '../../kit/scene/scene.ts';

/** A sample; `npm run soak` goes on for longer, with other seeds. */
it.each(sampleOf([1, 2, 3], 1))(
  'whoever lives is told the truth, whoever is killed and when: seed %d',
  async (seed) => {
    await using box = await scene();
    const { told, violations } = await runChaos(box, {
      seed,
      machines: 3,
      agents: sized(8, 6),
      oldAgents: 2,
      tasks: sized(14, 11),
      killed: 0.35,
      serverKilled: 0.2,
      merges: 2,
      deleted: 1,
    });
    expect(violations).toEqual([]);
    expect(told.filter(({ code }) => code === null).length).toBeGreaterThan(0);
    expect(told.filter(({ code }) => code === 0).length).toBeGreaterThan(0);
  },
);
