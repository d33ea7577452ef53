import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { type Scene, scene } from '../../kit/scene/scene.ts';
import { toldBy } from '../../kit/telling/told-schema.ts';

type ToldLine = ReturnType<typeof toldBy>;

/** Keys of what happened to a task that a command and `watch` have from two sources. */
const SAME = ['event', 'project', 'task', 'title', 'agent', 'commit', 'reason', 'note', 'from', 'question', 'answer'];

function shared(line: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(line).filter(([key]) => [...SAME, 'prUrl', 'failures'].includes(key)));
}

function happeningsIn(lines: readonly ToldLine[]): readonly ToldLine[] {
  return lines.filter(({ event }) => event.startsWith('task.') || event.startsWith('queue.'));
}

/** Runs agentq in the clone, and reads every line of its stderr by the schema. */
function teller(box: Scene) {
  const all: ToldLine[] = [];
  const run = async (args: readonly string[], env: Record<string, string> = {}, code = 0): Promise<ToldLine[]> => {
    const [command = '', ...rest] = args;
    const done = await box.start('clone', [command, '--log-format', 'json', ...rest], { env }).done;
    expect({ args, code: done.code, stderr: code === done.code ? '' : done.stderr }).toEqual({
      args,
      code,
      stderr: '',
    });
    const lines = done.stderr.split('\n').filter((line) => line !== '');
    const told = lines.map(toldBy);
    all.push(...told);
    return told;
  };
  return { run, all };
}

it('every line that any command says in JSON is an event of the one union, and tells of tasks what watch tells', async () => {
  await using box = await scene({ tasks: 8, clones: ['clone'] });
  const { run, all } = teller(box);
  const by = ['--agent', 'boss'];
  await run(['claim', 'a1', '--task', 'TASK-1']);
  await run(['heartbeat', '-v', 'TASK-1', 'a1']);
  await run(['note', 'TASK-1', 'see the wiki', ...by]);
  await run(['take', 'TASK-1', 'a2', '--from', 'a1']);
  await run(['review', 'TASK-1', 'a2', 'https://example.org/pull/1']);
  await run(['complete', 'TASK-1', 'a2']);
  await run(['complete', 'TASK-1', 'a2']);
  await run(['add', '--project', 'auth', '--title', 'Later', '--requires', 'TASK-2', ...by]);
  await run(['claim', 'a1', '--task', 'TASK-2']);
  await run(['ask', 'TASK-2', 'a1', 'Which one?']);
  await run(['answer', 'TASK-2', 'This one', ...by]);
  await run(['claim', 'a1', '--task', 'TASK-2']);
  const completed = await run(['complete', 'TASK-2', 'a1', 'https://example.org/pull/2']);
  expect(happeningsIn(completed).map(({ event }) => event)).toEqual(['task.completed', 'task.unblocked']);
  await run(['reopen', 'TASK-2', ...by]);
  await run(['claim', 'a1', '--task', 'TASK-3']);
  await run(['release', 'TASK-3', 'a1', '--reason', 'too hard']);
  await run(['block', 'TASK-3', '--reason', 'needs a key', ...by]);
  await run(['unblock', '--task', 'TASK-3']);
  await run(['edit', 'TASK-3', '--title', 'Another', ...by]);
  await run(['cancel', 'TASK-3', '--reason', 'not wanted', ...by]);
  await run(['pause', '--reason', 'a release', ...by]);
  await run(['resume', ...by]);
  await run(['claim', 'a1', '--task', 'TASK-4']);
  await run(['release-stalled', '--older-than', '1ms', '--dry-run']);
  await run(['release-stalled', '--older-than', '1ms']);

  const told = happeningsIn(all);
  const watched = await box.agentq('clone', 'watch', '--json', '--once');
  const seen = watched.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const commits = new Set(told.flatMap((line) => ('commit' in line ? [line.commit] : [])));
  expect(told.length).toBeGreaterThan(20);
  expect(told.map(shared)).toEqual(seen.filter(({ commit }) => commits.has(commit)).map(shared));
});

it('what only looks, fails, waits or works says nothing else in JSON either', async () => {
  await using box = await scene({ tasks: 5, clones: ['clone'] });
  const { run, all } = teller(box);
  for (const command of ['list', 'status', 'agents', 'log', 'metrics', 'validate', 'graph', 'prime', 'doctor']) {
    await run([command, '-v']);
  }
  await run(['show', '-v', 'TASK-1']);
  await run(['claim', 'bad agent'], {}, 64);
  await run(['clame'], {}, 64);
  await run(['complete', 'TASK-1', 'a1'], { AGENTQ_DEBUG: '1' }, 3);
  await run(['claim', 'a1', '--remote', 'nowhere'], { AGENTQ_UNKNOWN: '1' }, 5);
  await run(['claim', 'a1', '--type', 'none', '--wait', '1ms'], {}, 1);
  expect((await run(['claim', 'a1', '--dry-run'])).map(({ event }) => event)).toEqual(['log']);

  const script = 'echo out; echo err >&2; test "$AGENTQ_TASK_ID" != TASK-2';
  const worked = await run(['work', '-v', '--max-tasks', '3', 'w', '--', 'sh', '-c', script], {}, 6);
  const ends = happeningsIn(worked).filter(({ event }) => event !== 'task.claimed');
  expect(ends.map(({ event }) => event)).toEqual(['task.completed', 'task.released', 'task.completed']);
  const watched = await box.agentq('clone', 'watch', '--json', '--once');
  const seen = watched.stdout.split('\n').filter((line) => line !== '');
  const known = seen.map((line) => shared(JSON.parse(line)));
  for (const line of happeningsIn(worked)) expect(known).toContainEqual(shared(line));
  const outputs = worked.filter(({ event }) => event === 'command.output');
  expect(outputs).toContainEqual(expect.objectContaining({ task: 'TASK-1', stream: 'stderr', message: 'err' }));

  await writeFile(
    box.path('clone', 'checks.json'),
    JSON.stringify([{ project: 'auth', title: 'T', verify: ['echo x'] }]),
  );
  await run(['add', '--file', 'checks.json']);
  await run(['claim', 'c', '--task', 'TASK-6']);
  const verified = await run(['complete', '--verify', 'TASK-6', 'c']);
  expect(verified).toContainEqual(expect.objectContaining({ event: 'command.output', message: 'x' }));

  const traced = await run(['claim', 'a9'], { AGENTQ_TRACE: '1' });
  expect(traced.map(({ event }) => event)).toEqual(expect.arrayContaining(['trace.looked', 'trace.git', 'trace.end']));
  expect(new Set(all.map(({ event }) => event))).toContain('engine.looked');
});
