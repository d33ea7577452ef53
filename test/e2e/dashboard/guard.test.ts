import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { NODE } from '../../kit/processes/run-agentq.ts';
import { type Asking, DashboardSession } from '../../kit/scene/dashboard-session.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

async function started(box: Scene, ...args: readonly string[]): Promise<DashboardSession> {
  return DashboardSession.start(box, 'clone', args);
}

/** How a page of somewhere else, or whoever let a name point here, would ask. */
const STRANGERS: readonly (readonly [who: string, headers: Readonly<Record<string, string>>])[] = [
  ['a name that was let point here', { host: 'evil.example' }],
  ['such a name with our port', { host: 'evil.example:PORT' }],
  ['a name that begins as ours', { host: '127.0.0.1.evil.example:PORT' }],
  ['another port', { host: '127.0.0.1:1' }],
  ['no port', { host: '127.0.0.1' }],
  ['a form of our address', { host: '127.1:PORT' }],
  ['a script of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ['a page of another port of this machine', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
  [
    'a frame on another site',
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  ],
];

const PATHS = ['/', '/page.js', '/api/board', '/api/events', '/api/tasks/auth/TASK-1'];

describe('the page', () => {
  it('is refused to whoever asks by another name, or from elsewhere', async () => {
    await using box = await scene({ tasks: 1, clones: ['clone'] });
    const dashboard = await started(box);
    const { port } = dashboard.url;
    for (const [who, headers] of STRANGERS) {
      const asking = { headers: JSON.parse(JSON.stringify(headers).replaceAll('PORT', port)) };
      for (const path of PATHS)
        expect([who, path, (await dashboard.ask(path, asking)).status]).toEqual([who, path, 403]);
    }
    // Under both of its names, from its own page, and by a link on another.
    for (const headers of [
      { host: `localhost:${port}` },
      { host: `127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    ]) {
      expect((await dashboard.ask('/', { headers })).status).toBe(200);
    }
    const refused = await dashboard.ask('/', { headers: { host: 'evil.example' } });
    expect(refused.headers['content-security-policy']).toContain("default-src 'none'");
    expect(refused.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('only answers what is asked by GET, and writes nothing', async () => {
    await using box = await scene({ tasks: 1, clones: ['clone'] });
    const before = await box.tip();
    const dashboard = await started(box);
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']) {
      for (const path of [...PATHS, '/api/actions']) {
        expect([method, path, (await dashboard.ask(path, { method })).status]).toEqual([method, path, 405]);
      }
    }
    expect(await dashboard.act({ action: 'pause', project: null, reason: 'mine' })).toMatchObject({ status: 405 });
    expect((await dashboard.ask('/api/actions')).status).toBe(404);
    expect(await box.tip()).toBe(before);
  });

  it('shows neither itself nor anything else without its token, if it may act', async () => {
    await using box = await scene({ tasks: 1, clones: ['clone'] });
    const before = await box.tip();
    const dashboard = await started(box, '--allow-actions');
    const token = dashboard.url.searchParams.get('token') ?? '';
    expect(token).toMatch(/^[\w-]{43}$/);
    const pause = { action: 'pause', project: null, reason: 'mine' };
    const wrong: readonly Asking[] = [
      {},
      { headers: { cookie: `agentq-${dashboard.url.port}=${token}` } },
      { headers: { cookie: `agentq-${dashboard.url.port}=` } },
      { headers: { cookie: 'agentq-1=x; __proto__=y' } },
      { headers: { authorization: `Bearer ${token}` } },
    ];
    for (const asking of wrong) {
      for (const path of [...PATHS, `/?token=${token.slice(1)}`, '/?token=', `/api/board?token=${token}`]) {
        expect([path, (await dashboard.ask(path, asking)).status]).toEqual([path, 403]);
      }
      expect((await dashboard.act(pause, asking.headers)).status).toBe(403);
    }

    const opened = await dashboard.open();
    expect([opened.status, opened.headers.location, opened.text]).toEqual([303, '/', '']);
    expect(opened.headers['set-cookie']).toEqual([
      expect.stringMatching(/^agentq-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    expect(dashboard.cookie).not.toContain(token);
    const page = await dashboard.ask('/');
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('"actions":true')]);
    expect(page.text).not.toContain(token);

    // A page of elsewhere has the cookie only if a browser is wrong; it cannot lie about its origin.
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: '' },
      { origin: `http://127.0.0.1:1` },
      { origin: `https://127.0.0.1:${dashboard.url.port}` },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      expect([headers, (await dashboard.act(pause, headers)).status]).toEqual([headers, 403]);
    }
    expect((await dashboard.act(pause, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await dashboard.act(pause, { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
    expect(await box.tip()).toBe(before);
    // By a link of a terminal in a browser, a redirect would come without the cookie.
    const clicked = await dashboard.ask(`${dashboard.url.pathname}${dashboard.url.search}`, {
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    });
    expect([clicked.status, clicked.text]).toEqual([200, expect.stringContaining('content="0;url=/"')]);
    expect((await dashboard.act(pause)).status).toBe(200);
    expect(await box.tip()).not.toBe(before);
  });

  it.skipIf(process.getuid?.() !== 0)('is refused to another user of the machine', async () => {
    await using box = await scene({ tasks: 1, clones: ['clone'] });
    const dashboard = await started(box);
    const ask = `fetch(${JSON.stringify(`${dashboard.origin}/api/board`)}).then(async (r) => console.log(r.status, await r.text()))`;
    const other = spawn(NODE, ['-e', ask], { uid: 65_534, gid: 65_534, cwd: '/', stdio: 'pipe' });
    let text = '';
    for await (const chunk of other.stdout) text += String(chunk);
    expect(text).toMatch(/^403 .*another user/);
    expect((await dashboard.ask('/api/board')).status).toBe(200);
    dashboard.running.child.kill('SIGINT');
    expect((await dashboard.running.done).stderr).toContain('another user of this machine (uid 65534)');
  });
});
