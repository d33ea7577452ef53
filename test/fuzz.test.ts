import fc from 'fast-check';
import { describe, it } from 'vitest';
import { FUZZ_PROPERTIES } from './fuzz/properties.ts';

/** A few inputs each; `npm run test:fuzz` tries as many as there is time for. */
const RUNS = 40;

describe('whatever the input', () => {
  it.each(FUZZ_PROPERTIES)('$name', { timeout: 120_000 }, async ({ property }) => {
    await fc.assert<unknown>(property() as fc.IAsyncProperty<unknown>, { numRuns: RUNS });
  });
});
