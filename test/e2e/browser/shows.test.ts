import type { Locator, Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { closeBrowser, HAS_CHROMIUM, inBrowser, Visit } from '../../kit/browser/browser.ts';
import { busyQueue, HOSTILE } from '../../kit/browser/busy-queue.ts';
import { DashboardSession } from '../../kit/scene/dashboard-session.ts';
import { scene } from '../../kit/scene/scene.ts';
import { until } from '../../kit/scene/work-session.ts';

afterAll(closeBrowser);

function column(page: Page, state: string): Locator {
  return page.locator(`.column[aria-labelledby="column-${state}"]`);
}

function card(within: Page | Locator, name: string): Locator {
  return within.locator(`.task-card[data-name="${name}"]`);
}

describe.runIf(HAS_CHROMIUM)(inBrowser('the page of the dashboard in Chromium'), () => {
  it('shows the numbers of status, asks nobody else, and complains of nothing', async () => {
    await using box = await busyQueue();
    const dashboard = await DashboardSession.start(box, 'clone');
    await using visit = await Visit.of(dashboard.url.href);
    const { page } = visit;
    const { all, projects } = JSON.parse((await box.agentq('other', 'status', '--json')).stdout);
    await expect.poll(() => page.locator('.percent').textContent()).toContain(String(all.percent));
    expect(await page.locator('.percent-of').textContent()).toBe(`${all.completed} of ${all.total} tasks`);
    for (const [state, count] of [
      ['ready', all.ready],
      ['waiting', all.waiting],
      ['asking', all.asking],
      ['claimed', all.inProgress],
      ['review', all.review],
      ['completed', all.completed],
      ['blocked', all.blocked],
    ] as const) {
      expect([state, await column(page, state).locator('.count').textContent()]).toEqual([state, String(count)]);
      expect([state, await column(page, state).locator('.task-card').count()]).toEqual([state, count]);
    }
    for (const { project, percent } of projects) {
      expect(await page.getByRole('button', { name: new RegExp(`^${project} ${percent}%`) }).count()).toBe(1);
    }
    expect(await page.locator('.attention').textContent()).toMatch(/Which bank\?.*waits for the bank/s);
    for (const view of ['Charts', 'Agents', 'Graph', 'Events', 'Board']) {
      await page.getByRole('link', { name: view }).click();
      await page.locator(`main.page-${view.toLowerCase()}`).waitFor();
    }
    expect(visit.foreign(dashboard.origin)).toEqual([]);
    expect(visit.requests.length).toBeGreaterThan(3);
    expect(visit.problems).toEqual([]);
  });

  it('follows a claim in every page that is open, and a server that starts again', async () => {
    await using box = await scene({ tasks: 3, clones: ['clone', 'other'] });
    const dashboard = await DashboardSession.start(box, 'clone');
    await using first = await Visit.of(dashboard.url.href);
    await using second = await Visit.of(`${dashboard.origin}/#/board?project=auth`);
    await box.agentq('other', 'claim', 'a1', '--task', 'TASK-2');
    for (const { page } of [first, second]) {
      await card(column(page, 'claimed'), 'auth/TASK-2').waitFor();
      expect(await card(column(page, 'ready'), 'auth/TASK-2').count()).toBe(0);
      expect(await card(page, 'auth/TASK-2').textContent()).toContain('a1');
    }
    expect([...first.problems, ...second.problems]).toEqual([]);

    dashboard.running.child.kill('SIGINT');
    await dashboard.running.done;
    await first.page.getByText('not connected').waitFor();
    await box.agentq('other', 'complete', 'TASK-2', 'a1');
    await DashboardSession.start(box, 'clone', ['--port', dashboard.url.port]);
    for (const { page } of [first, second]) await card(column(page, 'completed'), 'auth/TASK-2').waitFor();
    await first.page.getByText('live', { exact: false }).first().waitFor();
  });

  it('opens a task with its text, criteria, notes, log, and what it requires', async () => {
    await using box = await busyQueue();
    const dashboard = await DashboardSession.start(box, 'clone');
    await using visit = await Visit.of(dashboard.url.href);
    const { page } = visit;
    const drawer = page.getByRole('dialog');
    await card(page, 'auth/TASK-1').getByRole('button').click();
    for (const text of ['Title of TASK-1', 'What TASK-1 is about', 'It is tested', 'The fixtures were enough']) {
      await drawer.getByText(text).first().waitFor();
    }
    expect(await drawer.locator('.log').textContent()).toMatch(/completed by a1.*claimed by a1/s);
    expect(await drawer.getByRole('link').getAttribute('href')).toBe('https://example.com/pull/7');
    expect(page.url()).toContain('task=auth%2FTASK-1');
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });

    await card(page, 'auth/TASK-8').getByRole('button').click();
    await drawer.getByRole('button', { name: /TASK-7/ }).click();
    await drawer.getByRole('heading', { name: 'Title of TASK-7' }).waitFor();
    await drawer.getByRole('button', { name: /TASK-8/ }).waitFor();
    // A link to the page says what is opened.
    await using other = await Visit.of(page.url());
    await other.page.getByRole('dialog').getByRole('heading', { name: 'Title of TASK-7' }).waitFor();
    expect(visit.problems).toEqual([]);
  });

  it('shows hostile texts as text', async () => {
    await using box = await busyQueue();
    const dashboard = await DashboardSession.start(box, 'clone');
    await using visit = await Visit.of(dashboard.url.href);
    const { page } = visit;
    expect(await card(page, 'auth/TASK-9').locator('h3').textContent()).toBe(HOSTILE);
    await card(page, 'auth/TASK-9').getByRole('button').click();
    await page.getByRole('dialog').locator('.criteria').getByText('onerror=').waitFor();
    for (const view of ['charts', 'agents', 'graph', 'events', 'board']) {
      await page.goto(`${dashboard.origin}/#/${view}`);
      await page.locator(`main.page-${view}`).waitFor();
      expect(await page.evaluate('[window.hacked, document.querySelectorAll("img, iframe").length]')).toEqual([
        undefined,
        0,
      ]);
    }
    // What is searched for and what a link says are texts of others, too.
    await page.goto(`${dashboard.origin}/#/board?search=${encodeURIComponent(HOSTILE.slice(0, 40))}`);
    await card(page, 'auth/TASK-9').waitFor();
    await page.goto(
      `${dashboard.origin}/#/board?task=${encodeURIComponent(HOSTILE)}&project=${encodeURIComponent(HOSTILE)}`,
    );
    await page.getByRole('dialog').waitFor();
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(visit.foreign(dashboard.origin)).toEqual([]);
  });

  it('filters by project, agent, label and search, in the URL, and keeps the theme', async () => {
    await using box = await busyQueue();
    const dashboard = await DashboardSession.start(box, 'clone');
    await using visit = await Visit.of(dashboard.url.href);
    const { page } = visit;
    const shown = async (): Promise<string[]> =>
      (
        await page
          .locator('.task-card')
          .evaluateAll((all) => all.map((one) => (one as unknown as { dataset: { name: string } }).dataset.name))
      ).sort();
    await page.getByRole('button', { name: /^shop/ }).click();
    await expect.poll(shown).toEqual(['shop/SHOP-1']);
    expect(await page.locator('.filters-found').textContent()).toBe('1 of 10 tasks');
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('Filter by agent').selectOption('a2');
    await expect.poll(shown).toEqual(['auth/TASK-2']);
    await page.getByLabel('Filter by agent').selectOption('');
    await page.getByLabel('Search tasks').fill('SHIP');
    await expect.poll(shown).toEqual(['auth/TASK-8']);
    expect(page.url()).toContain('search=SHIP');
    await page.reload();
    await expect.poll(shown).toEqual(['auth/TASK-8']);
    await page.getByLabel('Search tasks').fill('no such words');
    await page.getByText('No task matches').waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await expect.poll(async () => (await shown()).length).toBe(10);

    const theme = (): Promise<unknown> => page.evaluate('document.documentElement.dataset.theme');
    const background = (): Promise<unknown> =>
      page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const light = await background();
    await page.emulateMedia({ colorScheme: 'dark' });
    await until(async () => (await theme()) === 'dark');
    expect(await background()).not.toBe(light);
    await page.getByRole('button', { name: /^Colours/ }).click();
    expect(await theme()).toBe('light');
    await page.reload();
    await page.locator('.overview').waitFor();
    expect(await theme()).toBe('light');
    expect(visit.problems).toEqual([]);
  });

  it('keeps the texts of the graph in their boxes, and has them in full in the tooltip', async () => {
    await using box = await busyQueue();
    const title = 'WWWW MMMM Remove the four-step checkout and its 61 templates';
    expect(await box.agentq('other', 'edit', 'TASK-8', '--title', title)).toMatchObject({ code: 0 });
    const dashboard = await DashboardSession.start(box, 'clone');
    await using visit = await Visit.of(`${dashboard.origin}/#/graph`);
    const node = visit.page.locator('.node[data-name="auth/TASK-8"]');
    expect(await node.locator('.node-title').textContent()).toMatch(/^WWWW MMMM Remove .*…$/);
    expect(await node.locator('title').textContent()).toContain(title);
    const over = await visit.page.evaluate(`[...document.querySelectorAll('.node')].flatMap((one) => {
      const right = one.querySelector('.node-box').getBoundingClientRect().right;
      return [...one.querySelectorAll('text')].map((text) => text.getBoundingClientRect().right - right);
    }).filter((distance) => distance > -8)`);
    expect(over).toEqual([]);
    // All linked tasks are of one project here.
    expect(await node.locator('.node-name').textContent()).toBe('TASK-8');
    await box.agentq('other', 'edit', 'shop/SHOP-1', '--requires', '+auth/TASK-8');
    await expect.poll(() => node.locator('.node-name').textContent()).toBe('auth/TASK-8');
  });

  it('opens on a phone with the first column that has tasks, and stays at the one that is chosen', async () => {
    await using box = await busyQueue();
    const dashboard = await DashboardSession.start(box, 'clone');
    await using visit = await Visit.of(`${dashboard.origin}/#/board?agent=a4`, {
      viewport: { width: 390, height: 800 },
    });
    const { page } = visit;
    const chosen = (): Promise<string | null> => page.locator('.tabs [aria-pressed="true"]').textContent();
    expect(await chosen()).toBe('In review 1');
    expect(await card(page, 'auth/TASK-4').isVisible()).toBe(true);
    const [tabs, tab] = await Promise.all([
      page.locator('.tabs').boundingBox(),
      page.locator('.tabs [aria-pressed="true"]').boundingBox(),
    ]);
    expect(tab?.x).toBeGreaterThanOrEqual(tabs?.x ?? 0);
    expect((tab?.x ?? 0) + (tab?.width ?? 0)).toBeLessThanOrEqual(390);
    await page.getByRole('button', { name: /^Clear/ }).click();
    await expect.poll(chosen).toBe('Ready 3');
    await page.getByRole('button', { name: /^Claimed/ }).click();
    await page.getByLabel('Filter by agent').selectOption('a4');
    await expect.poll(chosen).toBe('Claimed 0');
    expect(visit.problems).toEqual([]);
  });

  it('filters agents by the labels of their tasks, and offers no filter that does nothing', async () => {
    await using box = await busyQueue();
    expect(await box.agentq('other', 'edit', 'TASK-2', '--label', 'area=ops')).toMatchObject({ code: 0 });
    const dashboard = await DashboardSession.start(box, 'clone');
    await using visit = await Visit.of(`${dashboard.origin}/#/agents`);
    const { page } = visit;
    const shown = (): Promise<string[]> => page.locator('.agent-name').allTextContents();
    expect((await shown()).sort()).toEqual(['a2', 'a4', 'a6']);
    await page.getByLabel('Filter by label').selectOption('area=ops');
    await expect.poll(shown).toEqual(['a2']);
    expect(await page.locator('.bar.is-faint').count()).toBe(0);
    // Others do.
    await page.getByText('None of these tasks needs a person.').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByRole('link', { name: 'Charts' }).click();
    await page.locator('main.page-charts').waitFor();
    expect(await page.getByLabel(/^Filter by/).count()).toBe(0);
    expect(visit.problems).toEqual([]);
  });

  it('moves nothing for people who ask for that', async () => {
    await using box = await busyQueue();
    const dashboard = await DashboardSession.start(box, 'clone');
    await using visit = await Visit.of(dashboard.url.href, { reducedMotion: 'reduce' });
    const { page } = visit;
    await page.evaluate(
      'window.moved = 0; setInterval(() => { window.moved += document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 1).length; }, 5)',
    );
    await box.agentq('other', 'claim', 'a9', '--task', 'TASK-7');
    await card(column(page, 'claimed'), 'auth/TASK-7').waitFor();
    await card(page, 'auth/TASK-7').getByRole('button').click();
    await page.getByRole('dialog').waitFor();
    expect(await page.evaluate('window.moved')).toBe(0);
  });
});
