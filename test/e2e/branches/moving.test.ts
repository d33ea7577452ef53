import { expect, it } from 'vitest';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { scene } from '../../kit/scene/scene.ts';

const IDS = Array.from({ length: 6 }, (_, index) => `TASK-${index + 1}`);

it('lets workers go on while their project moves to a branch of its own, to another one, and back', async () => {
  const files = Object.fromEntries(IDS.map((id) => [`.agents/auth/tasks/${id}.toon`, plainTask(id)]));
  await using box = await scene({ files, clones: ['one', 'two', 'three'] });
  const workers = [
    box.start('one', ['work', 'w1', 'auth', '--', 'sleep', '0.1']),
    box.start('two', ['work', 'w2', '--', 'sleep', '0.1']),
  ];
  for (const args of [['develop-auth'], ['develop-other'], ['--back']]) {
    const moved = await box.agentq('three', 'branch', 'auth', ...args);
    expect(moved, moved.stderr).toMatchObject({ code: 0 });
    expect(await box.agentq('three', 'merge')).toMatchObject({ code: 0 });
  }
  const ended = await Promise.all(workers.map(({ done }) => done));
  for (const { code, stderr } of ended) expect(code, stderr).toBe(0);
  const completed = ended.flatMap(({ stdout }) => stdout.trim().split('\n'));
  expect(completed.sort()).toEqual(IDS.map((id) => `auth/${id}`));
  // Its walk knows no ownership: a branch that a project has left lacks its tasks, and is in this history.
  const { tip } = await auditQueue(box.path('remote.git'), { branch: 'develop' });
  expect(Object.fromEntries(tip)).toEqual(Object.fromEntries(IDS.map((id) => [`auth/${id}`, 'completed'])));
});
