import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { expect } from 'vitest';
import type { Scene } from '../scene/scene.ts';
import type { RunningServer } from './server.ts';

/** Names of half-written packs and objects, of git and of JGit, and of locks. */
const TEMPORARY = /(?:^|\/)(?:tmp_|incoming-|noz|incoming_)[^/]*|\.lock$/;

/** How long a process may take to notice that nobody needs it any more, on a busy machine. */
const END_LIMIT_MS = 10_000;

/** Refs of agentq on the server. */
export async function refsOfAgentq(box: Scene, repository: string): Promise<string[]> {
  return Object.keys(await box.refs(repository)).filter((ref) => ref.startsWith('refs/agentq/'));
}

/**
 * After the last command: no request or answer of agentq's is on the server, no half-written file on either side, and, once the
 * server is stopped, no process of the scene is left.
 * @param stuck refs that this server has refused to delete
 */
export async function expectNothingLeft(
  box: Scene,
  server: RunningServer,
  clones: readonly string[],
  stuck: readonly string[] = [],
): Promise<void> {
  const refs = await refsOfAgentq(box, server.repository);
  expect(refs.filter((ref) => !ref.startsWith('refs/agentq/heartbeats/') && !stuck.includes(ref))).toEqual([]);
  for (const dir of [server.repository, ...clones.map((clone) => `${clone}/.git`)]) {
    const files = readdirSync(box.path(dir), { recursive: true }).map(String);
    expect(
      files.filter((file) => TEMPORARY.test(file)),
      dir,
    ).toEqual([]);
  }
  await box.stop();
  // A git that only reads ends a moment after its agentq, when its input does.
  await expect.poll(() => processesOf(box), { timeout: END_LIMIT_MS }).toEqual([]);
}

/** Command lines of processes that work in the scene, or name it. */
function processesOf(box: Scene): string[] {
  if (!existsSync('/proc/self/cmdline')) return [];
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const isOurs = readlinkSync(`/proc/${pid}/cwd`).startsWith(box.root) || line.includes(box.root);
      return isOurs && line !== '' ? [line] : [];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}
