import { holdsCode } from '../domain/base/code-names.ts';
import type { Existing } from '../domain/kit/existing.ts';
import type { CommitDraft } from '../domain/queue/edit.ts';
import { DEFAULT_POOL_SETTINGS, type PoolSettings, type QueueSnapshot } from '../domain/queue/snapshot.ts';
import { changesBack } from '../git/history/changes.ts';
import { buildCommits } from '../git/objects/fast-import.ts';
import type { ObjectReader } from '../git/objects/objects.ts';
import { signCommits } from '../git/objects/sign-commits.ts';
import type { TreeEntry } from '../git/objects/tree.ts';
import type { Repository } from '../git/repository/repository.ts';
import type { Upstream } from '../git/upstream/upstream.ts';
import { toCommitSpecs } from './commit-specs.ts';
import type { QueueStore } from './queue-store.ts';

/** What is at a path. */
export type Survey = (path: string) => Existing;

/** What `init` needs besides the queue itself: the branch may be missing, and files are looked up by path. */
export interface InstallStore {
  /** Where a new coordination branch begins: at the remote's default branch; undefined if that has no commit either. */
  start(): Promise<string | undefined>;
  /** Name of the remote's default branch; undefined if it has none yet. */
  defaultBranch(): Promise<string | undefined>;
  /** Where the branch is, fetched; undefined if there is none. */
  tipOf(ref: string): Promise<string | undefined>;
  /** Whether the commit has anything but a queue. */
  holdsCode(commit: string): Promise<boolean>;
  /** The queue in the commit; without one, in an empty tree. */
  snapshot(commit: string | undefined): Promise<QueueSnapshot>;
  /** What is at these paths. */
  survey(commit: string | undefined, paths: readonly string[]): Promise<Survey>;
  /**
   * What is at these paths in the commit of {@link survey}, with what is known of who wrote it. In a shallow clone that
   * may be nothing.
   */
  authored(commit: string, paths: readonly string[], survey: Survey): Promise<Survey>;
  /** Whether git is configured to sign the user's commits. */
  signsByHabit(): Promise<'yes' | 'no'>;
  /** Names of what is in the folder; none if there is no such folder. */
  list(commit: string | undefined, folder: string): Promise<readonly string[]>;
  /** Builds one commit on top of the parent, or a root commit, as the settings say. */
  build(parent: string | undefined, draft: CommitDraft, settings: PoolSettings, now: number): Promise<string>;
}

/** {@link InstallStore} on git. */
export function openInstallStore(
  repository: Repository,
  upstream: Upstream,
  objects: ObjectReader,
  store: QueueStore,
): InstallStore {
  const nothing: QueueSnapshot = { tip: '', projects: new Map(), settings: DEFAULT_POOL_SETTINGS, findings: [] };
  return {
    async start() {
      const tip = await upstream.defaultTip();
      if (tip !== undefined && !(await objects.exists(tip))) await upstream.fetchCommit('HEAD', tip);
      return tip;
    },
    async defaultBranch() {
      return (await upstream.defaultBranches())[0];
    },
    async tipOf(ref) {
      const { tip } = await upstream.look(ref, []);
      if (tip !== undefined && !(await objects.exists(tip))) await upstream.fetchCommit(ref, tip);
      return tip;
    },
    async holdsCode(commit) {
      if (!(await objects.exists(commit))) await upstream.fetchCommit(store.branchRef, commit);
      const [entries = []] = await objects.readTrees([await objects.commitTree(commit)]);
      return holdsCode(entries.map(({ name }) => name));
    },
    async snapshot(commit) {
      return commit === undefined ? nothing : store.snapshot(commit, { read: new Set() });
    },
    async survey(commit, paths) {
      if (commit === undefined) return () => ({ kind: 'absent' });
      const trees = new Map<string, Promise<readonly TreeEntry[]>>();
      const readTree = (oid: string): Promise<readonly TreeEntry[]> => {
        const known = trees.get(oid) ?? objects.readTrees([oid]).then(([entries]) => entries ?? []);
        trees.set(oid, known);
        return known;
      };
      const root = await objects.commitTree(commit);
      const found = await Promise.all(
        paths.map(async (path) => [path, await lookUp(root, path, readTree, objects)] as const),
      );
      const existing = new Map(found);
      return (path) => existing.get(path) ?? { kind: 'absent' };
    },
    async authored(commit, paths, survey) {
      const written = await writtenByInit(repository, commit, paths);
      return (path) => {
        const there = survey(path);
        const isOurs = there.kind === 'file' && there.blob !== undefined && written.get(path)?.has(there.blob);
        return isOurs ? { ...there, by: 'init' } : there;
      };
    },
    async signsByHabit() {
      const answer = await repository.git.attempt(['config', '--type=bool', '--get', 'commit.gpgsign']);
      return answer.stdout.trim() === 'true' ? 'yes' : 'no';
    },
    async list(commit, folder) {
      if (commit === undefined) return [];
      const parts = folder.split('/');
      let tree = await objects.commitTree(commit);
      for (const part of parts) {
        const [entries = []] = await objects.readTrees([tree]);
        const next = entries.find(({ name, mode }) => name === part && mode === '40000');
        if (next === undefined) return [];
        tree = next.oid;
      }
      const [entries = []] = await objects.readTrees([tree]);
      return entries.map(({ name }) => name);
    },
    async build(parent, draft, settings, now) {
      const context = {
        now,
        committer: repository.identity,
        readBlobs: async () => [],
      };
      const specs = await toCommitSpecs({ ...nothing, settings }, [draft], context);
      const built = await buildCommits(repository, parent, specs);
      const [commit] =
        settings.signing === 'off' ? built : await signCommits(repository, objects, parent, built, specs);
      if (commit === undefined) throw new Error('one draft, no commit');
      return commit;
    },
  };
}

/** Whether `init` made the commit: on the queue's branch, or on the one from which workflows run. */
const BY_INIT = /^(?:\[ORCHESTRATOR\] Set up the queue|Add the workflows of agentq)/;

/** The blobs that `init` has ever written to these paths. */
async function writtenByInit(
  repository: Repository,
  tip: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const written = new Map(paths.map((path) => [path, new Set<string>()]));
  for await (const { subject, authorName, files } of changesBack(repository, { tip }, paths)) {
    if (authorName !== 'agentq' || !BY_INIT.test(subject)) continue;
    for (const { path, after } of files) if (after !== undefined) written.get(path)?.add(after);
  }
  return written;
}

async function lookUp(
  root: string,
  path: string,
  readTree: (oid: string) => Promise<readonly TreeEntry[]>,
  objects: ObjectReader,
): Promise<Existing> {
  const parts = path.split('/');
  let tree = root;
  for (const [depth, part] of parts.entries()) {
    const entry = (await readTree(tree)).find(({ name }) => name === part);
    if (entry === undefined) return { kind: 'absent' };
    const isLast = depth === parts.length - 1;
    if (isLast) return entry.mode === '40000' ? { kind: 'folder' } : await readFile(entry, objects);
    if (entry.mode !== '40000') return { kind: 'obstructed', by: parts.slice(0, depth + 1).join('/') };
    tree = entry.oid;
  }
  return { kind: 'folder' };
}

async function readFile({ mode, oid }: TreeEntry, objects: ObjectReader): Promise<Existing> {
  if (mode !== '100644' && mode !== '100755') return { kind: 'other' };
  const [blob] = await objects.readBlobs([oid]);
  if (blob?.kind !== 'content') return { kind: 'other' };
  return {
    kind: 'file',
    content: blob.bytes.toString('utf8'),
    mode: mode === '100755' ? 'executable' : 'file',
    blob: oid,
  };
}
