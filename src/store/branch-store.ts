import { isoSeconds } from '../domain/base/clock.ts';
import { Failure } from '../domain/base/failure.ts';
import { SETTINGS_FILE } from '../domain/base/settings-file.ts';
import type { Trailer } from '../domain/queue/edit.ts';
import type { PoolSettings } from '../domain/queue/snapshot.ts';
import { formatCommitMessage } from '../domain/rules/commit-message.ts';
import { isAncestor, mergeBases } from '../git/history/ancestry.ts';
import type { FileMode, TreeChange } from '../git/objects/commit-spec.ts';
import { buildCommits } from '../git/objects/fast-import.ts';
import { type MergedTrees, mergeTrees } from '../git/objects/merge-trees.ts';
import type { ObjectReader } from '../git/objects/objects.ts';
import { commitTree } from '../git/objects/sign-commits.ts';
import type { Repository } from '../git/repository/repository.ts';
import type { Upstream } from '../git/upstream/upstream.ts';
import { editTask } from './codec/edits/edit-task.ts';
import { SKIPS_CI } from './commit-specs.ts';
import { GitQueueStore } from './git-queue-store.ts';
import { type BranchContent, readContent, readText, type TreeFile } from './reading/branch-content.ts';
import { editBranches, settingsFileOf } from './reading/edit-settings.ts';

/** A file that gets new content. */
export interface NewContent {
  readonly path: string;
  readonly mode: FileMode;
  readonly content: Uint8Array;
}

/** A commit that merges branches. */
export interface BranchCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly subject: string;
  readonly trailers: readonly Trailer[];
  /** Whether it changes nothing but the queue: only then does the pool's `skip_ci` apply to it. */
  readonly changes: 'queue' | 'code';
}

/** What merging branches needs besides the queue itself. None of it touches a ref, an index or a file. */
export interface BranchStore {
  /**
   * One look: where the branches are; those that do not exist are absent.
   * @throws Failure like other looks
   */
  look(branches: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Makes a commit of the branch available here. @throws Failure if it cannot be fetched */
  obtain(branch: string, commit: string): Promise<void>;
  /**
   * The queue in a commit.
   * @param branch for messages
   * @param layouts those of the main branch; absent: this is the main branch, and its own settings say it
   * @throws Failure `config-invalid` if the settings of the main branch cannot be read
   */
  read(branch: string, commit: string, layouts?: PoolSettings['layouts']): Promise<BranchContent>;
  /** The best common ancestors; none if the histories are unrelated. A shallow clone is completed first. */
  bases(one: string, other: string): Promise<readonly string[]>;
  contains(tip: string, commit: string): Promise<boolean>;
  /** None for a commit that is not here. */
  parents(commit: string): Promise<readonly string[]>;
  tree(commit: string): Promise<string>;
  /** A commit on top of this one, for merging only, in which the files `before` are replaced by `after`. */
  withFiles(commit: string, before: readonly TreeFile[], after: readonly TreeFile[]): Promise<string>;
  /** As git merges. */
  merge(ours: string, theirs: string): Promise<MergedTrees>;
  /** The tree of the commit with these files in it. */
  withContents(commit: string, contents: readonly NewContent[]): Promise<string>;
  /** The settings file of the commit with another branch for the project; undefined: with none. */
  withBranch(branch: string, commit: string, project: string, to: string | undefined): Promise<NewContent>;
  /**
   * Claimed tasks of the project whose claims were renewed by refs of this branch, with the last renewal in the file:
   * those refs say nothing on another branch.
   */
  renewed(branch: string, commit: string, project: string): Promise<readonly NewContent[]>;
  /** Makes the commit as the settings say. @param now ms since the epoch */
  commit(commit: BranchCommit, settings: PoolSettings, now: number): Promise<string>;
}

const AUTHOR = { name: 'agentq', email: 'agentq@agentq.invalid' };

/** {@link BranchStore} on git. @param main the main branch */
export function openBranchStore(
  repository: Repository,
  upstream: Upstream,
  objects: ObjectReader,
  main: string,
): BranchStore {
  return new GitBranchStore(repository, upstream, objects, main);
}

class GitBranchStore implements BranchStore {
  readonly #repository: Repository;
  readonly #upstream: Upstream;
  readonly #objects: ObjectReader;
  readonly #main: string;
  readonly #contents = new Map<string, Promise<BranchContent>>();
  #isWhole: boolean;

  constructor(repository: Repository, upstream: Upstream, objects: ObjectReader, main: string) {
    this.#repository = repository;
    this.#upstream = upstream;
    this.#objects = objects;
    this.#main = main;
    this.#isWhole = !repository.shallow;
  }

  async look(branches: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const others = branches.filter((branch) => branch !== this.#main);
    const { tip, refs } = await this.#upstream.look(refOf(this.#main), others.map(refOf));
    const tips = others.flatMap((branch): [string, string][] => {
      const oid = refs.get(refOf(branch));
      return oid === undefined ? [] : [[branch, oid]];
    });
    return new Map(tip === undefined ? tips : [[this.#main, tip], ...tips]);
  }

  async obtain(branch: string, commit: string): Promise<void> {
    if (await this.#objects.exists(commit)) return;
    const fetched = await this.#upstream.fetchCommit(refOf(branch), commit);
    if (fetched.kind === 'present') return;
    throw new Failure('remote-unreachable', `${branch} moved while it was being fetched: ${fetched.words}`, {
      hint: 'try again',
    });
  }

  read(branch: string, commit: string, layouts?: PoolSettings['layouts']): Promise<BranchContent> {
    const key = `${commit} ${layouts?.join(' ')}`;
    const known = this.#contents.get(key) ?? readContent(this.#objects, branch, commit, layouts);
    this.#contents.set(key, known);
    return known;
  }

  async bases(one: string, other: string): Promise<readonly string[]> {
    if (!this.#isWhole) {
      await this.#upstream.unshallow(refOf(this.#main));
      this.#isWhole = true;
    }
    return mergeBases(this.#repository, one, other);
  }

  contains(tip: string, commit: string): Promise<boolean> {
    return isAncestor(this.#repository, commit, tip);
  }

  async parents(commit: string): Promise<readonly string[]> {
    return (await this.#objects.parents([commit]))[0] ?? [];
  }

  tree(commit: string): Promise<string> {
    return this.#objects.commitTree(commit);
  }

  async withFiles(commit: string, before: readonly TreeFile[], after: readonly TreeFile[]): Promise<string> {
    const wanted = new Map(after.map((file) => [file.path, file]));
    const there = new Map(before.map((file) => [file.path, file]));
    const gone = before.filter(({ path }) => !wanted.has(path)).map(({ path }) => ({ path, delete: true as const }));
    const changed = after.filter(({ path, blob, mode }) => {
      const now = there.get(path);
      return now?.blob !== blob || now.mode !== mode;
    });
    return this.#draft(commit, [
      ...gone,
      ...changed.map(({ path, mode, blob }) => ({ path, mode: modeOf(mode), oid: blob })),
    ]);
  }

  merge(ours: string, theirs: string): Promise<MergedTrees> {
    return mergeTrees(this.#repository, ours, theirs);
  }

  async withContents(commit: string, contents: readonly NewContent[]): Promise<string> {
    return this.tree(await this.#draft(commit, contents));
  }

  async withBranch(branch: string, commit: string, project: string, to: string | undefined): Promise<NewContent> {
    const { settingsFile } = await this.read(branch, commit);
    const [file] = settingsFile;
    const text = file === undefined ? '' : await readText(this.#objects, file.blob);
    const edited = editBranches(text, project, to, settingsFileOf(branch));
    return { path: SETTINGS_FILE, mode: '100644', content: Buffer.from(edited, 'utf8') };
  }

  async renewed(branch: string, commit: string, project: string): Promise<readonly NewContent[]> {
    const store = new GitQueueStore(this.#repository, this.#upstream, this.#objects, branch);
    // The project lives on this branch, whatever an old copy of the settings here says.
    const scope = { read: new Set(['claimed'] as const), renewals: 'read', copies: 'kept' } as const;
    const snapshot = await store.snapshot(commit, scope);
    const contents: NewContent[] = [];
    for (const entry of snapshot.projects.get(project)?.entries ?? []) {
      const { reading, renewedAt, path, key, mode } = entry;
      if (renewedAt === undefined || reading.kind !== 'read') continue;
      const before = Date.parse(reading.task.claim?.lastHeartbeat ?? '');
      const at = isoSeconds(renewedAt);
      if (before >= Date.parse(at)) continue;
      const bytes = editTask(await store.taskBytes(entry), [{ kind: 'set-heartbeat', at }], { path, ...key });
      contents.push({ path, mode: modeOf(mode), content: bytes });
    }
    return contents;
  }

  commit(
    { tree, parents, subject, trailers, changes }: BranchCommit,
    settings: PoolSettings,
    now: number,
  ): Promise<string> {
    const quiet = settings.ci === 'skip' && changes === 'queue' ? [SKIPS_CI] : [];
    return commitTree(
      this.#repository,
      {
        tree,
        parents,
        message: formatCommitMessage({
          subject,
          trailers: [...trailers, ...quiet],
          author: AUTHOR.name,
          tasks: [],
          files: [],
        }),
        author: AUTHOR,
        committer: this.#repository.identity ?? AUTHOR,
        timeSeconds: Math.floor(now / 1000),
      },
      settings.signing,
    );
  }

  async #draft(commit: string, changes: readonly TreeChange[]): Promise<string> {
    if (changes.length === 0) return commit;
    const spec = { message: 'agentq: a step of a merge', author: AUTHOR, committer: AUTHOR, timeSeconds: 0, changes };
    const [built] = await buildCommits(this.#repository, commit, [spec]);
    if (built === undefined) throw new Error('one commit, no id');
    return built;
  }
}

function refOf(branch: string): string {
  return `refs/heads/${branch}`;
}

function modeOf(mode: string): FileMode {
  return mode === '100755' || mode === '120000' ? mode : '100644';
}
