import { longGone, SIGN_INS, type SignIn } from '../../domain/leases/sign-in.ts';
import type { Look } from '../../git/answers/look.ts';
import type { PushOutcome, PushRefs, RefUpdate } from '../../git/answers/push-outcome.ts';
import { branchKey } from './heartbeat-names.ts';
import { formatSignIn, parseSignIn } from './sign-in-format.ts';

/** Most sign-ins that are read: anyone who may push can make any number of them. */
const MOST_READ = 1_000;

/** Most refs of processes that are gone which one push deletes. */
const MOST_SWEPT = 100;

/** A sign-in as the remote has it. */
export interface FoundSignIn {
  readonly ref: string;
  /** The blob that it points at; another one after each renewal. */
  readonly blob: string;
  readonly signIn: SignIn;
}

/** What a {@link SignInRefs} works with: the part of a queue's store that is about refs. */
export interface RefStore {
  readonly branchRef: string;
  /** @throws Failure of the remote */
  look(prefixes: readonly string[]): Promise<Look>;
  readonly push: PushRefs;
  storeBlob(bytes: Uint8Array): Promise<string>;
  /** Without those that the remote does not give. @throws Failure of the remote */
  readBlobs(oids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
}

/**
 * Sign-ins as refs: one for each process, `refs/agentq/agents/<branch>-<process>`, at most 200 bytes in all,
 * overwritten in place. Each points at a small blob.
 */
export class SignInRefs {
  readonly #store: RefStore;
  readonly #own: string;
  readonly #branch: string;
  /** The blob that our ref points at, if it is there: what we pushed last, or a look has shown. */
  #blob: string | undefined;
  /** A look did not show our ref: it was swept, or the server hides such refs. */
  #isMissing = false;
  /** Blobs that were read, for as long as a ref points at them. */
  #known: ReadonlyMap<string, SignIn | undefined> = new Map();
  #found: readonly FoundSignIn[] = [];

  /** @param id of this process: unguessable, and unique */
  constructor(store: RefStore, id: string) {
    this.#store = store;
    this.#branch = prefixOf(store.branchRef);
    this.#own = `${this.#branch}${id}`;
  }

  /**
   * Sign-ins of this branch, without our own. Blobs that are not sign-ins are left out.
   * @param also other branches of the same queue
   * @throws Failure of the remote
   */
  async read(also: readonly string[] = []): Promise<readonly FoundSignIn[]> {
    const prefixes = [this.#branch, ...also.map((branch) => prefixOf(`refs/heads/${branch}`))];
    const isOurs = (ref: string): boolean => prefixes.some((prefix) => ref.startsWith(prefix));
    const { refs } = await this.#store.look([SIGN_INS]);
    const own = refs.get(this.#own);
    this.#isMissing = own === undefined && this.#blob !== undefined;
    this.#blob = own ?? this.#blob;
    const others = [...refs].filter(([ref]) => ref !== this.#own);
    // Ours first: the others are read only to sweep them.
    const ours = others.filter(([ref]) => isOurs(ref));
    const shown = [...ours, ...others.filter(([ref]) => !isOurs(ref))].slice(0, MOST_READ);
    const absent = shown.map(([, blob]) => blob).filter((blob) => !this.#known.has(blob));
    const read = absent.length === 0 ? new Map<string, Uint8Array>() : await this.#store.readBlobs(absent);
    const parsed = [...read].map(([blob, bytes]) => [blob, parseSignIn(bytes)] as const);
    const blobs = new Set(shown.map(([, blob]) => blob));
    this.#known = new Map([...[...this.#known].filter(([blob]) => blobs.has(blob)), ...parsed]);
    this.#found = shown.flatMap(([ref, blob]) => {
      const signIn = this.#known.get(blob);
      return signIn === undefined ? [] : [{ ref, blob, signIn }];
    });
    return this.#found.filter(({ ref }) => isOurs(ref));
  }

  /**
   * Signs this process in, or renews that. The same push removes sign-ins of processes that are long gone, as the last
   * {@link read} has found them. A server that does not show what it accepted hides it from everybody: `refused`.
   * @param making pushes updates that make a ref, by the push that it gets
   */
  async write(signIn: SignIn, now: number, making: Making): Promise<PushOutcome> {
    const to = await this.#store.storeBlob(Buffer.from(formatSignIn(signIn), 'utf8'));
    const swept = longGone(this.#found, now).slice(0, MOST_SWEPT);
    this.#found = [];
    const dead = swept.map(({ ref, blob }): RefUpdate => ({ ref, expected: blob, to: undefined }));
    const outcome = await this.#push(to, dead, making);
    // Others may have swept the same refs before us, and a push that half of landed is `unknown`: only our own matters.
    const isUnclear = outcome.kind === 'rejected' || outcome.kind === 'unknown';
    return isUnclear && dead.length > 0 ? this.#alone(to, making) : outcome;
  }

  /** Signs this process out. @returns undefined if it has never signed in */
  async remove(): Promise<PushOutcome | undefined> {
    const expected = this.#blob;
    if (expected === undefined) return undefined;
    this.#blob = undefined;
    return this.#store.push([{ ref: this.#own, expected, to: undefined }]);
  }

  /** A push that is not atomic may have made or moved our ref all the same. */
  async #alone(to: string, making: Making): Promise<PushOutcome> {
    const at = (await this.#store.look([this.#own])).refs.get(this.#own);
    this.#blob = at ?? this.#blob;
    return at === to ? { kind: 'landed' } : this.#push(to, [], making);
  }

  async #push(to: string, more: readonly RefUpdate[], making: Making): Promise<PushOutcome> {
    const expected = this.#isMissing ? undefined : this.#blob;
    const updates = [{ ref: this.#own, expected, to }, ...more];
    const push: PushRefs = (all, options) => this.#store.push(all, options);
    const outcome = await (expected === undefined ? making(updates, push) : push(updates));
    if (outcome.kind === 'rejected' && this.#isMissing && more.length === 0) {
      return { kind: 'refused', reason: 'hidden-ref', words: 'the remote accepts sign-ins but shows them to nobody' };
    }
    const mayHaveLanded = outcome.kind === 'unknown' || outcome.kind === 'transient';
    if (outcome.kind === 'landed') this.#isMissing = false;
    if (outcome.kind === 'landed' || (mayHaveLanded && this.#blob === undefined)) this.#blob = to;
    return outcome;
  }
}

/** What the refs of a branch begin with. */
function prefixOf(branchRef: string): string {
  return `${SIGN_INS}${branchKey(branchRef)}-`;
}

/** Pushes updates that make a ref, by the push that it gets. */
type Making = (updates: readonly RefUpdate[], push: PushRefs) => Promise<PushOutcome>;
