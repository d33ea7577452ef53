/**
 * What claims cost under contention: the wall time as a multiple of that of the same number of bare node processes,
 * started the same way in the same run (before and after), the pushes that lost a race, and the pushes that moved the
 * branch, as the server counted them.
 *
 *     npm run bench:contention -- [row ...] [--rounds n]
 *
 * A part of their name selects rows ("100 x 100", "machines", "meet", "engine", "old"); without one, all rows run.
 * Every agent has a clone of its own in detached HEAD, as on a CI machine, unless the row says otherwise. Add
 * `--program path/to/bin/agentq.js` to measure another build.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock, systemRandomness } from '../../src/cli/command/system.ts';
import { scene } from '../../test/kit/scene/scene.ts';
import { isInstalled, MEETING_SERVERS } from '../../test/kit/servers/meeting-servers.ts';
import type { MeetingFamily } from '../../test/kit/servers/server.ts';
import { createSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { AgentProcesses, type Argv } from '../simulation/agent-process.ts';
import { createArena } from '../simulation/arena.ts';
import { OLD_AGENT, OLD_AGENT_IDENTITY } from '../simulation/old-agent.ts';
import { type AgentAnswer, type PoolAgent, runPool } from '../simulation/pool.ts';
import { BRANCH, simulatedQueue } from '../simulation/queue.ts';
import { workInMemory } from './support/environment.ts';
import { frozenBuild } from './support/frozen-build.ts';
import { markdownTable, median } from './support/report.ts';
import { withQueue } from './support/with-queue.ts';

interface Row {
  readonly agents: number;
  readonly tasks: number;
  readonly where: 'a clone each' | 'one clone';
  readonly machines: number;
  readonly kind: 'agentq' | 'agentq, combine = remote' | 'old algorithm';
  /** Absent: the clones are in detached HEAD. */
  readonly checkout?: 'develop checked out' | 'develop checked out, --no-sync';
  /** Where the machines meet: a server of the bench's own. Absent: by refs. */
  readonly meet?: MeetingFamily;
  /**
   * Most that issue 3 allows: wall as a multiple of the floor, rejected pushes per claim, pushes that move the branch.
   */
  readonly targets: { readonly wall: number; readonly rejected: number; readonly moves: number } | undefined;
}

const own = { where: 'a clone each', machines: 1, kind: 'agentq' } as const;
const shared = { where: 'one clone', machines: 1, kind: 'agentq' } as const;
const few = { wall: 1.8, rejected: 0.1, moves: 4 };
const many = { wall: 1.8, rejected: 0.05, moves: 10 };

const ROWS: readonly Row[] = [
  { agents: 10, tasks: 10, ...own, targets: few },
  { agents: 10, tasks: 10, ...shared, targets: few },
  { agents: 20, tasks: 10, ...own, targets: few },
  { agents: 20, tasks: 10, ...shared, targets: few },
  { agents: 100, tasks: 10, ...own, targets: few },
  { agents: 100, tasks: 10, ...shared, targets: few },
  { agents: 100, tasks: 100, ...own, targets: { wall: 1.8, rejected: 0.05, moves: 6 } },
  {
    agents: 100,
    tasks: 100,
    ...own,
    checkout: 'develop checked out',
    targets: { wall: 1.8, rejected: 0.05, moves: 6 },
  },
  { agents: 100, tasks: 100, ...own, checkout: 'develop checked out, --no-sync', targets: undefined },
  { agents: 200, tasks: 200, ...own, targets: many },
  { agents: 200, tasks: 100, ...own, targets: many },
  { agents: 100, tasks: 100, ...own, machines: 10, targets: { wall: 2.5, rejected: 0.3, moves: 30 } },
  {
    agents: 100,
    tasks: 100,
    ...own,
    machines: 100,
    kind: 'agentq, combine = remote',
    targets: { wall: 3.2, rejected: 0.4, moves: 12 },
  },
  // Issue 15: two pushes more than on one machine, and no lost race.
  { agents: 100, tasks: 100, ...own, machines: 100, meet: 'redis', targets: { wall: 3.2, rejected: 0, moves: 6 } },
  { agents: 100, tasks: 100, ...own, machines: 100, meet: 'etcd', targets: { wall: 3.2, rejected: 0, moves: 6 } },
  { agents: 10, tasks: 10, ...own, machines: 10, kind: 'old algorithm', targets: undefined },
];

const ENGINE = '100 claims in one process (engine API)';

interface Measured {
  readonly floorMs: number;
  readonly wallMs: number;
  readonly claims: number;
  readonly rejected: number;
  readonly moves: number;
  readonly problems: readonly string[];
}

const { wanted, rounds, other } = argumentsOf(process.argv.slice(2));
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.some((part) => name.includes(part));
workInMemory();
const root = await mkdtemp(join(tmpdir(), 'agentq-bench-'));
try {
  const program = other ?? (await frozenBuild(root));
  const lines: string[][] = [];
  for (const row of ROWS.filter((candidate) => isWanted(nameOf(candidate)) && canRun(candidate))) {
    const measured: Measured[] = [];
    for (let round = 0; round < rounds; round++) {
      process.stderr.write(`${nameOf(row)}, round ${round + 1} of ${rounds}\n`);
      measured.push(await measure(row, program, root));
    }
    lines.push(toLine(row, measured));
  }
  if (isWanted(ENGINE)) lines.push(await measureEngine(root));
  const head = [
    'agents x tasks',
    'where',
    'wall / floor',
    'rejected pushes per claim',
    'pushes that move the branch',
    'claims',
  ];
  process.stdout.write(`${markdownTable(head, lines)}\n`);
} finally {
  await rm(root, { recursive: true, force: true, maxRetries: 10 });
}

function canRun({ meet }: Row): boolean {
  return meet === undefined || isInstalled(meet);
}

function nameOf({ agents, tasks, where, machines, kind, checkout, meet }: Row): string {
  const group = machines === 1 ? '1 machine' : `${machines} machines`;
  const more = [
    ...(kind === 'agentq' ? [] : [kind]),
    ...[checkout, meet && `meet: ${meet}`].flatMap((word) => word ?? []),
  ];
  return [`${agents} x ${tasks}`, where, group, ...more].join(', ');
}

function toLine(row: Row, measured: readonly Measured[]): string[] {
  const name = nameOf(row);
  const worst = (of: (one: Measured) => number): number => Math.max(...measured.map(of));
  const ratio = median(measured.map(({ wallMs, floorMs }) => wallMs / floorMs));
  const rejected = median(measured.map((one) => one.rejected / Math.max(1, one.claims)));
  const moves = median(measured.map((one) => one.moves));
  const { targets } = row;
  const problems = measured.flatMap((one) => one.problems);
  for (const problem of problems) process.stderr.write(`${name}: ${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
  const against = (value: string, most: number | undefined, worstOne: string): string =>
    `${value}${measured.length > 1 ? ` (worst ${worstOne})` : ''}${most === undefined ? '' : `, target <= ${most}`}`;
  return [
    `${row.agents} x ${row.tasks}`,
    name.slice(name.indexOf(', ') + 2),
    against(ratio.toFixed(2), targets?.wall, worst(({ wallMs, floorMs }) => wallMs / floorMs).toFixed(2)),
    against(rejected.toFixed(2), targets?.rejected, worst((one) => one.rejected / Math.max(1, one.claims)).toFixed(2)),
    against(String(moves), targets?.moves, String(worst((one) => one.moves))),
    `${median(measured.map(({ claims }) => claims))}`,
  ];
}

async function measure(row: Row, program: string, parent: string): Promise<Measured> {
  await using box = await scene();
  const place = row.meet && (await MEETING_SERVERS[row.meet](box));
  const meet = place === undefined ? {} : { AGENTQ_MEET: place.url };
  const sandbox = await createSandbox({
    parent,
    branch: BRANCH,
    commits: [simulatedQueue(row.tasks, 1, Date.now())],
    env: process.env,
  });
  try {
    const arena = await createArena({ sandbox, branch: BRANCH, latencyMs: 0 });
    const isOld = row.kind === 'old algorithm';
    const oldAgent = join(sandbox.root, 'old-agent.sh');
    if (isOld) await writeFile(oldAgent, OLD_AGENT);
    const agents: PoolAgent[] = [];
    const form = isOld || row.checkout !== undefined ? 'tree' : 'detached';
    const common = row.where === 'one clone' ? await arena.place('clone', form) : undefined;
    for (let index = 0; index < row.agents; index++) {
      const name = `agent-${index}`;
      const env = { ...(await arena.environment(index % row.machines)), ...meet };
      const combine = row.kind === 'agentq, combine = remote' ? ['--combine', 'remote'] : [];
      const sync = row.checkout === 'develop checked out, --no-sync' ? ['--no-sync'] : [];
      agents.push({
        name,
        cwd: common ?? (await arena.place(`c${index}`, form)),
        env: isOld ? { ...env, ...OLD_AGENT_IDENTITY } : env,
        claim: isOld
          ? ['bash', oldAgent, 'claim', name]
          : [process.execPath, program, 'claim', name, ...combine, ...sync],
        complete: () => ['false'],
      });
    }
    const bare: Argv = [process.execPath, '-e', '0'];
    const floor = async (): Promise<number> => wallOf(await race(agents.map((agent) => ({ ...agent, claim: bare }))));
    const before = await floor();
    const answers = await race(agents);
    const pushes = await arena.pushes();
    const after = await floor();
    const claims = answers.filter(({ task }) => task !== undefined);
    return {
      floorMs: (before + after) / 2,
      wallMs: wallOf(answers),
      claims: claims.length,
      rejected: pushes.started - pushes.landed,
      moves: pushes.moves,
      problems: problemsOf(row, answers),
    };
  } finally {
    await sandbox.remove();
  }
}

async function race(agents: readonly PoolAgent[]): Promise<readonly AgentAnswer[]> {
  const processes = new AgentProcesses();
  const signal = new AbortController().signal;
  const answers = await runPool(agents, { processes, clock: systemClock, signal, workMs: undefined });
  await processes.settle(30_000);
  return answers;
}

function wallOf(answers: readonly AgentAnswer[]): number {
  return Math.max(...answers.map(({ endedMs }) => endedMs)) - Math.min(...answers.map(({ startedMs }) => startedMs));
}

function problemsOf(row: Row, answers: readonly AgentAnswer[]): string[] {
  const tasks = answers.flatMap(({ task }) => task ?? []);
  const problems = answers.flatMap(({ agent, words }) => (words === undefined ? [] : [`${agent}: ${words}`]));
  if (new Set(tasks).size !== tasks.length) problems.push('a task was claimed twice');
  const expected = Math.min(row.agents, row.tasks);
  if (tasks.length !== expected) problems.push(`${tasks.length} claims instead of ${expected}`);
  return problems;
}

/** 100 claims submitted at once to an open queue, as `agentq work --concurrency 100` does. */
async function measureEngine(parent: string): Promise<string[]> {
  const rates: number[] = [];
  let moves = 0;
  let rejected = 0;
  for (let round = -1; round < Math.max(rounds, 3); round++) {
    const commits = [simulatedQueue(100, 1, Date.now())];
    const sandbox = await createSandbox({ parent, branch: BRANCH, commits, env: process.env });
    const arena = await createArena({ sandbox, branch: BRANCH, latencyMs: 0 });
    const rate = await claimAtOnce(sandbox, await arena.place('clone', 'detached'), await arena.environment(0));
    // The first round warms caches and compiles.
    if (round >= 0) rates.push(rate);
    const pushes = await arena.pushes();
    moves = Math.max(moves, pushes.moves);
    rejected = Math.max(rejected, pushes.started - pushes.landed);
    await sandbox.remove();
  }
  return [
    ENGINE,
    'one clone, no other process',
    `${Math.round(median(rates))} claims/s, target >= 1000`,
    String(rejected),
    `${moves}, target 1`,
    '100',
  ];
}

async function claimAtOnce(sandbox: Sandbox, dir: string, env: Readonly<Record<string, string>>): Promise<number> {
  return withQueue(dir, { ...sandbox.env, ...env }, async (queue) => {
    const startedAt = performance.now();
    const done = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        queue.submit({
          kind: 'claim',
          request: systemRandomness.id(),
          agent: `agent-${index}`,
          filter: {},
          attempt: 1,
          waitedMs: 0,
        }),
      ),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    const names = new Set(done.map(({ outcome }) => (outcome.kind === 'claimed' ? outcome.path : '')));
    if (names.size !== 100) throw new Error(`${names.size} tasks were claimed instead of 100`);
    return 100 / seconds;
  });
}

function argumentsOf(args: readonly string[]) {
  const options = { rounds: { type: 'string', default: '1' }, program: { type: 'string' } } as const;
  const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true });
  return { wanted: positionals, rounds: Number(values.rounds), other: values.program };
}
