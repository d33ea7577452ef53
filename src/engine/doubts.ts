import type { Pending } from './engine.ts';

/**
 * What is not certain of intents that were tried: whether they have been carried out, or may still be.
 *
 * A push whose answer is lost may land late, but only while the branch stands at the tip that it was leased on. So an intent
 * is certainly not carried out when the branch was seen at another tip than those of all doubtful pushes, its history does
 * not hold the intent, and no ref asks others for it.
 */
export class Doubts {
  /** Tips that doubtful pushes were leased on, by request. */
  readonly #tips = new Map<string, Set<string>>();
  readonly #exposed = new Set<string>();
  readonly #lost = new Set<string>();
  /** The tip whose history was last found not to hold the intent, by request. */
  readonly #absentAt = new Map<string, string>();

  /** A push of it, leased on this tip, may have landed or may still land. */
  push(request: string, tip: string): void {
    const tips = this.#tips.get(request);
    if (tips === undefined) this.#tips.set(request, new Set([tip]));
    else tips.add(tip);
  }

  /** A ref that asks others for it is on the remote, or may get there. */
  expose(request: string): void {
    this.#exposed.add(request);
    this.#absentAt.delete(request);
  }

  /** No ref asks for it any more. */
  conceal(request: string): void {
    this.#exposed.delete(request);
    this.#lost.delete(request);
    this.#absentAt.delete(request);
  }

  /** A ref that asks for it was pushed, the answer was lost, and no look shows it: it may still arrive. */
  lose(request: string): void {
    this.#lost.add(request);
  }

  isLost(request: string): boolean {
    return this.#lost.has(request);
  }

  /** The history of this tip does not hold them. */
  lookedUp(tip: string, requests: Iterable<string>): void {
    for (const request of requests) this.#absentAt.set(request, tip);
  }

  isExposed(request: string): boolean {
    return this.#exposed.has(request);
  }

  /** The intent as it must be handed on: its base is kept while it may have been carried out, or may still be. */
  of(pending: Pending): Pending {
    const { intent, base } = pending;
    if (base === undefined) return pending;
    const absentAt = this.#absentAt.get(intent.request);
    const isCertain =
      !this.#exposed.has(intent.request) &&
      absentAt !== undefined &&
      this.#tips.get(intent.request)?.has(absentAt) !== true;
    return isCertain ? { intent, base: undefined } : pending;
  }
}
