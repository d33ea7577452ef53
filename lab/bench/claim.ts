/**
 * What one uncontended claim costs, compared with the least that it could cost by hand: starting node, one `git fetch`
 * and one `git push`. The ratios are of medians from the same run, with interleaved rounds, so that a busy moment hits
 * all alike.
 *
 *     npm run bench:claim -- [rounds]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchEnvironment, environmentNote, workInMemory } from './support/environment.ts';
import { frozenBuild } from './support/frozen-build.ts';
import { markdownTable, median } from './support/report.ts';

const rounds = Number(process.argv[2] ?? 30);
const BRANCH = 'refs/heads/develop';

/** Most that a claim may cost, as a multiple of the three steps by hand. */
const LIMIT = 1.7;

workInMemory();
const root = realpathSync(mkdtempSync(join(tmpdir(), 'agentq-bench-claim-')));
const bin = await frozenBuild(root);
const env = benchEnvironment(root);

/** A way to claim, in a queue and a clone of its own. */
interface Contender {
  readonly name: string;
  readonly clone: string;
  /** @returns the milliseconds that count */
  readonly work: (clone: string) => number;
  readonly times: number[];
  readonly processes: () => string;
}

let claims = 0;

try {
  const byHand = { node: [] as number[], fetch: [] as number[], push: [] as number[] };
  const hand: Contender = {
    name: 'node, fetch and push by hand',
    clone: freshQueue('hand'),
    work(clone) {
      const node = timed(process.execPath, ['-e', '0'], clone);
      const fetch = timed('git', ['fetch', '-q', 'origin', 'develop'], clone);
      const commit = claimByHand(clone);
      const push = timed('git', ['push', '-q', 'origin', `${commit}:${BRANCH}`], clone);
      byHand.node.push(node);
      byHand.fetch.push(fetch);
      byHand.push.push(push);
      return node + fetch + push;
    },
    times: [],
    processes: () => '2',
  };
  const contenders = [
    hand,
    agentq('agentq claim', []),
    agentq('agentq claim --no-sync', ['--no-sync']),
    agentq('agentq claim --no-sync --no-combine', ['--no-sync', '--no-combine']),
  ];
  for (const situation of ['nothing new on the remote', 'somebody else has pushed meanwhile'] as const) {
    for (const contender of contenders) contender.times.length = 0;
    for (let round = -2; round < rounds; round++) {
      for (const { clone, work, times } of contenders) {
        if (situation !== 'nothing new on the remote') othersPush(clone);
        const elapsed = work(clone);
        // The first rounds warm the disk cache.
        if (round >= 0) times.push(elapsed);
      }
    }
    report(situation, contenders);
  }
  const parts = Object.entries(byHand).map(([what, times]) => `${what} ${median(times).toFixed(1)}`);
  console.log(`By hand, in ms: ${parts.join(', ')}. ${environmentNote()}`.trimEnd());
} finally {
  rmSync(root, { recursive: true, force: true });
}

function agentq(name: string, options: readonly string[]): Contender {
  const clone = freshQueue(name.replace(/\W+/g, '-'));
  const args = (): string[] => [bin, 'claim', `agent-${++claims}`, ...options];
  return {
    name,
    clone,
    work: (dir) => timed(process.execPath, args(), dir),
    times: [],
    processes() {
      const { stderr } = spawnSync(process.execPath, [...args(), '-v'], { cwd: clone, env, encoding: 'utf8' });
      return /\b(\d+) git processes/.exec(stderr)?.[1] ?? '?';
    },
  };
}

function report(situation: string, contenders: readonly Contender[]): void {
  const least = median(contenders[0]?.times ?? []);
  const rows = contenders.map(({ name, times, processes }) => [
    name,
    median(times).toFixed(1),
    (median(times) / least).toFixed(2),
    processes(),
  ]);
  console.log(`\n${situation}:\n\n${markdownTable(['what', 'median ms', 'ratio', 'git processes'], rows)}\n`);
  const ratio = median(contenders[1]?.times ?? []) / least;
  console.log(`One claim costs ${ratio.toFixed(2)} times as much as the three by hand; the limit is ${LIMIT}.`);
  if (ratio > LIMIT) process.exitCode = 1;
}

/** A remote with a queue of its own, some of it claimed and completed, and a clone. @returns the clone */
function freshQueue(name: string): string {
  const remote = join(root, `${name}.git`);
  const clone = join(root, name);
  git(root, ['init', '-q', '--bare', '--initial-branch=develop', remote]);
  const folders = { tasks: 2 * rounds + 20, claimed: 10, completed: 30 };
  const files = Object.entries(folders).flatMap(([folder, count]) =>
    Array.from({ length: count }, (_, n) => `.agents/auth/${folder}/${folder.toUpperCase()}-${n}.toon`),
  );
  importCommit(remote, BRANCH, undefined, files.map(add).join(''));
  git(root, ['clone', '-q', `file://${remote}`, clone]);
  return clone;
}

/** The commit that a claim makes, on the fetched tip; not timed. */
function claimByHand(clone: string): string {
  const [task = ''] = git(clone, ['ls-tree', '--name-only', 'FETCH_HEAD', '.agents/auth/tasks/']).split('\n');
  const moved = `D ${task}\n${add(task.replace('/tasks/', '/claimed/'))}`;
  importCommit(clone, 'refs/bench/claim', git(clone, ['rev-parse', 'FETCH_HEAD']), moved);
  return git(clone, ['rev-parse', 'refs/bench/claim']);
}

function othersPush(clone: string): void {
  const remote = `${clone}.git`;
  importCommit(remote, BRANCH, git(remote, ['rev-parse', BRANCH]), add(`news/${++claims}`));
}

function add(path: string): string {
  const id = path.replace(/^.*\/|\.toon$/g, '');
  const text = `task:\n  id: ${id}\n  title: Title of ${id}\n  type: backend\n  priority: 5\n  status: ready\ndescription:\n  summary: What there is to do\n`;
  return `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
}

function importCommit(dir: string, ref: string, from: string | undefined, changes: string): void {
  const parent = from === undefined ? '' : `from ${from}\n`;
  const input = `commit ${ref}\ncommitter bench <bench@example.com> ${1_700_000_000 + claims} +0000\ndata 7\nchange\n${parent}${changes}\n`;
  execFileSync('git', ['-C', dir, 'fast-import', '--quiet', '--force'], { env, input });
}

function git(dir: string, args: readonly string[]): string {
  return execFileSync('git', ['-C', dir, ...args], { env, encoding: 'utf8' }).trim();
}

function timed(command: string, args: readonly string[], cwd: string): number {
  const startedAt = process.hrtime.bigint();
  const { status, stderr } = spawnSync(command, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const elapsed = Number(process.hrtime.bigint() - startedAt) / 1e6;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return elapsed;
}
