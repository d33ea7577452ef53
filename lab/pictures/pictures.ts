/**
 * Takes the pictures of the docs: the page in Chromium, and `status --watch` in tmux, both of the same queue, which the
 * real binary makes first.
 *
 *     npm run docs:pictures -- [--queue <folder>] [name...]
 *
 * `--queue` takes one that an earlier run has left (`--keep`). Names are those of the files in docs/pictures.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { BrowserContextOptions } from 'playwright-core';
import UPNG from 'upng-js';
import { closeBrowser, Visit } from '../../test/kit/browser/browser.ts';
import { DashboardSession } from '../../test/kit/scene/dashboard-session.ts';
import { sampleHistory } from './sample-history.ts';
import { SAMPLE_NOW, SampleQueue } from './sample-queue.ts';
import { terminalPicture } from './terminal-picture.ts';

/** What the pictures show, and how. */
const PICTURES: Readonly<Record<string, readonly [place: string, options?: BrowserContextOptions]>> = {
  dashboard: ['board'],
  'dashboard-dark': ['board', { colorScheme: 'dark' }],
  'dashboard-phone': ['board', { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }],
  'dashboard-task': ['board'],
  'dashboard-charts': ['charts', { viewport: { width: 1440, height: 1100 } }],
  'dashboard-agents': ['agents', { viewport: { width: 1440, height: 1000 } }],
  'dashboard-graph': ['graph', { viewport: { width: 1440, height: 1000 } }],
};
/** Colours of a picture: more are not seen, and cost room. */
const COLOURS = 192;

const { values, positionals } = parseArgs({
  options: { queue: { type: 'string' }, keep: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
const isAsked = (name: string): boolean => positionals.length === 0 || positionals.includes(name);

await mkdir(folder, { recursive: true });
const queue = values.queue === undefined ? await sampleHistory() : SampleQueue.at(values.queue);
try {
  if (isAsked('terminal')) await takeTerminal();
  const running = await DashboardSession.start(queue.box, 'shop', [], queue.at(SAMPLE_NOW));
  for (const [name, [place, options]] of Object.entries(PICTURES)) {
    if (isAsked(name)) await takePage(name, `${running.origin}/#/${place}`, options);
  }
} finally {
  await closeBrowser();
  if (values.keep || values.queue !== undefined) await queue.box.stop();
  else await queue[Symbol.asyncDispose]();
}
if (values.keep) process.stdout.write(`--queue ${queue.box.root}\n`);

async function takeTerminal(): Promise<void> {
  const html = await terminalPicture(queue);
  await using visit = await Visit.begin({ deviceScaleFactor: 1 });
  await visit.page.setContent(html);
  await save('terminal', await visit.page.locator('body').screenshot());
}

async function takePage(name: string, url: string, options: BrowserContextOptions = {}): Promise<void> {
  await using visit = await Visit.begin({ reducedMotion: 'reduce', ...options });
  const { page } = visit;
  // The page has the time of the queue; its timers run.
  await page.clock.install({ time: SAMPLE_NOW + 2_000 });
  await visit.open(url);
  // The first that needs a person.
  if (name === 'dashboard-task') {
    await page.locator('.notice-open').first().click();
    await page.getByRole('dialog').locator('.log').waitFor();
  }
  await page.evaluate('document.fonts.ready');
  await page.clock.runFor(500);
  await save(name, await page.screenshot());
}

async function save(name: string, png: Buffer): Promise<void> {
  const image = UPNG.decode(Uint8Array.from(png).buffer);
  const small = UPNG.encode(UPNG.toRGBA8(image), image.width, image.height, COLOURS);
  await writeFile(`${folder}${name}.png`, Buffer.from(small));
  process.stdout.write(`docs/pictures/${name}.png ${Math.round(small.byteLength / 1024)} kB\n`);
}
