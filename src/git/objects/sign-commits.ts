import { Failure } from '../../domain/base/failure.ts';
import { runProcess } from '../process/git-process.ts';
import { localTrouble } from '../process/local-trouble.ts';
import { wordsOf } from '../process/words.ts';
import type { Identity, Repository } from '../repository/repository.ts';
import { type CommitSpec, messageBytes } from './commit-spec.ts';
import type { ObjectReader } from './objects.ts';

/** How long (ms) a signature may take: somebody may have to type a passphrase. */
const LONGEST_SIGNING_MS = 2 * 60_000;

/** Messages are UTF-8, whatever the configuration of the repository says. */
const CONFIG = ['i18n.commitEncoding=UTF-8'];

/**
 * The same chain of commits, signed: with the user's key, by gpg, ssh or x509, as git is configured
 * (`user.signingKey`, `gpg.format`, ...). Git signs a commit only as it makes one, so the unsigned ones must have been
 * built; they stay behind unreferenced. There is one git process per commit, one after another: each names the one
 * before it.
 * @param parent of the first one; undefined: none
 * @param built the unsigned commits, in order
 * @param specs what they were built from
 * @returns the ids, in order
 * @throws Failure `machine-unusable` if the key cannot be used; then nothing was changed
 */
export async function signCommits(
  { git }: Repository,
  objects: Pick<ObjectReader, 'commitTree'>,
  parent: string | undefined,
  built: readonly string[],
  specs: readonly CommitSpec[],
): Promise<readonly string[]> {
  const signed: string[] = [];
  for (const [index, spec] of specs.entries()) {
    const tree = await objects.commitTree(built[index] ?? '');
    const onto = signed.at(-1) ?? parent;
    signed.push(await commitTree({ git }, { ...spec, tree, parents: onto === undefined ? [] : [onto] }, 'on'));
  }
  return signed;
}

/** A commit of a tree that exists already. */
export interface TreeCommit extends Omit<CommitSpec, 'changes'> {
  readonly tree: string;
  /** None: a root commit; several: a merge. */
  readonly parents: readonly string[];
}

/**
 * Makes one commit, with any number of parents. No ref is touched.
 * @param signing whether it is signed, as {@link signCommits} does
 * @throws Failure as {@link signCommits}, and `git-unusable`
 */
export async function commitTree(
  { git }: Pick<Repository, 'git'>,
  commit: TreeCommit,
  signing: 'on' | 'off',
): Promise<string> {
  const sign = signing === 'on' ? ['-S'] : ['--no-gpg-sign'];
  const onto = commit.parents.flatMap((parent) => ['-p', parent]);
  const answer = await runProcess(git, ['commit-tree', ...sign, ...onto, commit.tree], {
    config: CONFIG,
    variables: authorshipOf(commit),
    input: [messageBytes(commit)],
    silenceMs: LONGEST_SIGNING_MS,
  });
  const oid = answer.stdout.toString('latin1').trim();
  if (answer.exitCode === 0 && /^[0-9a-f]{40,64}$/.test(oid)) return oid;
  if (signing === 'off') {
    const words = wordsOf(answer.stderr) || `exited with ${answer.exitCode}`;
    throw localTrouble(answer.stderr) ?? new Failure('git-unusable', `git commit-tree: ${words}`);
  }
  if (answer.ended === 'silent') throw cannotSign('nothing was signed for two minutes');
  throw troubleIn(answer.stderr) ?? cannotSign(wordsOf(answer.stderr));
}

function cannotSign(words: string): Failure {
  return new Failure('machine-unusable', `this queue's commits must be signed, and git cannot sign: ${words}`, {
    hint: "name a key that works without a question (`git config user.signingKey`, for ssh also `git config gpg.format ssh`), or set `sign: false` on the queue's branch",
    details: { lacks: 'signature' },
  });
}

/**
 * The trouble of this machine, if that is the cause: the key is not at fault if the disk is full. A key that cannot be
 * read is.
 */
function troubleIn(stderr: string): Failure | undefined {
  const trouble = localTrouble(stderr);
  return trouble?.details.lacks === 'disk' ? trouble : undefined;
}

/** What `commit-tree` takes from its environment only. */
function authorshipOf({
  author,
  committer,
  timeSeconds,
  timezone = '+0000',
}: Omit<CommitSpec, 'changes'>): Record<string, string> {
  const when = `@${timeSeconds} ${timezone}`;
  const of = (role: string, { name, email }: Identity): Record<string, string> => ({
    [`GIT_${role}_NAME`]: name,
    [`GIT_${role}_EMAIL`]: email,
    [`GIT_${role}_DATE`]: when,
  });
  return { ...of('AUTHOR', author), ...of('COMMITTER', committer) };
}
