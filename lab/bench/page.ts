/**
 * How soon the page of `agentq dashboard` is there and answers, in Chromium, with many tasks. The baseline is an empty page of
 * the same browser in the same run; rounds are in turns.
 *
 *     npm run bench:page -- [--tasks 10000] [--rounds 7]
 *
 * First paint is from the navigation to the frame after the first cards of the board are drawn. A filter is the time from the input to the frame that shows what is left.
 */
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { closeBrowser, Visit } from '../../test/kit/browser/browser.ts';
import { DashboardSession } from '../../test/kit/scene/dashboard-session.ts';
import { scene } from '../../test/kit/scene/scene.ts';
import { workInMemory } from './support/environment.ts';
import { markdownTable, median } from './support/report.ts';

/** Most that issue 17 allows (ms). */
const PAINT_MS = 1_000;
const FILTER_MS = 100;

const { values } = parseArgs({
  options: { tasks: { type: 'string', default: '10000' }, rounds: { type: 'string', default: '7' } },
});
const rounds = Number(values.rounds);

/** Resolves with the time since the navigation at the first frame with a card of the board in it. */
const PAINTED = `new Promise((resolve) => {
  const look = () => document.querySelector('.task-card, #empty') === null ? requestAnimationFrame(look) : requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
  look();
})`;

/** Resolves with the time from an input to the frame after it. */
const filtered = (text: string): string => `new Promise((resolve) => {
  const input = document.getElementById('search');
  const from = performance.now();
  input.value = ${JSON.stringify(text)};
  input.dispatchEvent(new Event('input', { bubbles: true }));
  requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - from)));
})`;

workInMemory();
await using box = await scene({ tasks: Number(values.tasks), clones: ['clone'] });
const dashboard = await DashboardSession.start(box, 'clone');
const empty = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html').end('<!doctype html><title>empty</title><p id="empty">empty</p>');
});
await new Promise<void>((resolve) => empty.listen(0, '127.0.0.1', resolve));
const times = { empty: [] as number[], paint: [] as number[], filter: [] as number[], clear: [] as number[] };
for (let round = -1; round < rounds; round++) {
  await using visit = await Visit.begin();
  const none = await paint(visit.page, `http://127.0.0.1:${(empty.address() as { readonly port: number }).port}/`);
  const full = await paint(visit.page, dashboard.url.href);
  const filter = Number(await visit.page.evaluate(filtered('TASK-98')));
  const clear = Number(await visit.page.evaluate(filtered('')));
  // The first round warms caches.
  if (round < 0) continue;
  times.empty.push(none);
  times.paint.push(full);
  times.filter.push(filter);
  times.clear.push(clear);
}
empty.close();
await closeBrowser();

const base = median(times.empty);
const row = (what: string, of: readonly number[], most?: number): string[] => [
  what,
  `${median(of).toFixed(0)} ms`,
  `${Math.max(...of).toFixed(0)} ms`,
  (median(of) / base).toFixed(1),
  most === undefined ? '' : `${most} ms`,
];
process.stdout.write(
  `${markdownTable(
    [`${values.tasks} tasks`, 'median', 'slowest', 'ratio to the empty page', 'goal'],
    [
      row('first paint of an empty page', times.empty),
      row('first paint of the board', times.paint, PAINT_MS),
      row('search', times.filter, FILTER_MS),
      row('search, cleared', times.clear, FILTER_MS),
    ],
  )}\n`,
);
if (median(times.paint) > PAINT_MS || median(times.filter) > FILTER_MS || median(times.clear) > FILTER_MS)
  process.exitCode = 1;

async function paint(page: Page, url: string): Promise<number> {
  await page.goto(url, { waitUntil: 'commit' });
  return Number(await page.evaluate(PAINTED));
}
