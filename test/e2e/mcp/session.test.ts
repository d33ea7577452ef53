import { expect, it } from 'vitest';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { McpSession } from '../../kit/scene/mcp-session.ts';
import { scene } from '../../kit/scene/scene.ts';

it('works a queue off by nothing but an MCP client, in two sessions on one clone', async () => {
  await using box = await scene({ tasks: 4, clones: ['clone'] });
  const [one, two] = await Promise.all([
    McpSession.start(box, 'clone', ['--agent', 'a1', '--can', 'gpu']),
    McpSession.start(box, 'clone', ['auth'], { AGENTQ_MACHINE: 'box.example' }),
  ]);
  const [first, second] = await Promise.all([
    one.call('claim', { task: 'TASK-1' }),
    two.call('claim', { task: 'TASK-2' }),
  ]);
  expect(first.data).toMatchObject({ project: 'auth', task: 'TASK-1', agent: 'a1', state: 'claimed' });
  expect(second.data).toMatchObject({ task: 'TASK-2', agent: expect.stringMatching(/^test-client-box-[a-z2-7]{4}$/) });
  // One at a time, unless the session is for more.
  expect(await one.call('claim')).toMatchObject({ isError: true, data: { error: { code: 'usage', exitCode: 64 } } });

  expect((await one.client.listResources()).resources.map(({ uri }) => uri)).toEqual([
    'agentq://board',
    'agentq://tasks/auth/TASK-1',
  ]);
  const [read] = (await one.client.readResource({ uri: 'agentq://tasks/auth/TASK-1' })).contents;
  expect(read).toMatchObject({ mimeType: 'text/plain', text: expect.stringContaining('claimed_by: a1') });
  expect((await one.call('note', { text: 'half of it' })).isError).toBe(false);
  expect((await two.call('show', { task: 'TASK-1' })).data).toMatchObject({
    state: 'claimed',
    acceptanceCriteria: ['It works', 'It is tested'],
    notes: [{ agent: 'a1', text: 'half of it' }],
  });
  const agents = JSON.parse((await box.agentq('clone', 'agents', '--json')).stdout).agents;
  expect(agents).toMatchObject([
    { agent: 'a1', state: 'working', capabilities: ['gpu'] },
    { agent: second.data.agent, state: 'working', machine: 'box.example' },
  ]);

  const plan = [
    { title: 'Base', ref: 'base' },
    { title: 'On top', requires: ['base'], labels: { team: 'x' } },
  ];
  expect((await two.call('add', { tasks: plan })).data).toMatchObject({
    tasks: [
      { task: 'TASK-5', status: 'ready' },
      { task: 'TASK-6', status: 'blocked', requires: ['TASK-5'] },
    ],
  });
  expect((await one.call('complete', { pr_url: 'https://example.com/1' })).data).toMatchObject({ task: 'TASK-1' });
  expect((await two.call('release', { reason: 'no time' })).data).toMatchObject({ task: 'TASK-2', state: 'ready' });
  for (const task of ['TASK-2', 'TASK-3', 'TASK-4', 'TASK-5', 'TASK-6']) {
    expect((await one.call('claim')).data).toMatchObject({ task });
    const { data } = await one.call('complete');
    expect(data.unblocked).toMatchObject(task === 'TASK-5' ? [{ task: 'TASK-6' }] : []);
  }
  expect((await two.call('claim', { wait: '1ms' })).data).toMatchObject({ error: { code: 'nothing-claimable' } });
  expect((await two.call('status')).data).toMatchObject({ held: [], all: { total: 6, completed: 6 } });
  expect(one.listChanges).toBeGreaterThan(5);
  await Promise.all([one.close(), two.close()]);
  expect([...(await auditQueue(box.path(box.remote))).tip.values()]).toEqual(Array(6).fill('completed'));
});
