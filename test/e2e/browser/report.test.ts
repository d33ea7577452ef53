import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { closeBrowser, HAS_CHROMIUM, inBrowser, Visit } from '../../kit/browser/browser.ts';
import { busyQueue, HOSTILE } from '../../kit/browser/busy-queue.ts';
import { DashboardSession } from '../../kit/scene/dashboard-session.ts';
import { scene } from '../../kit/scene/scene.ts';

afterAll(closeBrowser);

describe.runIf(HAS_CHROMIUM)(inBrowser('a report of the dashboard'), () => {
  it('shows the same as the page, from a file, without any request', async () => {
    await using box = await busyQueue();
    const dashboard = await DashboardSession.start(box, 'clone');
    expect((await box.agentq('clone', 'dashboard', '--export', 'report.html')).code).toBe(0);
    const file = pathToFileURL(box.path('clone', 'report.html')).href;
    await using live = await Visit.of(dashboard.url.href);
    await using report = await Visit.of(file, { offline: true });
    const cards =
      '[...document.querySelectorAll(".column")].map((one) => [one.querySelector("h2").textContent, one.querySelector(".count").textContent, ...[...one.querySelectorAll("[data-name]")].map((card) => card.dataset.name)])';
    expect(await report.page.evaluate(cards)).toEqual(await live.page.evaluate(cards));
    await report.page.locator('.task-card[data-name="auth/TASK-9"]').getByRole('button').click();
    await report.page.getByRole('dialog').locator('.criteria').getByText('onerror=').waitFor();
    expect(await report.page.getByRole('dialog').getByRole('heading', { level: 2 }).textContent()).toBe(HOSTILE);
    await report.page.keyboard.press('Escape');
    for (const key of ['2', '3', '4', '5']) await report.page.keyboard.press(key);
    await report.page.locator('main.page-events').waitFor();
    expect(await report.page.evaluate('[window.hacked, document.querySelectorAll("img, iframe").length]')).toEqual([
      undefined,
      0,
    ]);
    expect(report.requests).toEqual([file]);
    expect(report.problems).toEqual([]);
    // Its policy lets no other script run: one that somebody has put in does not.
    const html = await readFile(box.path('clone', 'report.html'), 'utf8');
    await writeFile(
      box.path('clone', 'report.html'),
      html.replace('</body>', '<script>window.hacked = 3</script></body>'),
    );
    await report.page.goto('about:blank');
    await report.open(file);
    expect(await report.page.evaluate('window.hacked')).toBeUndefined();
    expect(report.problems.join()).toContain('Content Security Policy');
  });

  it('shows 10,000 tasks, and finds one of them', async () => {
    await using box = await scene({ tasks: 10_000, clones: ['clone'] });
    const dashboard = await DashboardSession.start(box, 'clone');
    await using visit = await Visit.of(dashboard.url.href);
    const { page } = visit;
    await page.getByText('0 of 10,000 tasks').waitFor();
    expect(await page.locator('.task-card').count()).toBeLessThan(200);
    await page.getByLabel('Search tasks').fill('TASK-9876');
    await page.locator('.task-card[data-name="auth/TASK-9876"]').waitFor();
    await expect.poll(() => page.locator('.task-card').count()).toBe(1);
    await page.locator('.card-open').click();
    await page.getByRole('dialog').getByText('What TASK-9876 is about').first().waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('4');
    await page.locator('main.page-graph').waitFor();
    expect(visit.problems).toEqual([]);
  });
});
