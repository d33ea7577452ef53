import { Failure } from '../../domain/base/failure.ts';
import { SETTINGS_FILE } from '../../domain/base/settings-file.ts';
import type { QueueFile } from '../../domain/branches/merge-plan.ts';
import { DEFAULT_POOL_SETTINGS, type PoolSettings } from '../../domain/queue/snapshot.ts';
import { LEDGER_FILE } from '../../domain/rules/ledger.ts';
import type { ObjectReader } from '../../git/objects/objects.ts';
import type { TreeEntry } from '../../git/objects/tree.ts';
import { discover, type ReadTree } from './discover.ts';
import { settingsFileOf } from './edit-settings.ts';
import { parseSettings, poolSettings } from './settings.ts';

/** A file in the tree of a commit. */
export type TreeFile = Pick<QueueFile, 'path' | 'mode' | 'blob'>;

/** What a commit of a branch holds of a queue. */
export interface BranchContent {
  readonly files: readonly QueueFile[];
  /** Projects with a folder, whether or not there are tasks in it. */
  readonly projects: ReadonlySet<string>;
  readonly settings: PoolSettings;
  /** The file with the settings; none: there is no such file. */
  readonly settingsFile: readonly TreeFile[];
}

/** The name of the file that keeps an empty folder. */
const PLACEHOLDER = '.gitkeep';

type Objects = Pick<ObjectReader, 'commitTree' | 'readTrees' | 'readBlobs'>;

/**
 * The queue in a commit, as the files that it consists of.
 * @param branch for messages
 * @param layouts those of the main branch; absent: this is the main branch, and its own settings say it
 * @throws Failure `config-invalid` if the settings of the main branch cannot be read
 */
export async function readContent(
  objects: Objects,
  branch: string,
  commit: string,
  layouts?: PoolSettings['layouts'],
): Promise<BranchContent> {
  const root = await objects.commitTree(commit);
  const readTree: ReadTree = async (oid) => (await objects.readTrees([oid]))[0] ?? [];
  const found = await discover(root, readTree, layouts ?? DEFAULT_POOL_SETTINGS.layouts);
  const text = found.settings === undefined ? '' : await readText(objects, found.settings);
  const settings = settingsIn(text, branch, layouts === undefined ? 'main' : 'other');
  const isLimited = layouts === undefined && settings.layouts.length < DEFAULT_POOL_SETTINGS.layouts.length;
  if (isLimited) {
    return { ...(await readContent(objects, branch, commit, settings.layouts)), settings };
  }
  const tasks = found.tasks.map(({ path, location, id, mode, blob }): QueueFile => {
    return { path, project: location.project, id, mode, blob };
  });
  const folders = found.locations.flatMap(({ project, folders: own }) =>
    Object.values(own).map((folder) => ({ project, folder: folder.slice(0, -1) })),
  );
  const others = await Promise.all(
    folders.map(async ({ project, folder }) => {
      const entries = await entriesOf(root, folder.split('/'), readTree);
      const own = entries.filter(({ name, mode }) => isBeside(name) && mode.startsWith('100'));
      return own.map(({ name, mode, oid }): QueueFile => {
        return { path: `${folder}/${name}`, project, id: undefined, mode, blob: oid };
      });
    }),
  );
  const files = new Map([...tasks, ...others.flat()].map((file) => [file.path, file]));
  return {
    files: [...files.values()],
    projects: new Set(found.locations.map(({ project }) => project)),
    settings,
    settingsFile: found.settings === undefined ? [] : [{ path: SETTINGS_FILE, mode: '100644', blob: found.settings }],
  };
}

/** The text of a settings file. @throws Failure `config-invalid` if it is none */
export async function readText(objects: Pick<Objects, 'readBlobs'>, blob: string): Promise<string> {
  const [reading] = await objects.readBlobs([blob]);
  if (reading?.kind === 'content') return reading.bytes.toString('utf8');
  throw new Failure('config-invalid', `${SETTINGS_FILE} cannot be read`, { details: { blob } });
}

async function entriesOf(
  tree: string,
  [name, ...below]: readonly string[],
  readTree: ReadTree,
): Promise<readonly TreeEntry[]> {
  const entries = await readTree(tree);
  if (name === undefined) return entries;
  const next = entries.find((entry) => entry.name === name && entry.mode === '40000');
  return next === undefined ? [] : entriesOf(next.oid, below, readTree);
}

/** Only the main branch must have settings that can be read: copies of them say nothing. */
function settingsIn(text: string, branch: string, which: 'main' | 'other'): PoolSettings {
  try {
    return poolSettings(parseSettings(text, settingsFileOf(branch)));
  } catch (error) {
    if (which === 'other' && error instanceof Failure) return DEFAULT_POOL_SETTINGS;
    throw error;
  }
}

/** Files next to tasks that belong to the queue. Git merges all others in its folders. */
function isBeside(name: string): boolean {
  return name === LEDGER_FILE || name === PLACEHOLDER;
}
