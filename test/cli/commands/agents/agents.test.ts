import { expect, it } from 'vitest';
import { isoSeconds } from '../../../../src/domain/base/clock.ts';
import type { CommitFacts } from '../../../../src/domain/past/activity.ts';
import { snapshotOf } from '../../../kit/queues/snapshots.ts';
import { session } from '../../../kit/scene/cli-session.ts';

/** What the clock of a session says. */
const NOW = Date.UTC(2025, 0, 2, 3, 4, 5);
const MINUTE = 60_000;

const commit = (minutesAgo: number, agent: string, subject: string, failures?: number): CommitFacts => ({
  oid: `${minutesAgo}`,
  timeMs: NOW - minutesAgo * MINUTE,
  authorName: agent,
  subject,
  trailers: [
    { key: 'Agentq-Task', value: /\S+\/\S+/.exec(subject)?.[0] ?? '' },
    { key: 'Agentq-Agent', value: agent },
    ...(failures === undefined ? [] : [{ key: 'Agentq-Failures', value: String(failures) }]),
  ],
});

/** Newest first, as git tells. */
const COMMITS = [
  commit(2, 'agent-auth-01', '[AGENT-CLAIM] agent-auth-01 claimed auth-service/TASK-021'),
  commit(5, 'agent-auth-02', '[AGENT-RELEASE] agent-auth-02 released auth-service/TASK-020 (exit code 1)', 1),
  commit(9, 'agent-auth-02', '[AGENT-CLAIM] agent-auth-02 claimed auth-service/TASK-020'),
  commit(130, 'agent-auth-01', '[AGENT-COMPLETE] agent-auth-01 completed auth-service/TASK-019'),
  commit(225, 'agent-auth-01', '[AGENT-CLAIM] agent-auth-01 claimed auth-service/TASK-019'),
];

const held = (id: string, claimedBy: string, minutesAgo: number) => ({
  id,
  project: 'auth-service',
  state: 'claimed' as const,
  claim: { claimedBy, lastHeartbeat: isoSeconds(NOW - minutesAgo * MINUTE) },
});

const agents = async (...options: string[]) => {
  const since: (number | undefined)[] = [];
  const run = await session(
    ['agents', ...options],
    {},
    {
      reading: {
        snapshot: async () => snapshotOf([held('TASK-021', 'agent-auth-01', 2), held('TASK-018', 'agent-auth-03', 40)]),
        record: async function* (newerThanMs) {
          since.push(newerThanMs);
          for (const one of COMMITS) {
            if (newerThanMs === undefined || one.timeMs >= newerThanMs) yield { ...one, isCut: false };
          }
        },
      },
    },
  );
  return { ...run, since };
};

it('shows who works on what, in lines that fit a terminal', async () => {
  const { code, stdout } = await agents();
  expect(`exit ${code}\n${stdout}`).toMatchInlineSnapshot(`
    "exit 0
    AGENT          STATE    TASK      SINCE  SEEN  CLAIMS  DONE  FAILED   MEAN
    agent-auth-01  working  TASK-021     2m    2m       2     1       -  1h35m
    agent-auth-03  silent   TASK-018    40m   40m       0     0       -      -
    agent-auth-02  idle     -            5m    5m       1     0       1      -
    "
  `);
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

it('reads no more of the history than the window, and shows one agent if asked', async () => {
  const { stdout, since } = await agents('--since', '1h', '--agent', 'agent-auth-02', '--json');
  expect(since).toEqual([NOW - 60 * MINUTE]);
  const { agents: shown, states } = JSON.parse(stdout) as { agents: object[]; states: object };
  expect(states).toEqual({ working: 0, silent: 0, idle: 1, gone: 0 });
  expect(shown).toEqual([
    expect.objectContaining({ agent: 'agent-auth-02', state: 'idle', claims: 1, releases: 1, failures: 1 }),
  ]);
});

it('knows a mistyped project, and says what it does not know of an agent', async () => {
  const none = await agents('auth-servce');
  expect(none).toMatchObject({ code: 64, stdout: '' });
  expect(none.stderr).toContain('auth-service');
  expect(await agents('--agent', 'a7')).toMatchObject({ code: 0, stdout: '' });
});

it('answers a collector in its own format, and in no two at once', async () => {
  const { code, stdout } = await agents('--prometheus');
  expect(code).toBe(0);
  expect(stdout).toContain('# TYPE agentq_agents gauge\nagentq_agents{state="working"} 1\n');
  expect(await agents('--prometheus', '--json')).toMatchObject({ code: 64 });
});
