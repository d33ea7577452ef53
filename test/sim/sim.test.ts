import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleSimulation } from '../../scripts/sim.mjs';
import { EXPECTED } from './expected.ts';
import type * as Judge from './judge.ts';
import { SCHEDULES } from './schedules.ts';

/** So many take about half a minute on an idle machine of two cores. `npm run test:sim -- --seeds 10000` runs more. */
const SEEDS = 2_000;

/**
 * Seeds that break a guarantee as the engine is now; this list is to become empty. 1069: a heartbeat with a limit of one second
 * is out of time before it can take its request back; the next push after three minutes would sweep that.
 */
const KNOWN_TO_FAIL: readonly number[] = [1069];

describe('the simulation', () => {
  let bundles: { readonly judge: string; readonly main: string };
  let sim: typeof Judge;

  beforeAll(async () => {
    bundles = { judge: await bundleSimulation('judge'), main: await bundleSimulation('main') };
    sim = (await import(pathToFileURL(bundles.judge).href)) as typeof Judge;
  });

  afterAll(() => {
    for (const path of Object.values(bundles)) rmSync(path, { force: true });
  });

  it.each(SCHEDULES)('holds every guarantee: $name', async ({ name, spec }) => {
    const { broken } = await sim.judge(name, spec);
    const rules = [...new Set(broken.map(({ rule }) => rule))].sort();
    expect(rules, broken.map(({ rule, what }) => `${rule}: ${what}`).join('\n')).toEqual(
      [...(EXPECTED[name] ?? [])].sort(),
    );
  });

  it('expects nothing of schedules that are not there', () => {
    const names = new Set(SCHEDULES.map(({ name }) => name));
    expect(Object.keys(EXPECTED).filter((name) => !names.has(name))).toEqual([]);
  });

  it('comes out the same for the same seed', async () => {
    const traced = async (seed: number): Promise<string[]> => {
      const lines: string[] = [];
      await sim.runWorld(sim.worldOf(seed), (at, process, what) => lines.push(`${at} ${process} ${what}`));
      return lines;
    };
    for (const seed of [3, 11, 19]) expect(await traced(seed)).toEqual(await traced(seed));
    expect(await traced(3)).not.toEqual(await traced(4));
  });

  it('holds every guarantee in worlds of chance', () => {
    const run = spawnSync(process.execPath, [bundles.main, '--seeds', `${SEEDS}`], { encoding: 'utf8' });
    const failed = [...run.stdout.matchAll(/^seed (\d+): /gm)].map(([, seed]) => Number(seed));
    expect(run.stdout).toContain(`${SEEDS} of ${SEEDS} seeds run`);
    expect(
      [...new Set(failed)].sort((a, b) => a - b),
      run.stdout,
    ).toEqual(KNOWN_TO_FAIL);
  });
});
