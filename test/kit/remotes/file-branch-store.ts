import { createHash } from 'node:crypto';
import { SETTINGS_FILE } from '../../../src/domain/base/settings-file.ts';
import type { QueueFile } from '../../../src/domain/branches/merge-plan.ts';
import { formatCommitMessage } from '../../../src/domain/rules/commit-message.ts';
import type { MergedTrees } from '../../../src/git/objects/merge-trees.ts';
import type { BranchCommit, BranchStore, NewContent } from '../../../src/store/branch-store.ts';
import type { BranchContent, TreeFile } from '../../../src/store/reading/branch-content.ts';
import { editBranches } from '../../../src/store/reading/edit-settings.ts';
import { parseSettings, poolSettings } from '../../../src/store/reading/settings.ts';
import type { FileRemote } from './file-remote.ts';

type Bytes = ReadonlyMap<string, Uint8Array>;

/** The branches of a {@link FileRemote}, merged file by file: each file as the only side has it that changed it. */
export class FileBranchStore implements BranchStore {
  readonly #remote: FileRemote;
  readonly #trees = new Map<string, Bytes>();
  readonly #blobs = new Map<string, Uint8Array>();

  constructor(remote: FileRemote) {
    this.#remote = remote;
  }

  async look(branches: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return new Map(
      branches.flatMap((branch): [string, string][] => {
        const tip = this.#remote.refs.get(`refs/heads/${branch}`);
        return tip === undefined ? [] : [[branch, tip]];
      }),
    );
  }

  async obtain(): Promise<void> {}

  async read(_branch: string, commit: string): Promise<BranchContent> {
    const { files } = this.#remote.commit(commit);
    const text = files.get(SETTINGS_FILE);
    const all = [...files].flatMap(([path, bytes]) => this.#fileOf(path, bytes));
    return {
      files: all,
      projects: new Set(all.map(({ project }) => project)),
      settings: poolSettings(parseSettings(new TextDecoder().decode(text), SETTINGS_FILE)),
      settingsFile: text === undefined ? [] : [{ path: SETTINGS_FILE, mode: '100644', blob: this.#blobOf(text) }],
    };
  }

  async bases(one: string, other: string): Promise<readonly string[]> {
    const mine = new Set(this.#remote.ancestors(one).map(({ id }) => id));
    const common = this.#remote.ancestors(other).filter(({ id }) => mine.has(id));
    const below = new Set(common.flatMap(({ id }) => this.#remote.ancestors(id).slice(1)).map(({ id }) => id));
    return common.map(({ id }) => id).filter((id) => !below.has(id));
  }

  async contains(tip: string, commit: string): Promise<boolean> {
    return this.#remote.ancestors(tip).some(({ id }) => id === commit);
  }

  async parents(commit: string): Promise<readonly string[]> {
    return this.#remote.commit(commit).parents;
  }

  async tree(commit: string): Promise<string> {
    return this.#treeOf(this.#remote.commit(commit).files);
  }

  async withFiles(commit: string, before: readonly TreeFile[], after: readonly TreeFile[]): Promise<string> {
    const files = new Map(this.#remote.commit(commit).files);
    for (const { path } of before) files.delete(path);
    for (const { path, blob } of after) files.set(path, this.#blobs.get(blob) ?? fail(`no blob ${blob}`));
    return this.#remote.add([commit], files, { message: 'a step', author: 'agentq', timeMs: 0 });
  }

  async merge(ours: string, theirs: string): Promise<MergedTrees> {
    const bases = (await this.bases(ours, theirs)).map((id) => this.#remote.commit(id).files);
    if (bases.length === 0) return { kind: 'unrelated' };
    const [mine, others] = [this.#remote.commit(ours).files, this.#remote.commit(theirs).files];
    const merged = new Map<string, Uint8Array>();
    const paths: string[] = [];
    for (const path of new Set([mine, others, ...bases].flatMap((files) => [...files.keys()]))) {
      const [a, b] = [mine.get(path), others.get(path)];
      const isOld = (bytes: Uint8Array | undefined) => bases.some((base) => isSame(base.get(path), bytes));
      if (!isSame(a, b) && !isOld(a) && !isOld(b)) paths.push(path);
      const bytes = isOld(a) ? b : a;
      if (bytes !== undefined) merged.set(path, bytes);
    }
    return paths.length > 0 ? { kind: 'conflict', paths } : { kind: 'merged', tree: this.#treeOf(merged) };
  }

  async withContents(commit: string, contents: readonly NewContent[]): Promise<string> {
    const files = new Map(this.#remote.commit(commit).files);
    for (const { path, content } of contents) files.set(path, content);
    return this.#treeOf(files);
  }

  async withBranch(_branch: string, commit: string, project: string, to: string | undefined): Promise<NewContent> {
    const text = new TextDecoder().decode(this.#remote.commit(commit).files.get(SETTINGS_FILE));
    const content = new TextEncoder().encode(editBranches(text, project, to, SETTINGS_FILE));
    return { path: SETTINGS_FILE, mode: '100644', content };
  }

  async renewed(): Promise<readonly NewContent[]> {
    return [];
  }

  async commit({ tree, parents, subject, trailers }: BranchCommit): Promise<string> {
    const message = formatCommitMessage({ subject, trailers, author: 'agentq', tasks: [], files: [] });
    const files = this.filesOf(tree);
    return this.#remote.add(parents, files, { message, author: 'agentq', timeMs: 0 });
  }

  filesOf(tree: string): Bytes {
    return this.#trees.get(tree) ?? fail(`no tree ${tree}`);
  }

  #fileOf(path: string, bytes: Uint8Array): QueueFile[] {
    const [, project, name] = /^\.agents\/(\w+)\/(?:tasks|claimed|completed)\/(.+)$/.exec(path) ?? [];
    if (project === undefined || name === undefined) return [];
    const id = name.endsWith('.toon') ? name.slice(0, -5) : undefined;
    return [{ path, project, id, mode: '100644', blob: this.#blobOf(bytes) }];
  }

  #blobOf(bytes: Uint8Array): string {
    const blob = createHash('sha1').update(bytes).digest('hex');
    this.#blobs.set(blob, bytes);
    return blob;
  }

  #treeOf(files: Bytes): string {
    const hash = createHash('sha1');
    for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${path}\0`).update(bytes);
    const tree = hash.digest('hex');
    this.#trees.set(tree, files);
    return tree;
  }
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one === undefined || other === undefined ? one === other : Buffer.compare(one, other) === 0;
}

function fail(message: string): never {
  throw new Error(message);
}
