import type { Clock } from '../../domain/base/clock.ts';
import { isoSeconds } from '../../domain/base/clock.ts';
import { formatDuration } from '../../domain/base/duration.ts';
import { Failure } from '../../domain/base/failure.ts';
import {
  describeSignIn,
  type InUse,
  inUseElsewhere,
  RENEWALS_IN_VALID,
  SIGN_IN_VALID_MS,
  type SignedIn,
  type SignIn,
} from '../../domain/leases/sign-in.ts';
import type { Registry } from '../queue/registry.ts';

/** How long (ms) a process that has nothing else to do waits until it is signed out. */
const LEAVING_MS = 10_000;

/** Who signs in, and what it works with. */
export interface PresenceOptions {
  readonly registry: () => Promise<Registry>;
  readonly clock: Clock;
  readonly who: Omit<SignIn, 'since' | 'seen' | 'validMs'>;
  /** Says what others do, and (`detail`) why this process is not signed in. */
  onNotice(notice: { readonly kind: 'warning' | 'detail'; readonly message: string }): void;
}

/**
 * Keeps a process signed in for as long as it works. That is only a courtesy: nothing that fails here keeps
 * the process from working, except that it must not begin under a name that another machine uses.
 */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #over = new AbortController();
  readonly #warned = new Set<string>();
  #running: Promise<void> | undefined;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /**
   * Finds out whether these agents may begin to work here.
   * @param how `take-over`: also under a name that another machine uses; its claims stay its own
   * @throws Failure `agent-in-use`
   */
  async enter(how: 'refuse' | 'take-over'): Promise<void> {
    let others: readonly SignedIn[];
    try {
      others = await (await this.#options.registry()).read();
    } catch (error) {
      // Whatever is wrong, the first claim says it better, and it may be another answer by then.
      this.#detail(`who is at work could not be read: ${wordsOf(error)}`);
      return;
    }
    const [first, ...more] = inUseElsewhere(others, this.#options.who);
    if (first === undefined) return;
    if (how === 'refuse') throw inUse(first);
    for (const one of [first, ...more]) {
      this.#warned.add(nameOf(one));
      const message = `${one.agent} is taken over: it is also at work on ${describeSignIn(one.by)}, and keeps what it holds there`;
      this.#options.onNotice({ kind: 'warning', message });
    }
  }

  /** Signs in, in the background, and renews that until {@link leave}. Any further call does nothing. */
  appear(): void {
    this.#running ??= this.#run();
  }

  /** Signs out, if this process has signed in. Resolves when that is done or has failed; never rejects. */
  async leave(): Promise<void> {
    this.#over.abort();
    if (this.#running === undefined) return;
    const over = new AbortController();
    const enough = this.#options.clock.sleep(LEAVING_MS, over.signal).catch(() => undefined);
    await Promise.race([this.#signOut(), enough]);
    over.abort();
  }

  async #signOut(): Promise<void> {
    await this.#running;
    try {
      await (await this.#options.registry()).remove();
    } catch {
      // The remote does not answer: others sweep what is left.
    }
  }

  async #run(): Promise<void> {
    const { clock, who } = this.#options;
    const since = clock.now();
    for (let isFirst = true; !this.#over.signal.aborted; isFirst = false) {
      try {
        const registry = await this.#options.registry();
        if (!isFirst) this.#warn(await registry.read());
        const answer = await registry.write({ ...who, since, seen: clock.now(), validMs: SIGN_IN_VALID_MS });
        if (answer.kind === 'refused') {
          this.#detail(`not signed in: ${answer.why}`);
          return;
        }
      } catch (error) {
        this.#detail(`could not sign in: ${wordsOf(error)}`);
      }
      await clock.sleep(SIGN_IN_VALID_MS / RENEWALS_IN_VALID, this.#over.signal).catch(() => undefined);
    }
  }

  /** Two that begin at the same moment do not see each other, and one may be taken over: each is warned once. */
  #warn(others: readonly SignedIn[]): void {
    for (const one of inUseElsewhere(others, this.#options.who)) {
      if (this.#warned.has(nameOf(one))) continue;
      this.#warned.add(nameOf(one));
      const message = `${one.agent} is at work on another machine, too: ${describeSignIn(one.by)}`;
      this.#options.onNotice({ kind: 'warning', message });
    }
  }

  #detail(message: string): void {
    this.#options.onNotice({ kind: 'detail', message });
  }
}

function nameOf({ agent, by }: InUse): string {
  return `${agent} ${by.machineId} ${by.pid}`;
}

function inUse({ agent, by }: InUse): Failure {
  const { machine, pid, command, since } = by;
  return new Failure('agent-in-use', `${agent} is at work on another machine: ${describeSignIn(by)}`, {
    hint: `choose another id, or take it over with --force; if that process was killed, the id is free ${formatDuration(by.validMs)} after its last sign of life`,
    details: { agent, machine, pid, command, since: isoSeconds(since) },
  });
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
