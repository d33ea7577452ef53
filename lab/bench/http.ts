/**
 * What a claim costs over HTTP while 25 agents claim at once, as a multiple of one `git fetch` and one `git push` over
 * the same transport in the same run: `git http-backend` on loopback, with 0 and 150 ms before each answer.
 *
 *     npm run bench:http -- [--agents 25] [--latency 0,150]
 *
 * Every agent is a process of its own with a clone of its own in detached HEAD; the time is that of the whole process.
 * For comparison, the table has the time of the same number of bare node processes, started the same way: on few cores
 * that is most of a claim. It also has the time of as many fetches and pushes by hand at once, each to a branch of its
 * own so that none of them waits.
 */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/cli/command/system.ts';
import { HttpGitServer } from '../../test/kit/remotes/http-git-server.ts';
import { scene } from '../../test/kit/scene/scene.ts';
import { AgentProcesses } from '../simulation/agent-process.ts';
import { type AgentAnswer, type PoolAgent, runPool } from '../simulation/pool.ts';
import { simulatedQueue } from '../simulation/queue.ts';
import { workInMemory } from './support/environment.ts';
import { frozenBuild } from './support/frozen-build.ts';
import { markdownTable, median } from './support/report.ts';

/** Most that issue 3 allows. */
const TARGET = 6;

const { values } = parseArgs({
  options: { agents: { type: 'string', default: '25' }, latency: { type: 'string', default: '0,150' } },
});
const agentCount = Number(values.agents);

workInMemory();
await using sandbox = await scene();
const program = await frozenBuild(sandbox.root);
await using server = await HttpGitServer.start(sandbox.root, sandbox.env);
const lines: string[][] = [];
for (const latencyMs of values.latency.split(',').map(Number)) {
  for (const machines of [1, agentCount]) {
    const where = machines === 1 ? '1 machine' : `${machines} machines`;
    process.stderr.write(`${agentCount} agents, ${where}, ${latencyMs} ms per request\n`);
    lines.push([`${agentCount} x ${agentCount}`, where, `${latencyMs} ms`, ...(await measure(latencyMs, machines))]);
  }
}
const head = [
  'agents x tasks',
  'where',
  'per request',
  'fetch + push',
  'bare node, median',
  'by hand at once, median',
  'claim, median',
  'ratio',
  'slowest',
  'claims',
];
process.stdout.write(`${markdownTable(head, lines)}\n`);

async function measure(latencyMs: number, machines: number): Promise<string[]> {
  const name = `queue-${latencyMs}-${machines}`;
  const { files } = simulatedQueue(agentCount, 1, Date.now());
  const remote = await sandbox.bareRemote(files, { name: `${name}.git` });
  const original = `${name}-original`;
  await sandbox.git('.', 'clone', '-q', '-n', server.url(remote), original);
  const tip = await sandbox.git(original, 'rev-parse', 'HEAD');
  const agents: PoolAgent[] = [];
  for (let index = 0; index < agentCount; index++) {
    const agent = `agent-${index}`;
    const cwd = sandbox.path(`${name}-${index}`);
    await cp(sandbox.path(original), cwd, { recursive: true });
    await writeFile(`${cwd}/.git/HEAD`, `${tip}\n`);
    const runtime = sandbox.path(`${name}-m${index % machines}`);
    await mkdir(runtime, { recursive: true, mode: 0o700 });
    agents.push({
      name: agent,
      cwd,
      env: { ...sandbox.env, XDG_RUNTIME_DIR: runtime },
      claim: [process.execPath, program, 'claim', agent],
      complete: () => ['false'],
    });
  }
  server.latencyMs = latencyMs;
  try {
    const before = await fetchAndPush(remote, original);
    const bare = await race(agents.map((agent) => ({ ...agent, claim: [process.execPath, '-e', '0'] })));
    const commits = await Promise.all(agents.map((_, index) => oneCommit(`${name}-${index}`)));
    const byHand = await race(
      agents.map((agent, index) => ({ ...agent, claim: fetchAndPushOf(commits[index], index) })),
    );
    const answers = await race(agents);
    const after = await fetchAndPush(remote, original);
    const base = median([...before, ...after]);
    const claims = answers.filter(({ task }) => task !== undefined);
    const times = timesOf(claims);
    for (const { agent, words } of answers) if (words !== undefined) process.stderr.write(`${agent}: ${words}\n`);
    if (new Set(claims.map(({ task }) => task)).size !== agentCount) process.exitCode = 1;
    const ratio = median(times) / base;
    return [
      `${Math.round(base)} ms`,
      `${Math.round(median(timesOf(bare)))} ms`,
      `${Math.round(median(timesOf(byHand)))} ms`,
      `${Math.round(median(times))} ms`,
      `${ratio.toFixed(2)}, target <= ${TARGET}`,
      `${Math.round(Math.max(...times))} ms`,
      String(claims.length),
    ];
  } finally {
    server.latencyMs = 0;
  }
}

/** A commit that the remote does not have. */
function oneCommit(clone: string): Promise<string> {
  return sandbox.git(clone, 'commit-tree', '-p', 'HEAD', '-m', `By hand ${Math.random()}`, 'HEAD^{tree}');
}

function fetchAndPushOf(commit: string | undefined, index: number): readonly [string, ...string[]] {
  return ['sh', '-c', `git fetch -q origin develop && git push -q origin ${commit}:refs/heads/hand-${index}`];
}

/** The least that any claim can cost: fetch what is new, and push one commit. */
async function fetchAndPush(remote: string, clone: string): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < 4; round++) {
    await sandbox.commitTo(remote, 'refs/heads/develop', { [`note-${round}-${Math.random()}`]: '' });
    const startedAt = performance.now();
    await sandbox.git(clone, 'fetch', '-q', 'origin', 'develop');
    const tree = await sandbox.git(clone, 'rev-parse', 'FETCH_HEAD^{tree}');
    const commit = await sandbox.git(clone, 'commit-tree', '-p', 'FETCH_HEAD', '-m', 'One push', tree);
    await sandbox.git(clone, 'push', '-q', 'origin', `${commit}:refs/heads/develop`);
    // The first round warms caches.
    if (round > 0) times.push(performance.now() - startedAt);
  }
  return times;
}

function timesOf(answers: readonly AgentAnswer[]): number[] {
  return answers.map(({ startedMs, endedMs }) => endedMs - startedMs);
}

async function race(agents: readonly PoolAgent[]): Promise<readonly AgentAnswer[]> {
  const signal = new AbortController().signal;
  return runPool(agents, { processes: new AgentProcesses(), clock: systemClock, signal, workMs: undefined });
}
