import type { PushOutcome } from '../../../src/git/answers/push-outcome.ts';
import type { Upstream } from '../../../src/git/upstream/upstream.ts';
import type { GitSandbox } from './git-sandbox.ts';
import {
  BRANCH,
  localCommit,
  type RemoteAndClone,
  type RemoteAndCloneOptions,
  remoteAndClone,
  upstreamOf,
} from './upstream-scene.ts';

/** The ref that goes with the branch in an atomic push. */
export const EXTRA = 'refs/agentq/requests/x';

/** A remote, and a clone that has something to push to it. */
export interface PushScene extends RemoteAndClone {
  /** A commit on the tip that only the clone has. */
  readonly next: string;
  readonly upstream: Upstream;
  push(): Promise<PushOutcome>;
  pushAtomic(): Promise<PushOutcome>;
  remoteTip(): Promise<string | undefined>;
}

export interface PushSceneOptions extends RemoteAndCloneOptions {
  /** Where the clone finds the remote; the default is a path. */
  readonly urlOf?: (remote: string) => string;
}

export async function pushScene(box: GitSandbox, options: PushSceneOptions = {}): Promise<PushScene> {
  const { urlOf, ...rest } = options;
  const { remote, clone, tip } = await remoteAndClone(box, rest);
  if (urlOf !== undefined) await box.git(clone, 'remote', 'set-url', 'origin', urlOf(remote));
  const next = await localCommit(box, clone, tip, 'next');
  const upstream = await upstreamOf(box, clone);
  const update = { ref: BRANCH, expected: tip, to: next };
  return {
    remote,
    clone,
    tip,
    next,
    upstream,
    push: () => upstream.push([update]),
    pushAtomic: () => upstream.push([update, { ref: EXTRA, expected: undefined, to: tip }], { atomic: true }),
    remoteTip: async () => (await box.refs(remote))[BRANCH],
  };
}
