import type { Engine } from '../base/engine.ts';
import type { LookAtTip } from '../transaction/tip.ts';
import { fulfilledAmong } from './fulfilled.ts';
import type { Request } from './request-ref.ts';

/**
 * Notices a leader that could not delete requests. It pushes its own intents alone then, its request stays the oldest,
 * and whoever waits behind it would take over only after a silence, one machine after the other: of ten machines on a
 * gitolite with the rule `RW` the last one took five times as long as with `RW+`, and now twice as long.
 *
 * It compares looks, so the history is asked only if the branch has moved while the oldest request stayed. A leader that
 * deletes requests moves the branch and deletes them in one push.
 */
export class StuckLeader {
  readonly #engine: Pick<Engine, 'store'>;
  #before: { readonly tip: string; readonly first: string | undefined } | undefined;

  constructor(engine: Pick<Engine, 'store'>) {
    this.#engine = engine;
  }

  /**
   * Call it with each look.
   * @param requests what the look has shown, in order of arrival
   * @param own names of our own requests
   * @returns whether the oldest request is another machine's and was carried out, and was not deleted with that
   */
  async isAhead(look: LookAtTip, requests: readonly Request[], own: ReadonlySet<string>): Promise<boolean> {
    const [first] = requests;
    const before = this.#before;
    this.#before = { tip: look.tip, first: first?.ref };
    if (first?.intents === undefined || own.size === 0 || own.has(first.ref)) return false;
    if (before?.first !== first.ref || before.tip === look.tip) return false;
    const { fulfilled } = await fulfilledAmong(this.#engine.store, look.tip, [first]);
    return first.intents.some(({ request }) => fulfilled.has(request));
  }
}
