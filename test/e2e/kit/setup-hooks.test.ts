import { chmod, readdir, rename, writeFile } from 'node:fs/promises';
import { parse } from 'jsonc-parser';
import { expect, it } from 'vitest';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { AGENTQ_BIN, NODE } from '../../kit/processes/run-agentq.ts';
import { scene } from '../../kit/scene/scene.ts';

const SESSION = '0f3a9b2c-41de-4c1b-9c55-d24c6f1f6b0e';
const AGENT = 'claude-0f3a9b2c41de';
const silent = (agent: string) =>
  `${plainTask('TASK-1')}\nclaim:\n  claimed_by: ${agent}\n  claimed_at: 2026-01-01T00:00:00Z\n  last_heartbeat: 2026-01-01T00:00:00Z\n`;
const OWN = {
  'CLAUDE.md': '# House rules',
  '.claude/settings.json': '{\r\n\t"hooks": {}, // none yet\r\n}\r\n',
  '.mcp.json': '{ "mcpServers": { "db": { "command": "db" } } }',
};

it('the hooks of Claude Code name, renew and remind an agent, and never fail', async () => {
  const files = {
    ...OWN,
    '.agents/auth/claimed/TASK-1.toon': silent(AGENT),
    '.agents/auth/tasks/TASK-2.toon': plainTask('TASK-2'),
  };
  await using box = await scene({ files, clones: ['clone'] });
  await box.write('bin', { agentq: `#!/bin/sh\nexec '${NODE}' '${AGENTQ_BIN}' "$@"\n` });
  await chmod(box.path('bin', 'agentq'), 0o755);
  const setUp = await box.agentq('clone', 'setup', 'claude');
  expect(setUp.stdout).toBe(
    'created .claude/skills/agentq/SKILL.md\nupdated CLAUDE.md\nupdated .claude/settings.json\nupdated .mcp.json\n',
  );
  expect(setUp.stderr).toContain('nothing is committed');

  /** Runs a hook as Claude Code does: by a shell, with its JSON on stdin. */
  const hook = async (event: string, more: object = {}, ...env: readonly string[]) => {
    const [{ hooks }] = parse(await box.read('clone', '.claude/settings.json')).hooks[event];
    await writeFile(box.path('said.json'), JSON.stringify({ session_id: SESSION, hook_event_name: event, ...more }));
    const path = `PATH=${box.path('bin')}:${process.env.PATH}`;
    const script = `( ${hooks[0].command} ) <'${box.path('said.json')}'`;
    return box.run(box.path('clone'), 'env', [
      path,
      `CLAUDE_ENV_FILE=${box.path('env.sh')}`,
      ...env,
      'sh',
      '-c',
      script,
    ]);
  };
  const beats = async () =>
    (await box.git(box.remote, 'log', '--format=%s', 'develop'))
      .split('\n')
      .filter((line) => line.includes('HEARTBEAT'));

  const started = await hook('SessionStart', { source: 'startup' });
  expect(started.stdout).toContain(`You are ${AGENT}.\nYou hold auth/TASK-1`);
  expect(await box.read('.', 'env.sh')).toBe(`export AGENTQ_AGENT=${AGENT}\n`);

  // One heartbeat, and then none for five minutes: the remote is not even there.
  expect(await hook('PostToolUse', { tool_response: 'x'.repeat(100_000) })).toEqual({
    exitCode: 0,
    stdout: '',
    stderr: '',
  });
  expect(await beats()).toEqual([`[AGENT-HEARTBEAT] ${AGENT} working on TASK-1`]);
  await rename(box.path(box.remote), box.path('away.git'));
  expect(await hook('PostToolUse')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  const memory = async (change: object) => {
    const folder = box.path('clone', '.git', 'agentq');
    const [name = ''] = (await readdir(folder)).filter((one) => one.startsWith('renewed-'));
    const known = JSON.parse(await box.read('clone', `.git/agentq/${name}`));
    await writeFile(`${folder}/${name}`, JSON.stringify({ ...known, ...change }));
    return known;
  };
  expect(await memory({ at: 0, triedAt: 0 })).toMatchObject({ held: ['auth/TASK-1'], stalledAfterMs: 1_800_000 });
  // It is time, and the remote is away: the tool goes on.
  expect(await hook('PostToolUse')).toMatchObject({ exitCode: 0, stdout: '' });
  await rename(box.path('away.git'), box.path(box.remote));

  // Somebody takes the task: the agent hears of it with its next step, once.
  expect((await box.agentq('clone', 'take', 'TASK-1', 'b2', '--from', AGENT)).code).toBe(0);
  await memory({ at: 0, triedAt: 0 });
  const told = JSON.parse((await hook('PostToolUse')).stdout);
  expect(told.hookSpecificOutput).toEqual({
    hookEventName: 'PostToolUse',
    additionalContext: 'agentq: auth/TASK-1 is not yours any more: b2 has taken it. Stop working on it.',
  });
  await memory({ at: 0, triedAt: 0 });
  expect(await hook('PostToolUse')).toMatchObject({ exitCode: 0, stdout: '' });

  // The server that it names is there, and speaks.
  const { agentq } = JSON.parse(await box.read('clone', '.mcp.json')).mcpServers;
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  await writeFile(
    box.path('hello.json'),
    `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`,
  );
  const server = [agentq.command, ...agentq.args].join(' ');
  const path = `PATH=${box.path('bin')}:${process.env.PATH}`;
  const answered = await box.run(box.path('clone'), 'env', [
    path,
    'sh',
    '-c',
    `${server} <'${box.path('hello.json')}'`,
  ]);
  expect(JSON.parse(answered.stdout.split('\n')[0] ?? '').result.serverInfo.name, answered.stderr).toBe('agentq');

  // The end of a session reminds, or gives back; a worker's task is the worker's.
  expect((await box.agentq('clone', 'claim', 'a1', '--task', 'TASK-2')).code).toBe(0);
  expect((await box.agentq('clone', 'edit', 'TASK-2', '--title', 'Other', '--agent', 'p')).code).toBe(0);
  const edited = JSON.parse((await hook('PostToolUse', {}, 'AGENTQ_AGENT=a1')).stdout);
  expect(edited.hookSpecificOutput.additionalContext).toBe(
    'agentq: auth/TASK-2 has changed: title (`agentq show auth/TASK-2`).',
  );
  const reminded = JSON.parse((await hook('SessionEnd', { reason: 'other' }, 'AGENTQ_AGENT=a1')).stdout);
  expect(reminded.systemMessage).toBe('a1 still holds auth/TASK-2; to give back: `agentq release auth/TASK-2 a1`');
  expect((await box.agentq('clone', 'setup', 'claude', '--on-exit', 'release')).stdout).toBe(
    'updated .claude/settings.json\n',
  );
  expect(await hook('SessionEnd', { reason: 'other' }, 'AGENTQ_AGENT=a1', 'AGENTQ_TASK_ID=TASK-2')).toMatchObject({
    stdout: '',
  });
  expect(await hook('SessionEnd', { reason: 'clear' }, 'AGENTQ_AGENT=a1')).toMatchObject({ exitCode: 0, stdout: '' });
  const tip = await box.tip();
  const ended = await hook('SessionEnd', { reason: 'other' }, 'AGENTQ_AGENT=a1');
  expect(ended.exitCode, ended.stderr).toBe(0);
  expect(await box.git(box.remote, 'log', '--format=%s%n%b', `${tip}..develop`)).toContain(
    '[AGENT-RELEASE] a1 released TASK-2 from auth\nReason: the session ended',
  );

  // Once more, for the check and for taking all of it out.
  expect((await box.agentq('clone', 'setup', 'claude', '--check')).code).toBe(0);
  expect((await box.agentq('clone', 'setup', 'claude', '--remove')).code).toBe(0);
  expect((await box.agentq('clone', 'setup', 'claude', '--check')).code).toBe(5);
  expect(await box.git('clone', 'status', '--porcelain', '--', ...Object.keys(OWN), '.claude')).toBe('');
});
