import { execFileSync } from 'node:child_process';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runAgentq } from '../../kit/processes/run-agentq.ts';
import { poolTaskText, WorkSession } from '../../kit/scene/work-session.ts';

/** What somebody else may have committed, or put into a folder, is looked at before it is used. */

const SETTINGS = '.agents-core/config/agentq.toon';

describe('settings that are no file', () => {
  it.each([
    ['a link to a device without an end', (path: string) => symlink('/dev/zero', path)],
    ['a pipe that nobody writes to', async (path: string) => void execFileSync('mkfifo', [path])],
    ['a folder', async (path: string) => void (await mkdir(path))],
  ])('are refused at once: %s', async (_, make) => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const clone = session.box.path('clone');
    await mkdir(session.box.path('clone', '.agents-core', 'config'), { recursive: true });
    await make(session.box.path('clone', SETTINGS));
    const { code, stderr } = await runAgentq(['list'], { cwd: clone, env: session.box.env });
    expect(stderr).toContain(`${SETTINGS} is not a regular file`);
    expect(code).toBe(5);
  });

  it('are read through a link to a file', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }], { 'my.toon': 'agentq:\n  branch: nowhere\n' });
    await mkdir(session.box.path('clone', '.agents-core', 'config'), { recursive: true });
    await symlink('../../my.toon', session.box.path('clone', SETTINGS));
    const options = { cwd: session.box.path('clone'), env: session.box.env };
    expect((await runAgentq(['list'], options)).stderr).toContain('nowhere');
  });
});

describe('--log-dir', () => {
  it.each([
    ['the folder of a project', 'logs/shop', 'elsewhere'],
    ['the folder itself', 'logs', 'elsewhere'],
    ['the file of a task', 'logs/shop/T-1.log', 'elsewhere/file'],
  ])('follows no link that stands in the checkout for %s', async (_, link, target) => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const { box } = session;
    await mkdir(box.path('elsewhere'));
    await mkdir(box.path('clone', link, '..'), { recursive: true });
    await symlink(box.path(target), box.path('clone', link));
    const args = ['work', 'a1', '--once', '--log-dir', 'logs', '--', 'echo', 'hello'];
    const { code, stderr } = await box.agentq('clone', ...args);
    expect(stderr).toContain('is a symbolic link');
    expect(code).not.toBe(0);
    expect(await readdir(box.path('elsewhere'))).toEqual([]);
  });
});

describe('a task whose name no branch can have', () => {
  it('is not added', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const options = { cwd: session.box.path('clone'), env: session.box.env };
    for (const id of ['T-2.lock', 'T-2.LOCK', 'T-2.', 'T..2']) {
      const { code, stderr } = await runAgentq(['add', '--project', 'shop', '--title', 'T', '--id', id], options);
      expect([id, code]).toEqual([id, 64]);
      expect(stderr).toMatch(/could not be the name of a branch|is not valid/);
    }
  });

  it('gets its worktree where somebody made it by hand', async () => {
    const path = '.agents/shop/tasks/T-1.lock.toon';
    await using session = await WorkSession.create([], { [path]: poolTaskText({ id: 'T-1.lock' }) });
    const { box } = session;
    const args = ['work', 'a1', '--once', '--worktree', '--', 'git', 'branch', '--show-current'];
    const { code, stderr } = await box.agentq('clone', ...args);
    expect(stderr).toContain('feature/T-1%2Elock');
    expect(code).toBe(0);
  });
});

describe('what a command says', () => {
  it.each([
    ['concealed', '\u001b[8m'],
    ['black', '\u001b[30m'],
    ['on a background', '\u001b[31;41m'],
    ['of an indexed colour', '\u001b[38;5;0m'],
  ])('is shown as it is where it was to be %s', async (_, hidden) => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const { box } = session;
    const args = ['work', 'a1', '--once', '--', 'printf', `%s\n`, `a${hidden}b\u001b[31mc\u001b[1;4md`];
    const { stderr } = await box.agentq('clone', ...args);
    expect(stderr).toContain('ab\u001b[31mc\u001b[1;4md\u001b[0m');
  });
});

it('lets nobody else read the task file that a command gets', async () => {
  await using session = await WorkSession.create([{ id: 'T-1' }]);
  const { box } = session;
  const show = 'stat -c %a "$AGENTQ_TASK_FILE" "$(dirname "$AGENTQ_TASK_FILE")" | tr "\\n" " "';
  const args = ['work', 'a1', '--once', '--', 'sh', '-c', show];
  const { stderr } = await box.agentq('clone', ...args);
  expect(stderr).toContain('600 700');
});
