/**
 * What commands that look cost in a queue with a long history, as a multiple of the same command in a small queue of
 * the same kind: 10,000 tasks and 20,000 commits, against 100 tasks and 200 commits. Both are measured in turns. Fails
 * if `status` takes more than its limit.
 *
 *     npm run bench:history -- [--tasks 10000] [--commits 20000] [--rounds 10] [--limit 3]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createGitClient } from '../../src/git/process/git-client.ts';
import { createSandbox } from '../sandbox/sandbox.ts';
import { frozenBuild } from './support/frozen-build.ts';
import { BRANCH, place, type Timed, timer } from './support/large-queue.ts';
import { historyOf } from './support/long-history.ts';
import { markdownTable, median } from './support/report.ts';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '10000' },
    commits: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '10' },
    limit: { type: 'string', default: '3' },
  },
});

const COMMANDS: readonly (readonly string[])[] = [
  ['status'],
  ['list'],
  ['log'],
  ['metrics', '--since', '1d'],
  ['agents', '--since', '1d'],
  ['metrics', '--since', 'all'],
];

const root = await mkdtemp(join(tmpdir(), 'agentq-bench-'));
try {
  const program = await frozenBuild(root);
  const small = await open(100, 200);
  const large = await open(Number(values.tasks), Number(values.commits));
  const rounds = Number(values.rounds);
  const times = new Map<string, { readonly small: number[]; readonly large: number[] }>();
  for (let round = -1; round < rounds; round++) {
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
    for (const args of COMMANDS) {
      const [few, many] = [
        await small(process.execPath, program, '-q', ...args),
        await large(process.execPath, program, '-q', ...args),
      ];
      const name = args.join(' ');
      const known = times.get(name) ?? { small: [], large: [] };
      // The first round makes the index, and warms the disk cache.
      if (round >= 0) times.set(name, { small: [...known.small, few], large: [...known.large, many] });
    }
  }
  const ratios = [...times].map(([name, { small: few, large: many }]) => [name, median(many) / median(few)] as const);
  const rows = ratios.map(([name, ratio]) => {
    const { small: few = [], large: many = [] } = times.get(name) ?? {};
    return [name, ratio.toFixed(1), median(few).toFixed(0), median(many).toFixed(0)];
  });
  const title = `${Number(values.tasks).toLocaleString('en')} tasks, ${Number(values.commits).toLocaleString('en')} commits`;
  process.stdout.write(`${markdownTable(['command', 'multiple', '100 tasks, ms', `${title}, ms`], rows)}\n`);
  const [, status = Number.NaN] = ratios.find(([name]) => name === 'status') ?? [];
  if (!(status <= Number(values.limit))) {
    process.stdout.write(`status takes more than ${values.limit} times as long\n`);
    process.exitCode = 1;
  }
} finally {
  await rm(root, { recursive: true, force: true, maxRetries: 10 });
}

/** A clone of a queue that is as packed as a server's. */
async function open(tasks: number, commits: number): Promise<Timed> {
  process.stderr.write(`makes a queue of ${tasks} tasks and ${commits} commits\n`);
  const now = Math.floor(Date.now() / 1000);
  const history = historyOf({ tasks, commits, projects: Math.min(20, tasks / 10), days: 10, now });
  const sandbox = await createSandbox({ parent: root, branch: BRANCH, commits: history, env: process.env });
  await createGitClient({ dir: sandbox.remote, env: sandbox.env }).run(['repack', '-adq']);
  return timer(await place(sandbox), sandbox);
}
