import { chmod } from 'node:fs/promises';
import type { GitSandbox } from '../scene/git-sandbox.ts';

/** Prints what the server in the folder advertises. */
export const ADVERTISE = 'git receive-pack --stateless-rpc --advertise-refs "$folder"';

/** Carries out what is pushed, and prints the answer. */
export const RECEIVE = 'git receive-pack --stateless-rpc "$folder"';

/**
 * An environment in which a shell script stands in for the `git receive-pack` and `git upload-pack` that agentq starts, but
 * not for those that `git push` and `git ls-remote` do.
 * @param script has the folder of the remote in `$folder`
 */
export async function withFakeServer(
  box: GitSandbox,
  name: string,
  script: string,
): Promise<Readonly<Record<string, string>>> {
  const folder = `fake-${name}`;
  const choice = `for word; do case $before in receive-pack | upload-pack) folder=$word ;; esac; before=$word; done`;
  await box.write('.', {
    [`${folder}/git`]: `#!/bin/sh\n${choice}\nPATH=\${PATH#*:}\n[ -n "$folder" ] || exec git "$@"\n${script}\n`,
  });
  await chmod(box.path(folder, 'git'), 0o755);
  return { PATH: `${box.path(folder)}:${box.env.PATH}` };
}
