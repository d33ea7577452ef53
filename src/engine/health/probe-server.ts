import type { Making, ServerFacts } from '../../domain/health/server.ts';
import { isLostRace, type PushOutcome, type RefUpdate } from '../../git/answers/push-outcome.ts';
import type { Race, Raced } from '../../git/probing/racing-pushes.ts';

/** The server, as a probe sees it. Each call ends when the signal is aborted. */
export interface ProbedServer {
  /** Refs under the prefix. @throws Failure of the remote */
  look(prefix: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  push(updates: readonly RefUpdate[], how: 'atomic' | 'apart', signal: AbortSignal): Promise<PushOutcome>;
  race(race: Omit<Race, 'remote'>, signal: AbortSignal): Promise<Raced>;
  /** Makes a blob that refs can point to. @returns its id */
  storeBlob(text: string): Promise<string>;
  /** Milliseconds, for differences. */
  now(): number;
}

/** What a probe works with. */
export interface ProbeTerms {
  /** What the names of its refs begin with, see `probe-ref.ts`. */
  readonly prefix: string;
  /** Length (bytes) of the longest name that agentq makes. */
  readonly longest: number;
  /** Ends the probe; its refs are still removed. */
  readonly signal: AbortSignal;
  /** Begins the time to remove them. */
  cleaning(): AbortSignal;
}

/** Refusals that say something about this user, and not about refs. */
const OF_CREDENTIALS: ReadonlySet<string> = new Set(['authentication', 'certificate', 'no-repository']);

/**
 * Finds out what a server can do, with two refs of its own. What it makes is removed, also after a failure or an
 * interrupt; `left` names what was not.
 * @throws Failure of the remote or of this machine; the reason of the signal
 */
export async function probeServer(server: ProbedServer, terms: ProbeTerms): Promise<ServerFacts> {
  const probe = new Probe(server, terms);
  let facts: Omit<ServerFacts, 'deleting' | 'left'>;
  try {
    facts = await probe.run();
  } catch (error) {
    await probe.clean().catch(() => undefined);
    throw error;
  }
  return { ...facts, ...(await probe.clean()) };
}

class Probe {
  readonly #server: ProbedServer;
  readonly #terms: ProbeTerms;
  readonly #short: string;
  readonly #long: string;
  /** Refs that may be there, and the newest value that is known of each. */
  readonly #made = new Map<string, string>();
  #atomic: ServerFacts['atomic'] = 'unknown';
  #names: ServerFacts['names'] = 'unknown';
  #deleting: ServerFacts['deleting'] = 'unknown';
  #pushMs: number | undefined;

  constructor(server: ProbedServer, terms: ProbeTerms) {
    this.#server = server;
    this.#terms = terms;
    this.#short = `${terms.prefix}a`;
    this.#long = `${terms.prefix}${'b'.repeat(Math.max(1, terms.longest - terms.prefix.length))}`;
  }

  async run(): Promise<Omit<ServerFacts, 'deleting' | 'left'>> {
    const { storeBlob } = this.#server;
    const { prefix, longest } = this.#terms;
    const [one, two, three] = [
      await storeBlob(`${prefix} 1\n`),
      await storeBlob(`${prefix} 2\n`),
      await storeBlob(`${prefix} 3\n`),
    ];
    const made = await this.#make(one);
    const shown = made.kind === 'made' ? await this.#look(this.#terms.signal) : undefined;
    const making: Making = shown?.get(this.#short) === one || made.kind !== 'made' ? made : { kind: 'hidden' };
    const swap =
      making.kind === 'made'
        ? await this.#race(one, two, three)
        : { kind: 'unknown' as const, why: 'it takes refs under refs/agentq/ that are made, shown and deleted' };
    return { making, swap, atomic: this.#atomic, names: this.#names, longest, pushMs: this.#pushMs };
  }

  /**
   * Makes both refs. The same push deletes a ref that does not exist: a server that refuses deletions should refuse
   * that, too, and then nothing is made that would stay.
   */
  async #make(to: string): Promise<Making> {
    const none = `${this.#terms.prefix}none`;
    const want = { atomic: true, long: true, deletion: true };
    // Each turn wants one thing less.
    for (;;) {
      const refs = [this.#short, ...(want.long ? [this.#long] : [])];
      const creations = refs.map((ref): RefUpdate => ({ ref, expected: undefined, to }));
      const deletion: RefUpdate = { ref: none, expected: undefined, to: undefined };
      if (want.deletion && !want.atomic) {
        const answer = await this.#server.push([deletion], 'apart', this.#terms.signal);
        if (answer.kind === 'refused') return this.#keptBack(answer);
        want.deletion = false;
      }
      for (const ref of refs) this.#made.set(ref, to);
      const before = this.#server.now();
      const how = want.atomic && refs.length + Number(want.deletion) > 1 ? 'atomic' : 'apart';
      const outcome = await this.#server.push(
        [...creations, ...(want.deletion ? [deletion] : [])],
        how,
        this.#terms.signal,
      );
      this.#terms.signal.throwIfAborted();
      if (outcome.kind === 'landed') {
        this.#pushMs = this.#server.now() - before;
        if (want.long) this.#names = 'accepted';
        if (want.atomic && want.long) this.#atomic = 'honest';
        return { kind: 'made' };
      }
      // The server takes the deletion of nothing for a lost race; that says nothing about deletions.
      if (isLostRace(outcome) && want.deletion) {
        want.deletion = false;
      } else if (outcome.kind === 'refused') {
        const { refs: named = [], reason } = outcome;
        if (how === 'apart' && want.long && named.length > 0 && named.every((ref) => ref === this.#long)) {
          this.#made.delete(this.#long);
          this.#names = 'refused';
          return { kind: 'made' };
        }
        if (how === 'atomic') this.#made.clear();
        if (reason === 'no-atomic' && want.atomic) {
          this.#atomic = 'absent';
          want.atomic = false;
        } else if (want.deletion && named.length > 0 && named.every((ref) => ref === none)) {
          return this.#keptBack(outcome);
        } else if (want.long && reason === 'declined' && !named.includes(this.#short)) {
          this.#names = 'refused';
          want.long = false;
        } else {
          const what = OF_CREDENTIALS.has(reason) ? 'credentials' : 'custom-refs';
          if (what === 'custom-refs' && this.#names === 'refused') this.#names = 'unknown';
          return { kind: 'refused', what, words: outcome.words };
        }
      } else {
        return { kind: 'unclear', words: outcome.kind === 'local' ? outcome.failure.message : outcome.words };
      }
    }
  }

  #keptBack(outcome: Extract<PushOutcome, { kind: 'refused' }>): Making {
    if (OF_CREDENTIALS.has(outcome.reason)) return { kind: 'refused', what: 'credentials', words: outcome.words };
    this.#deleting = 'refused';
    return { kind: 'kept-back', words: outcome.words };
  }

  /**
   * Two pushes that expect the same: a look afterwards tells which one the server carried out, whatever it answered.
   */
  async #race(from: string, first: string, second: string): Promise<ServerFacts['swap']> {
    const isTogether = this.#atomic === 'honest';
    const beside = isTogether ? { beside: { ref: this.#long, from } } : {};
    const raced = await this.#server.race({ ref: this.#short, from, first, second, ...beside }, this.#terms.signal);
    this.#terms.signal.throwIfAborted();
    if (raced.kind === 'unraced') return { kind: 'unknown', why: raced.why };
    const now = await this.#look(this.#terms.signal);
    // The second push cannot land here, so that a part of it that did shows what atomic means to this server.
    if (isTogether && now.get(this.#short) === first && now.get(this.#long) === second) this.#atomic = 'broken';
    if (now.get(this.#short) === second) return { kind: 'broken' };
    if (now.get(this.#short) !== first) return { kind: 'unknown', why: 'somebody else changed the throwaway ref' };
    // An answer that says that it has landed would be believed.
    return { kind: raced.second.kind === 'landed' ? 'broken' : 'honest' };
  }

  async #look(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const refs = await this.#server.look(this.#terms.prefix, signal);
    for (const [ref, oid] of refs) this.#made.set(ref, oid);
    return refs;
  }

  /** Removes what was made. */
  async clean(): Promise<Pick<ServerFacts, 'deleting' | 'left'>> {
    if (this.#made.size === 0) return { deleting: this.#deleting, left: [] };
    const signal = this.#terms.cleaning();
    // What the last look has not shown may be there all the same: a push may have landed since.
    const seen = await this.#look(signal);
    const isHidden = seen.size === 0;
    const there = isHidden ? this.#made : seen;
    const deletions = [...there].map(([ref, expected]): RefUpdate => ({ ref, expected, to: undefined }));
    const outcome = await this.#server.push(deletions, 'apart', signal);
    if (outcome.kind === 'landed') return { deleting: 'possible', left: [] };
    const left = [...(await this.#server.look(this.#terms.prefix, signal)).keys()];
    const deleting = outcome.kind === 'refused' && left.length > 0 ? 'refused' : 'unknown';
    return { deleting, left };
  }
}
