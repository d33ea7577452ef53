import { appendFile, cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRequestRef } from '../../src/engine/helping/request-ref.ts';
import { REQUESTS } from '../../src/engine/transaction/requests.ts';
import type { ThrowawayBranch } from '../sandbox/throwaway-branch.ts';
import type { Arena, PushCounts } from './arena.ts';

/**
 * An arena at one of the user's own remotes. Nothing can be installed there to count pushes, so git itself counts them
 * here: the trace of each git process says what it pushed and whether the remote took it.
 */
export async function createRemoteArena(
  branch: ThrowawayBranch,
  remote: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Arena> {
  const { root, original, ref, git } = branch;
  const traces = join(root, 'traces');
  await mkdir(traces);
  const own = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || name.startsWith('AGENTQ_') ? [] : [[name, value] as const],
  );
  return {
    root,
    git,
    ref,
    options: ['--remote', remote, '--branch', ref.replace('refs/heads/', '')],
    async place(name) {
      await cp(join(original, '.git'), join(root, name, '.git'), { recursive: true });
      // With a program of their own for pushes, agents leave each push to git, also to a folder. Only git counts them.
      const program = `[remote ${JSON.stringify(remote)}]\n\treceivepack = git-receive-pack\n`;
      await appendFile(join(root, name, '.git', 'config'), program);
      return join(root, name);
    },
    async environment(machine) {
      const runtime = join(root, `m${machine}`);
      await mkdir(runtime, { recursive: true, mode: 0o700 });
      return { ...Object.fromEntries(own), XDG_RUNTIME_DIR: runtime, GIT_TRACE2_EVENT: traces };
    },
    pushes: () => tracedPushes(traces, ref),
  };
}

/** Requests that killed agents left at the remote: those whose base is a commit of the branch. */
export async function leftoversOf({ git, ref }: ThrowawayBranch, remote: string): Promise<readonly string[]> {
  const listing = await git.attempt(['ls-remote', '-q', '--refs', remote, `${REQUESTS}*`]);
  const commits = new Set((await git.run(['rev-list', ref, '--'])).split('\n'));
  return listing.stdout.split('\n').flatMap((line) => {
    const name = line.split('\t')[1] ?? '';
    const request = parseRequestRef(name);
    return request !== undefined && commits.has(request.base) ? [name] : [];
  });
}

interface TraceEvent {
  readonly event: string;
  readonly argv?: readonly string[];
  readonly name?: string;
  readonly code?: number;
}

async function tracedPushes(folder: string, ref: string): Promise<PushCounts> {
  const counts = { started: 0, landed: 0, moves: 0 };
  for (const file of await readdir(folder)) {
    const events = (await readFile(join(folder, file), 'utf8')).split('\n').flatMap(parseEvent);
    if (!events.some(({ event, name }) => event === 'cmd_name' && name === 'push')) continue;
    const argv = events.find(({ event }) => event === 'start')?.argv ?? [];
    const hasLanded = events.some(({ event, code }) => event === 'exit' && code === 0);
    counts.started++;
    if (!hasLanded) continue;
    counts.landed++;
    if (argv.some((word) => word.endsWith(`:${ref}`))) counts.moves++;
  }
  return counts;
}

/** Parses a line of a trace. A killed process leaves an incomplete line, which is skipped. */
function parseEvent(line: string): TraceEvent[] {
  try {
    return line === '' ? [] : [JSON.parse(line)];
  } catch {
    return [];
  }
}
