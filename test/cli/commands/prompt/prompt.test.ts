import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { QueueSnapshot } from '../../../../src/domain/queue/snapshot.ts';
import type { Task } from '../../../../src/domain/queue/task.ts';
import { snapshotOf, type TaskSpec } from '../../../kit/queues/snapshots.ts';
import { session } from '../../../kit/scene/cli-session.ts';
import { scene } from '../../../kit/scene/scene.ts';

const WHOLE: Partial<Task> = {
  title: 'Sign in by e-mail',
  summary: 'People get a link.',
  details: 'It is valid for an hour.',
  acceptanceCriteria: ['a link signs in', 'a second use is refused'],
  verify: ['npm test -- --grep login', 'test -n "`ls docs`"'],
  touches: ['src/auth/**'],
  notes: [{ at: '2026-01-02T03:04:05Z', agent: 'Ada', text: 'the key is in the vault' }],
};

/** A queue with T-1, whose file says this, and T-2, which it may require. */
function queue(spec: Partial<TaskSpec>, more: Partial<Task>): QueueSnapshot {
  const snapshot = snapshotOf([
    { id: 'T-1', ...spec },
    { id: 'T-2', state: 'completed', completion: { prUrl: 'https://example.com/pull/2' } },
  ]);
  const project = snapshot.projects.get('auth');
  const entries = project?.entries.map((entry) => {
    if (entry.key.id !== 'T-1' || entry.reading.kind !== 'read') return entry;
    return { ...entry, reading: { ...entry.reading, task: { ...entry.reading.task, ...more } } };
  });
  return project && entries ? { ...snapshot, projects: new Map([['auth', { ...project, entries }]]) } : snapshot;
}

const prompt = (args: readonly string[], snapshot: QueueSnapshot, env: Record<string, string> = {}) =>
  session(['prompt', ...args], {}, { env, reading: { snapshot: async () => snapshot } });

const CLAIMED: Partial<TaskSpec> = { state: 'claimed', claim: { claimedBy: 'a1', claimId: 'c1' } };

describe('prompt', () => {
  it('says all that the queue knows to whoever holds the task', async () => {
    const failures = { count: 1, last: [{ at: '2026-01-01T00:00:00Z', agent: 'a9', reason: 'exit code 1' }] };
    const { code, stdout } = await prompt(['T-1'], queue({ ...CLAIMED, required: ['T-2'], failures }, WHOLE));
    expect(`exit ${code}\n${stdout}`).toMatchInlineSnapshot(`
      "exit 0
      # Sign in by e-mail

      Task auth/T-1, for a1.

      People get a link.
      It is valid for an hour.

      ## Done when

      - a link signs in
      - a second use is refused

      ## Checks that must succeed

      - \`npm test -- --grep login\`
      - \`\` test -n "\`ls docs\`" \`\`

      ## Files that it is expected to change

      - \`src/auth/**\`

      ## What it builds on

      - auth/T-2, Title of T-2 (completed), https://example.com/pull/2

      ## Notes

      - 2026-01-02T03:04:05Z Ada: the key is in the vault

      ## Earlier tries that failed

      - 2026-01-01T00:00:00Z a9: exit code 1

      ## Where to work

      On a branch of your own, such as \`feature/T-1\`, from the repository's default branch. Commit nothing to \`develop\`, where the tasks are given out.

      ## How to end

      Run the checks above first. When all of it is done and committed, run \`agentq complete auth/T-1 a1 [pr-url]\`. If you cannot do it, run \`agentq release auth/T-1 a1 --reason "<why>"\`. If only a person can tell how to go on, run \`agentq ask auth/T-1 a1 "<question>"\`, which gives it back, too. Until then, run \`agentq heartbeat auth/T-1 a1\` every few minutes. Exit code 3 of any of them means that the task is not yours any more: stop.
      "
    `);
  });

  it('says little of a task that says little, and first of all to claim it', async () => {
    const { stdout } = await prompt(['T-1', '--agent', 'a2'], queue({}, {}));
    expect(stdout).toMatchInlineSnapshot(`
      "# Title of T-1

      Task auth/T-1, for a2.

      ## Where to work

      On a branch of your own, such as \`feature/T-1\`, from the repository's default branch. Commit nothing to \`develop\`, where the tasks are given out.

      ## How to end

      You do not hold this task. Before anything else, run \`agentq claim a2 --task auth/T-1\`, and begin only if its exit code is 0. When all of it is done and committed, run \`agentq complete auth/T-1 a2 [pr-url]\`, or \`agentq release auth/T-1 a2 --reason "<why>"\` if you cannot do it.
      "
    `);
    expect((await prompt(['T-1', '--agent', 'a2'], queue(CLAIMED, {}))).stdout).toContain('You do not hold this task.');
  });

  it('tells the command of a worker how its worker ends the task, and where it is', async () => {
    const env = { AGENTQ_AGENT: 'a1', AGENTQ_TASK_ID: 'T-1', AGENTQ_PROJECT: 'auth', AGENTQ_BASE: 'main' };
    const { stdout } = await prompt([], queue(CLAIMED, {}), env);
    expect(stdout).toContain('your worker renews the claim meanwhile, and completes the task');
    expect(stdout).toMatch(/In `\/.*`, a worktree on a branch that is yours alone. It is for `main`\./);
    // Of another task, that worker knows nothing.
    expect((await prompt(['T-2'], queue(CLAIMED, {}), env)).stdout).not.toContain('your worker');
  });

  it('escapes what a person would not see of a text', async () => {
    const hidden = 'ignore\u{e0041}\u202e all that\u001b[2J';
    const { stdout } = await prompt(['T-1'], queue({}, { summary: hidden }));
    expect(stdout).toContain('\nignore\\u{e0041}\\u202e all that\\x1b[2J\n');
  });

  it('fills a template of the user in, and says what is wrong with one', async () => {
    await using box = await scene();
    const file = box.path('prompt.md');
    const run = (template: string) => {
      writeFileSync(file, template);
      return prompt(['T-1', '--template', file, '--json'], queue({}, { title: 'Sign in' }));
    };
    const { stdout } = await run('{{task}} {{title}}{{#notes}} {{notes}}{{/notes}}');
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({ project: 'auth', task: 'T-1', agent: null, prompt: 'auth/T-1 Sign in\n' });
    expect(answer.fields).toMatchObject({ title: 'Sign in', notes: '' });
    expect(JSON.parse((await run('{{nonsense}}')).stdout)).toMatchObject({ error: { code: 'config-invalid' } });
    const missing = await prompt(['T-1', '--template', box.path('none.md')], queue({}, {}));
    expect(missing).toMatchObject({ code: 5, stdout: '' });
    expect((await prompt(['T-1', '--template', box.root], queue({}, {}))).stderr).toContain('not a regular file');
  });
});
