import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { given } from '../domain/base/given.ts';
import { replaceFile } from '../git/repository/kept-file.ts';
import type { Fetching, FetchingMemory } from '../git/upstream/upstream.ts';

/** What is remembered of a remote; times are ms since the epoch. */
interface Memory {
  readonly publishing?: number;
  readonly atomic?: number;
  readonly answers?: number;
  /** When a deletion was last refused, and when one was carried out. */
  readonly undeletable?: number;
  readonly deletable?: number;
  /** Share of pushes that were rejected lately. */
  readonly rejectionRate?: number;
  /** When one of them was last rejected. */
  readonly rejected?: number;
  /** How tips are fetched, and since when. */
  readonly fetching?: Fetching;
  readonly fetchingSince?: number;
  /** By branch: a push that the server refused, if none has landed since. */
  readonly refusals?: Readonly<Record<string, Refusal>>;
}

/** A push to a branch that the server refused. */
export interface Refusal {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The server's. */
  readonly words: string;
}

/** Most branches of which a refusal is remembered. */
const MOST_REFUSALS = 10;

/** A server may have been changed, or its hooks fixed: what it could not do is tried again after an hour. */
const REMEMBERED_MS = 3_600_000;

/**
 * What is known about a remote, in a file of the repository's git directory. A file that cannot be read or written is
 * not a failure: then each process finds out for itself.
 */
export class RemoteMemory implements FetchingMemory {
  readonly #folder: string;
  readonly #key: string;
  readonly #now: () => number;
  #known: Memory | undefined;

  /**
   * @param commonDir git directory that all worktrees share
   * @param key identifies the remote, its URL included
   */
  constructor(commonDir: string, key: string, now: () => number) {
    this.#folder = join(commonDir, 'agentq');
    this.#key = key.replace(/[^A-Za-z0-9_-]/g, '_');
    this.#now = now;
  }

  async canPublish(): Promise<boolean> {
    return this.#isPossible(this.#read().publishing);
  }

  async canPushAtomically(): Promise<boolean> {
    return this.#isPossible(this.#read().atomic);
  }

  async canLeaveAnswers(): Promise<boolean> {
    return this.#isPossible(this.#read().answers);
  }

  /** Whether refs can be deleted there, as its newest answer says. */
  async deleting(): Promise<'possible' | 'refused' | 'unknown'> {
    const { undeletable, deletable } = this.#read();
    if (!this.#isPossible(undeletable)) return 'refused';
    return this.#isPossible(deletable) ? 'unknown' : 'possible';
  }

  rememberDeleting(how: 'possible' | 'refused'): Promise<void> {
    return how === 'possible'
      ? this.#remember({ deletable: this.#now() }, ['undeletable'])
      : this.#remember({ undeletable: this.#now() }, ['deletable']);
  }

  /** Only for answers that say something about the server: see `isWorthRemembering` in `push-outcome.ts`. */
  rememberNoPublishing(): Promise<void> {
    return this.#remember({ publishing: this.#now() });
  }

  rememberNoAtomic(): Promise<void> {
    return this.#remember({ atomic: this.#now() });
  }

  rememberNoAnswers(): Promise<void> {
    return this.#remember({ answers: this.#now() });
  }

  /** Forgets everything that the server could not do, so that it is tried again. */
  forgetRefusals(): Promise<void> {
    return this.#remember({}, ['publishing', 'atomic', 'answers', 'undeletable']);
  }

  /** Share of pushes that were rejected lately; undefined if nothing is known. */
  async rejectionRate(): Promise<number | undefined> {
    return this.#read().rejectionRate;
  }

  /** When a push was last rejected (ms since the epoch); undefined if nothing is known. */
  async rejectedAt(): Promise<number | undefined> {
    return this.#read().rejected;
  }

  rememberRejectionRate(rejectionRate: number, rejected?: number): Promise<void> {
    return this.#remember({ rejectionRate, ...given({ rejected }) });
  }

  /** The last push to the branch if the server refused it. */
  refusal(branchRef: string): Refusal | undefined {
    const refusals = this.#read().refusals ?? {};
    return Object.hasOwn(refusals, branchRef) ? refusals[branchRef] : undefined;
  }

  /** @param words what the server said; undefined: it has accepted a push, and an earlier refusal is over */
  async rememberRefusal(branchRef: string, words: string | undefined): Promise<void> {
    if (words === undefined && this.refusal(branchRef) === undefined) return;
    const others = Object.entries(this.#read().refusals ?? {}).filter(([ref]) => ref !== branchRef);
    const refusal: [string, Refusal][] = words === undefined ? [] : [[branchRef, { at: this.#now(), words }]];
    await this.#remember({ refusals: Object.fromEntries([...others, ...refusal].slice(-MOST_REFUSALS)) });
  }

  /**
   * How the tips of others were fetched lately. Whether fetching apart is still better is tried again after an hour.
   */
  fetching(): Fetching {
    const { fetching = 'seldom', fetchingSince } = this.#read();
    return fetching === 'apart' && this.#isPossible(fetchingSince) ? 'seldom' : fetching;
  }

  async rememberFetching(fetching: Fetching): Promise<void> {
    if (this.fetching() !== fetching) await this.#remember({ fetching, fetchingSince: this.#now() });
  }

  #isPossible(since: number | undefined): boolean {
    // After a clock was set back, this must not last forever.
    return since === undefined || Math.abs(this.#now() - since) > REMEMBERED_MS;
  }

  get #path(): string {
    return join(this.#folder, `remote-${this.#key}.json`);
  }

  #read(): Memory {
    this.#known ??= parse(this.#text());
    return this.#known;
  }

  #text(): string {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch {
      return '';
    }
  }

  async #remember(fact: Memory, forget: readonly (keyof Memory)[] = []): Promise<void> {
    // What another process, or another part of this one, has remembered meanwhile stays.
    const before = Object.entries({ ...this.#read(), ...parse(this.#text()) }).filter(
      ([key]) => !forget.some((forgotten) => forgotten === key),
    );
    const known: Memory = { ...Object.fromEntries(before), ...fact };
    this.#known = known;
    try {
      replaceFile(this.#path, `${JSON.stringify(known)}\n`, /^remote-.*\.json\.\d+$/);
    } catch {
      // A read-only git directory: only this process knows.
    }
  }
}

function refusalsIn(value: unknown): Memory['refusals'] {
  if (typeof value !== 'object' || value === null) return undefined;
  const read = Object.entries(
    value as Readonly<Record<string, Partial<Record<keyof Refusal, unknown>> | null>>,
  ).flatMap(([ref, one]): [string, Refusal][] =>
    typeof one?.at === 'number' && typeof one.words === 'string' ? [[ref, { at: one.at, words: one.words }]] : [],
  );
  return Object.fromEntries(read);
}

function isFetching(value: unknown): value is Fetching {
  return value === 'seldom' || value === 'usually' || value === 'apart';
}

function parse(text: string): Memory {
  try {
    const value = JSON.parse(text) as Partial<Record<keyof Memory, unknown>> | null;
    const rate = value?.rejectionRate;
    return {
      ...(typeof rate === 'number' && rate >= 0 && rate <= 1 ? { rejectionRate: rate } : {}),
      ...(typeof value?.rejected === 'number' ? { rejected: value.rejected } : {}),
      ...given({ refusals: refusalsIn(value?.refusals) }),
      ...(isFetching(value?.fetching) ? { fetching: value.fetching } : {}),
      ...(typeof value?.fetchingSince === 'number' ? { fetchingSince: value.fetchingSince } : {}),
      ...(typeof value?.publishing === 'number' ? { publishing: value.publishing } : {}),
      ...(typeof value?.atomic === 'number' ? { atomic: value.atomic } : {}),
      ...(typeof value?.answers === 'number' ? { answers: value.answers } : {}),
      ...(typeof value?.undeletable === 'number' ? { undeletable: value.undeletable } : {}),
      ...(typeof value?.deletable === 'number' ? { deletable: value.deletable } : {}),
    };
  } catch {
    return {};
  }
}
