import { describe, expect, it } from 'vitest';
import { isoSeconds } from '../../../../src/domain/base/clock.ts';
import { Failure } from '../../../../src/domain/base/failure.ts';
import { snapshotOf, type TaskSpec } from '../../../kit/queues/snapshots.ts';
import { CLAIMED, session } from '../../../kit/scene/cli-session.ts';

/** What the clock of a session says. */
const NOW = Date.UTC(2025, 0, 2, 3, 4, 5);

const held = (id: string, claimedBy: string, minutesAgo: number, more: object = {}): TaskSpec => ({
  id,
  state: 'claimed',
  claim: {
    claimedBy,
    claimedAt: isoSeconds(NOW - (minutesAgo + 12) * 60_000),
    lastHeartbeat: isoSeconds(NOW - minutesAgo * 60_000),
    claimId: 'c1',
    ...more,
  },
});

interface Queue {
  readonly tasks?: readonly TaskSpec[];
  readonly env?: Record<string, string>;
  readonly nothing?: string;
}

const primed = (args: readonly string[], { tasks = [], env = {}, nothing }: Queue = {}) =>
  session(
    ['prime', ...args],
    {},
    {
      env,
      reading: {
        snapshot: async () => snapshotOf(tasks),
        ...(nothing === undefined ? {} : { rehearse: () => Promise.reject(new Failure('nothing-claimable', nothing)) }),
      },
    },
  );

/** More than any of the usual tokenizers makes of it: a word of six letters, three digits, or a sign is one. */
function tokens(text: string): number {
  const pieces = text.match(/[A-Za-z]+|\d+|[^\sA-Za-z\d]/g) ?? [];
  return pieces.reduce((sum, piece) => sum + Math.ceil(piece.length / (/\d/.test(piece) ? 3 : 6)), 0);
}

describe('prime', () => {
  it('tells an agent what it holds, until when, and how to end that', async () => {
    const { code, stdout } = await primed(['a1'], { tasks: [held('TASK-7', 'a1', 3), held('TASK-8', 'a2', 1)] });
    expect(`exit ${code}\n${stdout}`).toMatchInlineSnapshot(`
      "exit 0
      agentq gives out the tasks of this repository (develop of origin).
      You are a1.
      You hold auth/TASK-7 "Title of TASK-7", since 15m. Renew it within 27m.
      Next to claim: auth/TASK-1 "Sign in", priority 8.
      Work on no task that you do not hold. Commit your work to a branch of its own, not to the queue.
      - \`agentq heartbeat auth/TASK-7 a1\`: renews the claim
      - \`agentq complete auth/TASK-7 a1 [pr-url]\`: when all is done
      - \`agentq release auth/TASK-7 a1 --reason "<why>"\`: if you cannot; or \`ask\`
      Exit codes: 0 done; 1 nothing to claim: end, or use \`--wait\`; 2 run it again; 3 not your task any more: stop working on it; 4, 5 tell a person what stderr says; 64 wrong command: read stderr.
      "
    `);
  });

  it('tells one that holds nothing what it would get, and how', async () => {
    const { stdout } = await primed([], { env: { AGENTQ_AGENT: 'a1' } });
    expect(stdout).toMatchInlineSnapshot(`
      "agentq gives out the tasks of this repository (develop of origin).
      You are a1.
      You hold no task.
      Next to claim: auth/TASK-1 "Sign in", priority 8.
      Work on no task that you do not hold. Commit your work to a branch of its own, not to the queue.
      - \`agentq claim a1\`: prints project/TASK-ID; \`agentq show <task>\` prints the task
      - \`agentq complete <task> a1 [pr-url]\`: when all is done
      - \`agentq release <task> a1 --reason "<why>"\`: if you cannot; or \`ask\`
      Exit codes: 0 done; 1 nothing to claim: end, or use \`--wait\`; 2 run it again; 3 not your task any more: stop working on it; 4, 5 tell a person what stderr says; 64 wrong command: read stderr.
      "
    `);
    expect((await primed(['a1'], { nothing: 'nothing to claim: 3 completed' })).stdout).toContain(
      '\nNow: nothing to claim: 3 completed\n',
    );
  });

  it('tells one that nobody has named to choose a name', async () => {
    const { code, stdout } = await primed([]);
    expect(code).toBe(0);
    expect(stdout).toContain('You have no agent id: choose one');
    expect(stdout).toContain('`agentq claim <agent-id>`');
    expect((await primed(['-x'])).code).toBe(64);
  });

  it('tells the agent of a worker that the worker claims, renews and completes', async () => {
    const env = { AGENTQ_AGENT: 'a1', AGENTQ_TASK_ID: 'TASK-9', AGENTQ_PROJECT: 'auth' };
    const tasks = [held('TASK-7', 'a1', 1), held('TASK-9', 'a1', 40)];
    const { stdout } = await primed([], { env, tasks });
    expect(stdout).toMatch(/You hold auth\/TASK-9 .* since 52m\. Your worker renews the claim\./);
    expect(stdout).not.toContain('agentq claim');
    expect(stdout).not.toContain('Next to claim');
    // Another agent in that environment works for itself.
    expect((await primed(['a2'], { env, tasks })).stdout).toContain('agentq claim a2');
  });

  it.each([
    ['overdue', held('TASK-7', 'a1', 33), 'Its heartbeat is overdue, and anybody may take it: renew it now.'],
    [
      'in review',
      held('TASK-7', 'a1', 90, { reviewSince: isoSeconds(NOW) }),
      'It waits for its merge and needs nothing.',
    ],
  ])('says of a task that is %s what that means', async (_what, task, words) => {
    expect((await primed(['a1'], { tasks: [task] })).stdout).toContain(words);
  });

  it('answers as data', async () => {
    const { stdout } = await primed(['a1', '--json'], { tasks: [held('TASK-7', 'a1', 3)] });
    expect(JSON.parse(stdout)).toMatchObject({
      agent: 'a1',
      worker: null,
      holds: [{ project: 'auth', task: 'TASK-7', heartbeatDue: '2025-01-02T03:31:05Z', state: 'working' }],
      next: { project: CLAIMED.key.project, task: CLAIMED.key.id, priority: 8 },
      nothing: null,
    });
  });

  it('stays under 400 tokens, whatever the queue holds', async () => {
    const agent = 'agent-auth-service-with-a-long-name-01';
    const tasks = Array.from({ length: 20 }, (_, index) => ({
      ...held(`TASK-AUTHENTICATION-${index}`, agent, 3),
      project: 'authentication-service',
    }));
    const { stdout } = await primed([agent], {
      tasks,
      nothing: `nothing to claim: ${'3 wait for something. '.repeat(90)}`,
    });
    expect(stdout).toContain('- and 18 more:');
    expect(tokens(stdout)).toBeLessThan(400);
  });
});
