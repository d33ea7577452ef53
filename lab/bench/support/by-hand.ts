import { spawn } from 'node:child_process';

/** Where a program runs. */
export interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a program to its end. @returns how long it took (ms). @throws if it fails */
export function timed(program: string, args: readonly string[], { cwd, env }: Place): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let words = '';
    child.stderr.on('data', (chunk: Buffer) => {
      words += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(performance.now() - startedAt);
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}: ${words}`));
    });
  });
}

/** What a claim would cost by hand (ms): starting node, one `git fetch` and one `git push`. */
export interface ByHand {
  readonly node: number;
  readonly fetch: number;
  readonly push: number;
}

/**
 * Does by hand what a claim does.
 * @param commit makes the commit to push on what was fetched, which is not timed
 */
export async function byHand(place: Place, branch: string, commit: () => Promise<string>): Promise<ByHand> {
  const node = await timed(process.execPath, ['-e', '0'], place);
  const fetch = await timed('git', ['fetch', '-q', 'origin', branch], place);
  const made = await commit();
  const push = await timed('git', ['push', '-q', 'origin', `${made}:refs/heads/${branch}`], place);
  return { node, fetch, push };
}

/** All three together (ms). */
export function sumOf({ node, fetch, push }: ByHand): number {
  return node + fetch + push;
}
