import { describe, expect, it } from 'vitest';
import { MINUTE, ModelPool, START } from '../../kit/engine/model-pool.ts';

const OK = { runsMs: MINUTE };

function poolWith(...checks: readonly string[]): ModelPool {
  const pool = new ModelPool([{ id: 'T-1' }]);
  pool.checks = checks;
  return pool;
}

const checked = (pool: ModelPool): readonly string[] =>
  pool.events.flatMap((event) => (event.kind === 'checking' ? [event.check] : []));

describe('the checks of a task', () => {
  it('run in order after the command, and let a task fail that its command called done', async () => {
    const pool = poolWith('lint', 'test', 'never');
    pool.onCheck = (_, check) => ({ ...OK, code: check === 'test' ? 3 : 0 });
    const { results } = await pool.run({}, () => OK);
    expect(results).toMatchObject([
      { outcome: 'failed', reason: 'failed the check "test" (it ended with 3)', exitCode: 3, attempts: 1 },
    ]);
    expect(checked(pool)).toEqual(['lint', 'test']);
    expect((await pool.commits()).map(({ subject }) => subject.split(']')[0])).toEqual([
      'Begin',
      '[AGENT-CLAIM',
      '[AGENT-RELEASE',
    ]);
  });

  it('do not run after a command that failed', async () => {
    const pool = poolWith('test');
    await pool.run({}, () => ({ ...OK, code: 1 }));
    expect(checked(pool)).toEqual([]);
  });

  it('count as a failed attempt, which may be tried again', async () => {
    const pool = poolWith('test');
    pool.onCheck = () => ({ ...OK, code: checked(pool).length === 1 ? 1 : 0 });
    const rules = { graceMs: 0, timeoutMs: undefined, retries: 1, retryDelayMs: 10 };
    expect((await pool.run({ rules }, () => OK)).results).toMatchObject([{ outcome: 'completed', attempts: 2 }]);
  });

  it('block a task with a reason that names the one that failed', async () => {
    const pool = poolWith('npm test');
    pool.onCheck = () => ({ ...OK, code: 1 });
    const rules = { graceMs: 0, timeoutMs: undefined, retries: 1, retryDelayMs: 10 };
    expect((await pool.run({ rules }, () => OK)).results).toMatchObject([{ outcome: 'blocked', attempts: 2 }]);
    const [release] = pool.asked.filter(({ kind }) => kind === 'release');
    expect(release).toMatchObject({
      blockedReason:
        'failed 2 times - failed the check "npm test" (it ended with 1) - free it with agentq unblock --task auth/T-1',
    });
  });

  it('have the limit of the command, each, and the claim is renewed meanwhile', async () => {
    const pool = poolWith('slow', 'hangs');
    pool.onCheck = (_, check) => ({ runsMs: check === 'slow' ? 40 * MINUTE : 400 * MINUTE });
    const rules = { graceMs: 0, timeoutMs: 50 * MINUTE, retries: undefined, retryDelayMs: 10 };
    const { results } = await pool.run({ rules }, () => OK);
    expect(results).toMatchObject([{ outcome: 'failed', reason: 'failed the check "hangs" (it ran longer than 50m)' }]);
    expect(pool.events.filter(({ kind }) => kind === 'renewed').length).toBeGreaterThan(5);
  });

  it('share one grace with the command when the worker is told to end', async () => {
    const pool = poolWith('first', 'second');
    pool.onCheck = () => ({ runsMs: 3 * MINUTE });
    const rules = { graceMs: 5 * MINUTE, timeoutMs: undefined, retries: undefined, retryDelayMs: 10 };
    const { results } = await pool.run(
      { rules },
      () => OK,
      async () => {
        await pool.time.sleep(MINUTE / 2);
        pool.interrupt.abort();
      },
    );
    expect(results).toMatchObject([{ outcome: 'interrupted' }]);
    // Told half a minute after the start. The command takes one, the first check three, the second what is left.
    expect(pool.time.now() - START).toBeLessThan(5.6 * MINUTE);
    expect(pool.remote.violations).toEqual([]);
  });

  it('are worth nothing when the claim is gone', async () => {
    const pool = poolWith('test');
    pool.onCheck = () => ({ runsMs: 120 * MINUTE });
    const { results } = await pool.run(
      {},
      () => OK,
      async () => {
        await pool.time.sleep(10 * MINUTE);
        await pool.submit({ kind: 'release', request: pool.id(), agent: 'a1', task: { id: 'T-1' } });
      },
    );
    expect(results[0]).toMatchObject({ outcome: 'lost' });
  });
});

describe('what a command says about its work', () => {
  const SAID = { prUrl: 'https://x.org/7', summary: 'Done', costUsd: 0.25, tokens: 100, problems: [] };

  it('goes with the completion, and costs of all attempts add up', async () => {
    const pool = poolWith();
    pool.says = SAID;
    const rules = { graceMs: 0, timeoutMs: undefined, retries: 1, retryDelayMs: 10 };
    const { results } = await pool.run({ rules }, (_, attempt) => ({ ...OK, code: attempt === 1 ? 1 : 0 }));
    const report = { summary: 'Done', costUsd: 0.5, tokens: 200 };
    expect(results).toMatchObject([{ outcome: 'completed', prUrl: SAID.prUrl, report }]);
    expect(pool.asked.find(({ kind }) => kind === 'complete')).toMatchObject({ prUrl: SAID.prUrl, report });
  });

  it('goes with a failure, too, and what cannot be used is a warning', async () => {
    const pool = poolWith();
    pool.says = { costUsd: 0.25, problems: ['it is no JSON'] };
    pool.lacks = 'left nothing';
    const { results } = await pool.run({}, () => OK);
    expect(results).toMatchObject([{ outcome: 'failed', reason: 'left nothing', report: { costUsd: 0.25 } }]);
    expect(pool.asked.find(({ kind }) => kind === 'release')).toMatchObject({ report: { costUsd: 0.25 } });
    expect(pool.events).toContainEqual({ kind: 'warning', agent: 'a1', message: 'it is no JSON' });
  });

  it('leaves this machine without secrets, and so does the text of a check', async () => {
    const pool = poolWith(`curl -H 'Authorization: Bearer abcdefgh12345678' https://x.org?k=hunter2hunter2`);
    pool.says = { summary: 'Used ghp_abcdefghijklmnop0123\nand hunter2hunter2.', problems: [] };
    pool.onCheck = () => ({ ...OK, code: 1 });
    const rules = {
      graceMs: 0,
      timeoutMs: undefined,
      retries: undefined,
      retryDelayMs: 10,
      secrets: ['hunter2hunter2'],
    };
    await pool.run({ rules }, () => OK);
    const release = JSON.stringify(pool.asked.find(({ kind }) => kind === 'release'));
    expect(release).toMatch(/Used ghp_\*\*\*\\nand \*\*\*\./);
    expect(release).toContain('failed the check');
    expect(release).not.toMatch(/hunter2|abcdefgh/);
  });

  it('tells when a command that cannot work now wants to be tried again', async () => {
    const pool = poolWith();
    pool.says = { retryAt: START + 90 * MINUTE, problems: [] };
    const { results } = await pool.run({ maxTasks: 1 }, () => ({ ...OK, code: 75 }));
    expect(results).toMatchObject([{ outcome: 'deferred', retryAt: START + 90 * MINUTE }]);
  });
});

describe('a task in review', () => {
  const review = (pool: ModelPool) =>
    pool.submit({ kind: 'review', request: pool.id(), agent: 'a1', task: { id: 'T-1' }, prUrl: 'https://x.org/7' });

  it('is what a success makes of it, if that was asked for', async () => {
    const pool = poolWith();
    pool.says = { prUrl: 'https://x.org/7', problems: [] };
    const rules = {
      graceMs: 0,
      timeoutMs: undefined,
      retries: undefined,
      retryDelayMs: 10,
      success: 'review',
    } as const;
    const { results } = await pool.run({ rules }, () => OK);
    expect(results).toMatchObject([{ outcome: 'review', prUrl: 'https://x.org/7', unblocked: [] }]);
    expect((await pool.commits()).at(-1)?.subject).toBe('[AGENT-REVIEW] a1 finished auth/T-1');
  });

  it.each([0, 1])('stays there if its command has put it there, although it ended with %i', async (code) => {
    const pool = poolWith();
    const { results } = await pool.run(
      {},
      () => ({ ...OK, code }),
      async () => {
        await pool.time.sleep(MINUTE / 2);
        await review(pool);
      },
    );
    expect(results).toMatchObject([{ outcome: 'review' }]);
    expect((await pool.commits()).at(-1)?.subject).toBe('[AGENT-REVIEW] a1 finished auth/T-1');
  });
});
