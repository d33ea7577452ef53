import type { Look } from '../../src/git/answers/look.ts';
import type { PushOutcome, RefUpdate } from '../../src/git/answers/push-outcome.ts';
import { MemoryBlobs } from './memory-blobs.ts';

/** What may go wrong with a push, apart from a lost race. */
export type PushFault =
  /** It is carried out, and nobody is told: the connection breaks. */
  | 'answer-lost'
  /** The same, in words that read as if nothing had arrived. */
  | 'answer-reset'
  /** It does not arrive, and the words say so. */
  | 'never-arrived'
  /** It does not arrive, and nobody knows. */
  | 'lost'
  /** Nobody knows; it arrives after the caller has gone on. */
  | 'late'
  /** The server is killed in the middle: the branch is moved and nothing else. */
  | 'half-branch'
  /** Everything but the branch is done. Git goes by name: `refs/agentq` comes before `refs/heads`. */
  | 'half-others'
  /** Sent twice by the transport: the answer is that of the second. */
  | 'doubled'
  | 'refused'
  | 'unknown-words'
  | 'rejected'
  | 'locked';

/** One push, and what goes wrong with it. */
export interface PushOptions {
  readonly atomic?: boolean;
  readonly fault?: PushFault | undefined;
  /** Gets the function that carries out a push that is late. Without it, a late push never arrives. */
  readonly later?: (arrive: () => void) => void;
  /** Told what the server made of it, also where the caller is not. */
  readonly onReceived?: (outcome: PushOutcome) => void;
}

/** How a server differs from one that takes every push. */
export interface ServerRules {
  /** Whether it takes atomic pushes; the default is that it does. */
  readonly atomic?: boolean;
  /** What it says to this update, instead of making it. */
  refusalOf?(update: RefUpdate): PushOutcome | undefined;
  /** Told of each ref that has changed. */
  onSet?(ref: string, to: string | undefined): void;
}

/**
 * A git server in memory as far as refs go, with an honest compare-and-swap. The commits that refs name are elsewhere:
 * it only knows their ids. The model, the simulated worlds and the tests of the engine push to it, and say what goes
 * wrong.
 */
export class MemoryRemote {
  readonly branchRef: string;
  readonly refs = new Map<string, string>();
  readonly blobs = new MemoryBlobs();
  readonly #rules: ServerRules;

  /** @param first where the branch is at the beginning */
  constructor(branchRef: string, first: string, rules: ServerRules = {}) {
    this.branchRef = branchRef;
    this.#rules = rules;
    this.refs.set(branchRef, first);
  }

  /** As git's ls-remote: the branch, and the refs with these prefixes. */
  look(prefixes: readonly string[]): Look {
    const refs = [...this.refs].filter(([ref]) => prefixes.some((prefix) => ref.startsWith(prefix)));
    return { tip: this.refs.get(this.branchRef), refs: new Map(refs) };
  }

  /** Carries a push out, or what its fault leaves of it. @returns what the caller is told */
  push(updates: readonly RefUpdate[], options: PushOptions = {}): PushOutcome {
    const receive = (isKept?: (ref: string) => boolean): PushOutcome => this.receive(updates, options, isKept);
    switch (options.fault) {
      case undefined:
        return receive();
      case 'answer-lost':
        receive();
        return { kind: 'unknown', words: 'unexpected disconnect while reading sideband packet' };
      case 'answer-reset':
        receive();
        return { kind: 'transient', words: 'Connection reset by peer' };
      case 'never-arrived':
        return { kind: 'transient', words: 'Connection refused' };
      case 'lost':
        return { kind: 'unknown', words: 'unexpected disconnect while reading sideband packet' };
      case 'late':
        options.later?.(() => void receive());
        return { kind: 'unknown', words: 'early EOF' };
      case 'half-branch':
      case 'half-others':
        receive((ref) => (ref === this.branchRef) === (options.fault === 'half-branch'));
        return { kind: 'unknown', words: 'the remote end hung up unexpectedly' };
      case 'doubled':
        return receive().kind === 'landed'
          ? { kind: 'unknown', words: '(stale info)', likely: 'rejected' }
          : { kind: 'unknown', words: '(fetch first)', likely: 'rejected' };
      case 'refused':
        return { kind: 'refused', reason: 'declined', words: 'pre-receive hook declined' };
      case 'unknown-words':
        return { kind: 'unknown', words: 'TF401027: You need the Git CreateBranch permission' };
      case 'rejected':
        return { kind: 'rejected', words: '(failed to update ref)' };
      case 'locked':
        return { kind: 'locked', words: "Unable to create 'develop.lock': File exists" };
    }
  }

  /**
   * What git's receive-pack does: every update is a compare-and-swap; atomic ones are all or nothing.
   *
   * @param isKept whether the update of a ref is written before the server is killed
   */
  receive(
    updates: readonly RefUpdate[],
    { atomic = false, onReceived }: PushOptions = {},
    isKept: (ref: string) => boolean = () => true,
  ): PushOutcome {
    const outcome = this.#received(updates, atomic, isKept);
    onReceived?.(outcome);
    return outcome;
  }

  #received(updates: readonly RefUpdate[], atomic: boolean, isKept: (ref: string) => boolean): PushOutcome {
    if (atomic && this.#rules.atomic === false) {
      return { kind: 'refused', reason: 'no-atomic', words: 'the receiving end does not support --atomic push' };
    }
    const refusals = updates.flatMap((update) => this.#rules.refusalOf?.(update) ?? []);
    const [refusal] = refusals;
    if (refusal !== undefined && (atomic || updates.length === refusals.length)) return refusal;
    // As git: a ref that has the value already is not written, and nobody learns who wrote it.
    const isUpToDate = updates.some(({ ref, to }) => to !== undefined && this.refs.get(ref) === to);
    if (isUpToDate) return { kind: 'unknown', words: 'up to date' };
    const stale = updates.filter(({ ref, expected }) => this.refs.get(ref) !== expected);
    if (atomic && stale.length > 0) return { kind: 'rejected', words: '(atomic push failed)' };
    const done = updates.filter((update) => !stale.includes(update) && this.#rules.refusalOf?.(update) === undefined);
    for (const { ref, to } of done.filter(({ ref }) => isKept(ref))) this.set(ref, to);
    if (done.length === updates.length) return { kind: 'landed' };
    if (done.length > 0) return { kind: 'unknown', words: 'some refs were written, others were not' };
    return { kind: 'rejected', words: '(stale info)' };
  }

  /** Changes a ref, whatever it was: what the server does, or somebody else with it. */
  set(ref: string, to: string | undefined): void {
    if (to === undefined) this.refs.delete(ref);
    else this.refs.set(ref, to);
    this.#rules.onSet?.(ref, to);
  }
}
