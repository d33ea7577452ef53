import type { Pending } from './engine.ts';

/** What is not certain of one intent. */
interface Doubt {
  /** Tips that doubtful pushes were leased on. */
  readonly tips: Set<string>;
  /** Refs that ask others for it; `lost`: whether it is there no look has shown. */
  readonly refs: Map<string, 'asks' | 'lost'>;
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

  /** This ref does not ask for it any more. */
  conceal(request: string, ref: string): void {
    const doubt = this.#doubt(request);
    if (doubt.refs.delete(ref)) doubt.absentAt = undefined;
  }

  /** This ref was pushed, the answer was lost, and no look shows it: it may still arrive. */
  lose(request: string, ref: string): void {
    this.#doubt(request).refs.set(ref, 'lost');
  }

  isLost(request: string): boolean {
    return [...(this.#doubts.get(request)?.refs.values() ?? [])].includes('lost');
  }

  /** The history of this tip does not hold them. */
  lookedUp(tip: string, requests: Iterable<string>): void {
    for (const request of requests) this.#doubt(request).absentAt = tip;
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
    const known = this.#doubts.get(request) ?? { tips: new Set(), refs: new Map(), absentAt: undefined };
    this.#doubts.set(request, known);
    return known;
  }
}
