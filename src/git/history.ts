import type { Repository } from './repository.ts';
import type { Upstream } from './upstream.ts';

/** A commit that carries a request's trailers. */
export interface FoundRequest {
  readonly request: string;
  readonly commit: string;
  /** The `Agentq-Task` trailer that goes with it. */
  readonly task: string | undefined;
}

export type RequestLookup =
  | { readonly kind: 'verdict'; readonly served: ReadonlyMap<string, FoundRequest> }
  | { readonly kind: 'no-verdict'; readonly reason: string };

/**
 * Which of the requests were carried out by commits of `tip` that are not older than every base (all parents are looked
 * at). A base that cannot be proven an ancestor of the tip, even after unshallowing, allows no verdict.
 * @throws Failure of the upstream, where history must be fetched.
 */
export function findRequests(
  _repository: Repository,
  _upstream: Upstream,
  _branchRef: string,
  _tip: string,
  _bases: readonly string[],
  _requests: readonly string[],
): Promise<RequestLookup> {
  throw new Error('not built yet');
}

/**
 * When each path was last touched: ms since the epoch, committer time. Paths that no commit (that is here) touched are absent.
 * One walk for all, ended when the last is found.
 */
export function touchedAt(
  _repository: Repository,
  _tip: string,
  _paths: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  throw new Error('not built yet');
}

export interface LogEntry {
  readonly oid: string;
  readonly parents: readonly string[];
  /** Committer time, ms since the epoch. */
  readonly timeMs: number;
  readonly authorName: string;
  readonly authorEmail: string;
  readonly subject: string;
  /** In order, unfolded. */
  readonly trailers: readonly { readonly key: string; readonly value: string }[];
}

export interface LogRange {
  readonly tip: string;
  /** Commits reachable from these are left out. */
  readonly since?: readonly string[];
  /** Only commits that touch these paths. */
  readonly paths?: readonly string[];
  /** At most so many, newest first. */
  readonly limit?: number;
  /** Oldest first. */
  readonly reverse?: boolean;
  /** Only commits newer than this: ms since the epoch. */
  readonly newerThanMs?: number;
}

/** Commits of a range as a stream; leaving the loop early ends git. */
export function log(_repository: Repository, _range: LogRange): AsyncIterable<LogEntry> {
  throw new Error('not built yet');
}
