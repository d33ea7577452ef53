/**
 * What a claim costs over HTTP, as a multiple of what it would cost by hand over the same transport in the same run:
 * starting node, one `git fetch`, and one `git push`. The server is `git http-backend` on loopback, which is made to be
 * away: a round trip on each exchange, and two more on each new connection, for TCP and TLS.
 *
 *     npm run bench:http -- [--rounds 12] [--agents 25] [--trip 0,30,100] [--only one,many,met]
 *
 * The first table is about one claim that has no rival. Its rounds are interleaved, so that a busy moment hits all
 * alike. The second is about many agents that claim at once. Every agent is a process of its own with a clone of its
 * own in detached HEAD, and machines ask each other for help by refs, or meet at a Redis or an etcd of the bench's own
 * (`--only met` for these alone). The time is that of the whole process. For comparison, it has the median of as many
 * bare node processes at once, of as many fetches and pushes by hand, and of as many claims without a rival: these two
 * go to a branch of its own for each agent. What they cost more than one alone is the machine's, and no protocol saves
 * it.
 */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/cli/command/system.ts';
import { HttpGitServer } from '../../test/kit/remotes/http-git-server.ts';
import { scene } from '../../test/kit/scene/scene.ts';
import { isInstalled, MEETING_SERVERS } from '../../test/kit/servers/meeting-servers.ts';
import { MEETING_FAMILIES, type MeetingFamily } from '../../test/kit/servers/server.ts';
import { AgentProcesses } from '../simulation/agent-process.ts';
import { type AgentAnswer, type PoolAgent, runPool } from '../simulation/pool.ts';
import { BRANCH, simulatedQueue } from '../simulation/queue.ts';
import { type ByHand, byHand, sumOf, timed } from './support/by-hand.ts';
import { workInMemory } from './support/environment.ts';
import { frozenBuild } from './support/frozen-build.ts';
import { markdownTable, median } from './support/report.ts';

/** Most that issue 13 allows, as ratios, by the round trip (ms). */
const ONE: Readonly<Record<number, number>> = { 0: 1, 100: 0.65 };
const MANY_ON_ONE: Readonly<Record<number, number>> = { 100: 1 };
const MANY_EACH: Readonly<Record<number, number>> = { 100: 2.5 };
/** Of issue 15, for machines that meet at a server. */
const MANY_MET: Readonly<Record<number, number>> = { 100: 1.5 };

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '12' },
    agents: { type: 'string', default: '25' },
    trip: { type: 'string', default: '0,30,100' },
    only: { type: 'string', default: 'one,many,met' },
  },
});
const rounds = Number(values.rounds);
const agentCount = Number(values.agents);
const trips = values.trip.split(',').map(Number);
const parts = values.only.split(',');

/** Node 20 reads this file at each start, which takes 28 ms: both ways are measured where the shell has one. */
const certificates = process.env.NODE_EXTRA_CA_CERTS;

workInMemory();
await using sandbox = await scene();
const program = await frozenBuild(sandbox.root);
await using server = await HttpGitServer.start(sandbox.root, sandbox.env);
const environments: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['unset', sandbox.env],
  ...(certificates ? [['set', { ...sandbox.env, NODE_EXTRA_CA_CERTS: certificates }] as const] : []),
];
if (parts.includes('one')) process.stdout.write(`${await oneClaim()}\n\n`);
if (parts.includes('many') || parts.includes('met')) process.stdout.write(`${await manyClaims()}\n`);

async function oneClaim(): Promise<string> {
  const lines: string[][] = [];
  for (const trip of trips) {
    for (const [certs, env] of environments) {
      for (const tip of ['is known', 'must be fetched'] as const) {
        process.stderr.write(`one claim, ${trip} ms, tip ${tip}, NODE_EXTRA_CA_CERTS ${certs}\n`);
        const { hand, claim } = await measureOne(trip, tip, certs, env);
        const ratio = median(claim) / median(hand.map(sumOf));
        const part = (of: keyof ByHand): string => median(hand.map((one) => one[of])).toFixed(0);
        lines.push([
          `${trip} ms`,
          tip,
          certs,
          `${part('node')} + ${part('fetch')} + ${part('push')} ms`,
          `${median(claim).toFixed(0)} ms`,
          against(ratio, tip === 'is known' ? ONE[trip] : undefined),
        ]);
      }
    }
  }
  const head = ['round trip', 'tip', 'NODE_EXTRA_CA_CERTS', 'node + fetch + push by hand', 'claim', 'ratio'];
  return markdownTable(head, lines);
}

async function measureOne(
  trip: number,
  tip: 'is known' | 'must be fetched',
  certs: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly hand: readonly ByHand[]; readonly claim: readonly number[] }> {
  const name = `one-${trip}-${tip.replaceAll(' ', '-')}-${certs}`;
  const warmUp = 2;
  const hand = await queueWith(`${name}-hand`, 1);
  const claimed = await queueWith(`${name}-claim`, rounds + warmUp);
  const times = { hand: [] as ByHand[], claim: [] as number[] };
  for (let round = -warmUp; round < rounds; round++) {
    if (tip === 'must be fetched') for (const { remote } of [hand, claimed]) await othersPush(remote);
    server.roundTripMs = trip;
    const byHandNow = await byHand({ cwd: hand.dir, env }, BRANCH, () => commitOnTip(hand.clone));
    const claimNow = await timed(process.execPath, [program, 'claim', 'agent'], { cwd: claimed.dir, env });
    server.roundTripMs = 0;
    // The first rounds warm caches.
    if (round < 0) continue;
    times.hand.push(byHandNow);
    times.claim.push(claimNow);
  }
  return times;
}

async function manyClaims(): Promise<string> {
  const lines: string[][] = [];
  for (const trip of trips) {
    const met = parts.includes('met') ? MEETING_FAMILIES.filter(isInstalled) : [];
    const apart = parts.includes('many') ? ([[1], [agentCount]] as const) : [];
    for (const [machines, meet] of [...apart, ...met.map((family) => [agentCount, family] as const)]) {
      const group = machines === 1 ? '1 machine' : `${machines} machines`;
      const where = meet === undefined ? group : `${group}, meet: ${meet}`;
      process.stderr.write(`${agentCount} agents, ${where}, ${trip} ms\n`);
      lines.push([`${agentCount} x ${agentCount}`, where, `${trip} ms`, ...(await measureMany(trip, machines, meet))]);
    }
  }
  const head = [
    'agents x tasks',
    'where',
    'round trip',
    'node + fetch + push, alone',
    'bare node, median',
    'by hand at once, median',
    'claim without rivals at once, median',
    'claim, median',
    'ratio',
    'slowest',
    'claims',
  ];
  return `${markdownTable(head, lines)}\n\nNODE_EXTRA_CA_CERTS unset.`;
}

async function measureMany(trip: number, machines: number, meet?: MeetingFamily): Promise<string[]> {
  const name = `many-${trip}-${machines}-${meet ?? 'apart'}`;
  await using box = await scene();
  const place = meet && (await MEETING_SERVERS[meet](box));
  const original = await queueWith(name, agentCount);
  const tip = await sandbox.git(original.clone, 'rev-parse', 'HEAD');
  const agents: PoolAgent[] = [];
  for (let index = 0; index < agentCount; index++) {
    const agent = `agent-${index}`;
    const cwd = sandbox.path(`${name}-${index}`);
    await cp(original.dir, cwd, { recursive: true });
    await writeFile(`${cwd}/.git/HEAD`, `${tip}\n`);
    const runtime = sandbox.path(`${name}-m${index % machines}`);
    await mkdir(runtime, { recursive: true, mode: 0o700 });
    agents.push({
      name: agent,
      cwd,
      env: { ...sandbox.env, XDG_RUNTIME_DIR: runtime, ...(place && { AGENTQ_MEET: place.url }) },
      claim: [process.execPath, program, 'claim', agent],
      complete: () => ['false'],
    });
  }
  const alone = async (): Promise<number[]> => {
    const sums: number[] = [];
    for (let round = 0; round < 4; round++) {
      await othersPush(original.remote);
      const one = await byHand({ cwd: original.dir, env: sandbox.env }, BRANCH, () => commitOnTip(original.clone));
      // The first round warms caches.
      if (round > 0) sums.push(sumOf(one));
    }
    return sums;
  };
  for (const index of agents.keys()) {
    await sandbox.git(original.remote, 'update-ref', `refs/heads/queue-${index}`, tip);
  }
  server.roundTripMs = trip;
  try {
    const before = await alone();
    const bare = await race(agents.map((agent) => ({ ...agent, claim: [process.execPath, '-e', '0'] })));
    const commits = await Promise.all(agents.map((_, index) => commitOn(`${name}-${index}`, 'HEAD')));
    const hands = await race(
      agents.map((agent, index) => ({ ...agent, claim: fetchAndPushOf(commits[index], index) })),
    );
    const lonely = await race(
      agents.map((agent, index) => ({ ...agent, claim: [...agent.claim, '', `queue-${index}`] as const })),
    );
    const answers = await race(agents);
    const base = median([...before, ...(await alone())]);
    const claims = answers.filter(({ task }) => task !== undefined);
    const times = timesOf(claims);
    for (const { agent, words } of answers) if (words !== undefined) process.stderr.write(`${agent}: ${words}\n`);
    if (new Set(claims.map(({ task }) => task)).size !== agentCount) process.exitCode = 1;
    return [
      `${Math.round(base)} ms`,
      `${Math.round(median(timesOf(bare)))} ms`,
      `${Math.round(median(timesOf(hands)))} ms`,
      `${Math.round(median(timesOf(lonely)))} ms`,
      `${Math.round(median(times))} ms`,
      against(median(times) / base, (meet ? MANY_MET : machines === 1 ? MANY_ON_ONE : MANY_EACH)[trip]),
      `${Math.round(Math.max(...times))} ms`,
      String(claims.length),
    ];
  } finally {
    server.roundTripMs = 0;
  }
}

function against(ratio: number, most: number | undefined): string {
  return `${ratio.toFixed(2)}${most === undefined ? '' : `, target <= ${most}`}`;
}

interface Queue {
  /** Names in the sandbox. */
  readonly remote: string;
  readonly clone: string;
  /** Absolute path of the clone. */
  readonly dir: string;
}

/** A remote with this many tasks, and a clone of it over HTTP in detached HEAD. */
async function queueWith(name: string, tasks: number): Promise<Queue> {
  const { files } = simulatedQueue(tasks, 1, Date.now());
  const remote = await sandbox.bareRemote(files, { name: `${name}.git` });
  const clone = `${name}-clone`;
  await sandbox.git('.', 'clone', '-q', '-n', server.url(remote), clone);
  await sandbox.git(clone, 'update-ref', '--no-deref', 'HEAD', 'HEAD');
  return { remote, clone, dir: sandbox.path(clone) };
}

/** A change by somebody else, so that there is something to fetch. */
async function othersPush(remote: string): Promise<void> {
  await sandbox.commitTo(remote, `refs/heads/${BRANCH}`, { [`note-${Math.random()}`]: '' });
}

async function commitOnTip(clone: string): Promise<string> {
  return commitOn(clone, 'FETCH_HEAD');
}

/** A commit that the remote does not have. */
function commitOn(clone: string, parent: string): Promise<string> {
  return sandbox.git(clone, 'commit-tree', '-p', parent, '-m', `By hand ${Math.random()}`, `${parent}^{tree}`);
}

function fetchAndPushOf(commit: string | undefined, index: number): readonly [string, ...string[]] {
  const script = `git fetch -q origin ${BRANCH} && git push -q origin ${commit}:refs/heads/hand-${index}`;
  return ['sh', '-c', script];
}

function timesOf(answers: readonly AgentAnswer[]): number[] {
  return answers.map(({ startedMs, endedMs }) => endedMs - startedMs);
}

async function race(agents: readonly PoolAgent[]): Promise<readonly AgentAnswer[]> {
  const signal = new AbortController().signal;
  return runPool(agents, { processes: new AgentProcesses(), clock: systemClock, signal, workMs: undefined });
}
