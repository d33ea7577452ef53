import { fetchAbsent } from '../git/objects/fetch-absent.ts';
import type { ObjectReader } from '../git/objects/objects.ts';
import { storeBlob } from '../git/objects/store-blob.ts';
import type { Ending } from '../git/process/ending.ts';
import type { Repository } from '../git/repository/repository.ts';
import type { Upstream } from '../git/upstream/upstream.ts';

/** Largest blob that is read, in bytes. */
const MAX_BYTES = 1_000_000;

/**
 * If the remote does not give all blobs at once, at most this many are asked for one by one: each costs a connection.
 */
const MOST_ALONE = 10;

/** Small blobs that refs of the remote point to. */
export class RefBlobs {
  readonly #repository: Repository;
  readonly #upstream: Pick<Upstream, 'fetchObjects'>;
  readonly #objects: Pick<ObjectReader, 'exists' | 'readBlobs'>;

  constructor(
    repository: Repository,
    upstream: Pick<Upstream, 'fetchObjects'>,
    objects: Pick<ObjectReader, 'exists' | 'readBlobs'>,
  ) {
    this.#repository = repository;
    this.#upstream = upstream;
    this.#objects = objects;
  }

  /** Makes a blob here. @returns its id @throws Failure `machine-unusable` or `git-unusable` */
  write(bytes: Uint8Array): Promise<string> {
    return storeBlob(this.#repository, bytes);
  }

  /**
   * Contents by id. What is absent is fetched, all in one connection if the remote still has all of it.
   * @returns without those that the remote does not give, that are too large, or that are not blobs
   * @throws Failure of the remote
   */
  async read(oids: readonly string[], ending: Ending = {}): Promise<ReadonlyMap<string, Uint8Array>> {
    const wanted = [...new Set(oids)];
    const asked = (await this.#fetch(wanted, ending)) ? wanted : await this.#fetchAlone(wanted, ending);
    const blobs = await this.#objects.readBlobs(asked, { maxBytes: MAX_BYTES, ...ending });
    return new Map(
      asked.flatMap((oid, index) => {
        const blob = blobs[index];
        return blob?.kind === 'content' ? [[oid, blob.bytes] as const] : [];
      }),
    );
  }

  #fetch(oids: readonly string[], ending: Ending): Promise<boolean> {
    return fetchAbsent(this.#objects, this.#upstream, oids, ending);
  }

  async #fetchAlone(oids: readonly string[], ending: Ending): Promise<readonly string[]> {
    const given: string[] = [];
    let asked = 0;
    for (const oid of oids) {
      if (await this.#objects.exists(oid)) given.push(oid);
      else if (oids.length > 1 && asked++ < MOST_ALONE && (await this.#fetch([oid], ending))) given.push(oid);
    }
    return given;
  }
}
