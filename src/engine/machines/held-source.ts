import type { Pending } from '../base/engine.ts';
import type { IntentSource } from '../transaction/intent-source.ts';

/** A source whose first intents were taken before the transaction begins, to be handed to another machine. */
export class HeldSource implements IntentSource {
  readonly #source: IntentSource;
  #held: readonly Pending[] = [];
  readonly #early = new Set<string>();

  constructor(source: IntentSource) {
    this.#source = source;
  }

  /** The intents that are held. */
  get held(): readonly Pending[] {
    return this.#held;
  }

  /** Takes what is there now, and what is just arriving on this machine. */
  async hold(): Promise<void> {
    for (const when of ['now', 'last-call'] as const) {
      const joining = await this.#source.join(when);
      for (const { intent } of joining) this.#early.add(intent.request);
      this.#held = [...this.#held, ...joining];
    }
  }

  /** The intents may have been carried out since `base`, by pushes that were leased on these tips and no others. */
  suspect(requests: ReadonlySet<string>, base: string, leased: readonly string[]): void {
    this.#held = this.#held.map((one) =>
      requests.has(one.intent.request) && one.base === undefined ? { intent: one.intent, base, leased } : one,
    );
  }

  /** Callers of these are gone. */
  forget(requests: ReadonlySet<string>): void {
    this.#held = this.#held.filter(({ intent }) => !requests.has(intent.request));
  }

  /** No transaction begins. Tells the source what is known of these. */
  abandon(open: readonly Pending[]): void {
    this.#held = [];
    this.#source.leave(open);
  }

  wasThere(request: string): boolean {
    return this.#early.has(request) || this.#source.wasThere(request);
  }

  async join(when: 'now' | 'last-call'): Promise<readonly Pending[]> {
    const held = this.#held;
    this.#held = [];
    return [...held, ...(await this.#source.join(when))];
  }

  hasGivenUp(): boolean {
    return this.#source.hasGivenUp();
  }

  drop(fate: (request: string) => Pending | undefined): ReadonlySet<string> {
    return this.#source.drop(fate);
  }

  announce(base: string): Promise<ReadonlySet<string>> {
    return this.#source.announce(base);
  }

  pushing(): () => void {
    return this.#source.pushing?.() ?? ((): void => undefined);
  }

  leave(open: readonly Pending[]): void {
    this.#source.leave(open);
  }
}
