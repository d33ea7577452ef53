import { expect, it } from 'vitest';
import { DashboardSession, nextOf } from '../../kit/scene/dashboard-session.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

async function acting(box: Scene, env: Readonly<Record<string, string>> = {}): Promise<DashboardSession> {
  await box.git('clone', 'config', 'user.name', 'Ann Person');
  const dashboard = await DashboardSession.start(box, 'clone', ['--allow-actions'], { env });
  await dashboard.open();
  return dashboard;
}

interface Shown {
  readonly state: string;
  readonly priority: number;
  readonly notes: readonly { readonly agent: string; readonly text: string }[];
}

async function shown(box: Scene, task: string): Promise<Shown> {
  return JSON.parse((await box.agentq('other', 'show', task, '--json')).stdout);
}

it('does what its commands do, in the name of the user, and shows it', async () => {
  await using box = await scene({ tasks: 4, clones: ['clone', 'other'] });
  await box.agentq('other', 'claim', 'a1', '--task', 'TASK-1');
  await box.agentq('other', 'ask', 'TASK-1', 'a1', 'Which bank?');
  await box.agentq('other', 'claim', 'a2', '--task', 'TASK-2');
  await box.agentq('other', 'block', 'TASK-3', '--reason', 'waits for the bank');
  // What a worker's environment says is about the worker's own task.
  const dashboard = await acting(box, {
    AGENTQ_AGENT: 'w1',
    AGENTQ_CLAIM_ID: 'aaaaaaaaaaaaaaaa',
    AGENTQ_PROJECT: 'auth',
  });
  const events = dashboard.events();
  await nextOf(events, 'hello');
  const done: string[] = [];
  for (const action of [
    { action: 'answer', task: 'auth/TASK-1', text: 'The one\nwith the blue sign' },
    { action: 'release', task: 'auth/TASK-2', reason: 'it takes too long' },
    { action: 'unblock', task: 'auth/TASK-3' },
    { action: 'priority', task: 'auth/TASK-4', priority: 9 },
    { action: 'pause', project: 'auth', reason: 'the bank moves' },
    { action: 'pause', project: null, reason: 'all of it' },
  ]) {
    const { status, text } = await dashboard.act(action);
    expect([action, status]).toEqual([action, 200]);
    done.push(JSON.parse(text).message);
    const tip = await box.tip();
    await nextOf(events, 'change', ({ change }) => change.tip === tip);
  }
  expect(done).toEqual([
    'auth/TASK-1 is answered, and can be claimed again',
    'released auth/TASK-2',
    'unblocked auth/TASK-3: Title of TASK-3',
    'edited auth/TASK-4: priority',
    expect.stringContaining('the bank moves'),
    expect.stringContaining('all of it'),
  ]);
  expect(await shown(box, 'TASK-1')).toMatchObject({ state: 'ready' });
  expect(await shown(box, 'TASK-2')).toMatchObject({ state: 'ready' });
  expect(await shown(box, 'TASK-3')).toMatchObject({ state: 'ready' });
  expect(await shown(box, 'TASK-4')).toMatchObject({ priority: 9 });
  const { board } = await dashboard.board();
  expect(board.paused.map(({ project, by, reason }) => [project, by, reason])).toEqual([
    [null, 'Ann Person', 'all of it'],
    ['auth', 'Ann Person', 'the bank moves'],
  ]);
  expect(await dashboard.act({ action: 'resume', project: null })).toMatchObject({ status: 200 });
  expect(await dashboard.act({ action: 'resume', project: 'auth' })).toMatchObject({ status: 200 });
  expect(await box.agentq('other', 'claim', 'a3')).toMatchObject({ code: 0, stdout: 'auth/TASK-4\n' });
  const authors = await box.git(box.remote, 'log', '-12', '--format=%an: %s', 'develop');
  expect(authors).toMatch(/^Ann Person: .*TASK-1/m);
});

it('refuses what its commands refuse, with their words', async () => {
  await using box = await scene({ tasks: 2, clones: ['clone', 'other'] });
  await box.agentq('other', 'claim', 'a1', '--task', 'TASK-1');
  const dashboard = await acting(box);
  const before = await box.tip();
  const refusals: readonly (readonly [action: unknown, status: number, code: string, says: RegExp])[] = [
    [{ action: 'answer', task: 'auth/TASK-1', text: 'yes' }, 409, 'task-invalid', /has no open question/],
    [{ action: 'answer', task: 'auth/TASK-9', text: 'yes' }, 404, 'unknown-task', /TASK-9/],
    [{ action: 'answer', task: 'auth/TASK-1', text: '' }, 400, 'usage', /answer is empty/],
    [{ action: 'answer', task: 'auth/TASK-1', text: 'x'.repeat(20_000) }, 400, 'usage', /characters|limit/],
    [{ action: 'answer', task: '../TASK-1', text: 'yes' }, 400, 'usage', /project/],
    [{ action: 'answer', task: 'auth/--all', text: 'yes' }, 400, 'usage', /task id/],
    [{ action: 'unblock', task: 'auth/TASK-9' }, 404, 'unknown-task', /TASK-9/],
    [{ action: 'release', task: 'auth/TASK-2', reason: 'x' }, 400, 'usage', /nobody holds/],
    [{ action: 'release', task: 'auth/TASK-1', reason: 'a\nAgentq-Agent: root' }, 400, 'usage', /one line/],
    [{ action: 'priority', task: 'auth/TASK-2', priority: 1.5 }, 400, 'usage', /priority/],
    [{ action: 'priority', task: 'auth/TASK-2', priority: '7' }, 400, 'usage', /priority/],
    [{ action: 'priority', task: 'auth/TASK-2', priority: 1e12 }, 400, 'usage', /whole number/],
    [{ action: 'pause', project: 'auht', reason: 'x' }, 400, 'unknown-project', /auht/],
    [{ action: 'pause', project: null, reason: '' }, 400, 'usage', /reason/],
    [{ action: 'resume' }, 400, 'usage', /project/],
    [{ action: 'claim', task: 'auth/TASK-2' }, 400, 'usage', /not an action/],
    [{ action: 'unblock', task: 'auth/TASK-2', agent: 'root' }, 400, 'usage', /not an action/],
    [[], 400, 'usage', /not an action/],
    [null, 400, 'usage', /not an action/],
    ['['.repeat(10_000), 400, 'usage', /not JSON|not an action/],
  ];
  const wrong: string[] = [];
  for (const [action, status, code, says] of refusals) {
    const answer = await dashboard.act(action as object);
    const { error } = JSON.parse(answer.text);
    const isRight = answer.status === status && error.code === code && says.test(error.message);
    if (!isRight) wrong.push(`${JSON.stringify(action)}: ${answer.status} ${JSON.stringify(error)}`.slice(0, 300));
  }
  expect(wrong).toEqual([]);
  const raw = { method: 'POST', headers: { origin: dashboard.origin, 'content-type': 'application/json' } };
  expect((await dashboard.ask('/api/actions', { ...raw, body: '{' })).status).toBe(400);
  expect((await dashboard.ask('/api/actions', { ...raw, body: 'x'.repeat(100_000) })).status).toBe(413);
  expect(await box.tip()).toBe(before);
});
