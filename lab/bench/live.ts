/**
 * How soon a page of `agentq dashboard` is told of a claim that another agentq on this machine has pushed, beside what
 * one `git fetch` of a commit takes over the same transport in the same run: a page cannot be told sooner than that.
 *
 *     npm run bench:live -- [--rounds 10] [--trip 0,30,100]
 *
 * It counts from the line with which the claim says that its push has landed. Between two claims the branch rests for a
 * second and a half, so that the poller is not about to look anyway. The server is `git http-backend` on loopback, which
 * is made to be away: a round trip on each exchange, and two more on each new connection.
 */
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/cli/command/system.ts';
import { said } from '../../test/kit/processes/said.ts';
import { queueFiles } from '../../test/kit/queues/queue-files.ts';
import { DashboardSession, nextOf } from '../../test/kit/scene/dashboard-session.ts';
import { type Scene, scene } from '../../test/kit/scene/scene.ts';
import { markdownTable, median } from './support/report.ts';

/** The issue wants it sooner than this (ms), wherever this machine can know of the push. */
const LIMIT_MS = 1_000;

/** How long (ms) the branch rests between two claims. */
const REST_MS = 1_500;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '10' }, trip: { type: 'string', default: '0,30,100' } },
});
const rounds = Number(values.rounds);
const remotes = ['folder', ...values.trip.split(',').map(Number)] as const;

const rows: string[][] = [];
for (const remote of remotes) {
  await using box = await scene({ files: queueFiles(rounds + 1), clones: ['looking', 'claiming', 'fetching'] });
  if (typeof remote === 'number') await overHttp(box, remote);
  const { delays, fetches } = await measured(box);
  const [delay, fetch] = [median(delays), median(fetches)];
  rows.push([
    typeof remote === 'number' ? `http, ${remote} ms away` : remote,
    delay.toFixed(0),
    Math.max(...delays).toFixed(0),
    (delay / fetch).toFixed(1),
    delay < LIMIT_MS ? 'yes' : 'no',
  ]);
}
const head = ['remote', 'told after (ms)', 'at most (ms)', 'as a multiple of one fetch', `under ${LIMIT_MS} ms`];
process.stdout.write(`${markdownTable(head, rows)}\n`);

async function overHttp(box: Scene, away: number): Promise<void> {
  const http = await box.http();
  http.roundTripMs = away;
  for (const clone of ['looking', 'claiming', 'fetching']) {
    await box.git(clone, 'remote', 'set-url', 'origin', http.url(box.remote));
  }
}

async function measured(box: Scene): Promise<{ readonly delays: number[]; readonly fetches: number[] }> {
  const dashboard = await DashboardSession.start(box, 'looking');
  const events = dashboard.events();
  await nextOf(events, 'hello');
  const [delays, fetches]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    await systemClock.sleep(REST_MS);
    const before = await box.tip();
    const claim = box.start('claiming', ['claim', `a${round}`, '--verbose']);
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
  await events.return();
  return { delays, fetches };
}
