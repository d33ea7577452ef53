import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { machineTrouble } from '../process/local-trouble.ts';
import type { MadeObject } from '../repository/made-objects.ts';
import type { Repository } from '../repository/repository.ts';
import { storedZlib } from './stored-zlib.ts';

/** Settings with which git writes loose objects differently: with other permissions, or flushed to the disk. */
const SPECIAL = ['core.sharedrepository', 'core.fsync', 'core.fsyncmethod', 'core.fsyncobjectfiles'];

/**
 * Largest object (bytes) to write without compression, as git does with `core.looseCompression=0`: most objects fit
 * into one disk block either way, object ids hardly shrink, and the push packs them again. Loading zlib and setting it
 * up for each of six objects took 3 ms of a claim's 100.
 */
const LARGEST_STORED = 16 * 1024;

/**
 * Writes objects as git does: `objects/xx/...`, deflated, under a temporary name that `git prune` knows, renamed when
 * complete. The name of an object is the hash of its content, so it does not matter if another process writes it too.
 */
export class LooseObjects {
  readonly #folder: string;
  readonly #hash: 'sha1' | 'sha256';

  private constructor(folder: string, hash: 'sha1' | 'sha256') {
    this.#folder = folder;
    this.#hash = hash;
  }

  /** @returns undefined if the repository has settings that this class does not support */
  static of(repository: Repository): LooseObjects | undefined {
    if (SPECIAL.some((key) => repository.config(key) !== undefined)) return undefined;
    return new LooseObjects(join(repository.commonDir, 'objects'), repository.objectFormat);
  }

  /** Makes the object without writing it. */
  make(type: 'blob' | 'tree' | 'commit', content: Uint8Array): MadeObject {
    const bytes = objectBytes(type, content);
    return { oid: createHash(this.#hash).update(bytes).digest('hex'), bytes };
  }

  /**
   * Writes the objects in the order in which they were made, so that an object comes after those it refers to.
   * @returns `failed` if one cannot be written for an unclear reason
   * @throws Failure `machine-unusable` if the disk is full, read-only or not ours to write to
   */
  async write(objects: readonly MadeObject[]): Promise<'written' | 'failed'> {
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

/** Header and content. */
export function objectBytes(type: 'blob' | 'tree' | 'commit', content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${type} ${content.byteLength}\0`, 'latin1'), content]);
}

/** The bytes as a zlib stream, small ones without compression. */
export async function compressed(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes.length <= LARGEST_STORED) return storedZlib(bytes);
  const { deflateSync } = await import('node:zlib');
  return deflateSync(bytes, { level: 1 });
}
