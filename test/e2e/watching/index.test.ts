import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { AgentqRun } from '../../kit/processes/run-agentq.ts';
import { readyTasks } from '../../kit/queues/queue-files.ts';
import { scene } from '../../kit/scene/scene.ts';

const task = (id: string, more: string): string =>
  `task:\n id: ${id}\n title: Title of ${id}\n type: docs\n priority: 5\n${more}`;

/** One task of each kind that is counted for itself. */
const KINDS = {
  'tasks/W-1': task('W-1', ' status: blocked\ndependencies:\n required[1]: TASK-1\n'),
  'tasks/D-1': task('D-1', ' status: blocked\ndependencies:\n required[1]: C-1\n'),
  'tasks/H-1': task('H-1', ' status: blocked\n hold_until: half of one\n'),
  'tasks/H-2': task('H-2', ' status: blocked\n hold_until: "batch:core >= 50%"\n batch: core\n'),
  'tasks/B-1': task('B-1', ' status: blocked\n blocked_reason: no key\n labels:\n  area: web\n'),
  'tasks/X-1': task('X-1', ' status: cancelled\n'),
  'tasks/U-1': 'no task at all\n',
  'claimed/S-1': `${task('S-1', ' status: ready\n')}\nclaim:\n  claimed_by: a1\n  claimed_at: 2025-01-01T00:00:00Z\n  last_heartbeat: 2025-01-01T00:00:00Z\n  claim_id: abc\n`,
  'claimed/R-1': `${task('R-1', ' status: ready\n')}\nclaim:\n  claimed_by: a1\n  claimed_at: 2025-01-01T00:00:00Z\n  last_heartbeat: 2025-01-01T00:00:00Z\n  review_since: 2025-01-01T00:00:00Z\n  pr_url: https://example.org/1\n`,
  'completed/C-1': task('C-1', ' status: ready\n batch: core\n'),
  'completed/T-1': task('T-1', ' status: ready\n'),
  'tasks/T-1': task('T-1', ' status: ready\n'),
};

/** Answers, without the time of asking and what depends on it. */
function said({ code, stdout, stderr }: AgentqRun): Pick<AgentqRun, 'code' | 'stdout' | 'stderr'> {
  return {
    code,
    stdout: stdout.replace(/"(time|heartbeatAgeMs)":("[^"]*"|\d+)/g, '"$1":0'),
    stderr: stderr.replace(/^\[[^\]]*\]/gm, ''),
  };
}

it('status and list say the same from the index of a large queue as from its files', async () => {
  const files = Object.fromEntries(Object.entries(KINDS).map(([name, text]) => [`.agents/auth/${name}.toon`, text]));
  await using box = await scene({
    files: { ...readyTasks(60), ...readyTasks(5, 'billing'), ...files },
    clones: ['clone', 'plain'],
  });
  for (const [command, ...args] of [
    ['ask', 'TASK-9', 'a9', 'Which one?'],
    ['note', 'TASK-8', 'see the wiki', '--agent', 'a8'],
  ] as const) {
    if (command === 'ask') expect((await box.agentq('clone', 'claim', 'a9', '--task', 'auth/TASK-9')).code).toBe(0);
    expect(await box.agentq('clone', command, `auth/${args[0]}`, ...args.slice(1))).toMatchObject({ code: 0 });
  }
  const index = box.path('clone', '.git', 'agentq', 'readings-origin-develop');
  for (const command of [['status'], ['list'], ['list', '--cancelled'], ['list', '--search', 'wiki']]) {
    await rm(index, { force: true });
    const [parsed, known] = [
      await box.agentq('clone', ...command, '--json'),
      await box.agentq('clone', ...command, '--json'),
    ];
    expect({ command, isKept: existsSync(index) }).toEqual({ command, isKept: !command.includes('--search') });
    expect(said(parsed)).toEqual(said(known));
    expect(parsed).toMatchObject({ code: 0 });
  }
  const { projects } = JSON.parse((await box.agentq('clone', 'status', '--json')).stdout);
  expect(projects).toMatchObject([
    { asking: 1, blocked: 1, cancelled: 1, completed: 1, conflicting: 1, due: 1, held: 2, review: 1, stalled: 2 },
    { ready: 5 },
  ]);
});
