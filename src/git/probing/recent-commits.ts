import { runText } from '../process/git-process.ts';
import type { Repository } from '../repository/repository.ts';

/** A commit, and who committed it. */
export interface CommittedBy {
  readonly oid: string;
  /** Committer time, ms since the epoch. */
  readonly timeMs: number;
  readonly authorName: string;
  readonly committerEmail: string;
  readonly subject: string;
}

/** The newest commits of the tip, newest first, as far as they are in this clone. None if git cannot read them. */
export async function recentCommits(
  repository: Repository,
  tip: string,
  limit: number,
): Promise<readonly CommittedBy[]> {
  const format = '--format=%H%x00%ct%x00%an%x00%ce%x00%s';
  const { stdout } = await runText(repository.git, ['log', `--max-count=${limit}`, format, tip, '--']);
  return stdout.split('\n').flatMap((line) => {
    const [oid, seconds, authorName, committerEmail, subject] = line.split('\0');
    const timeMs = Number(seconds) * 1000;
    if (oid === undefined || authorName === undefined || committerEmail === undefined || subject === undefined)
      return [];
    return [{ oid, timeMs, authorName, committerEmail, subject }];
  });
}
