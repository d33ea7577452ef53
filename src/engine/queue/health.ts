import type { CloneFacts } from '../../domain/health/clone.ts';
import type { KitProgram } from '../../domain/health/machine.ts';
import type { OldRef, PipelineFile, RefusedPush, TimedCommit } from '../../domain/health/queue.ts';
import type { Remembered, ServerFacts } from '../../domain/health/server.ts';

/** What can be found out about a clone and its server. Nothing here waits longer than the signal that it is given. */
export interface Health {
  /** The remote; undefined in local mode. */
  readonly remote: RemoteFacts | undefined;
  /** The version, as git gives it. */
  gitVersion(): Promise<string>;
  clone(): Promise<CloneFacts>;
  /** Removes what {@link clone} has found of ours. @returns how many were removed */
  removeLeftovers(): Promise<number>;
  /**
   * A look at the branch and at all refs under `refs/agentq/`.
   * @throws Failure of the remote
   */
  look(signal: AbortSignal): Promise<Looked>;
  /** The newest commits of the tip, newest first. The tip must be in this clone. */
  recent(tip: string, limit: number): Promise<readonly RecentCommit[]>;
  /** The program of the kit in the commit. */
  program(tip: string): Promise<KitProgram>;
  /** The files in the commit that may start pipelines. */
  pipelines(tip: string): Promise<readonly PipelineFile[]>;
  /**
   * Which of the refs nobody needs any more. Two clocks must say so.
   * @param witnessMs the newest time that the branch shows, ms since the epoch
   * @throws Failure of the remote
   */
  oldRefs(looked: Looked, witnessMs: number, signal: AbortSignal): Promise<readonly OldRef[]>;
  /** Removes the refs as far as they are unchanged. @returns those that are gone @throws Failure of the remote */
  removeRefs(refs: readonly OldRef[], signal: AbortSignal): Promise<readonly OldRef[]>;
  /**
   * Tries with throwaway refs what the server can do. They are removed again, whatever happens meanwhile: when the
   * signal ends the probe, it takes up to {@link CLEANING_MS} longer.
   */
  probe(signal: AbortSignal): Promise<ServerFacts>;
  remembered(): Promise<Remembered>;
  /** Forgets it. */
  forget(): Promise<void>;
  /** The last push to the branch if the server refused it, and how long ago (ms) that was. */
  refusal(): RefusedPush | undefined;
  /** Share of the pushes of this clone that were rejected lately; undefined: not known. */
  rejectionRate(): Promise<number | undefined>;
}

/** How long (ms) the refs of a probe may take to be removed after the probe was ended. */
export const CLEANING_MS = 8_000;

/** Where the queue is. */
export interface RemoteFacts {
  readonly name: string;
  readonly transport: 'ssh' | 'other';
  /** The host of its URL; undefined: it has none. */
  readonly host: string | undefined;
  /** Whether the user has a way of their own to start ssh in git's settings. */
  readonly ownSsh: boolean;
}

/** The result of a look. */
export interface Looked {
  /** Undefined: the branch does not exist. */
  readonly tip: string | undefined;
  readonly refs: ReadonlyMap<string, string>;
  readonly tookMs: number;
}

/** A commit of the branch. */
export interface RecentCommit extends TimedCommit {
  /** Whether the committer is the one that this clone commits as. */
  readonly isOwn: boolean;
  /** Whether it is one of the queue. */
  readonly isOfQueue: boolean;
}
