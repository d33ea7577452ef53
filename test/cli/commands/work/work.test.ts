import { describe, expect, it } from 'vitest';
import { LineReader } from '../../../../src/cli/commands/work/line-reader.ts';
import { session } from '../../../kit/scene/cli-session.ts';

describe('agentq work', () => {
  it.each([
    [['work', 'a1'], 'no command is given'],
    [['work', 'a1', '--'], 'no command is given'],
    [['work', 'a1', '', 'develop', 'extra', '--', 'true'], 'too many arguments'],
    [['work', '--', 'true'], "missing required argument 'agent-id'"],
    [['work', 'a1', '--concurrency', '0', '--', 'true'], '--concurrency must be a whole number from 1 to 500'],
    [['work', 'a1', '--grace', '10', '--', 'true'], 'the duration has no unit'],
    [
      ['work', 'a1', 'auth', '--prefer', 'billing', '--', 'true'],
      'billing cannot be preferred when claims are only from auth',
    ],
    [['work', 'a'.repeat(99), '--concurrency', '10', '--', 'true'], 'agent id is 102 characters long'],
    [['heartbeat', 'T-1', 'a1', '--pid', '12'], '--every, --pid and --grace are for --watch'],
  ])('%j is wrong usage: %s', async (argv, words) => {
    const { code, stderr, opened } = await session(argv);
    expect({ code, stderr, opened }).toEqual({ code: 64, stderr: expect.stringContaining(words), opened: [] });
  });

  it.each([
    ['nosuchcmd', 'there is no such program on the PATH'],
    [import.meta.filename, 'there is no such program'],
    [import.meta.dirname, 'there is no such program'],
  ])('finds out that %s cannot be run before it claims', async (name, words) => {
    const { code, stderr, opened } = await session(['work', 'a1', '--', name], {}, { env: { PATH: process.env.PATH } });
    expect({ code, stderr, opened }).toEqual({ code: 64, stderr: expect.stringContaining(words), opened: [] });
  });

  it.each(['sh', process.execPath, './only-in-the-worktree'])('takes %s for a program', async (name) => {
    const { opened } = await session(
      ['work', 'a1', '--', name],
      { submit: () => Promise.reject(new Error('enough')) },
      { env: { PATH: process.env.PATH } },
    );
    expect(opened).toHaveLength(1);
  });

  it('takes nothing behind -- for options of its own', async () => {
    const { intents, stdout } = await session(['work', 'a1', '--once', '--', 'sh', '--json', '--help', '--version'], {
      submit: () => Promise.reject(new Error('enough')),
    });
    expect(intents).toMatchObject([{ kind: 'claim', agent: 'a1', filter: {} }]);
    expect(stdout).toBe('');
  });

  it('takes nothing before it for the command', async () => {
    const argv = ['-C', 'work', 'list', '--', 'x'];
    expect((await session(argv)).stderr).not.toContain('no command');
  });

  it.each([
    [['a1'], ['a1']],
    [['a1', '--concurrency', '1'], ['a1-1']],
    [
      ['a1', '--concurrency', '3'],
      ['a1-1', 'a1-2', 'a1-3'],
    ],
  ])('%j are the agents %j', async (args, agents) => {
    const { intents } = await session(['work', ...args, '--', 'true'], {
      submit: () => Promise.reject(new Error('enough')),
    });
    expect(intents.map(({ agent }) => agent)).toEqual(agents);
  });
});

describe('a line reader', () => {
  it.each([
    [
      ['one\ntw', 'o\n\nthree'],
      ['one', 'two', '', 'three'],
    ],
    [['10%\r20%\r30%\ndone\r\n'], ['30%', 'done']],
    [['gr', Buffer.from([0xc3]), Buffer.from([0xbc, 0x0a])], ['grü']],
    [[], []],
  ])('of %j gives %j', (chunks, expected) => {
    const lines: string[] = [];
    const reader = new LineReader((line) => lines.push(line));
    for (const chunk of chunks) reader.add(Buffer.from(chunk));
    reader.end();
    expect(lines).toEqual(expected);
  });

  it('cuts what never ends', () => {
    const lines: string[] = [];
    const reader = new LineReader((line) => lines.push(line));
    reader.add(Buffer.from('x'.repeat(40_000)));
    reader.end();
    expect(lines.map(({ length }) => length)).toEqual([16_384, 16_384, 7_232]);
  });
});
