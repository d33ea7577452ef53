import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { session } from '../../../kit/scene/cli-session.ts';
import { type Scene, scene } from '../../../kit/scene/scene.ts';

const repository = async (box: Scene): Promise<string> => {
  await box.git('.', 'init', '-q', 'repository');
  return box.path('repository');
};

it.each([
  [[], 'no agent is named'],
  [['cloude'], 'did you mean claude?'],
  [['windsurf'], 'codex stands for all that read AGENTS.md'],
  [['claude', '--all'], 'agents are named together with --all'],
  [['claude', '--check', '--remove'], '--check and --remove exclude each other'],
  [['claude', '--on-exit', 'nothing'], '--on-exit must be remind or release'],
])('refuses %j', async (args, words) => {
  const { code, stdout, stderr } = await session(['setup', ...args]);
  expect([code, stdout]).toEqual([64, '']);
  expect(stderr).toContain(words);
});

it('says for each file what it would do, and then what it did, from any folder of the working tree', async () => {
  await using box = await scene();
  const dir = await repository(box);
  await box.write('repository', { 'GEMINI.md': 'x\n', 'src/x': '' });
  const setup = (...args: readonly string[]) => session(['-C', join(dir, 'src'), 'setup', ...args]);
  const paths = [
    'GEMINI.md',
    '.gemini/commands/agentq/prime.toml',
    '.gemini/commands/agentq/next.toml',
    '.gemini/settings.json',
  ];
  const lines = (first: string, others: string) =>
    paths.map((path, index) => `${index === 0 ? first : others} ${path}\n`).join('');

  const before = await setup('--all', '--check');
  expect(before).toMatchObject({ code: 5, stdout: lines('would update', 'would create') });
  expect(before.stderr).toContain('out of date: `agentq setup` brings it up to date');
  expect(await setup('gemini', '--dry-run')).toMatchObject({ code: 0, stdout: lines('would update', 'would create') });
  expect(await box.read('repository', 'GEMINI.md')).toBe('x\n');
  expect(await setup('--all')).toMatchObject({ code: 0, stdout: lines('updated', 'created') });
  expect(await setup('--all', '--check')).toMatchObject({ code: 0, stdout: '' });
  expect(await setup('gemini', '--dry-run')).toMatchObject({ code: 0, stdout: lines('would leave', 'would leave') });
  expect(await setup('gemini', '--remove', '--dry-run')).toMatchObject({
    stdout: lines('would update', 'would remove'),
  });
  const removed = JSON.parse((await setup('gemini', '--remove', '--json')).stdout);
  expect(removed).toMatchObject({ agents: ['gemini'], upToDate: false, changed: true });
  expect(removed.files[0]).toEqual({ path: 'GEMINI.md', action: 'update', agents: ['gemini'] });
  expect(await box.git('repository', 'status', '--porcelain')).toBe('?? GEMINI.md\n?? src/'.trim());
  // It opens no queue and needs none.
  expect(await setup('aider')).toMatchObject({ code: 0, opened: [], intents: [] });
});

it('keeps what the end of a session does, until it is told otherwise', async () => {
  await using box = await scene();
  const dir = await repository(box);
  const setup = (...args: readonly string[]) => session(['-C', dir, 'setup', 'claude', ...args]);
  await setup('--on-exit', 'release');
  expect(await setup()).toMatchObject({ code: 0, stdout: '' });
  expect(await setup('--check', '--on-exit', 'remind')).toMatchObject({
    code: 5,
    stdout: 'would update .claude/settings.json\n',
  });
  await setup('--on-exit', 'remind');
  expect(await readFile(join(dir, '.claude/settings.json'), 'utf8')).toContain('release --mine --remind --hook claude');
});

it('names the file and the line that it cannot edit, and a place that is no working tree', async () => {
  await using box = await scene();
  const dir = await repository(box);
  await writeFile(join(dir, '.mcp.json'), '{\n  "mcpServers": [],\n}');
  const refused = await session(['-C', dir, 'setup', 'claude', '--json']);
  expect(refused.code).toBe(5);
  expect(JSON.parse(refused.stdout).error).toMatchObject({
    code: 'config-invalid',
    message: '.mcp.json:2: `mcpServers` is not an object',
    hint: 'nothing was changed',
  });
  expect(await session(['-C', box.root, 'setup', 'claude'])).toMatchObject({ code: 5 });
  expect((await session(['-C', dir, 'setup', '--all'])).stderr).toContain('no file of an agent is here');
});
