import { readFile } from 'node:fs/promises';
import type { GitSandbox } from '../scene/git-sandbox.ts';

/** Lets the remote count the pushes that it gets. @returns how many there have been */
export async function countPushes(box: GitSandbox, remote: string): Promise<() => Promise<number>> {
  const log = box.path(`pushes-${remote}`);
  await box.hook(remote, 'pre-receive', `echo push >> '${log}'`);
  return async () => (await readFile(log, 'utf8').catch(() => '')).split('\n').length - 1;
}
