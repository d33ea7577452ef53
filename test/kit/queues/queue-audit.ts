import { execFile, spawn } from 'node:child_process';
import { scrubbedEnvironment } from '../processes/run-agentq.ts';

/**
 * Walks every commit of a queue's branch and says where each task was, without a line of agentq's own code: what the tests
 * hold the product to must not be the product.
 */

export type FolderState = 'ready' | 'claimed' | 'completed';

/** A task that changed its folder, or its file, in one commit. */
export interface TaskMove {
  readonly commit: string;
  readonly subject: string;
  readonly author: string;
  /** `project/TASK-ID`. */
  readonly task: string;
  /** undefined: the task is new. */
  readonly from: FolderState | undefined;
  /** undefined: the task is gone. */
  readonly to: FolderState | undefined;
  /** Value of the last `claimed_by:` line of the file; undefined where it is not claimed after the commit. */
  readonly owner: string | undefined;
}

export interface QueueAudit {
  /** Number of commits looked at. */
  readonly commits: number;
  /** Oldest first. */
  readonly moves: readonly TaskMove[];
  /** Where each task is at the tip: `project/TASK-ID` to its folder. */
  readonly tip: ReadonlyMap<string, FolderState>;
  /** What breaks the guarantees, in words, with the commit; empty where all is well. */
  readonly violations: readonly string[];
}

export interface AuditOptions {
  readonly branch?: string;
  /** Tasks may disappear: somebody deletes files by hand in this test. */
  readonly allowDeleted?: boolean;
  /** Commits whose defects are known and made on purpose. */
  readonly ignore?: readonly string[];
}

/**
 * Checks conservation (every task in exactly one folder, in every commit, none lost) and ownership (the owner of a claimed
 * task never changes without the task having been given back) over the whole history of the branch.
 *
 * @param repository path of a repository that has the branch: the bare remote, or a clone
 */
export async function auditQueue(repository: string, options: AuditOptions = {}): Promise<QueueAudit> {
  const branch = options.branch ?? 'develop';
  const log = await git(repository, [
    'log',
    '--topo-order',
    '--reverse',
    '--format=%H%x00%P%x00%an%x00%s',
    branch,
    '--',
  ]);
  const commits = log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [id = '', parents = '', author = '', subject = ''] = line.split('\0');
      return { id, parents: parents.split(' ').filter((parent) => parent !== ''), author, subject };
    });
  const changed = await diffs(
    repository,
    commits.filter(({ parents }) => parents.length <= 1).map(({ id }) => id),
  );
  const trees = new Map<string, Tree>();
  const moves: (Omit<TaskMove, 'owner'> & { readonly blob: string | undefined })[] = [];
  const violations: string[] = [];
  for (const { id, parents, author, subject } of commits) {
    const [first] = parents;
    const before = (first === undefined ? undefined : trees.get(first)) ?? EMPTY;
    const tree = parents.length > 1 ? await readTree(repository, id) : apply(before, changed.get(id) ?? []);
    trees.set(id, tree);
    if (!options.ignore?.includes(id)) {
      const where = `${id.slice(0, 10)} (${subject})`;
      violations.push(...defectsOf(tree).map((defect) => `${where}: ${defect}`));
      const lost = parents.flatMap((parent) =>
        [...(trees.get(parent) ?? EMPTY).keys()].filter((task) => !tree.has(task)),
      );
      if (!options.allowDeleted) violations.push(...lost.map((task) => `${where}: ${task} is lost`));
    }
    // A merge brings in what other commits did: each of those is looked at for itself.
    if (parents.length > 1) continue;
    for (const task of new Set([...before.keys(), ...tree.keys()])) {
      const [old] = before.get(task) ?? [];
      const [now] = tree.get(task) ?? [];
      if (old?.path === now?.path && old?.blob === now?.blob) continue;
      const blob = now?.state === 'claimed' ? now.blob : undefined;
      moves.push({ commit: id, subject, author, task, from: old?.state, to: now?.state, blob });
    }
  }
  const owners = await ownersIn(repository, [...new Set(moves.flatMap(({ blob }) => blob ?? []))]);
  const withOwners = moves.map(({ blob, ...move }) => ({
    ...move,
    owner: blob === undefined ? undefined : owners.get(blob),
  }));
  violations.push(...stolenClaims(withOwners));
  const tip = trees.get(commits.at(-1)?.id ?? '') ?? EMPTY;
  return {
    commits: commits.length,
    moves: withOwners,
    tip: new Map([...tip].flatMap(([task, [place]]) => (place ? [[task, place.state] as const] : []))),
    violations,
  };
}

interface Place {
  readonly state: FolderState;
  readonly path: string;
  readonly blob: string;
}

/** Every place of every task. */
type Tree = ReadonlyMap<string, readonly Place[]>;

const EMPTY: Tree = new Map();

const FOLDERS: Readonly<Record<string, FolderState>> = { tasks: 'ready', claimed: 'claimed', completed: 'completed' };
const ID = '([A-Za-z0-9][A-Za-z0-9._-]*)\\.toon$';
/** Longest first: `.agents/projects/` would also be a project of the layout below it. */
const SHAPES: readonly RegExp[] = [
  new RegExp(`^\\.agents-core/state/(?<p>[^/]+)/(?<f>tasks|claimed|completed)/(?:[^/]+/)?(?<id>${ID})`),
  new RegExp(`^\\.agents/projects/(?<p>[^/]+)/(?<f>tasks|claimed|completed)/(?:[^/]+/)?(?<id>${ID})`),
  new RegExp(`^\\.agents/(?<f>claimed|completed)/(?<p>[^/]+)/(?:[^/]+/)?(?<id>${ID})`),
  new RegExp(`^\\.agents/(?<f>tasks|claimed|completed)/(?<id>${ID})`),
  new RegExp(`^\\.agents/(?<p>[^/]+)/(?<f>tasks|claimed|completed)/(?:[^/]+/)?(?<id>${ID})`),
  new RegExp(`^state/(?<p>[^/]+)/(?<f>tasks|claimed|completed)/(?:[^/]+/)?(?<id>${ID})`),
];

function placeOf(path: string): { readonly task: string; readonly state: FolderState } | undefined {
  for (const shape of SHAPES) {
    const { p, f, id } = shape.exec(path)?.groups ?? {};
    const state = f === undefined ? undefined : FOLDERS[f];
    if (id !== undefined && state !== undefined) {
      return { task: `${p ?? 'default'}/${id.replace(/\.toon$/, '')}`, state };
    }
  }
  return undefined;
}

function defectsOf(tree: Tree): string[] {
  return [...tree]
    .filter(([, places]) => places.length !== 1)
    .map(([task, places]) => `${task} is in ${places.length} places: ${places.map(({ path }) => path).join(' and ')}`);
}

function stolenClaims(moves: readonly TaskMove[]): string[] {
  const owners = new Map<string, string | undefined>();
  const violations: string[] = [];
  for (const { task, from, to, owner, commit, subject } of moves) {
    const before = owners.get(task);
    if (from === 'claimed' && to === 'claimed' && before !== owner) {
      violations.push(
        `${commit.slice(0, 10)} (${subject}): ${task} went from ${before} to ${owner} while it was claimed`,
      );
    }
    owners.set(task, to === 'claimed' ? owner : undefined);
  }
  return violations;
}

interface Change {
  readonly path: string;
  /** undefined: deleted. */
  readonly blob: string | undefined;
}

function apply(before: Tree, changes: readonly Change[]): Tree {
  if (changes.length === 0) return before;
  const tree = new Map(before);
  for (const { path, blob } of changes) {
    const place = placeOf(path);
    if (!place) continue;
    const others = (tree.get(place.task) ?? []).filter((other) => other.path !== path);
    const places = blob === undefined ? others : [...others, { state: place.state, path, blob }];
    if (places.length === 0) tree.delete(place.task);
    else tree.set(place.task, places);
  }
  return tree;
}

async function readTree(repository: string, commit: string): Promise<Tree> {
  const listing = await git(repository, ['ls-tree', '-r', '-z', '--format=%(objectname)%x09%(path)', commit]);
  const changes = listing.split('\0').flatMap((line) => {
    const tab = line.indexOf('\t');
    return tab < 0 ? [] : [{ path: line.slice(tab + 1), blob: line.slice(0, tab) }];
  });
  return apply(EMPTY, changes);
}

/** What each commit changed against its parent, by one process for all of them. */
async function diffs(repository: string, commits: readonly string[]): Promise<ReadonlyMap<string, readonly Change[]>> {
  const args = ['diff-tree', '--stdin', '-r', '-z', '--root', '--no-renames', '--raw', '--no-abbrev'];
  const fields = (await git(repository, args, `${commits.join('\n')}\n`)).split('\0');
  const result = new Map<string, Change[]>();
  let current: Change[] = [];
  for (let at = 0; at < fields.length; at++) {
    const field = fields[at] ?? '';
    if (!field.startsWith(':')) {
      current = [];
      if (field !== '') result.set(field.trim(), current);
      continue;
    }
    const [, , , blob = '', status] = field.split(' ');
    current.push({ path: fields[++at] ?? '', blob: status === 'D' ? undefined : blob });
  }
  return result;
}

async function ownersIn(
  repository: string,
  blobs: readonly string[],
): Promise<ReadonlyMap<string, string | undefined>> {
  const owners = new Map<string, string | undefined>();
  if (blobs.length === 0) return owners;
  const text = await git(repository, ['cat-file', '--batch'], `${blobs.join('\n')}\n`);
  let at = 0;
  for (const blob of blobs) {
    const end = text.indexOf('\n', at);
    const size = Number(text.slice(at, end).split(' ')[2]);
    const body = text.slice(end + 1, end + 1 + size);
    const lines = [...body.matchAll(/^[ \t]*claimed_by:[ \t]*"?(.*?)"?[ \t]*\r?$/gm)];
    owners.set(blob, lines.at(-1)?.[1]);
    at = end + 1 + size + 1;
  }
  return owners;
}

/** Output as one character a byte, so that sizes in bytes are lengths of the text. */
function git(repository: string, args: readonly string[], input?: string): Promise<string> {
  const options = { env: scrubbedEnvironment(), encoding: 'latin1' as const, maxBuffer: 1 << 30 };
  if (input === undefined) {
    return new Promise((resolve, reject) => {
      execFile('git', ['-C', repository, ...args], options, (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      );
    });
  }
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-C', repository, ...args], { env: options.env, stdio: ['pipe', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(chunks).toString('latin1'));
      else reject(new Error(`git ${args[0]} exited with ${code}`));
    });
    child.stdin.end(input);
  });
}
