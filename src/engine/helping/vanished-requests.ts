import { Failure } from '../../domain/base/failure.ts';
import type { Engine, Pending } from '../base/engine.ts';

/** How often a request may vanish unserved for each allowed retry. After that, somebody deletes what we publish. */
const PUBLISHED_AGAIN_PER_RETRY = 4;

/** Counts how often requests had to be published again. */
export class VanishedRequests {
  readonly #maxRetries: number;
  readonly #everAsked = new Set<string>();
  #publishedAgain = 0;

  constructor({ maxRetries }: Pick<Engine, 'maxRetries'>) {
    this.#maxRetries = maxRetries;
  }

  /**
   * Call it with what is about to be published.
   * @throws Failure `retries-exhausted` if our requests are deleted again and again, and nobody carries them out
   */
  notePublished(pending: readonly Pending[]): void {
    const requests = pending.map(({ intent }) => intent.request);
    if (requests.some((request) => this.#everAsked.has(request))) this.#publishedAgain++;
    for (const request of requests) this.#everAsked.add(request);
    if (this.#publishedAgain <= PUBLISHED_AGAIN_PER_RETRY * (this.#maxRetries + 1)) return;
    throw new Failure(
      'retries-exhausted',
      `requests to other machines were deleted ${this.#publishedAgain} times without being carried out`,
      { hint: 'try again, or without other machines: --combine local' },
    );
  }
}
