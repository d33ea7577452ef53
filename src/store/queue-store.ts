import type { CommitFacts } from '../domain/past/activity.ts';
import type { CommitDraft } from '../domain/queue/edit.ts';
import type { QueueSnapshot } from '../domain/queue/snapshot.ts';
import type { Look } from '../git/answers/look.ts';
import type { PushOutcome, RefUpdate } from '../git/answers/push-outcome.ts';
import type { LookBack } from '../git/history/history.ts';
import type { Ending } from '../git/process/ending.ts';
import type { LookOptions, Turn, Upstream } from '../git/upstream/upstream.ts';
import type { SnapshotScope } from './reading/snapshot-scope.ts';

/** A commit on the branch that carries a request's trailers. */
export interface CarriedOutRequest {
  readonly request: string;
  readonly commit: string;
  /** Value of the `Agentq-Task` trailer that goes with it. */
  readonly task: string | undefined;
}

/**
 * The queue as the engine sees it: a ref with compare-and-swap, and snapshots of what it points at. The one on git is
 * in `git-queue-store.ts`; a simulated remote implements the same interface, so that the protocol runs unchanged in the
 * model.
 *
 * A signal in the last argument ends what is asked of the remote: a read throws its reason, a push says `unknown`.
 */
export interface QueueStore {
  /** Where the queue is, for messages: the name of the remote, or "this repository". */
  readonly name: string;
  /** Full name of the coordination branch: `refs/heads/develop`. */
  readonly branchRef: string;
  /** What a look costs, compared with a push; absent: it is expensive. */
  readonly looking?: Upstream['looking'];
  /**
   * One look at the remote: tip of the branch and every ref under `prefixes`.
   * @throws Failure `remote-unreachable` (worth retrying) or `remote-refused` (not).
   */
  look(prefixes?: readonly string[], options?: LookOptions): Promise<Look>;
  /** Fetches the commit if it is not here, and reads the queue in it. */
  snapshot(tip: string, scope: SnapshotScope, ending?: Ending): Promise<QueueSnapshot>;
  /**
   * Builds the chain of commits on the snapshot's tip, one per draft, without touching any ref, index or working tree.
   * @returns their ids, in order.
   */
  build(snapshot: QueueSnapshot, drafts: readonly CommitDraft[], now: number): Promise<readonly string[]>;
  /**
   * One push of all updates, each a compare-and-swap; `atomic` makes it all or nothing. No answer of a remote makes it
   * throw.
   */
  push(
    updates: readonly RefUpdate[],
    options?: { readonly atomic?: boolean; readonly turn?: Turn } & Ending,
  ): Promise<PushOutcome>;
  /** As {@link Upstream.turn}. */
  readonly turn?: Upstream['turn'];
  /** The commit and those before it, newest first, at most `limit`; in a shallow clone, the ones that are here. */
  history(from: string, limit: number): AsyncIterable<CommitFacts>;
  /**
   * Id of the object that request refs point at: the empty tree, which git has without storing it. A ref to it costs
   * the server nothing, and pushing it sends no history.
   */
  marker(): string;
  /** Makes a blob that a ref can point to. @returns its id @throws Failure `machine-unusable` or `git-unusable` */
  storeBlob(bytes: Uint8Array): Promise<string>;
  /**
   * Contents of blobs that refs point to, by id. Those that are absent are fetched in one connection; those that the
   * remote does not give, and those that are too large, are left out.
   * @throws Failure of the remote
   */
  readBlobs(oids: readonly string[], ending?: Ending): Promise<ReadonlyMap<string, Uint8Array>>;
  /**
   * Which of the requests were carried out by a commit that is in `tip` but not in all of `bases`; since
   * `the beginning`: by any commit of `tip`. Looks along all parents, back to the oldest base in question.
   * @returns `no-verdict` if a base is not proven to be an ancestor of the tip even after unshallowing.
   */
  carriedOut(tip: string, bases: LookBack, requests: readonly string[], ending?: Ending): Promise<CarriedOutLookup>;
}

export type CarriedOutLookup =
  | { readonly kind: 'verdict'; readonly carriedOut: ReadonlyMap<string, CarriedOutRequest> }
  | { readonly kind: 'no-verdict'; readonly reason: string };
