import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AGENTQ_BIN, NODE, runAgentq, startAgentq } from '../../kit/processes/run-agentq.ts';

const COMMANDS = [
  'claim',
  'heartbeat',
  'complete',
  'release',
  'release-stalled',
  'unblock',
  'status',
  'watch',
  'metrics',
  'list',
  'show',
];

describe('agentq --version', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

  it.each([['--version'], ['-V'], ['-C', '.', '--version'], ['-q', '-V']])('answers %s %s %s', async (...args) => {
    expect(await runAgentq(args)).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('help', () => {
  it('shows all commands', async () => {
    const { code, stdout, stderr } = await runAgentq(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchSnapshot();
  });

  it.each(COMMANDS)('of %s has its arguments, options and examples', async (command) => {
    const { code, stdout, stderr } = await runAgentq([command, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchSnapshot();
    expect((await runAgentq(['help', command])).stdout).toBe(stdout);
  });

  it('is short for agentq alone', async () => {
    const { code, stdout, stderr } = await runAgentq([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^agentq: a task queue/);
  });

  it('is not lost on a reader that closes the pipe', async () => {
    const { child, done } = startAgentq(['--help']);
    child.stdout?.destroy();
    expect(await done).toMatchObject({ code: 0, stderr: '' });
  });

  it.skipIf(!existsSync('/dev/full'))('that cannot be written is an error', () => {
    const full = openSync('/dev/full', 'w');
    const run = spawnSync(NODE, [AGENTQ_BIN, '--help'], { stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    expect(run.status).toBe(5);
    expect(String(run.stderr)).toBe('agentq: the answer could not be written to stdout: ENOSPC\n');
  });
});

describe('wrong usage', () => {
  it.each<{ args: string[]; says: string; hint?: string }>([
    { args: ['-q'], says: 'no command is given', hint: 'usage: agentq <command> [options]' },
    { args: ['--'], says: 'no command is given' },
    { args: [''], says: "unknown command ''" },
    { args: ['clam'], says: "unknown command 'clam'", hint: 'did you mean claim?' },
    { args: ['CLAIM', 'a1'], says: "unknown command 'CLAIM'", hint: 'agentq --help' },
    { args: ['help', 'clam'], says: 'there is no command "clam"', hint: 'did you mean `agentq help claim`?' },
    { args: ['--jsno', 'list'], says: "unknown option '--jsno'", hint: 'did you mean --json?' },
    { args: ['claim'], says: "missing required argument 'agent-id'", hint: 'agentq claim --help' },
    { args: ['claim', ''], says: '<agent-id> is missing' },
    { args: ['claim', 'a1', '--min-priorty', '3'], says: '--min-priorty', hint: 'did you mean --min-priority?' },
    { args: ['claim', 'a1', '--wait', '5'], says: '--wait "5": the duration has no unit' },
    { args: ['claim', 'a1', '--wiat'], says: "unknown option '--wiat'", hint: 'did you mean --wait?' },
    { args: ['claim', 'a1', 'p', 'develop', 'more'], says: 'too many arguments' },
    { args: ['claim', 'a1', '--min-priority'], says: 'argument missing' },
    { args: ['claim', 'a1', '--min-priority', 'high'], says: '--min-priority must be a whole number' },
    { args: ['claim', 'a1', '--min-priority', '1e3'], says: '--min-priority must be a whole number' },
    { args: ['claim', 'a1', '--min-priority', '--json'], says: '--min-priority must be a whole number' },
    { args: ['claim', 'a1', '--min-priority', '9', '--max-priority', '3'], says: 'no priority is at least 9' },
    { args: ['claim', 'a1', '--max-retries', '-1'], says: '--max-retries must be a whole number from 0 to 1000' },
    { args: ['claim', 'a1', '--timeout', '30'], says: 'the duration has no unit: write 30s' },
    { args: ['claim', 'a1', '--timeout', '0s'], says: '--timeout must be longer than zero' },
    { args: ['claim', 'a1', '--timeout', 'soon'], says: 'this is not a duration' },
    { args: ['claim', 'a1', '--label', 'tier'], says: '--label must be key=value' },
    { args: ['claim', 'a1', '--label', 'a=1', '--label', 'a=2'], says: 'is given twice' },
    { args: ['claim', 'a1', 'auth', '--task', 'billing/TASK-1'], says: 'is not in the project given beside it' },
    {
      args: ['claim', 'a1', 'auth', '--prefer', 'billing'],
      says: 'billing cannot be preferred when claims are only from auth',
    },
    { args: ['claim', 'a1', '', 'develop', '--branch', 'main'], says: 'two branches are given' },
    { args: ['heartbeat', 'TASK-1'], says: "missing required argument 'agent-id'" },
    { args: ['heartbeat', 'a/b/TASK-1', 'a1'], says: 'neither TASK-ID nor project/TASK-ID' },
    { args: ['heartbeat', 'auth/TASK-1', 'a1', 'billing'], says: 'is not in the project given beside it' },
    { args: ['heartbeat', 'TASK-1', 'a1', '--claim-id', 'x y'], says: 'claim id "x y" is not valid' },
    { args: ['release', 'TASK-1', 'a1', '--reason', 'two\nlines'], says: 'must be one line' },
    { args: ['release', 'TASK-1', 'a1', '--reason', 'x'.repeat(501)], says: 'the limit is 500' },
    { args: ['list', 'auth', 'more'], says: 'too many arguments' },
    { args: ['show'], says: "missing required argument 'task'" },
    { args: ['list', '--log-format', 'xml'], says: '--log-format must be text or json, not "xml"' },
  ])('$args: $says', async ({ args, says, hint }) => {
    const { code, stdout, stderr } = await runAgentq(args);
    const [first, second = '', ...rest] = stderr.split('\n');
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(first).toMatch(/^agentq: /);
    expect(first).toContain(says);
    if (hint !== undefined) expect(second).toContain(hint);
    expect(rest.join('')).toBe('');
  });

  it('is one JSON document on stdout with --json', async () => {
    const { code, stdout } = await runAgentq(['claim', '--json', '--bogus', 'a1']);
    expect(code).toBe(64);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'usage', message: "unknown option '--bogus'", hint: 'see `agentq claim --help`' },
    });
  });

  it('is one JSON object a line on stderr with --log-format json', async () => {
    const { code, stderr } = await runAgentq(['claim', '--log-format', 'json', 'bad agent']);
    expect(code).toBe(64);
    expect(JSON.parse(stderr)).toMatchObject({ level: 'error', agent: 'agentq', code: 'usage' });
  });

  it('comes before a look at the repository: a typo outside of any is a typo', async () => {
    expect((await runAgentq(['-C', '/nonexistent', 'claim', 'a1', '--min-priority', 'x'])).code).toBe(64);
  });

  it('of the environment names the variable', async () => {
    const { code, stderr } = await runAgentq(['list'], { env: { AGENTQ_MIN_PRIORITY: 'high' } });
    expect(code).toBe(64);
    expect(stderr).toContain('AGENTQ_MIN_PRIORITY must be a whole number');
  });
});
