/** Tests that `npm test` leaves out: what they take is seldom worth it, or they need more than node and git. */
export interface LeftOut {
  /** Their files. */
  readonly files: string;
  /** What is not tested without them. */
  readonly what: string;
  /** The script that runs them; it sets `variable`. */
  readonly script: string;
  readonly variable: string;
}

/** All of them but the servers, which `test/servers` knows. `npm run test:full` runs them too. */
export const LEFT_OUT: readonly LeftOut[] = [
  // A tenth of the processor time of all tests, for scripts and workflows that seldom change.
  { files: 'test/e2e/kit/**', what: 'the kit', script: 'test:kit', variable: 'TEST_KIT' },
  // A minute or two.
  { files: 'test/e2e/browser/**', what: 'the page in Chromium', script: 'test:page', variable: 'TEST_PAGE' },
];

/** What the tests of this process leave out. */
export function leftOut(env: Readonly<Record<string, string | undefined>>): readonly LeftOut[] {
  return env.FULL_TESTS === '1' ? [] : LEFT_OUT.filter(({ variable }) => env[variable] !== '1');
}
