import { readdir } from 'node:fs/promises';
import { given } from '../../../src/domain/base/given.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import type { Upstream } from '../../../src/git/upstream/upstream.ts';
import type { Files, GitSandbox } from './git-sandbox.ts';

export const BRANCH = 'refs/heads/develop';
export const REQUESTS = 'refs/agentq/requests/';

export interface RemoteAndClone {
  readonly remote: string;
  readonly clone: string;
  readonly tip: string;
}

export interface RemoteAndCloneOptions {
  /** Tells those of one sandbox apart. */
  readonly name?: string;
  readonly files?: Files;
  /** For `git clone`. */
  readonly cloning?: readonly string[];
}

/** A remote with one commit, and a clone of it. */
export async function remoteAndClone(box: GitSandbox, options: RemoteAndCloneOptions = {}): Promise<RemoteAndClone> {
  const { name = 'clone', files = { 'q/T.toon': 'one\n' }, cloning = [] } = options;
  const remote = await box.bareRemote(files, { name: `${name}.git` });
  const clone = await box.clone(remote, name, ...cloning);
  return { remote, clone, tip: await box.git(remote, 'rev-parse', BRANCH) };
}

/** @param log takes in the arguments of each git process */
export async function upstreamOf(box: GitSandbox, clone: string, log?: string[][]): Promise<Upstream> {
  return openUpstream(await box.open(clone, given({ log })), 'origin');
}

/** A commit on `parent` that is only in the clone. */
export function localCommit(box: GitSandbox, clone: string, parent: string, text: string): Promise<string> {
  return box.git(clone, 'commit-tree', `${parent}^{tree}`, '-p', parent, '-m', text);
}

/** Everything a fetch could leave in a clone besides objects. */
export async function traces(box: GitSandbox, clone: string): Promise<unknown> {
  const gitDir = await box.git(clone, 'rev-parse', '--absolute-git-dir');
  const shallow = await box.tryGit(clone, 'rev-parse', '--is-shallow-repository');
  const names = (await readdir(gitDir)).filter((name) => !['index', 'objects'].includes(name));
  const boundary = names.includes('shallow') ? await box.run(gitDir, 'cat', ['shallow']) : undefined;
  const info = await readdir(`${gitDir}/objects/info`).catch(() => []);
  const config = await box.run(gitDir, 'cat', ['config']);
  return { refs: await box.refs(clone), names, shallow: shallow.stdout, boundary, info, config: config.stdout };
}
