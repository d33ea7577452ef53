import type { CommitDraft, FileWrite, TaskChange, TaskCreation } from '../domain/queue/edit.ts';
import type { QueueSnapshot, TaskEntry } from '../domain/queue/snapshot.ts';
import { formatCommitMessage } from '../domain/rules/commit-message.ts';
import type { CommitSpec, TreeChange } from '../git/objects/commit-spec.ts';
import { editTask } from './codec/edits/edit-task.ts';
import { encodeTask } from './codec/write-task.ts';

/** What is needed to turn drafts into commits. */
export interface CommitContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** git's configured identity; without one, the agent commits its own change. */
  readonly committer: { readonly name: string; readonly email: string } | undefined;
  /** The bytes of each blob, in the order of `oids`. */
  readBlobs(oids: readonly string[]): Promise<readonly Uint8Array[]>;
}

/**
 * The commits of a chain as changes to files. Later commits see what earlier ones made of a file; each touches only the
 * paths of its own changes.
 * @throws Failure `task-unreadable` if an edit cannot be made without touching more than it should.
 */
export async function toCommitSpecs(
  snapshot: QueueSnapshot,
  drafts: readonly CommitDraft[],
  context: CommitContext,
): Promise<CommitSpec[]> {
  const files = new ChainFiles(snapshot, drafts);
  await files.load(drafts, context);
  const specs: CommitSpec[] = [];
  const ci = snapshot.settings.ci === 'skip' ? SKIPS_CI : undefined;
  for (const draft of drafts) {
    const changes: TreeChange[] = [];
    for (const task of draft.tasks) changes.push(...files.change(task));
    changes.push(...(draft.created ?? []).map((creation) => files.create(creation)));
    changes.push(...draft.files.map(writeFile));
    // An author of notes may be a person, with a name of several words.
    const mailbox = draft.author.replace(/[^A-Za-z0-9._@+-]+/g, '-');
    const author = { name: draft.author, email: `${mailbox}@agentq.invalid` };
    specs.push({
      message: formatCommitMessage(ci === undefined ? draft : { ...draft, trailers: [...draft.trailers, ci] }),
      author,
      committer: context.committer ?? author,
      timeSeconds: Math.floor(context.now / 1000),
      changes,
    });
  }
  return specs;
}

/**
 * GitHub and GitLab look for these words anywhere in the message of a push's newest commit. In a trailer they are in the way
 * of nothing that reads subjects, reasons or other trailers.
 */
export const SKIPS_CI = { key: 'Agentq-Ci', value: '[skip ci]' };

/** A file in the middle of a chain: an existing blob, or bytes that an earlier commit of the chain gives it. */
interface ChainFile {
  readonly mode: '100644' | '100755';
  readonly blob: string;
  readonly bytes: Uint8Array | undefined;
}

class ChainFiles {
  readonly #files = new Map<string, ChainFile>();

  constructor(snapshot: QueueSnapshot, drafts: readonly CommitDraft[]) {
    // Only what the drafts name: a map of 100,000 paths takes half as long as deciding.
    const keys = drafts.flatMap(({ tasks, created = [] }) =>
      [...tasks, ...created.map(({ entry }) => entry)].map(({ key }) => key),
    );
    const ids = new Set(keys.map(({ id }) => id));
    for (const project of snapshot.projects.values()) {
      for (const entry of project.entries) if (ids.has(entry.key.id)) this.#add(entry);
    }
    for (const { project, id } of keys) {
      for (const entry of snapshot.projects.get(project)?.unlisted?.find(id) ?? []) this.#add(entry);
    }
  }

  #add({ path, blob, mode }: TaskEntry): void {
    this.#files.set(path, { mode: mode === '100755' ? '100755' : '100644', blob, bytes: undefined });
  }

  /**
   * Reads the changed files all at once: one after another, with two questions each, 100 claims waited 200 times for
   * git, and on a busy machine each time for a core as well.
   */
  async load(drafts: readonly CommitDraft[], { readBlobs }: CommitContext): Promise<void> {
    // Files that are only moved are read too: a later change of the chain may edit them.
    const changed = new Set(drafts.flatMap(({ tasks }) => tasks.map(({ fromPath }) => fromPath)));
    const found = [...changed].flatMap((path) => {
      const file = this.#files.get(path);
      return file === undefined ? [] : [{ path, file }];
    });
    const contents = await readBlobs(found.map(({ file }) => file.blob));
    for (const [index, { path, file }] of found.entries()) this.#files.set(path, { ...file, bytes: contents[index] });
  }

  create({ entry, document }: TaskCreation): TreeChange {
    if (this.#files.has(entry.path)) throw new Error(`${entry.path} is in the snapshot already`);
    const bytes = Buffer.from(encodeTask(document), 'utf8');
    this.#files.set(entry.path, { mode: '100644', blob: entry.blob, bytes });
    return { path: entry.path, mode: '100644', content: bytes };
  }

  change(task: TaskChange): TreeChange[] {
    const file = this.#files.get(task.fromPath);
    if (!file) throw new Error(`${task.fromPath} is not in the snapshot`);
    const { mode, bytes: before } = file;
    if (before === undefined && task.edits.length > 0) throw new Error(`${task.fromPath} was not read`);
    const where = { path: task.fromPath, ...task.key };
    const bytes = before && task.edits.length > 0 ? editTask(before, task.edits, where) : before;
    const isMove = task.fromPath !== task.toPath;
    if (isMove) this.#files.delete(task.fromPath);
    this.#files.set(task.toPath, { mode, blob: file.blob, bytes });
    return [
      ...(isMove ? [{ path: task.fromPath, delete: true as const }] : []),
      bytes ? { path: task.toPath, mode, content: bytes } : { path: task.toPath, mode, oid: file.blob },
    ];
  }
}

function writeFile(file: FileWrite): TreeChange {
  if (file.content === undefined) return { path: file.path, delete: true };
  return { path: file.path, mode: file.executable ? '100755' : '100644', content: Buffer.from(file.content, 'utf8') };
}
