import { randomInt } from 'node:crypto';
import { type ChaosSetting, runChaos } from '../kit/processes/chaos.ts';
import { scene } from '../kit/scene/scene.ts';

/**
 * Pools of real processes that are killed at random, round after round, each with another seed and another shape.
 *
 *     SOAK_ROUNDS=20 SOAK_SEED=1 npm run soak
 *
 * A round that fails prints its setting; the same seed gives the same decisions, if not the same moments.
 */
const rounds = Number(process.env.SOAK_ROUNDS ?? 20);
const first = Number(process.env.SOAK_SEED ?? randomInt(1_000_000));

let failed = 0;
let processes = 0;
let killed = 0;
let claims = 0;
for (let round = 0; round < rounds; round++) {
  const setting = settingFor(first + round);
  await using box = await scene();
  const outcome = await runChaos(box, setting);
  const dead = outcome.told.filter(({ code }) => code === null).length;
  processes += outcome.told.length;
  killed += dead;
  claims += outcome.claims;
  const verdict = outcome.violations.length === 0 ? 'ok' : 'FAILED';
  console.log(
    `${verdict} seed ${setting.seed}: ${outcome.told.length} processes, ${dead} killed, ${outcome.claims} claims`,
  );
  if (outcome.violations.length === 0) continue;
  failed++;
  console.log(JSON.stringify(setting), `\n${outcome.violations.join('\n')}\n`);
}
console.log(
  `${rounds} rounds, ${processes} processes, ${killed} of them killed, ${claims} claims: ${failed} rounds failed`,
);
process.exitCode = failed === 0 ? 0 : 1;

/** Few machines with many agents, many with few, so many that they are left answers, more tasks than agents and fewer. */
function settingFor(seed: number): ChaosSetting {
  const machines = seed % 4 === 3 ? 18 : 1 + (seed % 6);
  const agents = machines === 18 ? 24 : machines * (1 + (seed % 5)) + 3;
  return {
    seed,
    machines,
    agents,
    oldAgents: seed % 4,
    tasks: 4 + ((seed * 7) % 30),
    killed: [0.2, 0.35, 0.5][seed % 3] ?? 0.35,
    serverKilled: [0, 0.15, 0.3][(seed >> 1) % 3] ?? 0,
    merges: seed % 3,
    deleted: (seed >> 1) % 3,
  };
}
