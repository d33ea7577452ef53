import { expect, it } from 'vitest';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { McpSession } from '../../kit/scene/mcp-session.ts';
import { scene } from '../../kit/scene/scene.ts';
import { until } from '../../kit/scene/work-session.ts';

it('works ten tasks off by MCP alone: one asks, one is edited while it is held, one is taken away', async () => {
  await using box = await scene({ tasks: 10, clones: ['clone', 'desk'] });
  const person = async (...args: readonly string[]) => {
    const { code, stderr } = await box.agentq('desk', ...args);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  };
  const session = await McpSession.start(box, 'clone', ['--agent', 'a1']);
  const done: string[] = [];
  const told = (kind: string) => session.told.some(({ data }) => (data as { kind?: string }).kind === kind);

  for (;;) {
    const { data, isError } = await session.call('claim');
    if (isError) {
      expect(data).toMatchObject({ error: { code: 'nothing-claimable', exitCode: 1 } });
      break;
    }
    const task = String(data.task);
    if (task === 'TASK-2' && !done.includes(task)) {
      if (!JSON.stringify(data).includes('The small one')) {
        expect((await session.call('ask', { question: 'Which of the two?' })).data).toMatchObject({ state: 'asking' });
        expect((await session.call('status')).data).toMatchObject({ held: [] });
        await person('answer', 'auth/TASK-2', 'The small one', '--agent', 'boss');
        continue;
      }
      expect((await session.call('show')).data).toMatchObject({ task, state: 'claimed' });
    }
    if (task === 'TASK-4') {
      await person('edit', 'auth/TASK-4', '--title', 'Another title', '--agent', 'boss');
      await until(() => told('changed'));
      const shown = await session.call('show');
      expect(shown.data).toMatchObject({
        title: 'Another title',
        notices: [expect.stringContaining('changed: title')],
      });
    }
    if (task === 'TASK-6') {
      await person('take', 'auth/TASK-6', 'boss', '--from', 'a1');
      await until(() => told('lost'));
      expect(await session.call('complete', { task })).toMatchObject({
        isError: true,
        data: { error: { exitCode: 3 }, notices: [expect.stringContaining('auth/TASK-6 is lost')] },
      });
      await person('complete', 'TASK-6', 'boss');
      continue;
    }
    expect((await session.call('complete')).isError).toBe(false);
    done.push(task);
  }

  expect(done).toEqual(['TASK-1', 'TASK-2', 'TASK-3', 'TASK-4', 'TASK-5', 'TASK-7', 'TASK-8', 'TASK-9', 'TASK-10']);
  expect((await session.call('status')).data).toMatchObject({ all: { total: 10, completed: 10 } });
  await session.close();
  expect([...(await auditQueue(box.path(box.remote))).tip.values()]).toEqual(Array(10).fill('completed'));
});
