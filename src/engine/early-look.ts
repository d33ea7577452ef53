import type { GitClient } from '../git/git-client.ts';
import type { Look } from '../git/look.ts';
import { lookAtRemote } from '../git/remote.ts';
import type { Upstream } from '../git/upstream.ts';

/** A look at the remote that is begun while the repository is still being opened. */
export interface EarlyLook {
  readonly remote: string;
  readonly branchRef: string;
  readonly prefixes: readonly string[];
}

/** Begins the look. @returns how to give it to the upstream that turns out to be the right one. */
export function beginLook(git: GitClient, early: EarlyLook): (upstream: Upstream) => Upstream {
  const { remote, branchRef, prefixes } = early;
  const begun = lookAtRemote(git, remote, branchRef, prefixes);
  // Should it fail, whoever asks for it hears of it; and nobody asks where opening failed.
  begun.catch(() => undefined);
  let unused: Promise<Look> | undefined = begun;
  return (upstream) => ({
    ...upstream,
    async look(ref, wanted) {
      const first = unused;
      unused = undefined;
      const fits = upstream.name === remote && ref === branchRef && wanted.every((prefix) => prefixes.includes(prefix));
      return first !== undefined && fits ? first : upstream.look(ref, wanted);
    },
  });
}
