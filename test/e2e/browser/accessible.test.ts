import type { Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { violations } from '../../kit/browser/axe.ts';
import { closeBrowser, HAS_CHROMIUM, inBrowser, Visit } from '../../kit/browser/browser.ts';
import { busyQueue } from '../../kit/browser/busy-queue.ts';
import { DashboardSession } from '../../kit/scene/dashboard-session.ts';

afterAll(closeBrowser);

const VIEWS = ['board', 'charts', 'agents', 'graph', 'events'] as const;
const PHONE = { width: 360, height: 740 };

/** What has the focus: the class, id or text of the element. */
const FOCUSED = 'document.activeElement.id || document.activeElement.className || document.activeElement.textContent';

describe.runIf(HAS_CHROMIUM)(inBrowser('the page of the dashboard for everybody'), () => {
  it.each([
    ['light', undefined],
    ['dark', undefined],
    ['light', PHONE],
    ['dark', PHONE],
  ] as const)('keeps to WCAG AA in every view, %s, %o', async (colorScheme, size) => {
    await using box = await busyQueue();
    const dashboard = await DashboardSession.start(box, 'clone', ['--allow-actions']);
    await using visit = await Visit.of(dashboard.url.href, { colorScheme, ...(size && { viewport: size }) });
    const { page } = visit;
    for (const place of [...VIEWS, 'board?task=auth%2FTASK-3', 'board?task=auth%2FTASK-1', 'board?project=auth']) {
      await page.goto(`${dashboard.origin}/#/${place}`);
      await page.locator(`main.page-${place.split('?')[0]}`).waitFor();
      if (place.includes('task=')) await page.getByRole('dialog').locator('.log').waitFor();
      expect([place, await violations(page)]).toEqual([place, []]);
    }
    await page.goto(`${dashboard.origin}/#/board`);
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('has no line to scroll sideways for on a phone, at 200 % and in a narrow window', async () => {
    await using box = await busyQueue();
    const dashboard = await DashboardSession.start(box, 'clone', ['--allow-actions']);
    for (const [viewport, deviceScaleFactor] of [
      [PHONE, 3],
      [{ width: 320, height: 600 }, 2],
      [{ width: 720, height: 450 }, 2],
      [{ width: 1024, height: 700 }, 1],
    ] as const) {
      await using visit = await Visit.of(dashboard.url.href, { viewport, deviceScaleFactor });
      const { page } = visit;
      for (const place of [...VIEWS, 'board?task=auth%2FTASK-9']) {
        await page.goto(`${dashboard.origin}/#/${place}`);
        await page.locator(`main.page-${place.split('?')[0]}`).waitFor();
        if (place.includes('task=')) await page.getByRole('dialog').locator('.criteria').waitFor();
        const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect([viewport.width, place, over]).toEqual([viewport.width, place, 0]);
      }
    }
  });

  it('can be used by keyboard alone', async () => {
    await using box = await busyQueue();
    const dashboard = await DashboardSession.start(box, 'clone');
    await using visit = await Visit.of(dashboard.url.href);
    const { page } = visit;
    // The Tab key reaches everything, each with a visible focus, and leaves again.
    const reached = await tabThrough(page);
    for (const part of ['skip', 'search', 'card-open', 'notice-open', 'tool', 'pr']) expect(reached).toContain(part);
    expect(reached.filter((name) => name === 'card-open')).toHaveLength(10);

    await page.keyboard.press('3');
    await page.locator('main.page-agents').waitFor();
    await page.keyboard.press('1');
    await page.locator('main.page-board').waitFor();
    await page.keyboard.press('/');
    expect(await page.evaluate(FOCUSED)).toBe('search');
    await page.keyboard.type('Ship');
    await expect.poll(() => page.locator('.task-card').count()).toBe(1);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.task-card').count()).toBe(10);

    const first = page.locator('.column[aria-labelledby="column-ready"] .card-open').first();
    await first.focus();
    await page.keyboard.press('ArrowDown');
    const name = await page.evaluate('document.activeElement.closest(".task-card").dataset.name');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').locator('.log, .file').first().waitFor();
    // The dialog keeps the focus, and gives it back.
    for (let press = 0; press < 12; press++) {
      await page.keyboard.press('Tab');
      expect(
        await page.evaluate(
          'document.activeElement.closest("dialog") !== null || document.activeElement === document.body',
        ),
      ).toBe(true);
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.closest(".task-card").dataset.name')).toBe(name);
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate('document.activeElement.closest(".column").getAttribute("aria-labelledby")')).not.toBe(
      'column-ready',
    );
    expect(visit.problems).toEqual([]);
  });
});

/** Presses Tab from the beginning of the page to its end. @returns the class or id of each stop; fails where one cannot be seen */
async function tabThrough(page: Page): Promise<readonly string[]> {
  const stops: string[] = [];
  for (let press = 0; press < 120; press++) {
    await page.keyboard.press('Tab');
    const stop = (await page.evaluate(`(() => {
      const element = document.activeElement;
      if (element === document.body) return null;
      const style = getComputedStyle(element);
      const around = getComputedStyle(element.closest('.task-card, .notice, .search, .choice') ?? element);
      const ring = (one) => (one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) >= 2) || one.boxShadow !== 'none';
      const box = element.getBoundingClientRect();
      return {
        name: element.id || element.className.split(' ')[0] || element.tagName,
        seen: ring(style) || ring(around) || ring(getComputedStyle(element, '::after')),
        inside: box.bottom > 0 && box.top < innerHeight && box.width > 0,
      };
    })()`)) as { readonly name: string; readonly seen: boolean; readonly inside: boolean } | null;
    if (stop === null) return stops;
    expect(stop).toMatchObject({ name: stop.name, seen: true, inside: true });
    stops.push(stop.name);
  }
  throw new Error(`the Tab key does not come to an end: ${stops.join(', ')}`);
}
