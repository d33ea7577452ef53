/**
 * What the agents of the day do, as a shell script. The task's type says it. `$DAY` is a folder of markers, so that what
 * happens once happens once on all machines.
 */

/** What a task makes its agent do. All but the last three end with the work done. */
export const KINDS = [
  'works',
  /** Exits with 1 the first time. */
  'fails-once',
  /** Exits with 75 the first time: not the task's fault. */
  'not-now',
  /** Prints keys, and fails the first time. */
  'leaks',
  /** Is killed the first time. */
  'killed',
  /** Leaves a server in a session of its own. */
  'serves',
  /** Its machine is switched off the first time. */
  'crash',
  /** The terminal of its worker is closed the first time. */
  'hangup',
  /** Never ends. */
  'hangs',
  /** Says that it could not, and exits with 0. */
  'could-not',
  /** Always fails. */
  'hopeless',
] as const;

export type Kind = (typeof KINDS)[number];

/** Tasks of these kinds end blocked. */
export const IN_VAIN: ReadonlySet<Kind> = new Set(['hangs', 'could-not', 'hopeless']);

/** What happens in tasks of these kinds happens once in each. */
export const ONCE: ReadonlySet<Kind> = new Set(['fails-once', 'not-now', 'leaks', 'killed', 'crash', 'hangup']);

/** Of the forms that real ones have; put together here, so that no scanner takes this file for a leak. */
export const KEYS: readonly string[] = [
  ['AKIA', 'IOSFODNN7', 'DAYTIME'].join(''),
  ['ghp', 'q8Zk2mVx7Rt4Lw9Yb3Nc6Hd1Jf5Gs0PaTuEi'].join('_'),
];

/** The variable by which everything that was started for the day is found. */
export const MARK = 'AGENTQ_TEST_DAY';

export const AGENT_SCRIPT = `
once() { mkdir "$DAY/$1-$AGENTQ_TASK_ID" 2>/dev/null; }
work() {
  mkdir -p src
  echo "$AGENTQ_TASK_ID" > "src/$AGENTQ_TASK_ID.txt"
  git add src && git commit -q -m "Do $AGENTQ_TASK_ID" || exit 3
  branch=$(git symbolic-ref --short HEAD)
  git push -q --force origin "HEAD:refs/heads/$branch" || exit 75
  printf '{"prUrl":"https://git.example.com/pull/%s","summary":"did it","costUsd":0.25,"tokens":1000}' "$AGENTQ_TASK_ID" > "$AGENTQ_RESULT_FILE"
}
kind=$(sed -n 's/^ *type: *//p' "$AGENTQ_TASK_FILE" | head -n 1)
case $kind in
  fails-once) once tried && exit 1 ;;
  not-now) once tried && exit 75 ;;
  leaks) if once tried; then echo "export AWS_ACCESS_KEY_ID=${'$'}{KEY_A}"; echo "token: $KEY_B" >&2; exit 1; fi ;;
  killed) once tried && kill -9 $$ ;;
  serves) setsid sleep 1000 > /dev/null 2>&1 & ;;
  crash) if once tried; then touch "$DAY/crash-$DAY_MACHINE"; sleep 1000; fi ;;
  hangup) if once tried; then kill -HUP "$PPID"; sleep 1000; fi ;;
  hangs) sleep 1000 ;;
  could-not) echo "I could not do this, sorry"; exit 0 ;;
  hopeless) echo "this is hopeless"; exit 1 ;;
esac
work
`;
