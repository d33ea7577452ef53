import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import { runProcess } from '../process/git-process.ts';
import { localTrouble } from '../process/local-trouble.ts';
import { wordsOf } from '../process/words.ts';
import type { Repository } from '../repository/repository.ts';

/** A text and two that were made from it. */
export interface ThreeTexts {
  readonly ours: Uint8Array;
  readonly base: Uint8Array;
  readonly theirs: Uint8Array;
}

/** Most conflicts that git's exit code counts; a higher one is an error. */
const MOST_CONFLICTS = 127;

/**
 * Merges two texts line by line, as `git merge` does with a file.
 * @returns undefined if both changed the same lines, or one is not a text
 * @throws Failure `git-unusable` if git cannot, `machine-unusable`
 */
export async function mergeFile({ git }: Repository, texts: ThreeTexts): Promise<Uint8Array | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'agentq-merge-'));
  try {
    const paths = (['ours', 'base', 'theirs'] as const).map((name) => [join(folder, name), texts[name]] as const);
    await Promise.all(paths.map(([path, bytes]) => writeFile(path, bytes, { mode: 0o600 })));
    const args = ['merge-file', '-p', '-q', ...paths.map(([path]) => path)];
    const { exitCode, stdout, stderr } = await runProcess(git, args);
    if (exitCode === 0) return stdout;
    if (exitCode <= MOST_CONFLICTS || stderr.includes('binary')) return undefined;
    throw (
      localTrouble(stderr) ??
      new Failure('git-unusable', `git merge-file: ${wordsOf(stderr) || `exited with ${exitCode}`}`)
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
