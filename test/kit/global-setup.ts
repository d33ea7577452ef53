import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { workInMemory } from '../../lab/bench/support/environment.ts';

/** Builds the bundle once, so that every test that spawns the binary runs the sources of this tree. */
export function setup(): void {
  workInMemory();
  execFileSync(process.execPath, [fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url))], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
