import fc from 'fast-check';

/** The same examples in every run: see vitest.mutation.config.ts. */
fc.configureGlobal({ seed: 20_251_130 });
