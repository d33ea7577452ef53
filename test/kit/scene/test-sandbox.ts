import { onTestFinished } from 'vitest';
import { type RunningAgentq, type RunOptions, startAgentq } from '../processes/run-agentq.ts';
import { queueRemote } from '../queues/queue-files.ts';
import type { Gate } from '../remotes/gate.ts';
import { HttpGitServer } from '../remotes/http-git-server.ts';
import { GitSandbox } from './git-sandbox.ts';

/** What one test has for itself, gone when it is over: made in the test, or in its `beforeEach`. */

export async function testSandbox(): Promise<GitSandbox> {
  const box = await GitSandbox.create();
  onTestFinished(() => box.remove());
  return box;
}

/** A sandbox whose repositories are served over http, too. */
export async function servedSandbox(): Promise<{ readonly box: GitSandbox; readonly http: HttpGitServer }> {
  const box = await testSandbox();
  const http = await HttpGitServer.start(box.root, box.env);
  onTestFinished(() => http.stop());
  return { box, http };
}

export interface TestQueue {
  readonly box: GitSandbox;
  readonly remote: string;
  /** Where `develop` is. */
  readonly base: string;
}

/** A remote with so many ready tasks, and clones of it. */
export async function testQueue(tasks: number, ...clones: readonly string[]): Promise<TestQueue> {
  const box = await testSandbox();
  const remote = await queueRemote(box, tasks);
  for (const name of clones) await box.clone(remote, name);
  return { box, remote, base: await box.git(remote, 'rev-parse', 'develop') };
}

/** Closes the gate when the test is over, so that nothing waits at it that has to end. */
export async function held(gate: Promise<Gate>): Promise<Gate> {
  const there = await gate;
  onTestFinished(() => there.close());
  return there;
}

/** Starts the real binary, and kills it when the test is over. */
export function startForTest(args: readonly string[], options: RunOptions): RunningAgentq {
  const running = startAgentq(args, options);
  onTestFinished(async () => {
    running.child.kill('SIGKILL');
    await running.done;
  });
  return running;
}
