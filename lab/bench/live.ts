/**
 * How soon a page of `agentq dashboard` is told about a claim that another agentq on this machine has pushed, compared
 * with what one `git fetch` of a commit takes over the same transport in the same run: a page cannot be told sooner
 * than that.
 *
 *     npm run bench:live -- [--rounds 10] [--trip 0,30,100] [--over folder,http,ssh] [--before <agentq.js>]
 *
 * It counts from the line with which the claim says that its push has landed. Between two claims the branch rests for a
 * second and a half, so that the poller is not about to look anyway. The server of http is `git http-backend` on
 * loopback, which is made to be away: a round trip on each exchange, and two more on each new connection. That of ssh
 * is OpenSSH behind a proxy which is away, see `ssh.ts`; it needs `sshd`. With `--before`, another build of agentq is
 * measured in turn with this one, round by round.
 */
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/cli/command/system.ts';
import { AGENTQ_BIN } from '../../test/kit/processes/run-agentq.ts';
import { said } from '../../test/kit/processes/said.ts';
import { queueFiles } from '../../test/kit/queues/queue-files.ts';
import { DistantPort } from '../../test/kit/remotes/distant-port.ts';
import { SshServer } from '../../test/kit/remotes/ssh-server.ts';
import { DashboardSession, nextOf, type Told } from '../../test/kit/scene/dashboard-session.ts';
import { type Scene, scene } from '../../test/kit/scene/scene.ts';
import { markdownTable, median } from './support/report.ts';
import { sshWrapper } from './support/ssh-wrapper.ts';

/** The issue wants it sooner than this (ms), wherever this machine can know of the push. */
const LIMIT_MS = 1_000;

/** How long (ms) the branch rests between two claims. */
const REST_MS = 1_500;

const CLONES = ['looking', 'claiming', 'fetching'];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    trip: { type: 'string', default: '0,30,100' },
    over: { type: 'string', default: 'folder,http' },
    before: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const trips = values.trip.split(',').map(Number);
const over = values.over.split(',');
const programs = [...(values.before === undefined ? [] : [values.before]), AGENTQ_BIN];

const rows: string[][] = [];
if (over.includes('folder')) await measure('folder', async () => undefined);
for (const trip of over.includes('http') ? trips : []) {
  await measure(`http, ${trip} ms away`, async (box) => {
    const http = await box.http();
    http.roundTripMs = trip;
    await move(box, http.url(box.remote));
  });
}
for (const trip of over.includes('ssh') ? trips : []) {
  await measure(`ssh, ${trip} ms away`, async (box) => {
    const server = await SshServer.start(box.root);
    box.owns({ close: () => server[Symbol.asyncDispose]() });
    const port = await DistantPort.before(server.port);
    box.owns({ close: () => port[Symbol.asyncDispose]() });
    port.roundTripMs = trip;
    const ssh = `${await sshWrapper(box.path('bin'), server)}/ssh`;
    for (const clone of CLONES) await box.git(clone, 'config', 'core.sshCommand', ssh);
    await move(box, `ssh://${userInfo().username}@127.0.0.1:${port.port}${box.path(box.remote)}`);
  });
}
const compared = values.before === undefined ? [] : ['before (ms)'];
const head = ['remote', ...compared, 'told after (ms)', 'at most (ms)', 'as a multiple of one fetch'];
process.stdout.write(`${markdownTable([...head, `under ${LIMIT_MS} ms`], rows)}\n`);

/** A page that is open, and somebody who claims. */
interface Opened {
  readonly box: Scene;
  readonly program: string;
  readonly events: AsyncGenerator<Told, void, void>;
  readonly delays: number[];
  readonly fetches: number[];
}

/** @param place lets the clones of a scene have their remote elsewhere */
async function measure(name: string, place: (box: Scene) => Promise<void>): Promise<void> {
  process.stderr.write(`${name}\n`);
  const all: Opened[] = [];
  try {
    for (const program of programs) {
      const box = await scene({ files: queueFiles(rounds + 1), clones: CLONES });
      await place(box);
      const dashboard = await DashboardSession.start(box, 'looking', [], { program });
      const events = dashboard.events();
      await nextOf(events, 'hello');
      all.push({ box, program, events, delays: [], fetches: [] });
    }
    for (let round = 0; round < rounds; round++) for (const one of all) await claimOnce(one, round);
  } finally {
    for (const { box } of all) await box[Symbol.asyncDispose]();
  }
  const [delays, fetches] = [all.map((one) => one.delays), all.flatMap((one) => one.fetches)];
  const own = delays.at(-1) ?? [];
  const delay = median(own);
  rows.push([
    name,
    ...delays.map((each) => median(each).toFixed(0)),
    Math.max(...own).toFixed(0),
    (delay / median(fetches)).toFixed(1),
    delay < LIMIT_MS ? 'yes' : 'no',
  ]);
}

async function claimOnce({ box, program, events, delays, fetches }: Opened, round: number): Promise<void> {
  await systemClock.sleep(REST_MS);
  const before = await box.tip();
  const claim = box.start('claiming', ['claim', `a${round}`, '--verbose'], { program });
  const told = nextOf(events, 'change', ({ change }) => change.tip !== undefined && change.tip !== before);
  await said(claim, 'stderr', /pushed/);
  const pushedAt = performance.now();
  await told;
  delays.push(performance.now() - pushedAt);
  await claim.done;
  const startedAt = performance.now();
  await box.git('fetching', 'fetch', '-q', 'origin', 'develop');
  fetches.push(performance.now() - startedAt);
}

/** Lets all clones of a scene have their remote at a URL. */
async function move(box: Scene, url: string): Promise<void> {
  for (const clone of CLONES) await box.git(clone, 'remote', 'set-url', 'origin', url);
}
