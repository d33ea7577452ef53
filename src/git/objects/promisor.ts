import { classifyRead, unanswered } from '../answers/read-report.ts';
import { runProcess } from '../process/git-process.ts';
import { damagedClone, localTrouble } from '../process/local-trouble.ts';
import { wordsOf } from '../process/words.ts';
import { sweepDrafts } from '../repository/leftovers.ts';
import type { Repository } from '../repository/repository.ts';

/**
 * The objects of a partial clone. Git fetches a missing object when it is read, one at a time: 243 ms for 21 objects
 * over file://, where one batch takes 22 ms. So all objects are fetched together before they are read.
 */
export interface Promisor {
  /** The objects that are not in this clone; fetches nothing. */
  absent(oids: readonly string[]): Promise<readonly string[]>;
  /**
   * Fetches the objects that are not here, in one batch; the signal ends that.
   * @throws Failure `remote-unreachable` or `remote-refused`; the reason of the signal
   */
  ensure(oids: readonly string[], signal?: AbortSignal): Promise<void>;
}

/** How long (ms) the remote may be silent. */
const LONGEST_SILENCE_MS = 10 * 60_000;

/** The objects of the repository's promisor remote. */
export function promisorOf(repository: Repository): Promisor {
  const { git } = repository;
  const here = new Set<string>();
  const remote = [...repository.remotes.values()].find((candidate) => candidate.promisor)?.name;

  async function absent(oids: readonly string[]): Promise<readonly string[]> {
    const asked = [...new Set(oids)].filter((oid) => !here.has(oid));
    if (asked.length === 0) return [];
    // With --missing, git does not fetch what is missing; with --ignore-missing it leaves it out; and the filter keeps
    // it from listing what is inside the trees. cat-file has no such option before git 2.44 (GIT_NO_LAZY_FETCH).
    const answer = await runProcess(
      git,
      [
        'rev-list',
        '--objects',
        '--no-object-names',
        '--no-walk=unsorted',
        '--ignore-missing',
        '--missing=allow-any',
        '--filter=tree:0',
        '--stdin',
      ],
      { input: [asked.map((oid) => `${oid}\n`).join('')] },
    );
    if (answer.exitCode !== 0) throw localTrouble(answer.stderr) ?? damagedClone(wordsOf(answer.stderr));
    for (const oid of answer.stdout.toString('latin1').split('\n')) if (oid !== '') here.add(oid);
    return asked.filter((oid) => !here.has(oid));
  }

  return {
    absent,
    async ensure(oids, signal) {
      const wanted = await absent(oids);
      if (wanted.length === 0 || remote === undefined) return;
      // As git itself does it: no negotiation, and a tree comes with the trees below it, but no blobs.
      const answer = await runProcess(
        git,
        [
          'fetch',
          '-q',
          '--progress',
          '--no-tags',
          '--no-auto-maintenance',
          '--no-write-fetch-head',
          '--no-recurse-submodules',
          '--refmap=',
          '--filter=blob:none',
          '--stdin',
          '--',
          remote,
        ],
        {
          input: [wanted.map((oid) => `${oid}\n`).join('')],
          config: ['fetch.negotiationAlgorithm=noop'],
          signal,
          silenceMs: LONGEST_SILENCE_MS,
        },
      );
      if (answer.ended === 'told') signal?.throwIfAborted();
      if (answer.ended === 'silent') throw unanswered(remote, LONGEST_SILENCE_MS);
      if (answer.exitCode !== 0) {
        await sweepDrafts(repository);
        throw classifyRead(answer.stderr, remote);
      }
      for (const oid of wanted) here.add(oid);
    },
  };
}
