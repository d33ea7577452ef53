import { check } from './checker.ts';
import { EXPECTED } from './expected.ts';
import { worldOf } from './generate.ts';
import { SCHEDULES } from './schedules.ts';
import type { WorldSpec } from './spec.ts';
import { runWorld } from './world/world.ts';

/** What tests use of the bundle. */
export { EXPECTED, runWorld, SCHEDULES, worldOf };

/** What the run of a seed came to. */
export interface Verdict {
  readonly name: string;
  readonly broken: readonly { readonly rule: string; readonly what: string }[];
}

/** Runs one world and judges it. A world that does not come to its end is a verdict too. */
export async function judge(name: string, spec: WorldSpec, isTraced = false): Promise<Verdict> {
  const trace = (at: number, process: string, what: string): void => {
    if (isTraced) console.log(`${String(Math.round(at)).padStart(9)} ${process.padEnd(10)} ${what}`);
  };
  try {
    return { name, broken: check(await runWorld(spec, trace)) };
  } catch (error) {
    return {
      name,
      broken: [{ rule: 'the world ends', what: error instanceof Error ? (error.stack ?? '') : `${error}` }],
    };
  }
}
