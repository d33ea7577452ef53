import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SimulationRun } from '../../../lab/simulation/simulation.ts';
import { type AgentqRun, type RunOptions, runAgentq, startAgentq } from '../../kit/processes/run-agentq.ts';
import { scene } from '../../kit/scene/scene.ts';

let root = '';
beforeEach(async () => {
  // Short, for sockets of the simulated machines are in it.
  root = await mkdtemp(join(tmpdir(), 'aq-sim-'));
  await mkdir(join(root, 'cwd'));
  await mkdir(join(root, 'tmp'));
});
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));

describe('agentq simulate', () => {
  it('lets agents on two machines race, kills some, and finds every guarantee kept', async () => {
    const run = await simulate('--agents', '8', '--machines', '2', '--latency', '5ms', '--crash', '25%', '--seed', '7');
    const [figures] = runsOf(run);
    expect(figures).toMatchObject({ algorithm: 'agentq', source: 'measured', agents: 8, tasks: 8, violations: [] });
    expect(figures?.winnersPerTask).toBe(1);
    expect(figures?.killed).toBeLessThanOrEqual(2);
    expect(figures?.claims).toBeGreaterThanOrEqual(6);
    expect(figures?.claims).toBe(figures?.samples.length);
    await expectNothingLeft();
  });

  it('shares pushes on a machine: fewer move the branch than tasks are claimed', async () => {
    const [figures] = runsOf(await simulate('--agents', '8'));
    expect(figures).toMatchObject({ claims: 8, nothingToClaim: 0, rejectedPushes: 0 });
    expect(figures?.branchMoves).toBeLessThan(8);
    expect(figures?.commits).toBe(9);
  });

  it('works a queue off in a closed loop', async () => {
    const [figures] = runsOf(await simulate('--agents', '3', '--tasks', '7', '--projects', '2', '--work', '10ms'));
    expect(figures).toMatchObject({ claims: 7, completions: 7, nothingToClaim: 3, commits: 15, violations: [] });
  });

  it('races the older algorithm beside it, models more, and draws all of it', async () => {
    const svg = join(root, 'plot.svg');
    const run = await simulate('--agents', '3', '--compare', 'v2', '--model', '30', '--svg', svg);
    const runs = runsOf(run);
    expect(runs.map(({ algorithm, source, agents }) => `${algorithm} ${source} ${agents}`)).toEqual([
      'agentq measured 3',
      'v2 measured 3',
      'agentq modelled 3',
      'agentq modelled 30',
    ]);
    for (const { claims, agents } of runs) expect(claims).toBe(agents);
    expect(JSON.parse(run.stdout).notes.join(' ')).toContain('Modelled, not measured');
    const drawing = await readFile(svg, 'utf8');
    expect(drawing).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(drawing).toContain('agentq, 30 x 30, 10 machines, modelled');
    expect(drawing).not.toMatch(/NaN|undefined|<script|https?:(?!\/\/www\.w3\.org\/2000\/svg)/);
    await expectNothingLeft();
  });

  it('answers with a table, or with comma-separated values', async () => {
    const table = await runAgentq(['simulate', '--agents', '2', '--model', '4'], options());
    expect(table.code).toBe(0);
    expect(table.stdout).toMatch(/^figures are +measured +modelled +modelled$/m);
    expect(table.stdout).toMatch(/^winners per task +1 +1 +1$/m);
    expect(table.stdout).toContain('every task was in exactly one folder in each of 3 commits');
    expect(table.stdout).toContain('Modelled, not measured');
    const csv = await runAgentq(['simulate', '--agents', '2', '--csv'], options());
    const [head = '', line = '', ...rest] = csv.stdout.split('\n');
    expect(head.split(',').slice(0, 4)).toEqual(['algorithm', 'source', 'agents', 'tasks']);
    expect(line.split(',').slice(0, 4)).toEqual(['agentq', 'measured', '2', '2']);
    expect(line.split(',')).toHaveLength(head.split(',').length);
    expect(rest).toEqual(['']);
  });

  it("races at one of the user's remotes, on a branch that is gone afterwards", async () => {
    await using box = await scene();
    const remote = await box.bareRemote({ 'readme.md': 'ours' });
    const clone = await box.clone(remote, 'clone', '--origin', 'upstream');
    const before = await box.refs(remote);
    const args = ['simulate', '--json', '--agents', '4', '--machines', '2', '--crash', '25%', '--remote', 'upstream'];
    const run = await runAgentq(args, { ...options(), cwd: box.path(clone) });
    const [figures] = runsOf({ ...run, stderr: run.stderr.replace(/^.* the agents race on .*\n/m, '') });
    expect(figures).toMatchObject({ agents: 4, tasks: 4, winnersPerTask: 1, violations: [] });
    expect(figures?.branchMoves).toBeGreaterThan(0);
    expect(figures?.pushes).toBeGreaterThanOrEqual(figures?.branchMoves ?? 0);
    expect(await box.refs(remote)).toEqual(before);
    expect(await box.git(clone, 'status', '--porcelain', '--branch')).toBe('## develop...upstream/develop');
    await expectNothingLeft();
  });

  it.each([
    [['--remote', 'origin', '--latency', '5ms'], '--latency is for a temporary repository'],
    [['--remote', 'origin', '--compare', 'v2'], '--compare works in a temporary repository only'],
    [['--agents', '0'], '--agents must be a whole number from 1 to 1000'],
    [['--agents', '4', '--machines', '5'], '--machines must be a whole number from 1 to 4'],
    [['--crash', '101%'], '--crash must be a share such as 5%'],
    [['--latency', '200'], 'the duration has no unit'],
    [['--compare', 'v3'], '--compare must be v2'],
    [['--model', '30x'], '--model must be numbers of agents'],
    [['--csv', '--json'], '--csv and --json exclude each other'],
  ])('refuses %j', async (args, words) => {
    const { code, stderr } = await runAgentq(['simulate', ...args], options());
    expect(code).toBe(64);
    expect(stderr).toContain(words);
  });

  it('ends its agents and removes everything when it is interrupted', async () => {
    const { child, done } = startAgentq(['simulate', '--agents', '6', '--latency', '3s'], options());
    await untilOneLeads(done);
    child.kill('SIGINT');
    expect((await done).code).toBe(130);
    await expectNothingLeft();
  });
});

function simulate(...args: readonly string[]): Promise<AgentqRun> {
  return runAgentq(['simulate', '--json', ...args], options());
}

function runsOf({ code, stdout, stderr }: AgentqRun): readonly SimulationRun[] {
  expect({ code, stderr: stderr.replace(/^.* claim from .*\n/gm, '') }).toEqual({ code: 0, stderr: '' });
  const { held, runs } = JSON.parse(stdout);
  expect(held).toBe(true);
  return runs;
}

function options(): RunOptions {
  return { cwd: join(root, 'cwd'), env: { TMPDIR: join(root, 'tmp') } };
}

/** Resolves when an agent listens where those of its machine meet: it has begun, and its look at the remote takes seconds. */
async function untilOneLeads(done: Promise<AgentqRun>): Promise<void> {
  let ended: AgentqRun | undefined;
  done.then(
    (run) => {
      ended = run;
    },
    () => undefined,
  );
  for (;;) {
    if (ended !== undefined) throw new Error(`it ended before it was interrupted: ${ended.stderr}`);
    for (const box of await readdir(join(root, 'tmp'))) {
      const met = await readdir(join(root, 'tmp', box, 'm0', 'agentq')).catch(() => []);
      if (met.some((name) => name.endsWith('.sock'))) return;
    }
  }
}

async function expectNothingLeft(): Promise<void> {
  expect(await readdir(join(root, 'cwd'))).toEqual([]);
  expect(await readdir(join(root, 'tmp'))).toEqual([]);
}
