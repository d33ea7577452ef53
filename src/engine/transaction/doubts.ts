import type { Pending } from '../base/engine.ts';

/** What is not certain about one intent. */
interface Doubt {
  /** Tips on which doubtful pushes were leased. */
  readonly tips: Set<string>;
  /** Refs that ask others for it; `lost`: no look has shown whether the ref exists. */
  readonly refs: Map<string, 'asks' | 'lost'>;
  /** Whether another machine may have read a ref that was taken back since the last look-up, and may carry it out. */
  readers: 'none' | 'possible';
  /** The last tip whose history did not hold the intent. */
  absentAt: string | undefined;
}

/**
 * What is not certain about intents that were tried: whether they have been carried out, or may still be.
 *
 * A push whose answer is lost may land late, but only while the branch is at the tip on which it was leased. So an
 * intent is certainly not carried out if the branch was seen at a tip on which none of the doubtful pushes was leased,
 * if the history of that tip does not hold the intent, and if no ref asks others for it.
 */
export class Doubts {
  readonly #doubts = new Map<string, Doubt>();

  /** A push of the intent, leased on this tip, may have landed or may still land. */
  push(request: string, tip: string): void {
    this.#doubt(request).tips.add(tip);
  }

  /** This ref asks others for the intent: it is on the remote, or may get there. */
  expose(request: string, ref: string): void {
    const doubt = this.#doubt(request);
    doubt.refs.set(ref, 'asks');
    doubt.absentAt = undefined;
  }

  /**
   * This ref does not ask for the intent any more.
   * @param readers whether a machine that has read the ref may still carry the intent out: if the server cannot push
   *   atomically, such a push needs the branch to stand still, but not the ref to exist
   */
  conceal(request: string, ref: string, readers: 'none' | 'possible'): void {
    const doubt = this.#doubt(request);
    if (!doubt.refs.delete(ref)) return;
    doubt.absentAt = undefined;
    doubt.readers = readers;
  }

  /** The ref was pushed, the answer was lost, and no look shows the ref: it may still arrive. */
  lose(request: string, ref: string): void {
    this.#doubt(request).refs.set(ref, 'lost');
  }

  isLost(request: string): boolean {
    return [...(this.#doubts.get(request)?.refs.values() ?? [])].includes('lost');
  }

  /** Whether a push of the intent that was leased on this tip may still land. */
  hasPushOn(request: string, tip: string): boolean {
    return this.#doubts.get(request)?.tips.has(tip) === true;
  }

  /** The history of this tip does not hold the requests. */
  lookedUp(tip: string, requests: Iterable<string>): void {
    for (const request of requests) {
      const doubt = this.#doubt(request);
      doubt.absentAt = tip;
      // A machine that had read the ref has looked at this tip at the latest.
      if (doubt.readers === 'possible') doubt.tips.add(tip);
      doubt.readers = 'none';
    }
  }

  isExposed(request: string): boolean {
    return (this.#doubts.get(request)?.refs.size ?? 0) > 0;
  }

  /** The intent as it must be handed on: it keeps its base while it may have been carried out, or may still be. */
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
