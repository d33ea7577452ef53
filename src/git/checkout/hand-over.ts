import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectReader } from '../objects/objects.ts';
import { runProcess } from '../process/git-process.ts';
import { sweepLeftovers } from '../repository/leftovers.ts';
import type { Repository } from '../repository/repository.ts';
import type { HandedPack } from './handed-pack.ts';
import { newestOf } from './newest.ts';

/** Most generations of commits to search for where a follower is: one that is further behind fetches. */
const GENERATIONS = 64;

/** How long (ms) git may be silent. The followers wait for it. */
const LONGEST_MS = 5_000;

/** Packs what one group of commits has brought, for followers whose checkout is behind. */
export class HandOver {
  readonly #repository: Repository;
  readonly #objects: ObjectReader;
  /** The last tips on which this process has built: ancestors of whatever it builds next. */
  readonly #bases = new Set<string>();

  constructor(repository: Repository, objects: ObjectReader) {
    this.#repository = repository;
    this.#objects = objects;
  }

  /**
   * One pack for all followers whose checkout is at `from`. A copy of what is in this clone; it stays in a folder that
   * only this user can enter for a minute or until the next group, whichever is later.
   * @param commits those of one group, built on `base`
   * @returns undefined if this clone, or what lies between, is not of the kind that can be handed over. Never throws.
   */
  async pack(commits: readonly string[], base: string, from: string): Promise<HandedPack | undefined> {
    this.#bases.add(base);
    const [oldest] = this.#bases;
    if (this.#bases.size > GENERATIONS && oldest !== undefined) this.#bases.delete(oldest);
    const { partial, shallow, objectFormat } = this.#repository;
    if (partial || shallow || objectFormat !== 'sha1') return undefined;
    try {
      if (!this.#bases.has(from) && !(await this.#isRecent(base, from))) return undefined;
      return await this.#pack(await newestOf(this.#repository, this.#objects, commits), from);
    } catch {
      return undefined;
    }
  }

  async #pack(tip: string, from: string): Promise<HandedPack | undefined> {
    const { git, commonDir } = this.#repository;
    const folder = join(commonDir, 'agentq', 'packs');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const args = ['pack-objects', '--revs', '-q', '--delta-base-offset', join(folder, 'pack')];
    const answer = await runProcess(git, args, { input: [`${tip}\n^${from}\n`], silenceMs: LONGEST_MS });
    const hash = /^[0-9a-f]{40}(?=\n$)/.exec(answer.stdout.toString('latin1'))?.[0];
    if (answer.exitCode !== 0 || hash === undefined) return undefined;
    const path = join(folder, `pack-${hash}`);
    const [pack, index] = [statSync(`${path}.pack`), statSync(`${path}.idx`)];
    // A pack is taken within moments. What earlier leaders in this clone left, ended or killed, goes after a minute.
    sweepLeftovers(folder, /^pack-/, `${path}.pack`);
    return { path, packBytes: pack.size, indexBytes: index.size, tip, from };
  }

  async #isRecent(tip: string, ancestor: string): Promise<boolean> {
    let generation: readonly string[] = [tip];
    for (let count = 0; count < GENERATIONS && generation.length > 0; count++) {
      const parents = (await this.#objects.parents(generation)).flatMap((each) => each ?? []);
      if (parents.includes(ancestor)) return true;
      generation = [...new Set(parents)];
    }
    return false;
  }
}
