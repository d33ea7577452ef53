import { seededRandomness } from '../model/seeded-randomness.ts';
import type { Setting } from './figures.ts';

/**
 * About how long (ms) a claim takes without its connections, and the start-up that each agent adds on a busy machine.
 */
const CLAIM_MS = 300;
const START_MS = 40;
/** Connections that a claim needs: look, fetch, push. */
const CONNECTIONS = 3;

/**
 * Which agents are killed, by their index, and when, in ms after the start: at any moment of the expected time of the
 * race. The same seed kills the same agents at the same moments, but how far they are by then depends on the machine.
 */
export function crashPlan(setting: Setting): ReadonlyMap<number, number> {
  const random = seededRandomness(setting.seed);
  const doomed = Math.round(setting.agents * setting.crashed);
  const indexes = Array.from({ length: setting.agents }, (_, index) => index);
  const once = CLAIM_MS + setting.agents * START_MS + CONNECTIONS * setting.latencyMs;
  const rounds = setting.workMs === null ? 1 : Math.max(1, setting.tasks / setting.agents);
  const horizon =
    once + (rounds - 1) * 2 * (CLAIM_MS + CONNECTIONS * setting.latencyMs) + rounds * (setting.workMs ?? 0);
  const plan = new Map<number, number>();
  while (plan.size < doomed) {
    const [index = 0] = indexes.splice(Math.floor(random.next() * indexes.length), 1);
    plan.set(index, Math.round(random.next() * horizon));
  }
  return plan;
}
