import type { Look } from '../answers/look.ts';
import type { PushOutcome, RefUpdate } from '../answers/push-outcome.ts';
import type { Ending } from '../process/ending.ts';

/** Whether a commit that a look named could be fetched. `moved`: the branch has moved since; look again. */
export type FetchOutcome = { readonly kind: 'present' } | { readonly kind: 'moved'; readonly words: string };

/** How long (ms) a remote may be silent before it counts as unreachable, and git is ended. */
export interface Silences {
  readonly look: number;
  readonly fetch: number;
  readonly push: number;
}

/** How a look is done. */
export interface LookOptions extends Ending {
  /**
   * A push most likely follows. Over http, both then share a connection where that is possible, and the look shows what
   * the server lets us push to, which may be more than it lets us read.
   */
  readonly toPush?: boolean;
  /** A fetch of the tip most likely follows. Over http, both then share a connection where that is possible. */
  readonly toFetch?: boolean;
}

/** How objects are fetched. */
export interface FetchOptions extends Ending {
  /**
   * Patterns of refs of this clone: the remote is told that we have what they reach, and of nothing else that we have.
   * At least one must fit. Absent: it is told about what the clone's refs reach, the newest first.
   */
  readonly known?: readonly string[] | undefined;
}

/**
 * How a clone gets the tips that others push: `seldom` at all, since it has them; `usually`, over the connection of the
 * look; or `apart`, over one of its own, since the server has so many refs that only a filtered list of them is fast.
 */
export type Fetching = 'seldom' | 'usually' | 'apart';

/** What is remembered of that from one process to the next. */
export interface FetchingMemory {
  fetching(): Fetching;
  rememberFetching(fetching: Fetching): Promise<void>;
}

/** Leave to push: others wait until it is given back. */
export interface Turn {
  /** `after others`: who have pushed since, maybe to the same branch. */
  readonly came: 'at once' | 'after others';
  leave(): void;
}

/** Where the coordination branch lives: a remote, or (without one) this repository itself. */
export interface Upstream {
  /** For messages: the name of the remote, or `this repository`. */
  readonly name: string;
  readonly kind: 'remote' | 'local';
  /** `cheap`: a look takes a fraction of the time of a push, and no connection. */
  readonly looking: 'cheap' | 'dear';
  /**
   * One look: the tip of the branch and every ref under `prefixes` (full prefixes such as `refs/agentq/requests/`).
   * @throws Failure `remote-unreachable` (worth retrying) or `remote-refused` (not worth it), with the remote's words
   */
  look(branchRef: string, prefixes: readonly string[], options?: LookOptions): Promise<Look>;
  /**
   * The tip of the branch that a clone would check out; undefined if there is none, as in an empty repository.
   * @throws Failure as for `look`
   */
  defaultTip(): Promise<string | undefined>;
  /**
   * Names of the branches that a clone may check out when it is made: what the remote's HEAD names, and the usual ones.
   * Only those that exist.
   * @throws Failure as for `look`
   */
  defaultBranches(): Promise<readonly string[]>;
  /**
   * Fetches the commit, with its history down to what is already here. Changes no ref, no FETCH_HEAD, no tag and no
   * shallow boundary. Ask only for commits that are absent.
   * @throws Failure as for `look`
   */
  fetchCommit(branchRef: string, oid: string, options?: FetchOptions): Promise<FetchOutcome>;
  /**
   * Fetches objects that refs point at, as {@link fetchCommit} fetches a commit.
   * @returns false if the remote no longer has one of them
   * @throws Failure as for `look`
   */
  fetchObjects(oids: readonly string[], options?: FetchOptions): Promise<boolean>;
  /**
   * Fetches the whole history if the clone is shallow; otherwise does nothing.
   * @throws Failure as for `look`
   */
  unshallow(branchRef: string, ending?: Ending): Promise<void>;
  /** One push; every update is a compare-and-swap. Never throws for an answer of the remote; throws `interrupted`. */
  push(
    updates: readonly RefUpdate[],
    options?: { readonly atomic?: boolean; readonly turn?: Turn } & Ending,
  ): Promise<PushOutcome>;
  /**
   * Waits until a push that moves the branch may begin; a push without a turn waits by itself. Absent: nobody waits.
   * @returns undefined if the signal or an interrupt came first
   */
  turn?(ending?: Ending): Promise<Turn | undefined>;
  /** A ref of this clone reaches the commit now, so that it need not be kept. */
  noteHeld?(oid: string): void;
  /**
   * Leaves the clone in order: it knows what was fetched last, so that the next fetch is of what is new, and
   * what has gathered is packed if that is due. Never throws.
   */
  tidy?(): Promise<void>;
  /** Ends what is kept open for another push. */
  close?(): void;
}
