import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { machineTrouble } from '../process/local-trouble.ts';
import type { Repository } from '../repository/repository.ts';
import { storedZlib } from './stored-zlib.ts';

/** An object that may not be in the repository yet. */
export interface LooseObject {
  readonly oid: string;
  /** Header and content, as they are hashed. */
  readonly bytes: Buffer;
}

/** Settings under which git writes loose objects in a way of its own: with other rights, or flushed to the disk. */
const SPECIAL = ['core.sharedrepository', 'core.fsync', 'core.fsyncmethod', 'core.fsyncobjectfiles'];

/**
 * Largest object (bytes) that is written without compression, as git does under `core.looseCompression=0`: most fit into one
 * block of the disk either way, names of objects hardly shrink, and the push packs them anew. Loading zlib and setting it
 * up for each of six objects took 3 ms of a claim's 100.
 */
const LARGEST_STORED = 16 * 1024;

/**
 * Writes objects as git does: `objects/xx/...`, deflated, under a temporary name that `git prune` knows, renamed when
 * complete. An object's name is the hash of its content, so it does not matter who else writes it.
 */
export class LooseObjects {
  readonly #folder: string;
  readonly #hash: 'sha1' | 'sha256';

  private constructor(folder: string, hash: 'sha1' | 'sha256') {
    this.#folder = folder;
    this.#hash = hash;
  }

  /** @returns undefined where the repository asks for more than this writes */
  static of(repository: Repository): LooseObjects | undefined {
    if (SPECIAL.some((key) => repository.config(key) !== undefined)) return undefined;
    return new LooseObjects(join(repository.commonDir, 'objects'), repository.objectFormat);
  }

  /** The object, not written yet. */
  make(type: 'blob' | 'tree' | 'commit', content: Uint8Array): LooseObject {
    const bytes = Buffer.concat([Buffer.from(`${type} ${content.byteLength}\0`, 'latin1'), content]);
    return { oid: createHash(this.#hash).update(bytes).digest('hex'), bytes };
  }

  /**
   * Writes them in order: what refers to others last, as they were made.
   * @returns `failed` where one cannot be written, and why is not clear
   * @throws Failure `machine-unusable` where the disk is full, read-only or not ours to write to
   */
  async write(objects: readonly LooseObject[]): Promise<'written' | 'failed'> {
    try {
      for (const { oid, bytes } of objects) this.#write(oid, await compressed(bytes));
      return 'written';
    } catch (error) {
      const trouble = machineTrouble(error);
      if (trouble !== undefined) throw trouble;
      return 'failed';
    }
  }

  #write(oid: string, content: Uint8Array): void {
    const path = join(this.#folder, oid.slice(0, 2), oid.slice(2));
    if (existsSync(path)) return;
    const folder = dirname(path);
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
    const draft = join(folder, `tmp_obj_${randomBytes(6).toString('hex')}`);
    try {
      writeFileSync(draft, content, { mode: 0o444, flag: 'wx' });
      renameSync(draft, path);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  }
}

async function compressed(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes.length <= LARGEST_STORED) return storedZlib(bytes);
  const { deflateSync } = await import('node:zlib');
  return deflateSync(bytes, { level: 1 });
}
