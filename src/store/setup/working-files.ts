import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';

/** A file of the working tree as it is. */
export interface WorkingFile {
  /** Where it really is, behind symbolic links: two paths may be one file. */
  readonly real: string;
  /**
   * Each byte a character (latin1), so that a file in any encoding stays as it is where we do not write; undefined:
   * there is none.
   */
  readonly text: string | undefined;
}

/** A file that is to have this text, or to go. */
export interface FileChange {
  readonly path: string;
  readonly real: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** People do not write larger files (bytes) than this. */
const LARGEST = 1_000_000;

/**
 * Files of a user's working tree. Nothing outside of it is read or written, whatever its symbolic links say, nor
 * anything of git's own.
 */
export class WorkingFiles {
  readonly #root: string;

  /** @param root the top of the working tree */
  constructor(root: string) {
    this.#root = realpathSync.native(root);
  }

  /** Whether anything is at the path, be it a link to nowhere. */
  has(path: string): boolean {
    return lstatSync(join(this.#root, path), { throwIfNoEntry: false }) !== undefined;
  }

  /** @throws Failure `config-invalid` for what is not a file of this working tree, or not a text */
  read(path: string): WorkingFile {
    const real = this.#resolve(path);
    const stat = statSync(real, { throwIfNoEntry: false });
    if (stat === undefined) return { real, text: undefined };
    if (!stat.isFile()) throw refusal(path, 'is not a regular file');
    if (stat.size > LARGEST) throw refusal(path, `is too large to be edited: ${stat.size} bytes`);
    const text = readFileSync(real, 'latin1');
    if (text.includes('\0')) throw refusal(path, 'is not a text in UTF-8');
    return { real, text };
  }

  /**
   * Makes all changes, or none: what cannot be written is found before anything is, and what fails all the same is
   * undone.
   * @throws Failure `config-invalid` for a file that may not be written, `machine-unusable` for what the system refuses
   */
  apply(changes: readonly FileChange[]): void {
    for (const change of changes) expectWritable(change);
    const done: FileChange[] = [];
    try {
      for (const change of changes) {
        put(change.real, change.after);
        done.push(change);
      }
    } catch (error) {
      for (const { real, before } of done.reverse()) put(real, before);
      const words = error instanceof Error ? error.message : String(error);
      throw new Failure('machine-unusable', `the files cannot be written: ${words}`, {
        hint: 'nothing was changed',
        cause: error,
      });
    }
  }

  /** Removes these folders as far as they are empty, in their order. */
  removeEmpty(folders: readonly string[]): void {
    for (const folder of folders) {
      const path = join(this.#root, folder);
      // A link to a folder is the user's, and so is where it leads.
      if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) continue;
      try {
        rmdirSync(path);
      } catch {
        return;
      }
    }
  }

  /** Follows the links of a path. What does not exist yet is taken as it is written. */
  #resolve(path: string): string {
    let at = this.#root;
    const parts = path.split('/');
    for (const [index, part] of parts.entries()) {
      const next = join(at, part);
      const stat = lstatSync(next, { throwIfNoEntry: false });
      at = stat?.isSymbolicLink() ? this.#target(next, path) : next;
      const isParent = index < parts.length - 1;
      if (stat !== undefined && isParent && !statSync(at).isDirectory())
        throw refusal(path, `cannot be made: ${parts.slice(0, index + 1).join('/')} is not a folder`);
    }
    return at;
  }

  #target(link: string, path: string): string {
    const name = relative(this.#root, link);
    let target: string;
    try {
      target = realpathSync.native(link);
    } catch {
      throw refusal(path, `${name === path ? 'is' : `is behind ${name},`} a link that leads nowhere`);
    }
    const inside = relative(this.#root, target);
    const leaves = inside === '..' || inside.startsWith(`..${sep}`) || inside.startsWith(sep);
    if (leaves || inside === '.git' || inside.startsWith(`.git${sep}`))
      throw refusal(path, `is behind a link that leads out of the working tree: ${name}`);
    return target;
  }
}

function expectWritable({ path, real, before }: FileChange): void {
  const isReadOnly = () => new Failure('config-invalid', `${path} is read-only`, { hint: 'nothing was changed' });
  // Root may write whatever the mode says, but whoever set it did not want that.
  if (before !== undefined && (statSync(real).mode & 0o222) === 0) throw isReadOnly();
  let folder = dirname(real);
  while (statSync(folder, { throwIfNoEntry: false }) === undefined) folder = dirname(folder);
  try {
    if (before !== undefined) accessSync(real, constants.W_OK);
    accessSync(folder, constants.W_OK);
  } catch {
    throw isReadOnly();
  }
}

/** Writes a new file next to it and renames that, so that nobody reads half of it. */
function put(real: string, text: string | undefined): void {
  if (text === undefined) {
    rmSync(real, { force: true });
    return;
  }
  mkdirSync(dirname(real), { recursive: true });
  const mode = statSync(real, { throwIfNoEntry: false })?.mode;
  const draft = `${real}.agentq-${process.pid}`;
  try {
    writeFileSync(draft, text, 'latin1');
    if (mode !== undefined) chmodSync(draft, mode & 0o7777);
    renameSync(draft, real);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function refusal(path: string, words: string): Failure {
  return new Failure('config-invalid', `${path} ${words}`, { hint: 'nothing was changed' });
}
