/** What an agent should do at each exit code; docs/reference.md has them all. */
export const EXIT_CODES_SAID: readonly { readonly codes: readonly number[]; readonly means: string }[] = [
  { codes: [0], means: 'done' },
  { codes: [1], means: 'nothing to claim: end, or use `--wait`' },
  { codes: [2], means: 'run it again' },
  { codes: [3], means: 'not your task any more: stop working on it' },
  { codes: [4, 5], means: 'tell a person what stderr says' },
  { codes: [64], means: 'wrong command: read stderr' },
];
