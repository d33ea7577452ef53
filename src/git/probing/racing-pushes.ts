import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PushOutcome } from '../answers/push-outcome.ts';
import { classifyPush } from '../answers/push-report.ts';
import type { Ending } from '../process/ending.ts';
import { runText } from '../process/git-process.ts';
import { wordsOf } from '../process/words.ts';
import type { Repository } from '../repository/repository.ts';
import { PUSH_CONFIG, PUSH_FLAGS } from '../upstream/remote.ts';

/** Two pushes that expect the same value of a ref. */
export interface Race {
  readonly remote: string;
  /** The ref that both move, and its value before. */
  readonly ref: string;
  readonly from: string;
  /** What the push that comes first makes of it, and the one that comes second. */
  readonly first: string;
  readonly second: string;
  /**
   * Another ref that the second push moves in one atomic push with the first one; absent: none, and it is not atomic.
   */
  readonly beside?: { readonly ref: string; readonly from: string };
}

/** The result of a race. `unraced`: there was none. */
export type Raced =
  | { readonly kind: 'raced'; readonly second: PushOutcome }
  | { readonly kind: 'unraced'; readonly why: string };

/** How long (ms) both pushes may be silent together. */
const SILENCE_MS = 30_000;

/**
 * Makes two pushes race for certain: git reads the refs of the server, and then runs its hook `pre-push`, in which the
 * other push is made. So the second one is sent with a value that the server no longer has, as in a real race. Git
 * finds nothing wrong with it, and only the server can reject it.
 * @throws Failure of this machine; the reason of the signal
 */
export async function racingPushes(repository: Repository, race: Race, { signal }: Ending = {}): Promise<Raced> {
  const { git, commonDir } = repository;
  const { remote, ref, from, first, second, beside } = race;
  const parent = join(commonDir, 'agentq');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'race-'));
  const answer = join(folder, 'answer');
  try {
    writeFileSync(join(folder, 'pre-push'), HOOK, { mode: 0o700 });
    const moves = [{ ref, from }, ...(beside === undefined ? [] : [beside])];
    const late = await runText(
      git,
      [
        'push',
        ...PUSH_FLAGS.filter((flag) => flag !== '--no-verify'),
        ...(beside === undefined ? [] : ['--atomic']),
        ...moves.map((move) => `--force-with-lease=${move.ref}:${move.from}`),
        '--',
        remote,
        ...moves.map((move) => `${second}:${move.ref}`),
      ],
      [...PUSH_CONFIG, `remote.${remote}.mirror=false`, `core.hooksPath=${folder}`],
      {
        signal,
        silenceMs: SILENCE_MS,
        variables: {
          AGENTQ_RACE_REMOTE: remote,
          AGENTQ_RACE_LEASE: `--force-with-lease=${ref}:${from}`,
          AGENTQ_RACE_MOVE: `${first}:${ref}`,
          AGENTQ_RACE_ANSWER: answer,
        },
      },
    );
    const early = readAnswer(answer);
    if (early === undefined) return { kind: 'unraced', why: 'programs cannot be started from the git directory' };
    if (early.exitCode !== 0) return { kind: 'unraced', why: `the first of two pushes failed: ${early.words}` };
    if (late.ended !== undefined) return { kind: 'unraced', why: 'the second of two pushes was not answered' };
    return { kind: 'raced', second: classifyPush(late) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Only values from the environment: nothing of a name is part of the script. */
const HOOK = `#!/bin/sh
cat >/dev/null
git push --porcelain --no-verify --no-follow-tags --no-signed --recurse-submodules=no \\
  "$AGENTQ_RACE_LEASE" -- "$AGENTQ_RACE_REMOTE" "$AGENTQ_RACE_MOVE" >"$AGENTQ_RACE_ANSWER.words" 2>&1
code=$?
printf '%s\\n' "$code" >"$AGENTQ_RACE_ANSWER"
exit "$code"
`;

function readAnswer(path: string): { readonly exitCode: number; readonly words: string } | undefined {
  try {
    return { exitCode: Number(readFileSync(path, 'utf8')), words: wordsOf(readFileSync(`${path}.words`, 'utf8')) };
  } catch {
    return undefined;
  }
}
