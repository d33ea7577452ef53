import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { scene } from '../../kit/scene/scene.ts';

const HOME = '.agents/auth/tasks';

it('a command is run for each event, once more after it failed and once for all watchers that follow', async () => {
  const files = Object.fromEntries(['T-1', 'T-2'].map((id) => [`${HOME}/${id}.toon`, plainTask(id)]));
  await using box = await scene({ files, clones: ['clone'] });
  const seen = box.path('seen');
  const script = `cat > '${box.path('stdin')}'; echo "$AGENTQ_EVENT $AGENTQ_TASK" >> '${seen}'; printf '\\033[31mwas here\\n'; test "$AGENTQ_TASK" != auth/T-1`;
  const watch = () => {
    const options = [
      '--on',
      'completed,failed',
      '--state',
      box.path('state'),
      '--retries',
      '1',
      '--retry-delay',
      '1ms',
    ];
    return box.agentq('clone', 'watch', '--json', '--once', ...options, '--', 'sh', '-c', script);
  };
  const done = async (id: string) => {
    expect((await box.agentq('clone', 'claim', 'a1', '--task', id)).code).toBe(0);
    expect((await box.agentq('clone', 'complete', id, 'a1', `https://example.org/pull/${id}`)).code).toBe(0);
  };

  await done('T-1');
  await done('T-2');
  const first = await watch();
  expect(first).toMatchObject({ code: 6, stderr: expect.stringContaining('after 2 tries; going on') });
  expect(first.stderr).toContain('auth/T-2: \\x1b[31mwas here');
  expect(
    first.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).task),
  ).toEqual(['T-2']);
  expect(JSON.parse(await readFile(box.path('stdin'), 'utf8'))).toMatchObject({
    event: 'task.completed',
    task: 'T-2',
    prUrl: 'https://example.org/pull/T-2',
  });
  const runs = ['task.completed auth/T-1', 'task.completed auth/T-1', 'task.completed auth/T-2', ''];
  expect((await readFile(seen, 'utf8')).split('\n')).toEqual(runs);

  // What happened while nobody watched is told to the next one, and nothing else.
  expect((await box.agentq('clone', 'reopen', 'T-2', '--agent', 'a1')).code).toBe(0);
  await done('T-2');
  expect(await watch()).toMatchObject({ code: 0 });
  expect(await watch()).toMatchObject({ code: 0, stdout: '' });
  expect((await readFile(seen, 'utf8')).split('\n')).toEqual([...runs.slice(0, -1), 'task.completed auth/T-2', '']);

  expect((await box.agentq('clone', 'watch', '--once', '--on', 'done', '--', 'true')).code).toBe(64);
});
