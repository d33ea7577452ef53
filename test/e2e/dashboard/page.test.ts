import { chmod, readFile, rename } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { applyChange } from '../../../src/domain/dashboard/change.ts';
import { said } from '../../kit/processes/said.ts';
import { queueFiles } from '../../kit/queues/queue-files.ts';
import { DashboardSession, nextOf } from '../../kit/scene/dashboard-session.ts';
import { scene } from '../../kit/scene/scene.ts';

it('serves a page of its own, and the figures of status', async () => {
  await using box = await scene({ tasks: 3, clones: ['clone'] });
  await box.agentq('clone', 'claim', 'a1');
  const dashboard = await DashboardSession.start(box, 'clone');
  expect(dashboard.url.href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  const page = await dashboard.ask('/');
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.text).toMatch(/\{"mode":"live","name":"[^"]+","actions":false,"version":/);
  const sources = [...page.text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url = '']) => url);
  expect(sources.filter((url) => !url.startsWith('data:'))).toEqual(['/page.css', '/page.js']);
  expect(page.headers).toMatchObject({
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  });
  for (const [path, type] of [
    ['/page.js', 'text/javascript; charset=utf-8'],
    ['/page.css', 'text/css; charset=utf-8'],
  ] as const) {
    const { status, headers } = await dashboard.ask(path);
    expect([status, headers['content-type']]).toEqual([200, type]);
    const again = await dashboard.ask(path, { headers: { 'if-none-match': headers.etag ?? '' } });
    expect([again.status, again.text]).toEqual([304, '']);
  }

  const answer = await dashboard.ask('/api/board');
  expect(answer.headers['cache-control']).toBe('no-store');
  const { board } = JSON.parse(answer.text);
  const status = JSON.parse((await box.agentq('clone', 'status', '--json')).stdout);
  expect(board).toMatchObject({ tip: status.tip, projects: status.projects, all: status.all, paused: status.paused });
  expect(board.all).toMatchObject({ total: 3, inProgress: 1 });
  const { etag } = answer.headers;
  expect((await dashboard.ask('/api/board', { headers: { 'if-none-match': etag ?? '' } })).status).toBe(304);
  const zipped = await dashboard.ask('/api/board', { headers: { 'accept-encoding': 'gzip' } });
  expect(zipped.headers['content-encoding']).toBe('gzip');

  const task = await dashboard.ask('/api/tasks/auth/TASK-2');
  expect([task.status, JSON.parse(task.text)]).toMatchObject([200, { project: 'auth', task: 'TASK-2' }]);
  for (const path of ['/api/tasks/auth/TASK-9', '/api/tasks/..%2F..%2Fetc/passwd', '/api/else', '/else']) {
    const refused = await dashboard.ask(path);
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([404, { error: { message: /no such/ } }]);
  }
});

it('tells every page of a claim, by one reading of the queue', async () => {
  await using box = await scene({ tasks: 3, clones: ['clone', 'other'] });
  const dashboard = await DashboardSession.start(box, 'clone', ['--verbose']);
  const { revision, board } = await dashboard.board();
  const pages = Array.from({ length: 5 }, () => dashboard.events());
  const hellos = await Promise.all(pages.map((events) => nextOf(events, 'hello')));
  expect(hellos).toEqual(pages.map(() => ({ revision })));
  const claim = await box.agentq('other', 'claim', 'a1', '--json');
  const { commit } = JSON.parse(claim.stdout);
  const told = await Promise.all(pages.map((events) => nextOf(events, 'change')));
  for (const { from, change } of told) {
    expect(from).toBe(revision);
    const after = applyChange(board, change);
    expect(after.tip).toBe(commit);
    expect(after.tasks.find(({ task }) => task === 'TASK-1')).toMatchObject({ state: 'claimed', agent: 'a1' });
    expect(after).toEqual((await dashboard.board()).board);
  }
  dashboard.running.child.kill('SIGINT');
  const { code, stderr } = await dashboard.running.done;
  expect(code).toBe(130);
  const read = [...stderr.matchAll(/read the queue at (\w{10})/g)].map(([, tip]) => tip);
  expect(read.filter((tip) => commit.startsWith(tip))).toHaveLength(1);
  // The other is that of the start, and once more if the machine took its time before the first page came.
  expect(read.length).toBeLessThanOrEqual(3);
});

it.each(['SIGINT', 'SIGTERM'] as const)('ends at once on %s, also while pages are open', async (signal) => {
  await using box = await scene({ tasks: 1, clones: ['clone'] });
  const dashboard = await DashboardSession.start(box, 'clone');
  const events = dashboard.events();
  await nextOf(events, 'hello');
  dashboard.running.child.kill(signal);
  const { code, stdout, stderr } = await dashboard.running.done;
  expect([code, stdout.trim()]).toEqual([signal === 'SIGINT' ? 130 : 143, dashboard.url.href]);
  expect(stderr).not.toContain('internal');
  await events.next().catch(() => undefined);
});

it('says that a port is in use, and what cannot be read', async () => {
  await using box = await scene({ tasks: 1, clones: ['clone'] });
  const dashboard = await DashboardSession.start(box, 'clone');
  const second = await box.agentq('clone', 'dashboard', '--port', dashboard.url.port);
  expect([second.code, second.stdout]).toEqual([5, '']);
  expect(second.stderr.trim().split('\n')).toHaveLength(1);
  expect(second.stderr).toMatch(/port \d+ is in use \(name another with --port/);
  expect(await box.agentq('clone', 'dashboard', 'auht')).toMatchObject({ code: 64, stdout: '' });
  expect(await box.agentq('clone', 'dashboard', '--branch', 'none')).toMatchObject({ code: 5, stdout: '' });
  expect(await box.agentq('clone', 'dashboard', '--port', '70000')).toMatchObject({ code: 64, stdout: '' });
});

it('goes on while the remote is away, and says so', async () => {
  await using box = await scene({ tasks: 2, clones: ['clone', 'other'] });
  const dashboard = await DashboardSession.start(box, 'clone');
  const { board } = await dashboard.board();
  await rename(box.path(box.remote), box.path('away.git'));
  const events = dashboard.events();
  const notice = await nextOf(events, 'notice', ({ message }) => message !== null);
  expect(notice.message).toMatch(/remote|repository/);
  expect((await dashboard.board()).board.tasks).toEqual(board.tasks);
  await rename(box.path('away.git'), box.path(box.remote));
  await nextOf(events, 'notice', ({ message }) => message === null);
  const { commit } = JSON.parse((await box.agentq('other', 'claim', 'a2', '--json')).stdout);
  await nextOf(events, 'change', ({ change }) => change.tip === commit);
});

it('follows a branch that is cut anew', async () => {
  await using box = await scene({ tasks: 2, clones: ['clone', 'other'] });
  const dashboard = await DashboardSession.start(box, 'clone');
  await box.agentq('other', 'claim', 'a1');
  const events = dashboard.events();
  await nextOf(events, 'hello');
  await box.bareRemote(queueFiles(5), { name: 'anew.git' });
  await box.git(box.remote, 'fetch', '-q', box.path('anew.git'), '+develop:develop');
  const { change } = await nextOf(events, 'change', ({ change }) => change.all?.total === 5);
  expect(change.all).toMatchObject({ total: 5, ready: 5, inProgress: 0 });
});

it('goes on where there is no browser to open', async () => {
  await using box = await scene({ tasks: 1, clones: ['clone'] });
  // It has git, and nothing else that is looked for.
  const PATH = (await box.git('clone', '--exec-path')).trim();
  const running = box.start('clone', ['dashboard', '--open'], { env: { PATH } });
  expect(await said(running, 'stderr', /no browser/)).toContain('no browser could be opened');
  running.child.kill('SIGINT');
  expect((await running.done).code).toBe(130);
});

it('gives the browser that it opens a token that works once', async () => {
  await using box = await scene({ tasks: 1, clones: ['clone'] });
  await box.write('.', {
    'bin/xdg-open': '#!/bin/sh\nprintf %s "$1" > "$OPENED.draft" && mv "$OPENED.draft" "$OPENED"\n',
  });
  await chmod(box.path('bin/xdg-open'), 0o755);
  const env = { PATH: `${box.path('bin')}:${process.env.PATH}`, OPENED: box.path('opened') };
  const dashboard = await DashboardSession.start(box, 'clone', ['--open', '--allow-actions'], { env });
  await expect.poll(() => readFile(env.OPENED, 'utf8').catch(() => ''), { timeout: 20_000 }).not.toBe('');
  const opened = new URL(await readFile(env.OPENED, 'utf8'));
  expect(opened.origin).toBe(dashboard.origin);
  expect(opened.searchParams.get('token')).not.toBe(dashboard.url.searchParams.get('token'));
  const path = `${opened.pathname}${opened.search}`;
  expect((await dashboard.ask(path)).status).toBe(303);
  expect((await dashboard.ask(path)).status).toBe(403);
  expect((await dashboard.open()).status).toBe(303);
});
