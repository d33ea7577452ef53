import type { Outcome } from '../../domain/intents/outcome.ts';
import type { HandedPack } from '../../git/checkout/handed-pack.ts';

/** An intent that was carried out. */
export interface Submitted {
  readonly outcome: Outcome;
  /** The commit that carries it out; undefined if nothing had to change, and for a rehearsal. */
  readonly commit: string | undefined;
  /** The tip it was decided on; undefined for a rehearsal, and if it was looked up in the history. */
  readonly base: string | undefined;
  /** The branch that it was carried out on, if that is not the main one. */
  readonly branch?: string;
  /** All commits that carry it out, if there is one on each of several branches. */
  readonly commits?: readonly { readonly branch: string; readonly commit: string }[];
  /** What the checkout lacks of the commit, if the process that carried it out has handed it over. */
  readonly pack?: HandedPack;
  readonly attempts: number;
  readonly rejectedPushes: number;
  /** Base of the backoff (ms), adapted to how often pushes to this queue were rejected lately. */
  readonly backoffBaseMs: number;
  readonly elapsedMs: number;
}
