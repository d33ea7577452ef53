import type { ClaimHistory } from '../../domain/queue/clock-proof.ts';
import { streamProcess } from '../process/git-process.ts';
import type { Repository } from '../repository/repository.ts';
import { nulTerminated, PLAIN_LOG, pathspecs, WITHOUT_REMARKS } from './history.ts';

/** Most commits of the branch to walk: older ones prove little about the clocks of today. */
const MOST_COMMITS = 1_000;

/** Commits to read beyond the last one asked for: one of them may come from a clock that is right. */
const BEFORE = 50;

/**
 * The commits that touched each path since it was last added, in the order of the branch. One walk serves all paths: it
 * follows first parents, whose order is certain, and ends soon after the commit that added the last path.
 *
 * @param folders only commits that touch one of these folders are read
 * @throws ProcessError if git refuses the walk
 */
export async function claimHistories(
  repository: Repository,
  tip: string,
  folders: readonly string[],
  paths: readonly string[],
): Promise<ReadonlyMap<string, ClaimHistory>> {
  const times: number[] = [];
  const touches = new Map<string, number[]>(paths.map((path) => [path, []]));
  const open = new Set(paths);
  const args = [
    'log',
    '-z',
    '--format=%x01%ct',
    '--name-status',
    '--first-parent',
    '-m',
    '--no-renames',
    '--no-relative',
    '--no-follow',
    '--no-color',
    `--max-count=${MOST_COMMITS}`,
    ...WITHOUT_REMARKS,
  ];
  let status: string | undefined;
  let enough = MOST_COMMITS;
  for await (const token of nulTerminated(
    streamProcess(repository.git, [...args, tip, '--', ...pathspecs(folders)], PLAIN_LOG),
  )) {
    const header = /^\n?\u0001(\d+)$/.exec(token);
    if (header !== null) {
      if (times.length >= enough) break;
      times.push(Number(header[1]) * 1000);
      status = undefined;
    } else if (status === undefined) {
      // A newline separates the header from the first status.
      status = token.startsWith('\n') ? token.slice(1) : token;
    } else {
      if (open.has(token)) touches.get(token)?.push(times.length - 1);
      if (status === 'A' && open.delete(token) && open.size === 0) enough = times.length + BEFORE;
      status = undefined;
    }
  }
  return new Map([...touches].map(([path, at]) => [path, { times, touches: at }]));
}
