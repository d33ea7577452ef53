import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ModelSetting, runModel } from '../../../lab/model/model.ts';
import type { Setting } from '../../../lab/simulation/figures.ts';
import { modelled, scaledTo } from '../../../lab/simulation/modelled.ts';
import type { SimulationRun } from '../../../lab/simulation/simulation.ts';

const SETTING: Setting & ModelSetting = {
  algorithm: 'agentq',
  source: 'modelled',
  agents: 12,
  tasks: 8,
  machines: 6,
  projects: 2,
  latencyMs: 20,
  workMs: null,
  crashed: 0,
  seed: 1,
};

/** Pools of every kind, with servers that lose answers and are killed halfway, and humans that merge. */
const settings: fc.Arbitrary<Setting & ModelSetting> = fc
  .record({
    agents: fc.integer({ min: 1, max: 20 }),
    tasks: fc.integer({ min: 1, max: 24 }),
    machines: fc.integer({ min: 1, max: 20 }),
    latencyMs: fc.constantFrom(0, 5, 50, 800),
    workMs: fc.option(fc.integer({ min: 0, max: 500 })),
    crashed: fc.constantFrom(0, 0.2, 0.5),
    seed: fc.nat(),
    combine: fc.constantFrom('all', 'remote', 'none'),
    host: fc.constantFrom('free', 'crowded'),
    atomic: fc.boolean(),
    faults: fc.constantFrom(0, 0.1, 0.4),
    merges: fc.constantFrom(0, 2, 5),
  })
  .map((drawn) => ({
    ...SETTING,
    ...drawn,
    // Many machines publish before they race: only then are there answers to believe or not.
    rivals: drawn.host === 'crowded' ? ('seen' as const) : ('unseen' as const),
    machines: Math.min(drawn.machines, drawn.agents),
    projects: Math.min(2, drawn.tasks),
    maxRetries: 30,
  }));

describe('the model', () => {
  it('comes out the same for the same seed, and otherwise for another', async () => {
    const first = await modelled(SETTING);
    expect(await modelled(SETTING)).toEqual(first);
    expect((await modelled({ ...SETTING, seed: 2 })).samples).not.toEqual(first.samples);
  });

  it('has one winner a task and an answer for everybody, whatever goes wrong', async () => {
    await fc.assert(
      fc.asyncProperty(settings, async (setting) => {
        const run = await modelled(setting);
        expect(run.violations).toEqual([]);
        expect(run.winnersPerTask).toBeLessThanOrEqual(1);
        expect(run.gaveUp).toBe(0);
        if (setting.workMs === null) {
          expect(run.claims + run.nothingToClaim + run.killed).toBe(setting.agents);
        } else if (setting.crashed === 0) {
          expect(run).toMatchObject({ claims: setting.tasks, completions: setting.tasks });
        }
      }),
      // The same cases each time: `npm run soak` is for new ones, and this seed once found a verdict that was too strict.
      { numRuns: 60, seed: -1796227387 },
    );
  });

  it('sees a claim that is carried out twice where merges hide what was served', async () => {
    const broken: Setting & ModelSetting = {
      ...SETTING,
      machines: 12,
      tasks: 40,
      faults: 0.3,
      merges: 5,
      atomic: false,
      maxRetries: 30,
    };
    const seeds = Array.from({ length: 40 }, (_, index) => index + 1);
    const violationsWith = async (lookBack: 'all parents' | 'first parents'): Promise<string[]> => {
      const runs = [];
      for (const seed of seeds) runs.push(await runModel({ ...broken, seed, lookBack }));
      return runs.flatMap(({ remote }) => remote.violations);
    };
    expect(await violationsWith('all parents')).toEqual([]);
    expect((await violationsWith('first parents')).join('\n')).toContain('was carried out before');
  });

  it('believes no answer of a push that did not move the branch', async () => {
    for (let seed = 1; seed <= 15; seed++) {
      const crowd = {
        agents: 40,
        tasks: 60,
        machines: 40,
        host: 'crowded',
        rivals: 'seen',
        faults: 0.4,
        merges: 2,
        maxRetries: 30,
      } as const;
      const { answers, remote } = await runModel({ ...SETTING, ...crowd, seed });
      expect(remote.violations).toEqual([]);
      const told = answers.flatMap(({ agent, task }) => (task === undefined ? [] : [`${agent} ${task}`]));
      expect(told).toHaveLength(40);
      expect(remote.claims.map(({ agent, task }) => `${agent} ${task}`).sort()).toEqual(told.sort());
    }
  });

  it('starves nobody: the slowest of a pool in a closed loop gets at least half of the median', async () => {
    const setting = { ...SETTING, agents: 20, machines: 10, tasks: 400, workMs: 100 };
    const { answers } = await runModel(setting);
    const counts = new Map<string, number>();
    for (const { agent, action, kind } of answers) {
      if (action === 'claim' && kind === 'done') counts.set(agent, (counts.get(agent) ?? 0) + 1);
    }
    const sorted = [...counts.values()].sort((a, b) => a - b);
    expect(sorted).toHaveLength(20);
    expect(sorted[0]).toBeGreaterThanOrEqual((sorted[10] ?? 0) / 2);
  });

  it('pushes once for all that meet, where leased retries push for each other in vain', async () => {
    const rejected = async (combine: 'all' | 'none'): Promise<SimulationRun> =>
      modelled({ ...SETTING, agents: 40, tasks: 40, machines: 4, combine, maxRetries: 100 } as Setting);
    const [helping, alone] = [await rejected('all'), await rejected('none')];
    expect(helping.claims).toBe(40);
    expect(alone.claims).toBe(40);
    expect(helping.branchMoves).toBeLessThan(12);
    expect(helping.rejectedPushes).toBeLessThan(alone.rejectedPushes / 4);
  });

  it('tells everybody at once that nothing is left, instead of one machine a round', async () => {
    const run = await modelled({ ...SETTING, agents: 100, tasks: 10, machines: 20, latencyMs: 200 });
    expect(run).toMatchObject({ claims: 10, nothingToClaim: 90, violations: [] });
    // Each machine loses a race, publishes a request or two and looks what became of it: with a round for each it was 200.
    expect(run.pushes).toBeLessThan(80);
    expect(run.wallMs).toBeLessThan(15_000);
  });

  it('grows tasks and machines with the agents', () => {
    const setting: Setting = { ...SETTING, agents: 100, tasks: 10, machines: 10 };
    expect(scaledTo(1_000, setting)).toMatchObject({ agents: 1_000, tasks: 100, machines: 100, source: 'modelled' });
    expect(scaledTo(3, setting)).toMatchObject({ agents: 3, tasks: 1, machines: 1, projects: 1 });
  });
});
