import type { Pending } from '../base/engine.ts';

/** What is not certain of one intent. */
interface Doubt {
  /** Tips that doubtful pushes were leased on. */
  readonly tips: Set<string>;
  /** Refs that ask others for it; `lost`: whether it is there no look has shown. */
  readonly refs: Map<string, 'asks' | 'lost'>;
  /** Whether somebody may have read a ref that has been taken back since the last look-up, and may carry it out. */
  readers: 'none' | 'possible';
  /** The tip whose history was last found not to hold the intent. */
  absentAt: string | undefined;
}

/**
 * What is not certain of intents that were tried: whether they have been carried out, or may still be.
 *
 * A push whose answer is lost may land late, but only while the branch stands at the tip that it was leased on. So an intent
 * is certainly not carried out when the branch was seen at another tip than those of all doubtful pushes, its history does
 * not hold the intent, and no ref asks others for it.
 */
export class Doubts {
  readonly #doubts = new Map<string, Doubt>();

  /** A push of it, leased on this tip, may have landed or may still land. */
  push(request: string, tip: string): void {
    this.#doubt(request).tips.add(tip);
  }

  /** This ref asks others for it: it is on the remote, or may get there. */
  expose(request: string, ref: string): void {
    const doubt = this.#doubt(request);
    doubt.refs.set(ref, 'asks');
    doubt.absentAt = undefined;
  }

  /**
   * This ref does not ask for it any more.
   * @param readers whether somebody who has read the ref before may still carry the intent out: where the server cannot push
   *   all or nothing, the push that does so needs the branch to stand still, and not the ref to be there
   */
  conceal(request: string, ref: string, readers: 'none' | 'possible'): void {
    const doubt = this.#doubt(request);
    if (!doubt.refs.delete(ref)) return;
    doubt.absentAt = undefined;
    doubt.readers = readers;
  }

  /** This ref was pushed, the answer was lost, and no look shows it: it may still arrive. */
  lose(request: string, ref: string): void {
    this.#doubt(request).refs.set(ref, 'lost');
  }

  isLost(request: string): boolean {
    return [...(this.#doubts.get(request)?.refs.values() ?? [])].includes('lost');
  }

  /** Whether a push of it that was leased on this tip may still land. */
  hasPushOn(request: string, tip: string): boolean {
    return this.#doubts.get(request)?.tips.has(tip) === true;
  }

  /** The history of this tip does not hold them. */
  lookedUp(tip: string, requests: Iterable<string>): void {
    for (const request of requests) {
      const doubt = this.#doubt(request);
      doubt.absentAt = tip;
      // Whoever had read the ref has looked at this tip at the latest.
      if (doubt.readers === 'possible') doubt.tips.add(tip);
      doubt.readers = 'none';
    }
  }

  isExposed(request: string): boolean {
    return (this.#doubts.get(request)?.refs.size ?? 0) > 0;
  }

  /** The intent as it must be handed on: its base is kept while it may have been carried out, or may still be. */
  of(pending: Pending): Pending {
    const { intent, base } = pending;
    const doubt = this.#doubts.get(intent.request);
    if (base === undefined || doubt?.absentAt === undefined) return pending;
    const isCertain = doubt.refs.size === 0 && !doubt.tips.has(doubt.absentAt);
    return isCertain ? { intent, base: undefined } : pending;
  }

  #doubt(request: string): Doubt {
    const known: Doubt = this.#doubts.get(request) ?? {
      tips: new Set(),
      refs: new Map(),
      readers: 'none',
      absentAt: undefined,
    };
    this.#doubts.set(request, known);
    return known;
  }
}
