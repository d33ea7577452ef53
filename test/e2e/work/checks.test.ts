import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { poolTaskText, WorkSession } from '../../kit/scene/work-session.ts';

/** A task whose file names a check that fails until somebody makes a file. */
const CHECKED = `${poolTaskText({ id: 'T-1' })}verify[2]:\n  - echo "$AGENTQ_TASK_ID" >> "$MEET/checked"\n  - test -e "$MEET/fixed"\n`;

it('a task counts as done when its checks say so, and not before', async () => {
  await using session = await WorkSession.create([{ id: 'T-2' }], { '.agents/shop/tasks/T-1.toon': CHECKED });
  const first = await session.work(
    ['a1', '--check', 'echo "common $AGENTQ_TASK_ID" >> "$MEET/checked"', '--log-dir', 'logs'],
    'pwd > "$MEET/at"; echo "ran $AGENTQ_TASK_ID" >> "$MEET/checked"',
  ).done;
  expect({ code: first.code, stdout: first.stdout }).toEqual({ code: 6, stdout: 'shop/T-2\n' });
  expect(first.stderr).toContain(
    'gave shop/T-1 back: it failed the check "test -e \\"$MEET/fixed\\"" (it ended with 1)',
  );
  expect(await session.met('checked')).toBe('ran T-1\ncommon T-1\nT-1\nran T-2\ncommon T-2\n');
  const log = await readFile(session.box.path('clone', 'logs', 'shop', 'T-1.log'), 'utf8');
  expect(log).toMatch(/ a1 check test -e "\$MEET\/fixed"\n[^\n]* a1 failed: [^\n]*\n$/);
  const files = await session.box.files('remote.git', 'develop');
  expect(files['.agents/shop/tasks/T-1.toon']).toBe(CHECKED);

  await session.agentq('claim', 'a2');
  const refused = await session.agentq('complete', 'T-1', 'a2', '--verify', '--json');
  expect(refused.code).toBe(6);
  expect(JSON.parse(refused.stdout).error).toMatchObject({ code: 'command-failed', exitCode: 1 });
  expect((await session.audit()).tip.get('shop/T-1')).toBe('claimed');
  const stranger = await session.agentq('complete', 'T-1', 'a3', '--verify');
  expect(stranger.code).toBe(3);
  // A command for a task that is somebody else's is not run.
  expect(stranger.stderr).not.toContain('checks shop/T-1');

  await session.meet('fixed');
  const done = await session.agentq('complete', 'T-1', 'a2', '--verify');
  expect({ code: done.code, stdout: done.stdout }).toEqual({ code: 0, stdout: 'shop/T-1\n' });
  expect((await session.audit()).violations).toEqual([]);
});

it('checks of task files are not run by a worker that was told not to', async () => {
  await using session = await WorkSession.create([], { '.agents/shop/tasks/T-1.toon': CHECKED });
  const { code, stdout } = await session.work(['a1', '--no-verify'], 'true').done;
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'shop/T-1\n' });
});

it('a success without work has failed, and one with work waits for its merge with all that it says', async () => {
  await using session = await WorkSession.create([
    { id: 'T-1', priority: 9 },
    { id: 'T-2' },
    { id: 'T-3', required: ['T-2'] },
  ]);
  const script = `[ "$AGENTQ_TASK_ID" = T-1 ] && exit 0
    [ ! -e "$AGENTQ_RESULT_FILE" ] || exit 9
    echo work > work.txt && git add . && git -c user.name=a -c user.email=a@x.org commit -qm Work
    echo '{"prUrl": "https://example.com/pull/7", "summary": "Did it.", "costUsd": 0.5, "tokens": 1200, "retryAt": "?"}' > "$AGENTQ_RESULT_FILE"`;
  const { code, stdout, stderr } = await session.work(
    ['a1', '--worktree', '--require-commits', '--review', '--json'],
    script,
  ).done;
  expect(code).toBe(6);
  expect(stderr).toContain(
    'gave shop/T-1 back: it ended with 0, but left neither a commit nor a change on feature/T-1',
  );
  expect(stderr).toContain('$AGENTQ_RESULT_FILE: retryAt must be a time');
  expect(JSON.parse(stdout)).toMatchObject({
    completed: 0,
    inReview: 1,
    failed: 1,
    tasks: expect.arrayContaining([
      expect.objectContaining({
        task: 'T-2',
        outcome: 'review',
        branch: 'feature/T-2',
        prUrl: 'https://example.com/pull/7',
        costUsd: 0.5,
        tokens: 1200,
        summary: 'Did it.',
      }),
    ]),
  });
  const body = await session.box.git('remote.git', 'log', '--format=%B', '--grep=AGENT-REVIEW', 'develop');
  expect(body).toMatch(
    /^\[AGENT-REVIEW\] a1 finished shop\/T-2\n\nPull request: https:\/\/example.com\/pull\/7\n\nDid it\.\n\nAgentq-Task: shop\/T-2\nAgentq-Agent: a1\nAgentq-Request: \w+\nAgentq-Cost-Usd: 0\.5\nAgentq-Tokens: 1200\n/,
  );
  const { tip, violations } = await session.audit();
  expect(violations).toEqual([]);
  expect([tip.get('shop/T-1'), tip.get('shop/T-2'), tip.get('shop/T-3')]).toEqual(['ready', 'claimed', 'ready']);
});
