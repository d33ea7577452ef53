/**
 * What a claim costs over ssh, with a connection of its own for each look and push and with a shared one
 * (`ssh_share: true`), as a multiple of what it would cost by hand over the same transport in the same run: starting
 * node, one `git fetch`, and one `git push`. The server is OpenSSH on this machine, behind a proxy that is made to be
 * away: each piece of data arrives half a round trip later, in both directions, and a connection takes one more.
 *
 *     npm run bench:ssh -- [--rounds 12] [--trip 0,30,100]
 *
 * It needs `sshd`. The rounds are interleaved, so that a busy moment hits all alike. The shared connection is there
 * already, as it is from the second command on.
 */
import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { DistantPort } from '../../test/kit/remotes/distant-port.ts';
import { SshServer } from '../../test/kit/remotes/ssh-server.ts';
import { scene } from '../../test/kit/scene/scene.ts';
import { BRANCH, simulatedQueue } from '../simulation/queue.ts';
import { type ByHand, byHand, sumOf, timed } from './support/by-hand.ts';
import { workInMemory } from './support/environment.ts';
import { frozenBuild } from './support/frozen-build.ts';
import { markdownTable, median } from './support/report.ts';
import { sshWrapper } from './support/ssh-wrapper.ts';

/** Most that issue 13 allows for a claim over a shared connection. */
const SHARED: Readonly<Record<number, number>> = { 100: 0.65 };

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '12' }, trip: { type: 'string', default: '0,30,100' } },
});
const rounds = Number(values.rounds);

workInMemory();
await using sandbox = await scene();
const program = await frozenBuild(sandbox.root);
await using server = await SshServer.start(sandbox.root);
await using port = await DistantPort.before(server.port);
const ssh = await sshWrapper(sandbox.path('plain'), server);
const env = { ...sandbox.env, PATH: `${ssh}:${process.env.PATH}` };
const runtime = sandbox.path('run');
await mkdir(runtime, { mode: 0o700 });

const lines: string[][] = [];
for (const trip of values.trip.split(',').map(Number)) {
  for (const tip of ['is known', 'must be fetched'] as const) {
    process.stderr.write(`one claim over ssh, ${trip} ms, tip ${tip}\n`);
    const { hand, apart, shared } = await measure(trip, tip);
    const base = median(hand.map(sumOf));
    const part = (of: keyof ByHand): string => median(hand.map((one) => one[of])).toFixed(0);
    const most = tip === 'is known' ? SHARED[trip] : undefined;
    lines.push([
      `${trip} ms`,
      tip,
      `${part('node')} + ${part('fetch')} + ${part('push')} ms`,
      `${median(apart).toFixed(0)} ms`,
      (median(apart) / base).toFixed(2),
      `${median(shared).toFixed(0)} ms`,
      `${(median(shared) / base).toFixed(2)}${most === undefined ? '' : `, target <= ${most}`}`,
    ]);
  }
}
const head = ['round trip', 'tip', 'node + fetch + push by hand', 'claim', 'ratio', 'claim, shared', 'ratio'];
process.stdout.write(`${markdownTable(head, lines)}\n\nNODE_EXTRA_CA_CERTS unset.`);
process.stdout.write('\n');

async function measure(trip: number, tip: 'is known' | 'must be fetched') {
  const name = `ssh-${trip}-${tip.replaceAll(' ', '-')}`;
  const warmUp = 2;
  const hand = await queueWith(`${name}-hand`, 1, 'apart');
  const apart = await queueWith(`${name}-apart`, rounds + warmUp, 'apart');
  const shared = await queueWith(`${name}-shared`, rounds + warmUp, 'shared');
  const times = { hand: [] as ByHand[], apart: [] as number[], shared: [] as number[] };
  const claim = (dir: string): Promise<number> =>
    timed(process.execPath, [program, 'claim', 'agent', '--no-sync'], {
      cwd: dir,
      env: { ...env, XDG_RUNTIME_DIR: runtime },
    });
  for (let round = -warmUp; round < rounds; round++) {
    if (tip === 'must be fetched') for (const { remote } of [hand, apart, shared]) await othersPush(remote);
    port.roundTripMs = trip;
    const place = { cwd: hand.dir, env };
    const byHandNow = await byHand(place, BRANCH, async () => {
      const args = ['-p', 'FETCH_HEAD', '-m', `By hand ${Math.random()}`, 'FETCH_HEAD^{tree}'];
      return sandbox.git(hand.clone, 'commit-tree', ...args);
    });
    const apartNow = await claim(apart.dir);
    const sharedNow = await claim(shared.dir);
    port.roundTripMs = 0;
    // The first rounds warm caches.
    if (round < 0) continue;
    times.hand.push(byHandNow);
    times.apart.push(apartNow);
    times.shared.push(sharedNow);
  }
  return times;
}

async function queueWith(name: string, tasks: number, ssh: 'apart' | 'shared') {
  const { files } = simulatedQueue(tasks, 1, Date.now());
  const remote = await sandbox.bareRemote(files, { name: `${name}.git` });
  const clone = `${name}-clone`;
  await sandbox.git('.', 'clone', '-q', '-n', `file://${sandbox.path(remote)}`, clone);
  const url = `ssh://${userInfo().username}@127.0.0.1:${port.port}${sandbox.path(remote)}`;
  await sandbox.git(clone, 'remote', 'set-url', 'origin', url);
  await sandbox.git(clone, 'update-ref', '--no-deref', 'HEAD', 'HEAD');
  if (ssh === 'shared') {
    await sandbox.write(clone, { '.agents-core/config/agentq.toon': 'agentq:\n  ssh_share: true\n' });
  }
  return { remote, clone, dir: sandbox.path(clone) };
}

async function othersPush(remote: string): Promise<void> {
  await sandbox.commitTo(remote, `refs/heads/${BRANCH}`, { [`note-${Math.random()}`]: '' });
}
