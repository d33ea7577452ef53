import { readdir } from 'node:fs/promises';
import { expect } from 'vitest';
import { type FollowRequest, followCheckout } from '../../../src/git/checkout/checkout.ts';
import type { FollowOutcome } from '../../../src/git/checkout/follow-outcome.ts';
import { openObjects } from '../../../src/git/objects/objects.ts';
import type { Repository } from '../../../src/git/repository/repository.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import type { Files, GitSandbox } from './git-sandbox.ts';

export const BRANCH = 'refs/heads/develop';

/** Before and after a claim of task A. */
export const BASE: Files = {
  'q/tasks/A.toon': 'a\n',
  'q/tasks/B.toon': 'b\n',
  'src/code': 'code\n',
  '.gitignore': 'ignored\n',
};
export const CLAIM_A: Files = { 'q/tasks/A.toon': null, 'q/claimed/A.toon': 'a claimed\n' };

/** Status, staged and unstaged, as the user sees it. */
export function statusOf(box: GitSandbox, dir: string): Promise<string> {
  return box.git(dir, 'status', '--porcelain', '-uall');
}

/** No lock, note or temporary ref of agentq is left. */
export async function expectClean(box: GitSandbox, dir: string): Promise<void> {
  const gitDir = await box.git(dir, 'rev-parse', '--absolute-git-dir');
  expect((await readdir(gitDir)).filter((name) => /agentq|\.lock$/.test(name))).toEqual([]);
  expect(Object.keys(await box.refs(dir)).filter((ref) => ref.startsWith('refs/agentq'))).toEqual([]);
}

/** As a command does it, with a reader of its own. */
export async function followIn(
  repository: Repository,
  request: Partial<FollowRequest> & { readonly to: string },
): Promise<FollowOutcome> {
  const objects = openObjects(repository);
  try {
    return await followCheckout(repository, objects, { branchRef: BRANCH, sync: true, ...request });
  } finally {
    await objects.close();
  }
}

/** A clone that has fetched one commit more than it shows. */
export interface CloneBehind {
  readonly remote: string;
  readonly clone: string;
  readonly from: string;
  readonly to: string;
}

export async function cloneBehind(
  box: GitSandbox,
  { files = BASE, change = CLAIM_A }: { readonly files?: Files; readonly change?: Files } = {},
): Promise<CloneBehind> {
  const remote = await box.bareRemote(files, { name: 'remote.git' });
  const clone = await box.clone(remote, 'clone');
  const from = await box.git(clone, 'rev-parse', 'HEAD');
  const to = await box.commitTo(remote, BRANCH, change);
  await openUpstream(await box.open(clone), 'origin').fetchCommit(BRANCH, to);
  return { remote, clone, from, to };
}
