/** What users are told about an exit code. Only help and the reference load this. */
export interface ExitCodeReference {
  readonly codes: readonly number[];
  readonly meaning: string;
  /** What a shell loop does then. */
  readonly loop: string;
}

/** Every exit code, the smallest first. */
export const EXIT_CODE_REFERENCE: readonly ExitCodeReference[] = [
  { codes: [0], meaning: 'done', loop: 'goes on' },
  { codes: [1], meaning: 'nothing can be claimed', loop: 'ends, or sleeps and tries again' },
  {
    codes: [2],
    meaning:
      'gave up after the allowed retries or time; nothing was changed, unless the message says that it may have landed',
    loop: 'tries again later',
  },
  {
    codes: [3],
    meaning: 'this agent no longer holds the task, or the task does not exist',
    loop: 'stops working on it, without completing it',
  },
  {
    codes: [4],
    meaning: 'the remote cannot be reached, refuses or is damaged; its own words are shown',
    loop: 'tries again later; after a refusal, calls a person',
  },
  {
    codes: [5],
    meaning:
      'the repository, the configuration, a task file or this machine (disk full, read-only, out of memory) is unusable',
    loop: 'ends: a person must fix it',
  },
  {
    codes: [6],
    meaning: '`work`: a command or a check failed; `complete --verify`: a check failed',
    loop: 'looks at its output',
  },
  {
    codes: [64],
    meaning: 'wrong usage, or a project that does not exist (`--wait` waits for it)',
    loop: 'ends: a typo is not an empty queue',
  },
  {
    codes: [129, 130, 143],
    meaning: 'interrupted by SIGHUP, SIGINT or SIGTERM; nothing half-done is left behind',
    loop: 'ends',
  },
];
