import type { Request } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { closeBrowser, HAS_CHROMIUM, inBrowser, Visit } from '../../kit/browser/browser.ts';
import { DashboardSession } from '../../kit/scene/dashboard-session.ts';
import { scene } from '../../kit/scene/scene.ts';

afterAll(closeBrowser);

const TASKS = ['TASK-1', 'TASK-2', 'TASK-3', 'TASK-4'];

describe.runIf(HAS_CHROMIUM)(inBrowser('many pages of one dashboard in one browser'), () => {
  it('share one connection, follow by it, and pass it on when its page is closed or frozen', async () => {
    await using box = await scene({ tasks: TASKS.length, clones: ['clone', 'other'] });
    const dashboard = await DashboardSession.start(box, 'clone');
    await using visit = await Visit.of(dashboard.url.href);
    const context = visit.page.context();
    // Of the pages after the first, which has one.
    const streams = new Set<Request>();
    context.on('request', (request) => {
      if (request.url().endsWith('/api/events')) streams.add(request);
    });
    context.on('requestfailed', (request) => streams.delete(request));
    const pages = [visit.page];
    for (let count = 1; count < 8; count++) {
      const page = await context.newPage();
      await page.goto(dashboard.url.href);
      await page.locator('main:not([aria-busy]) .overview').waitFor();
      pages.push(page);
    }
    expect(streams.size).toBe(0);
    const follow = async (task: string): Promise<void> => {
      await box.agentq('other', 'claim', 'a1', '--task', task);
      const card = `.column[aria-labelledby="column-claimed"] .task-card[data-name="auth/${task}"]`;
      for (const page of pages) await page.locator(card).waitFor({ state: 'attached' });
    };
    await follow('TASK-1');
    // A task opens: the last page has a connection for that.
    await pages.at(-1)?.locator('.task-card[data-name="auth/TASK-1"] .card-open').click();
    await pages.at(-1)?.getByRole('dialog').locator('.log').waitFor();

    await pages.shift()?.close();
    await follow('TASK-2');
    expect(streams.size).toBe(1);

    // The page with the connection is the first that waited for it.
    const [frozen] = pages;
    if (frozen === undefined) throw new Error('no page is left');
    const devtools = await context.newCDPSession(frozen);
    // Nothing of it runs, as when a browser freezes a page in the background.
    await devtools.send('Debugger.enable');
    await devtools.send('Debugger.pause');
    pages.shift();
    await follow('TASK-3');
    await devtools.send('Debugger.resume');
    await devtools.detach();
    pages.push(frozen);
    await follow('TASK-4');
    // The one that was frozen has given its own up.
    await expect.poll(() => streams.size).toBe(1);
    expect(visit.problems).toEqual([]);
  });
});
