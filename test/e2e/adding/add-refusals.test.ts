import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAgentq } from '../../kit/processes/run-agentq.ts';
import { AddBench, TASK } from '../../kit/scene/add-bench.ts';

describe('what cannot be added', () => {
  let bench: AddBench;
  beforeAll(async () => {
    bench = await AddBench.create();
  });
  afterAll(() => bench[Symbol.asyncDispose]());
  const bad = (name: string, text: string, ...more: string[]) => ({
    args: ['add', '--file', `../${name}`, ...more],
    files: { [name]: text },
  });
  it.each<{ args: string[]; files?: Record<string, string>; input?: string; code: number; says: string | RegExp }>([
    { args: ['add'], code: 64, says: 'agentq: there is nothing to add: stdin is empty' },
    { args: ['add', '--priority', '3'], code: 64, says: 'agentq: --title is missing' },
    { args: ['add', '--title', ''], code: 64, says: 'agentq: --title is missing' },
    {
      args: ['add', '--title', 'x', '--file', 'y'],
      code: 64,
      says: 'agentq: --title is for one task, and --file for many',
    },
    { args: ['add', '--title', 'two\nlines'], code: 64, says: 'agentq: --title must be one line' },
    {
      args: ['add', '--title', 'esc \u001b[2J'],
      code: 64,
      says: /^agentq: --title must be one line without control characters, not "esc \\u001b\[2J"\n$/,
    },
    {
      args: ['add', '--title', 'x', '--priority', 'high'],
      code: 64,
      says: 'agentq: --priority must be a whole number',
    },
    {
      args: ['add', '--title', 'x', '--status', 'claimed'],
      code: 64,
      says: 'agentq: --status must be ready or blocked or pending',
    },
    {
      args: ['add', '--title', 'x', '--id', '../../x'],
      code: 64,
      says: 'agentq: --id is not usable: task id "../../x" is not valid',
    },
    { args: ['add', '--title', 'x', '--id', '-x'], code: 64, says: 'agentq: --id is not usable' },
    { args: ['add', '--title', 'x', '--project', '../x'], code: 64, says: 'agentq: project "../x" is not valid' },
    {
      args: ['add', '--title', 'x', '--requires', 'TASK 7'],
      code: 64,
      says: 'agentq: --requires must be a task id, not "TASK 7"',
    },
    { args: ['add', '--title', 'x', '--label', 'tier'], code: 64, says: 'agentq: --label must be key=value' },
    {
      args: ['add', '--title', 'x', '--hold-until', 'soon'],
      code: 64,
      says: 'agentq: --hold-until: "soon" is not a condition',
    },
    { args: ['add', '--title', 'x', '--layout', 'flatt'], code: 64, says: 'agentq: --layout must be' },
    { args: ['add', '--title', 'x', '--id-prefix', '../'], code: 64, says: 'agentq: the prefix of ids must be' },
    { args: ['add', '--title', 'x', '--agent', 'a b'], code: 64, says: 'agentq: agent id "a b" is not valid' },
    {
      args: ['add', '--title', 'x', '--id', 'TASK-007'],
      code: 5,
      says: 'error: auth/TASK-007 exists already, .agents/auth/tasks/TASK-007.toon',
    },
    {
      args: ['add', '--title', 'x', '--requires', 'TASK-008'],
      code: 5,
      says: 'error: --requires "TASK-008": there is no such task in project auth, did you mean TASK-007?',
    },
    {
      args: ['add', '--title', 'x', '--project', 'auth', '--layout', 'core'],
      code: 64,
      says: 'agentq: project auth has the layout agents',
    },
    {
      args: ['add', '--file', '../missing.toon'],
      code: 5,
      says: 'error: ../missing.toon cannot be read: there is no such file',
    },
    { args: ['add', '--file', '..'], code: 5, says: 'error: .. cannot be read: it is a folder' },
    { args: ['add', '--file', '-'], code: 5, says: 'error: stdin: the file is empty' },
    {
      ...bad('p.json', '[{"title":"A"},\n{"titel":"B"}]'),
      code: 5,
      says: 'error: ../p.json:2: titel is not known, did you mean title?',
    },
    { ...bad('p.json', '[{"title":"A"},\n{"title":"B"]'), code: 5, says: 'error: ../p.json:2: not readable as JSON' },
    {
      ...bad('p.jsonl', '{"title":"A"}\n{"title":"B","requires":["A-1"]}\n'),
      code: 5,
      says: 'error: ../p.jsonl:2: requires "A-1": there is no such task',
    },
    {
      ...bad('p.jsonl', '{"title":"A"}\n\n{"title":"B","id":"TASK-007"}\n'),
      code: 5,
      says: 'error: ../p.jsonl:3: auth/TASK-007 exists already',
    },
    {
      ...bad('p.json', '[\n{"title":"A","ref":"a",\n"requires":["b"]},\n{"title":"B","ref":"b","requires":["a"]}]'),
      code: 5,
      says: 'error: ../p.json:3: the dependencies form a cycle: a -> b -> a',
    },
    {
      ...bad('p.toon', 'tasks[2]{title,status}:\n  A,ready\n  B,done\n'),
      code: 5,
      says: 'error: ../p.toon:3: status must be ready, blocked or pending',
    },
    {
      ...bad('p.toon', 'tasks[2]{title,status}:\n  A,ready\n'),
      code: 5,
      says: 'error: ../p.toon:2: not readable as TOON: Expected 2 tabular rows, but got 1',
    },
    {
      ...bad('p.toon', 'task:\n title: A\n project: billing\n', '--project', 'auth'),
      code: 5,
      says: 'error: ../p.toon:1: the project is "billing", and --project says "auth"',
    },
    {
      ...bad('p.toon', 'task:\n title: A\n status: ready\n\nclaim:\n claimed_by: me\n'),
      code: 5,
      says: 'error: ../p.toon:5: claim has no place in a new task',
    },
  ])('agentq $args: $says', async ({ args, files = {}, input, code, says }) => {
    await bench.write(files);
    const before = await bench.tip();
    const run = await bench.run(args, input);
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code, stdout: '' });
    if (typeof says === 'string') expect(run.stderr).toContain(says);
    else expect(run.stderr).toMatch(says);
    expect(run.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('  '))).toHaveLength(1);
    expect(await bench.tip()).toBe(before);
    expect(await bench.box.git('clone', 'status', '--porcelain')).toBe('');
  });

  it('asks for the project where there are several', async () => {
    await using several = await AddBench.create({
      '.agents/auth/tasks/TASK-007.toon': TASK,
      '.agents/billing/tasks/TASK-007.toon': TASK,
    });
    const run = await several.run(['add', '--title', 'x']);
    expect(run).toMatchObject({ code: 64, stdout: '' });
    expect(run.stderr).toContain('this queue has 2 projects: auth, billing');
    const { stdout } = await several.run(['add', '--json'], '{"title":"x"}\n{"title":"y","project":"billing"}');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'usage' } });
    const options = { cwd: several.box.path('clone'), env: { ...several.box.env, AGENTQ_PROJECT: 'auth' } };
    const both = await runAgentq(['add', '--file', '-'], {
      ...options,
      input: '{"title":"x"}\n{"title":"y","project":"billing"}',
    });
    expect(both).toMatchObject({ code: 0, stdout: 'auth/TASK-008\nbilling/TASK-008\n' });
    expect(await several.log('%s', '-1')).toBe('[ORCHESTRATOR] Added 2 tasks to 2 projects');
  });
});
