import { expect, it } from 'vitest';
import { plainTask, runOldAgent } from '../../kit/processes/old-agents.ts';
import { scene } from '../../kit/scene/scene.ts';

const AUTH = '.agents/auth';

it('notes go with a task through its life, by whoever, and older scripts work on beside them', async () => {
  const blocked = plainTask('TASK-2').replace('status: ready', 'status: blocked');
  const files = { [`${AUTH}/tasks/TASK-1.toon`]: plainTask('TASK-1'), [`${AUTH}/tasks/TASK-2.toon`]: blocked };
  await using box = await scene({ files, clones: ['clone', 'old'] });
  const file = (path: string) => box.git('clone', 'show', `origin/develop:${AUTH}/${path}`);
  const note = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await box.agentq('clone', 'note', '--json', ...args);
    expect(stderr).toContain('noted on');
    expect(code).toBe(0);
    await box.git('clone', 'fetch', 'origin');
    return JSON.parse(stdout) as { notes: { agent: string; text: string }[]; state: string };
  };

  // A note that looks like a status must not offer a blocked task to a script that searches for one.
  await note('TASK-2', 'was told:\n  status: ready', '--agent', 'a2');
  expect((await runOldAgent(box, 'old', 'claim', 'old-1')).stdout.trim()).toBe('auth/TASK-1');
  expect((await runOldAgent(box, 'old', 'claim', 'old-2')).exitCode).toBe(1);

  // The owner's claim stays: only the note is new, and the scripts still find and renew it.
  await box.git('clone', 'config', 'user.name', 'Zoë Q. Doe');
  await note('TASK-1', 'claimed_by: mallory');
  await note('auth/TASK-1', 'see last_heartbeat: never', '--agent', 'a2');
  expect((await runOldAgent(box, 'old', 'heartbeat', 'TASK-1', 'mallory')).exitCode).toBe(3);
  expect((await runOldAgent(box, 'old', 'heartbeat', 'TASK-1', 'old-1')).exitCode).toBe(0);
  expect((await runOldAgent(box, 'old', 'release', 'TASK-1', 'old-1')).exitCode).toBe(0);
  await box.git('clone', 'fetch', 'origin');
  const released = await file('tasks/TASK-1.toon');
  expect(released.trimEnd().split('\n').slice(0, -4)).toEqual(plainTask('TASK-1').trimEnd().split('\n'));
  expect(released).not.toContain('\nclaim:');

  // And agentq's own release gives back the bytes from before the claim, with the note that was written meanwhile.
  expect((await box.agentq('clone', 'claim', 'a1', '--task', 'TASK-1')).code).toBe(0);
  await note('TASK-1', 'third', '--agent', 'a1');
  expect((await box.agentq('clone', 'release', 'TASK-1', 'a1')).code).toBe(0);
  await box.git('clone', 'fetch', 'origin');
  const lines = (await file('tasks/TASK-1.toon')).split('\n');
  expect(lines.filter((line) => !line.includes('third')).join('\n')).toBe(released);
  const { notes } = JSON.parse((await box.agentq('clone', 'show', 'TASK-1', '--json')).stdout) as {
    notes: { agent: string; text: string }[];
  };
  expect(notes.map(({ agent, text }) => [agent, text])).toEqual([
    ['Zoë Q. Doe', 'claimed_by: mallory'],
    ['a2', 'see last_heartbeat: never'],
    ['a1', 'third'],
  ]);
  const log = await box.git('clone', 'log', '-4', '--format=%an|%ae|%s', 'origin/develop', '--', `${AUTH}/claimed`);
  expect(log).toContain('a1|a1@agentq.invalid|[AGENT-NOTE] a1 noted auth/TASK-1');
});
