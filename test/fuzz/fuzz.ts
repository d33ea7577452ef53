import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { given } from '../../src/domain/base/given.ts';
import { FUZZ_PROPERTIES } from './properties.ts';

/**
 * Looks for input that breaks a property, for as long as it is told, by default a minute.
 *
 *     npm run test:fuzz -- [--minutes 60] [--only <part of a name>] [--seed 1 --path 3:0]
 *
 * One that is found is printed, made as small as possible, with the command that tries it again.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    seed: { type: 'string' },
    path: { type: 'string' },
  },
});
const chosen = FUZZ_PROPERTIES.filter(({ name }) => name.includes(values.only));
const endsAt = performance.now() + Number(values.minutes) * 60_000;
const first = Number(values.seed ?? Math.floor(Math.random() * 2 ** 30));
const failed = new Set<string>();
let runs = 0;
for (let round = 0; round === 0 || (values.path === undefined && performance.now() < endsAt); round++) {
  for (const { name, property } of chosen) {
    if (failed.has(name)) continue;
    const seed = first + round;
    const path = given({ path: values.path });
    const details = await fc.check<unknown>(property() as fc.IAsyncProperty<unknown>, { seed, numRuns: 100, ...path });
    runs += details.numRuns;
    if (!details.failed) continue;
    failed.add(name);
    console.log(
      `FAILED: ${name}\n  input: ${JSON.stringify(details.counterexample)}\n  ${String(details.errorInstance)}`,
    );
    console.log(`  again: npm run test:fuzz -- --only '${name}' --seed ${seed} --path ${details.counterexamplePath}\n`);
  }
}
console.log(`${chosen.length} properties, ${runs} inputs from seed ${first}: ${failed.size} failed`);
process.exit(failed.size === 0 ? 0 : 1);
