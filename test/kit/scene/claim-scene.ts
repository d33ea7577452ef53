import { expect } from 'vitest';
import { type AgentqRun, runAgentq } from '../processes/run-agentq.ts';
import { claimedPath } from '../queues/queue-files.ts';
import { type Fingerprint, fingerprint, leftovers, usersFiles } from './fingerprint.ts';
import type { GitSandbox } from './git-sandbox.ts';

/** One claim from one place, and what it did to the user's clone. */
export interface Claim {
  readonly run: AgentqRun;
  readonly before: Fingerprint;
  readonly after: Fingerprint;
  /** Lines on stderr without time and agent. */
  readonly said: readonly string[];
}

/** Claims as agent `a1` in a folder, and takes the fingerprint of the clone before and after. */
export async function claimIn(
  box: GitSandbox,
  dir: string,
  options: {
    readonly args?: readonly string[];
    /** Folder to start in, where it is not `dir`. */
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string | undefined>>;
  } = {},
): Promise<Claim> {
  const { args = [], cwd = dir, env } = options;
  const before = await fingerprint(box, dir);
  const run = await runAgentq(['claim', 'a1', ...args], { cwd: box.path(cwd), env: { ...box.env, ...env } });
  const after = await fingerprint(box, dir);
  const lines = run.stderr.split('\n').filter((line) => line !== '');
  return { run, before, after, said: lines.map((line) => line.replace(/^\[[^\]]+\] \[[^\]]+\] /, '')) };
}

/** The claim of TASK-1 succeeded, and is the newest commit on the remote (or, in local mode, here). */
export async function expectClaimed(box: GitSandbox, repository: string, { run, said }: Claim): Promise<void> {
  expect({ code: run.code, stdout: run.stdout }, run.stderr).toEqual({ code: 0, stdout: 'auth/TASK-1\n' });
  expect(said[0]).toBe('claimed auth/TASK-1: Title of TASK-1');
  expect(await box.git(repository, 'log', '-1', '--format=%an: %s', 'develop')).toBe(
    'a1: [AGENT-CLAIM] a1 claimed TASK-1 from auth',
  );
}

/** Nothing of the user's was touched; one line says why the checkout does not show the task, where it says anything. */
export function expectUntouched({ before, after, said }: Claim, reason: RegExp | undefined): void {
  expect(after).toEqual(before);
  expect(said.slice(1)).toEqual(
    reason === undefined
      ? []
      : [expect.stringMatching(new RegExp(`^the checkout was not updated: .*${reason.source}`))],
  );
}

/** The checkout was fast-forwarded to the claim, and nothing of the user's own was touched. */
export async function expectFollowed(
  box: GitSandbox,
  dir: string,
  repository: string,
  { before, after, said }: Claim,
): Promise<void> {
  expect(said).toHaveLength(1);
  expect(await box.git(dir, 'rev-parse', 'HEAD')).toBe(await box.git(repository, 'rev-parse', 'develop'));
  expect(await box.read(dir, claimedPath('TASK-1'))).toContain('claimed_by: a1');
  expect(usersFiles(after)).toEqual(usersFiles(before));
  expect(after['git/ORIG_HEAD']).toBe(before['git/ORIG_HEAD']);
  expect(leftovers(after)).toEqual([]);
}
