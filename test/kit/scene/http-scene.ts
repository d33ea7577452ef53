import { chmod, mkdir, readdir, symlink } from 'node:fs/promises';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import type { Upstream } from '../../../src/git/upstream/upstream.ts';
import type { RequestKind } from '../remotes/http-git-server.ts';
import { type PushScene, pushScene } from './push-scene.ts';
import type { Scene } from './scene.ts';
import { BRANCH } from './upstream-scene.ts';

/** A clone over http that has something to push. */
export async function pushing(box: Scene, name = 'pushing'): Promise<PushScene> {
  const http = await box.http();
  return pushScene(box, { name, urlOf: (remote) => http.url(remote) });
}

/** What came in since the last call: the kinds of the requests, and how many connections they took. */
export async function traffic(box: Scene): Promise<readonly [readonly RequestKind[], number]> {
  const { seen } = await box.http();
  const requests = seen.splice(0);
  return [requests.map(({ kind }) => kind), new Set(requests.map(({ connection }) => connection)).size];
}

/** A git whose helper, when it is asked directly, is the script; `git push` and the like have the real one. */
export async function withHelper(box: Scene, clone: string, script: string): Promise<Upstream> {
  const env = { GIT_EXEC_PATH: await helperFolder(box, clone, script) };
  return openUpstream(await box.open(clone, { env }), 'origin');
}

/** The programs of that git. `$real` is the helper that it would have. */
export async function helperFolder(box: Scene, clone: string, script: string): Promise<string> {
  const real = (await box.git(clone, '--exec-path')).trim();
  const folder = box.path(`exec-${clone}`);
  await mkdir(folder);
  for (const name of await readdir(real)) {
    if (name !== 'git-remote-http') await symlink(`${real}/${name}`, `${folder}/${name}`);
  }
  const direct = `#!/bin/sh\nreal='${real}/git-remote-http'\n[ $# -gt 1 ] && exec "$real" "$@"\n${script}\n`;
  await box.write('.', { [`exec-${clone}/git-remote-http`]: direct });
  await chmod(`${folder}/git-remote-http`, 0o755);
  return folder;
}

/** Reads this many lines, and then does what it wants to. */
export const reading = (lines: number, ...then: readonly string[]) =>
  `i=0; while [ $i -lt ${lines} ]; do read -r line || exit 1; i=$((i + 1)); done\n${then.join('\n')}`;

/** Says what it can do, and that the branch is there. */
export const LIST = (tip: string) => `printf 'push\\noption\\n\\n${tip} ${BRANCH}\\n\\n'`;
