import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/domain/base/failure.ts';
import type { Queue } from '../../src/engine/queue/queue.ts';
import { CLAIMED, session } from '../kit/scene/cli-session.ts';

describe('the end of a command', () => {
  const empty = new Failure('nothing-claimable', 'nothing to claim');

  it.each([
    ['answer', ['claim', 'a1'], {}],
    ['document', ['claim', 'a1', '--json'], {}],
    ['failure', ['claim', 'a1'], failing(empty)],
    ['failure as a document', ['claim', 'a1', '--json'], failing(empty)],
  ] as const)('keeps nobody waiting for the %s', async (_, argv, engine) => {
    const { closed, saidAtClose, stdout, stderr } = await session(argv, engine);
    expect(closed).toBe(1);
    expect(saidAtClose).not.toBe('');
    expect(saidAtClose).toBe(stdout + stderr);
  });

  it.each(['claim', 'work'])('comes soon after an interrupt: %s', async (command) => {
    const controller = new AbortController();
    const argv = command === 'work' ? ['work', 'a1', '--', 'true'] : [command, 'a1'];
    const { closeInterrupt } = await session(argv, failing(empty), { controller });
    // `work` opens its queue with a signal of its own, for all that is given back then.
    expect(closeInterrupt).toBe(controller.signal);
  });
});

function failing(failure: unknown): Partial<Queue> {
  return { submit: () => Promise.reject(failure) };
}

describe('a mistake', () => {
  it.each(['unadd', 'unlist', 'uncancel', 'unreview'])('of %s is no proposal to do the opposite', async (name) => {
    const { code, stderr } = await session([name, 'x']);
    expect({ code, stderr }).toEqual({
      code: 64,
      stderr: `agentq: unknown command '${name}'\n  see \`agentq --help\`\n`,
    });
    expect((await session(['help', name])).stderr).not.toContain('did you mean');
  });

  it('that may be one of several proposes all that are not the opposite', async () => {
    const hintOf = async (...argv: string[]) => (await session(argv)).stderr.split('\n')[1] ?? '';
    expect(await hintOf('claim', 'a1', '--m-priority', '3')).toContain(
      'did you mean --min-priority or --max-priority?',
    );
    expect(await hintOf('claim', 'a1', '--jsno')).toContain('did you mean --json?');
    for (const flag of ['--sync', '--colour']) expect(await hintOf('claim', 'a1', flag)).not.toContain('did you mean');
  });

  it.each([
    ['unblok', 'unblock'],
    ['clam', 'claim'],
  ])('of %s may be %s', async (name, meant) => {
    expect((await session([name])).stderr).toContain(`did you mean ${meant}?`);
  });

  it.each([
    ['30', '30m'],
    ['45m', '45m'],
    ['2h', '2h'],
  ])('is a limit of %s in the place of a project: the older script took it there', async (given, meant) => {
    const { code, stderr, opened } = await session(['release-stalled', given]);
    expect({ code, opened }).toEqual({ code: 64, opened: [] });
    expect(stderr).toContain(`did you mean --older-than ${meant}?`);
  });
});

describe('claim', () => {
  it('answers with the name on stdout and tells the rest on stderr', async () => {
    const { code, stdout, stderr, closed } = await session(['claim', 'a1']);
    expect({ code, stdout, closed }).toEqual({ code: 0, stdout: 'auth/TASK-1\n', closed: 1 });
    expect(stderr).toBe('[2025-01-02T03:04:05Z] [a1] claimed auth/TASK-1: Sign in\n');
  });

  it('has the JSON document that the issue asks for', async () => {
    const { stdout } = await session(['claim', 'a1', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      project: 'auth',
      task: 'TASK-1',
      title: 'Sign in',
      priority: 8,
      type: null,
      path: '.agents/auth/claimed/TASK-1.toon',
      branch: 'develop',
      remote: 'origin',
      commit: 'f00',
      claimId: 'c1',
      agent: 'a1',
      claimedAt: '2025-01-02T03:04:05Z',
      attempts: 2,
      rejectedPushes: 1,
      backoffBaseMs: 250,
      elapsedMs: 12,
    });
  });

  it('makes an intent of its options, wherever the global ones stand', async () => {
    const options = [
      '--min-priority',
      '3',
      '--max-priority=9',
      '--type',
      'backend',
      '--label',
      'a=1',
      '--label',
      'b=2',
    ];
    const before = await session(['--branch', 'x', '-q', 'claim', 'a1', 'auth', ...options]);
    const after = await session(['claim', 'a1', 'auth', 'x', ...options, '-q']);
    const intent = {
      kind: 'claim',
      request: 'aaaaaaaaaaaaaaaa',
      agent: 'a1',
      filter: { project: 'auth', minPriority: 3, maxPriority: 9, type: 'backend', labels: { a: '1', b: '2' } },
      attempt: 1,
      waitedMs: 0,
    };
    for (const { intents, opened, stderr } of [before, after]) {
      expect(intents).toEqual([intent]);
      expect(opened[0]).toMatchObject({ branch: 'x', remote: undefined, sync: true, maxRetries: 8 });
      expect(stderr).toBe('');
    }
  });

  it.each([
    [['--json', 'claim', 'a1', 'list']],
    [['-q', '--min-priority', '3', '--wait', '10m', '--type', 'list', 'claim', 'a1', '--json']],
    [['--wait', 'claim', 'a1', '--json']],
  ])('takes every option before the command too: %j', async (argv) => {
    const { code, stdout, intents } = await session(argv);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ task: CLAIMED.key.id });
    expect(intents[0]).toMatchObject({ kind: 'claim', agent: 'a1' });
  });

  it('takes "" for "not given"', async () => {
    const { intents, opened } = await session(['claim', 'a1', '', 'develop']);
    expect(intents[0]).toMatchObject({ filter: {} });
    expect(opened[0]?.branch).toBe('develop');
  });

  it('of one task is about the project of that task', async () => {
    const env = { AGENTQ_PROJECT: 'billing' };
    const { intents } = await session(['claim', 'a1', '--task', 'auth/TASK-7'], {}, { env });
    expect(intents[0]).toMatchObject({ task: { project: 'auth', id: 'TASK-7' }, filter: { project: 'auth' } });
  });

  it('as a dry run submits nothing and says so', async () => {
    const { code, stdout, stderr, intents } = await session(['claim', 'a1', '--dry-run', '--json']);
    expect({ code, intents }).toEqual({ code: 0, intents: [] });
    expect(JSON.parse(stdout)).toMatchObject({ dryRun: true, commit: null, claimId: null, claimedAt: null });
    expect(stderr).toContain('would claim auth/TASK-1');
  });

  it('says why the checkout was not updated', async () => {
    const { code, stderr } = await session(['claim', 'a1'], {
      follow: async () => ({ kind: 'skipped', because: 'dirty', reason: 'it has local changes' }),
    });
    expect(code).toBe(0);
    expect(stderr).toContain('the checkout was not updated: it has local changes');
  });

  it('with nothing to claim exits with 1, empty stdout and one line', async () => {
    const empty = failing(new Failure('nothing-claimable', 'nothing to claim: 2 claimed', { details: { why: {} } }));
    const { code, stdout, stderr, closed } = await session(['claim', 'a1'], empty);
    expect({ code, stdout, closed }).toEqual({ code: 1, stdout: '', closed: 1 });
    expect(stderr).toBe('[2025-01-02T03:04:05Z] [a1] nothing to claim: 2 claimed\n');
    expect(await session(['claim', 'a1', '-q'], empty)).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse((await session(['claim', 'a1', '--json'], empty)).stdout)).toEqual({
      error: { code: 'nothing-claimable', message: 'nothing to claim: 2 claimed', why: {} },
    });
  });
});

describe('heartbeat and release', () => {
  it('carry the claim of the worker', async () => {
    const env = { AGENTQ_CLAIM_ID: 'c1', AGENTQ_TASK_ID: 'auth/TASK-1' };
    const outcome = { ...CLAIMED, kind: 'released' as const };
    const submit = async () => ({
      outcome,
      commit: 'f00',
      base: undefined,
      attempts: 1,
      rejectedPushes: 0,
      backoffBaseMs: 250,
      elapsedMs: 1,
    });
    const { code, stdout, intents } = await session(
      ['release', 'TASK-1', 'a1', 'auth', '--reason', 'needs a database'],
      { submit },
      { env },
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'auth/TASK-1\n' });
    expect(intents).toEqual([
      {
        kind: 'release',
        request: 'aaaaaaaaaaaaaaaa',
        agent: 'a1',
        task: { project: 'auth', id: 'TASK-1' },
        claimId: 'c1',
        reason: 'needs a database',
      },
    ]);
  });

  it('of a lost claim exit with 3 and say what to do', async () => {
    const lost = failing(new Failure('claim-lost', 'auth/TASK-1 is not yours', { hint: 'stop working on it' }));
    const { code, stdout, stderr } = await session(['heartbeat', 'TASK-1', 'a1'], lost);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toBe('[2025-01-02T03:04:05Z] [a1] error: auth/TASK-1 is not yours (stop working on it)\n');
  });
});

describe('what goes wrong', () => {
  it('inside of agentq is one line, and a stack only when asked for', async () => {
    const defect = failing(new Error('undefined is\nnot a function'));
    const { code, stdout, stderr, closed } = await session(['claim', 'a1'], defect);
    expect({ code, stdout, closed }).toEqual({ code: 5, stdout: '', closed: 1 });
    expect(stderr).toBe('agentq: internal error: undefined is\\nnot a function (set AGENTQ_DEBUG=1 for the stack)\n');
    expect((await session(['claim', 'a1'], defect, { env: { AGENTQ_DEBUG: '1' } })).stderr).toContain('    at ');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('after %s is the interruption, whatever it looks like', async (signal, exit) => {
    const controller = new AbortController();
    const submit = async () => {
      controller.abort(new Failure('interrupted', `interrupted by ${signal}`, { details: { signal } }));
      throw new Failure('remote-unreachable', 'git was killed');
    };
    const { code, stderr, closed } = await session(['claim', 'a1'], { submit }, { controller });
    expect({ code, closed }).toEqual({ code: exit, closed: 1 });
    expect(stderr).toContain(`interrupted by ${signal}`);
  });

  it('while cleaning up after a signal is told, with the code of the signal', async () => {
    const controller = new AbortController();
    const submit = async () => {
      controller.abort(new Failure('interrupted', 'interrupted by SIGTERM', { details: { signal: 'SIGTERM' } }));
      throw new Failure('interrupted', 'interrupted after auth/TASK-1 was claimed', { hint: 'give it back' });
    };
    const { code, stderr } = await session(['claim', 'a1'], { submit }, { controller });
    expect(code).toBe(143);
    expect(stderr).toContain('interrupted after auth/TASK-1 was claimed (give it back)');
  });

  it('with the environment is a warning that names the variable', async () => {
    const { code, stderr } = await session(['claim', 'a1'], {}, { env: { AGENTQ_BRNACH: 'x' } });
    expect(code).toBe(0);
    expect(stderr).toContain('warning: unknown environment variable AGENTQ_BRNACH, did you mean AGENTQ_BRANCH?');
  });
});
