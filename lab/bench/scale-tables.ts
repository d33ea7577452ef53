/**
 * Makes the tables of docs/measurements.md that have marks around them, and writes each into the page as soon as it is
 * made. It takes a while: run it on a machine that does nothing else.
 *
 *     npm run bench:scale -- [--only contention,http,simulate,model] [--rounds 3]
 *         [--agents 10,50,100,200] [--machines 1,10] [--latency 0,200] [--old-up-to 50] [--model 1000,10000]
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import type { SimulateResult, SimulationRun } from '../simulation/simulation.ts';
import { environmentNote, workInMemory } from './support/environment.ts';
import { frozenBuild } from './support/frozen-build.ts';
import { markdownTable } from './support/report.ts';

const execute = promisify(execFile);
const repository = fileURLToPath(new URL('../..', import.meta.url));
const page = join(repository, 'docs', 'measurements.md');

const HEAD = [
  'agents x tasks',
  'machines',
  'latency',
  'algorithm',
  'claims',
  'gave up',
  'winners per task',
  'conflict rate',
  'pushes per claim',
  'rejected per claim',
  'branch moves',
  'p50',
  'p95',
  'p99',
  'tasks/s',
  'wall',
];

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'contention,http,simulate,model' },
    rounds: { type: 'string', default: '3' },
    agents: { type: 'string', default: '10,50,100,200' },
    machines: { type: 'string', default: '1,10' },
    latency: { type: 'string', default: '0,200' },
    'old-up-to': { type: 'string', default: '50' },
    model: { type: 'string', default: '1000,10000' },
  },
});
const numbers = (list: string): number[] => list.split(',').map(Number);
const parts = values.only.split(',');

workInMemory();
const scratch = await mkdtemp(join(tmpdir(), 'agentq-scale-'));
try {
  const program = await frozenBuild(scratch);
  if (parts.includes('contention')) await put('contention', await bench('contention.ts', '--rounds', values.rounds));
  if (parts.includes('http')) await put('http', await bench('http.ts'));
  if (parts.includes('simulate')) await put('simulate', await simulateAll(program));
  if (parts.includes('model')) await put('model', await model(program));
} finally {
  await rm(scratch, { recursive: true, force: true, maxRetries: 10 });
}

/** The same race in every size, and the old algorithm too where that ends in a reasonable time. */
async function simulateAll(program: string): Promise<string> {
  const rows: string[][] = [];
  for (const latency of numbers(values.latency)) {
    for (const agents of numbers(values.agents)) {
      for (const [index, machines] of numbers(values.machines).entries()) {
        const args = ['--agents', String(agents), '--machines', String(machines), '--latency', `${latency}ms`];
        // The old agents share nothing, so the number of machines makes no difference to them.
        const isCompared = index === 0 && agents <= Number(values['old-up-to']);
        const { runs } = await simulate(program, [...args, ...(isCompared ? ['--compare', 'v2'] : [])]);
        rows.push(...runs.map(rowOf));
        await put('simulate', markdownTable(HEAD, rows));
      }
    }
  }
  return markdownTable(HEAD, rows);
}

async function model(program: string): Promise<string> {
  const args = ['--agents', '100', '--machines', '10', '--latency', '200ms', '--model', values.model];
  const { runs, notes } = await simulate(program, args);
  return `${markdownTable(HEAD, runs.map(rowOf))}\n\n${notes.join('\n')}`;
}

async function simulate(program: string, args: readonly string[]): Promise<SimulateResult> {
  process.stderr.write(`agentq simulate ${args.join(' ')}\n`);
  const options = { cwd: scratch, maxBuffer: 1 << 28 };
  // A broken guarantee is the one thing that must not be lost here.
  const { stdout } = await execute(process.execPath, [program, 'simulate', '--json', ...args], options).catch(
    (error: { stdout?: string; stderr?: string }) => {
      process.exitCode = 1;
      return { stdout: error.stdout || JSON.stringify({ runs: [], notes: [error.stderr ?? String(error)] }) };
    },
  );
  const result: SimulateResult = JSON.parse(stdout);
  for (const { violations } of result.runs) for (const each of violations) process.stderr.write(`${each}\n`);
  return result;
}

function rowOf(run: SimulationRun): string[] {
  const seconds = (ms: number | null): string => (ms === null ? '-' : `${(ms / 1000).toFixed(2)} s`);
  return [
    `${run.agents} x ${run.tasks}`,
    run.algorithm === 'v2' ? 'any' : String(run.machines),
    `${run.latencyMs} ms`,
    `${run.algorithm}${run.source === 'measured' ? '' : ', modelled'}`,
    String(run.claims),
    String(run.gaveUp),
    String(run.winnersPerTask),
    `${(100 * run.conflictRate).toFixed(0)} %`,
    run.pushesPerClaim.toFixed(2),
    run.rejectedPushesPerClaim.toFixed(2),
    String(run.branchMoves ?? '-'),
    seconds(run.claimMs.p50),
    seconds(run.claimMs.p95),
    seconds(run.claimMs.p99),
    run.tasksPerSecond.toFixed(1),
    seconds(run.wallMs),
  ];
}

async function bench(file: string, ...args: readonly string[]): Promise<string> {
  process.stderr.write(`lab/bench/${file} ${args.join(' ')}\n`);
  const running = execute(process.execPath, ['--import', 'tsx', join(repository, 'lab/bench', file), ...args], {
    cwd: repository,
    maxBuffer: 1 << 28,
  });
  running.child.stderr?.pipe(process.stderr);
  // A missed target is a finding, and the table shows it.
  const { stdout } = await running.catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }));
  return stdout.trim();
}

/** Replaces the text between the marks of this name on the page. */
async function put(name: string, text: string): Promise<void> {
  const begin = `<!-- ${name}: made by lab/bench/scale-tables.ts -->`;
  const end = `<!-- /${name} -->`;
  const before = await readFile(page, 'utf8');
  const from = before.indexOf(begin);
  const to = before.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/measurements.md has no place for ${name}`);
  const { stdout: git } = await execute('git', ['--version']);
  const made =
    `Made on ${new Date().toISOString().slice(0, 10)} with ${availableParallelism()} cores, Node ${process.versions.node}, ${git.trim()}. ${name === 'http' ? '' : environmentNote()}`.trimEnd();
  const after = `${before.slice(0, from + begin.length)}\n\n${text}\n\n${made}\n\n${before.slice(to)}`;
  await writeFile(page, after);
}
