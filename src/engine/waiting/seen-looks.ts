import type { Look } from '../../git/answers/look.ts';
import type { Tip, Tips } from '../queue/tips.ts';

/** So many are kept: whoever reads at a look reads at the last one, or at one that came just before it. */
const MOST_KEPT = 8;

/** A look while the branches were waited for. */
export interface SeenLook {
  readonly look: Look & { readonly tip: string };
  /** The branches besides the main one that it shows, where they exist. */
  readonly others: readonly string[];
}

/**
 * What this process saw while it waited for the branches to move, by what `Queue.tips` gave for it. Whoever reads the
 * queue because it has moved need not ask again where it is: that is one way to the remote and back less.
 */
export class SeenLooks {
  readonly #looks = new Map<string, SeenLook>();

  /** @param tip what stands for the look */
  note(tip: string, seen: SeenLook): void {
    this.#looks.delete(tip);
    this.#looks.set(tip, seen);
    const [oldest] = this.#looks.keys();
    if (oldest !== undefined && this.#looks.size > MOST_KEPT) this.#looks.delete(oldest);
  }

  /** @returns undefined if this process did not see it, or too long ago: another one may have looked for it */
  at(tip: Tip): SeenLook | undefined {
    return tip === undefined ? undefined : this.#looks.get(tip);
  }
}

/**
 * The same tips; but what they show is noted, if it is the commit of the one branch.
 * @param current the tips of the moment, and whether they are those of one branch
 */
export function notingSeen(looks: SeenLooks, current: () => { readonly tips: Tips; readonly isOne: boolean }): Tips {
  const noted = async (ask: (tips: Tips) => Promise<Tip>): Promise<Tip> => {
    const { tips, isOne } = current();
    const tip = await ask(tips);
    // Whoever saw it: it can be read there.
    if (isOne && tip !== undefined) looks.note(tip, { look: { tip, refs: new Map() }, others: [] });
    return tip;
  };
  return {
    look: (signal) => noted((tips) => tips.look(signal)),
    lookAlone: (signal) => noted((tips) => tips.lookAlone(signal)),
    changed: (known, signal) => noted((tips) => tips.changed(known, signal)),
  };
}
