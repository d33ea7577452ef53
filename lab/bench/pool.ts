/**
 * What a pool of `agentq work` does and costs: agents whose command takes a fixed time work off a queue, once with the
 * branch checked out where they run, and once with `--no-sync`, in turns.
 *
 *     npm run bench:pool -- [--agents 25,100,200] [--machines 1,4] [--work 2] [--tasks 4] [--rounds 1]
 *         [--sync on,off] [--program path/to/bin/agentq.js]
 *
 * `--work`: how long (s) a command takes; `--tasks`: tasks for each agent. A machine is one `agentq work` process with a
 * clone of its own, and meets no other machine. `--program` measures another build.
 *
 * Tasks per second, busy agents and turn-round are measured from the first start of a command to the last one, so that
 * neither the start of node nor the last tasks count. The processor time has everything that was started, also the
 * server's part and the commands. Linux only: the commands read the time from /proc.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createSandbox } from '../sandbox/sandbox.ts';
import { createArena } from '../simulation/arena.ts';
import { BRANCH, simulatedQueue } from '../simulation/queue.ts';
import { workInMemory } from './support/environment.ts';
import { frozenBuild } from './support/frozen-build.ts';
import { type TreePeak, watchTree } from './support/process-tree.ts';
import { markdownTable, median } from './support/report.ts';

/** Most that issue 13 allows: wall time with the checkout, as a multiple of that without it. */
const TARGET = 1.15;

/** Notes when it ran. `read` and `echo` are part of the shell, so that only `sleep` is a process. */
const COMMAND = [
  'read -r from _ </proc/uptime',
  'sleep "$BENCH_WORK"',
  'read -r to _ </proc/uptime',
  'echo "$AGENTQ_AGENT $from $to" >>"$BENCH_LOG"',
].join('\n');

/** Runs a program and notes the processor time of everything below this shell. */
const WRAPPER = 'report=$1; shift; "$@"; code=$?; times >"$report"; exit $code';

interface Row {
  readonly agents: number;
  readonly machines: number;
}

type Sync = 'on' | 'off';

interface Measured {
  /** Tasks per second. */
  readonly rate: number;
  /** Share of the agents whose command runs, on average. */
  readonly busy: number;
  /** From the end of a command to the next start of the same agent (s). */
  readonly turnRound: { readonly median: number; readonly most: number };
  /** Processor time per task (ms). */
  readonly cpuMs: number;
  readonly pushes: number;
  readonly peak: TreePeak;
}

const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '25,100,200' },
    machines: { type: 'string', default: '1,4' },
    work: { type: 'string', default: '2' },
    tasks: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '1' },
    sync: { type: 'string', default: 'on,off' },
    program: { type: 'string' },
  },
});
const numbers = (list: string): number[] => list.split(',').map(Number);
const syncs = values.sync.split(',').filter((one): one is Sync => one === 'on' || one === 'off');
const tasksEach = Number(values.tasks);

workInMemory();
const root = await mkdtemp(join(tmpdir(), 'agentq-bench-'));
try {
  const program = values.program ?? (await frozenBuild(root));
  const script = join(root, 'command.sh');
  await writeFile(script, COMMAND);
  const lines: string[][] = [];
  for (const agents of numbers(values.agents)) {
    for (const machines of numbers(values.machines)) {
      const row = { agents, machines };
      const measured: Record<Sync, Measured[]> = { on: [], off: [] };
      for (let round = 0; round < Number(values.rounds); round++) {
        // In turns, so that what else happens on the machine meets both.
        for (const sync of round % 2 === 0 ? syncs : syncs.toReversed()) {
          process.stderr.write(`${agents} agents, ${machines} machine(s), checkout ${sync}, round ${round + 1}\n`);
          measured[sync].push(await measure(row, sync, program, script));
        }
      }
      for (const sync of syncs) lines.push(toLine(row, sync, measured[sync]));
      if (syncs.length === 2) lines.push(ratioLine(measured));
    }
  }
  const head = [
    'agents',
    'machines',
    'checkout',
    'tasks/s',
    'busy agents',
    'turn-round, median (most)',
    'processor time a task',
    'tasks a push',
    'memory',
    'files',
    'git processes (memory)',
  ];
  process.stdout.write(`${markdownTable(head, lines)}\n`);
} finally {
  await rm(root, { recursive: true, force: true, maxRetries: 10 });
}

function toLine({ agents, machines }: Row, sync: Sync, measured: readonly Measured[]): string[] {
  const of = (what: (one: Measured) => number): number => median(measured.map(what));
  return [
    `${agents}`,
    `${machines}`,
    sync === 'on' ? 'follows' : '--no-sync',
    of(({ rate }) => rate).toFixed(1),
    `${(of(({ busy }) => busy) * 100).toFixed(0)} %`,
    `${of(({ turnRound }) => turnRound.median).toFixed(2)} s (${of(({ turnRound }) => turnRound.most).toFixed(1)})`,
    `${of(({ cpuMs }) => cpuMs).toFixed(0)} ms`,
    of(({ pushes }) => (agents * tasksEach) / pushes).toFixed(1),
    `${of(({ peak }) => peak.memoryMb).toFixed(0)} MB`,
    `${of(({ peak }) => peak.files)}`,
    `${of(({ peak }) => peak.gits)} (${of(({ peak }) => peak.gitMb).toFixed(0)} MB)`,
  ];
}

/** The checkout's share, of pairs that ran one after the other. */
function ratioLine({ on, off }: Record<Sync, readonly Measured[]>): string[] {
  const ratio = (of: (one: Measured) => number): number =>
    median(on.map((one, index) => of(one) / of(off[index] ?? one)));
  // The rate is the inverse of the wall time.
  const wall = 1 / ratio(({ rate }) => rate);
  return [
    '',
    '',
    'ratio',
    `wall x ${wall.toFixed(2)}, target <= ${TARGET}`,
    '',
    '',
    `x ${ratio(({ cpuMs }) => cpuMs).toFixed(2)}`,
  ];
}

async function measure({ agents, machines }: Row, sync: Sync, program: string, script: string): Promise<Measured> {
  const tasks = agents * tasksEach;
  const commits = [simulatedQueue(tasks, 1, Date.now())];
  const sandbox = await createSandbox({ parent: root, branch: BRANCH, commits, env: process.env });
  try {
    const arena = await createArena({ sandbox, branch: BRANCH, latencyMs: 0 });
    const log = join(sandbox.root, 'commands');
    const runs = await Promise.all(
      Array.from({ length: machines }, async (_, machine) => {
        const cwd = await arena.place(`c${machine}`, 'tree');
        const env = { ...(await arena.environment(machine)), BENCH_LOG: log, BENCH_WORK: values.work };
        const here = Math.floor(agents / machines) + (machine < agents % machines ? 1 : 0);
        const name = `m${machine}`;
        const report = join(sandbox.root, `${name}.times`);
        const options = ['--concurrency', `${here}`, ...(sync === 'off' ? ['--no-sync'] : [])];
        const command = [process.execPath, program, 'work', name, ...options, '--', 'sh', script];
        return { cwd, env, report, errors: join(sandbox.root, `${name}.errors`), command };
      }),
    );
    const peaks = await Promise.all(runs.map((run) => finished(run)));
    const commands = (await readFile(log, 'utf8')).trim().split('\n').map(parseCommand);
    if (commands.length !== tasks) throw new Error(`${commands.length} commands ran for ${tasks} tasks`);
    const cpuSeconds = await Promise.all(runs.map(({ report }) => processorTime(report)));
    return {
      ...figuresOf(commands, agents),
      cpuMs: (sum(cpuSeconds) * 1000) / tasks,
      pushes: (await arena.pushes()).moves,
      peak: {
        memoryMb: sum(peaks.map(({ memoryMb }) => memoryMb)),
        files: sum(peaks.map(({ files }) => files)),
        gits: sum(peaks.map(({ gits }) => gits)),
        gitMb: sum(peaks.map(({ gitMb }) => gitMb)),
      },
    };
  } finally {
    await sandbox.remove();
  }
}

interface Run {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly report: string;
  readonly errors: string;
  readonly command: readonly string[];
}

/** Runs a worker to its end. @throws Error with what it said if it did not exit with 0 */
async function finished({ cwd, env, report, errors, command }: Run): Promise<TreePeak> {
  const stderr = await open(errors, 'w');
  try {
    const child: ChildProcess = spawn('sh', ['-c', WRAPPER, 'sh', report, ...command], {
      cwd,
      env,
      stdio: ['ignore', 'ignore', stderr.fd],
    });
    const peak = watchTree(child.pid ?? 0);
    const [code] = await once(child, 'exit');
    const seen = peak();
    if (code !== 0) throw new Error(`work exited with ${code}: ${(await readFile(errors, 'utf8')).slice(-2_000)}`);
    return seen;
  } finally {
    await stderr.close();
  }
}

interface CommandRun {
  readonly agent: string;
  /** Seconds since the machine started. */
  readonly from: number;
  readonly to: number;
}

function parseCommand(line: string): CommandRun {
  const [agent = '', from, to] = line.split(' ');
  return { agent, from: Number(from), to: Number(to) };
}

function figuresOf(commands: readonly CommandRun[], agents: number): Pick<Measured, 'rate' | 'busy' | 'turnRound'> {
  const begin = Math.min(...commands.map(({ from }) => from));
  const end = Math.max(...commands.map(({ from }) => from));
  const byAgent = new Map<string, CommandRun[]>();
  for (const one of commands) byAgent.set(one.agent, [...(byAgent.get(one.agent) ?? []), one]);
  const gaps = [...byAgent.values()].flatMap((runs) => {
    const inOrder = runs.toSorted((a, b) => a.from - b.from);
    return inOrder.slice(1).map(({ from }, index) => from - (inOrder[index]?.to ?? from));
  });
  const busySeconds = sum(commands.map(({ from, to }) => Math.min(to, end) - from));
  return {
    rate: commands.length / (end - begin),
    busy: busySeconds / ((end - begin) * agents),
    turnRound: { median: median(gaps), most: Math.max(...gaps) },
  };
}

/** The second line of `times`: user and system time of what has ended below the shell. In seconds. */
async function processorTime(report: string): Promise<number> {
  const [, children = ''] = (await readFile(report, 'utf8')).split('\n');
  const seconds = (text: string): number => {
    const [, minutes = 0, rest = 0] = /^(\d+)m([\d.]+)s$/.exec(text) ?? [];
    return Number(minutes) * 60 + Number(rest);
  };
  return sum(children.trim().split(' ').map(seconds));
}

function sum(all: readonly number[]): number {
  return all.reduce((total, one) => total + one, 0);
}
