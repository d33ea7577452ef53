import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { closeBrowser, HAS_CHROMIUM, inBrowser, Visit } from '../../kit/browser/browser.ts';
import { busyQueue } from '../../kit/browser/busy-queue.ts';
import { DashboardSession } from '../../kit/scene/dashboard-session.ts';
import type { Scene } from '../../kit/scene/scene.ts';

afterAll(closeBrowser);

async function task(box: Scene, name: string): Promise<{ state: string; priority: number }> {
  return JSON.parse((await box.agentq('other', 'show', name, '--json')).stdout);
}

describe.runIf(HAS_CHROMIUM)(inBrowser('acting on the page of the dashboard'), () => {
  it('answers, unblocks, releases, sets priorities, pauses and resumes', async () => {
    await using box = await busyQueue();
    await box.git('clone', 'config', 'user.name', 'Ann Person');
    const dashboard = await DashboardSession.start(box, 'clone', ['--allow-actions']);
    expect(dashboard.url.search).toMatch(/^\?token=.{32}/);
    await using visit = await Visit.of(dashboard.url.href);
    const { page } = visit;
    // The token is neither in the address nor in reach of scripts any more.
    expect(page.url()).not.toContain('token');
    expect(await page.evaluate('document.cookie')).toBe('');
    const open = async (name: string): Promise<void> => {
      await page.goto(`${dashboard.origin}/#/board?task=${encodeURIComponent(name)}`);
      await page.getByRole('dialog').locator('.actions').waitFor();
    };
    await open('auth/TASK-3');
    await page.getByLabel('Your answer').fill('The one <b>with</b> the blue sign');
    await page.getByRole('button', { name: 'Answer', exact: true }).click();
    await page.getByRole('dialog').getByText('The one <b>with</b> the blue sign').first().waitFor();
    await expect.poll(async () => (await task(box, 'auth/TASK-3')).state).toBe('ready');
    await open('auth/TASK-5');
    await page.getByRole('button', { name: 'Unblock' }).click();
    await expect.poll(async () => (await task(box, 'auth/TASK-5')).state).toBe('ready');
    await open('auth/TASK-2');
    await page.getByLabel('Why it is taken').fill('it takes too long');
    await page.getByRole('button', { name: 'Release' }).click();
    await expect.poll(async () => (await task(box, 'auth/TASK-2')).state).toBe('ready');
    await open('auth/TASK-7');
    await page.getByLabel('Priority').fill('42');
    await page.getByRole('button', { name: 'Set' }).click();
    await expect.poll(async () => (await task(box, 'auth/TASK-7')).priority).toBe(42);

    await page.goto(`${dashboard.origin}/#/board`);
    await page.getByRole('button', { name: 'Pause the queue' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('the bank moves');
    await page.getByRole('dialog').getByRole('button', { name: 'Pause', exact: true }).click();
    await page.locator('.attention').getByText('the bank moves').waitFor();
    expect(JSON.parse((await box.agentq('other', 'status', '--json')).stdout).paused).toMatchObject([
      { project: null, reason: 'the bank moves', by: 'Ann Person' },
    ]);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.locator('.attention').getByText('the bank moves').waitFor({ state: 'detached' });
    expect(visit.problems).toEqual([]);

    // What is refused is said.
    await open('auth/TASK-8');
    await page.getByLabel('Priority').fill('77');
    await box.agentq('other', 'cancel', 'TASK-8', '--reason', 'not needed');
    await page
      .getByRole('dialog')
      .getByText(/cancelled/i)
      .first()
      .waitFor();
  });

  it('offers nothing to do without --allow-actions, and nothing at all with a wrong token', async () => {
    await using box = await busyQueue();
    const reading = await DashboardSession.start(box, 'clone');
    await using visit = await Visit.of(`${reading.origin}/#/board?task=auth%2FTASK-3`);
    await visit.page.getByRole('dialog').locator('.log').waitFor();
    expect(await visit.page.locator('.actions, form, textarea').count()).toBe(0);
    expect(await visit.page.getByRole('button', { name: /Pause|Answer|Resume|Release/ }).count()).toBe(0);

    const acting = await DashboardSession.start(box, 'clone', ['--allow-actions']);
    await using stranger = await Visit.begin();
    for (const search of ['', '?token=', `?token=${'a'.repeat(43)}`]) {
      const answer = await stranger.page.goto(`${acting.origin}/${search}`);
      expect([search, answer?.status()]).toEqual([search, 403]);
      expect(await stranger.page.content()).not.toContain('TASK-');
    }
  });

  it('is out of reach of pages of other places', async () => {
    await using box = await busyQueue();
    const dashboard = await DashboardSession.start(box, 'clone', ['--allow-actions']);
    await using visit = await Visit.of(dashboard.url.href);
    // Another server of this machine: the same site for cookies, and another origin.
    const evil = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>evil</title><iframe></iframe>');
    });
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    box.owns({ close: () => evil.close() });
    const before = await box.tip();
    const page = await visit.page.context().newPage();
    await page.goto(`http://127.0.0.1:${(evil.address() as AddressInfo).port}/`);
    const pause = JSON.stringify({ action: 'pause', project: null, reason: 'evil' });
    const got = await page.evaluate(`(async () => {
      const at = ${JSON.stringify(dashboard.origin)};
      const said = async (promise) => promise.then((answer) => answer.text()).catch(() => 'refused');
      const read = await said(fetch(at + '/api/board', { credentials: 'include' }));
      const post = await said(fetch(at + '/api/actions', { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(pause)} }));
      const simple = await said(fetch(at + '/api/actions', { method: 'POST', mode: 'no-cors', credentials: 'include', body: ${JSON.stringify(pause)} }));
      const events = await new Promise((resolve) => {
        const source = new EventSource(at + '/api/events', { withCredentials: true });
        source.addEventListener('hello', () => resolve('heard'));
        source.addEventListener('error', () => resolve('refused'));
      });
      const script = await new Promise((resolve) => {
        const element = document.createElement('script');
        element.onload = () => resolve('loaded');
        element.onerror = () => resolve('refused');
        element.src = at + '/page.js';
        document.body.append(element);
      });
      return { read, post, simple, events, script };
    })()`);
    expect(got).toEqual({
      read: 'refused',
      post: 'refused',
      simple: expect.stringMatching(/^(?:refused)?$/),
      events: 'refused',
      script: 'refused',
    });
    // Neither in a frame.
    await page.evaluate(`document.querySelector('iframe').src = ${JSON.stringify(`${dashboard.origin}/`)}`);
    await expect.poll(() => page.frames()[1]?.url()).toMatch(/^chrome-error:|^about:blank/);
    // Nor by a name of its own that leads here.
    const rebound = await page.goto(`http://rebound.example:${dashboard.url.port}/`);
    expect(rebound?.status()).toBe(403);
    expect(await page.content()).not.toContain('TASK-');
    expect(await box.tip()).toBe(before);
    expect(visit.problems).toEqual([]);
  });
});
