import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { worldOf } from './generate.ts';
import { judge, type Verdict } from './judge.ts';
import { SCHEDULES } from './schedules.ts';
import { shrink } from './shrink.ts';
import type { WorldSpec } from './spec.ts';

/** A seed that takes this long (ms of real time) will not end. */
const STUCK_MS = 120_000;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    schedule: { type: 'string' },
    trace: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    spec: { type: 'boolean', default: false },
    workers: { type: 'string' },
    /** Used between its own processes: every so many seeds, from `from`. */
    step: { type: 'string' },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const one = chosen();
  if (one !== undefined) return runOne(one.name, one.spec);
  if (values.step !== undefined) return runSome(Number(values.from), Number(values.seeds), Number(values.step));
  return runAll(Number(values.from), Number(values.seeds), Number(values.workers ?? availableParallelism()));
}

function chosen(): { readonly name: string; readonly spec: WorldSpec } | undefined {
  if (values.seed !== undefined) return { name: `seed ${values.seed}`, spec: worldOf(Number(values.seed)) };
  if (values.schedule === undefined) return undefined;
  const schedule = SCHEDULES.find(({ name }) => name === values.schedule);
  if (schedule === undefined)
    throw new Error(`there is no such schedule; there are:\n${SCHEDULES.map(({ name }) => name).join('\n')}`);
  return schedule;
}

async function runOne(name: string, spec: WorldSpec): Promise<number> {
  const smaller = values.shrink ? await shrink(spec, async (one) => (await judge(name, one)).broken) : spec;
  if (values.spec || values.shrink) console.log(JSON.stringify(smaller, undefined, 1));
  const verdict = await judge(name, smaller, values.trace);
  tell(verdict);
  return verdict.broken.length === 0 ? 0 : 1;
}

function tell({ name, broken }: Verdict): void {
  if (broken.length === 0) console.log(`${name}: every guarantee holds`);
  for (const { rule, what } of broken) console.log(`${name}: ${rule}: ${what}`);
}

async function runSome(from: number, count: number, step: number): Promise<number> {
  for (let index = 0; index < count; index++) {
    const seed = from + index * step;
    const { broken } = await judge(`seed ${seed}`, worldOf(seed));
    process.send?.({ seed, broken });
  }
  process.disconnect?.();
  return 0;
}

/** Spreads the seeds over processes, prints those that fail as they do, and sums up. */
async function runAll(from: number, count: number, workers: number): Promise<number> {
  const startedAt = Date.now();
  const failed = new Map<string, number[]>();
  let done = 0;
  const runs = Array.from({ length: workers }, (_, index) => {
    const share = Math.ceil((count - index) / workers);
    const args = ['--from', `${from + index}`, '--seeds', `${share}`, '--step', `${workers}`];
    // Who waits for many things at once listens to one signal often: node's warning of that is for servers.
    const child = fork(fileURLToPath(import.meta.url), args, { execArgv: ['--no-warnings'] });
    let last = from + index - workers;
    // Nothing that happens within the engine without time passing can be ended from within.
    const watchdog = setTimeout(() => {
      console.log(`seed ${last + workers}: does not end`);
      child.kill('SIGKILL');
    }, STUCK_MS);
    child.on('exit', () => clearTimeout(watchdog));
    child.on('message', ({ seed, broken }: { seed: number; broken: Verdict['broken'] }) => {
      watchdog.refresh();
      last = seed;
      done++;
      if (broken.length > 0) tell({ name: `seed ${seed}`, broken: broken.slice(0, 3) });
      for (const rule of new Set(broken.map((one) => one.rule))) failed.set(rule, [...(failed.get(rule) ?? []), seed]);
    });
    return new Promise<void>((resolve) => child.on('exit', () => resolve()));
  });
  await Promise.all(runs);
  const seconds = (Date.now() - startedAt) / 1000;
  for (const [rule, seeds] of failed)
    console.log(
      `${rule}: ${seeds.length} seeds, the first ${seeds
        .sort((a, b) => a - b)
        .slice(0, 8)
        .join(', ')}`,
    );
  const all = new Set([...failed.values()].flat());
  console.log(`${done} of ${count} seeds run in ${seconds.toFixed(1)} s, ${all.size} of them broke a guarantee`);
  for (const seed of [...all].sort((a, b) => a - b).slice(0, 1))
    console.log(`again: npm run test:sim -- --seed ${seed} --trace`);
  return all.size === 0 && done === count ? 0 : 1;
}
