import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { emptyQueue } from '../../../kit/queues/new-tasks.ts';
import { session } from '../../../kit/scene/cli-session.ts';

/** What is refused before anything is asked of the queue, or before it is told anything. */
const engine = { reading: { snapshot: async () => emptyQueue() } };
const folder = mkdtempSync(join(tmpdir(), 'agentq-import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const run = async (...args: string[]) => {
  const { code, stderr, intents } = await session(['import', ...args], {}, engine);
  return { code, stderr, intents };
};

describe('import', () => {
  it('refuses what it does not know, and folders where there is one file', async () => {
    expect(await run('jira')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('must be one of github, beads'),
    });
    expect(await run('bead')).toMatchObject({ code: 64, stderr: expect.stringContaining('did you mean beads?') });
    for (const tracker of ['github', 'agentq']) {
      expect(await run(tracker, folder)).toMatchObject({
        code: 64,
        stderr: expect.stringContaining('not from a folder'),
      });
    }
    expect(await run('beads', join(folder, 'absent'))).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('there is no such file'),
    });
    expect(await run('beads', folder)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('.beads/issues.jsonl'),
    });
  });

  it('names no more than one project for an export of several', async () => {
    const task = (project: string) => `${JSON.stringify({ project, task: 'T-1', title: 'x', state: 'ready' })}\n`;
    const answer = await run('agentq', file('two.jsonl', task('a') + task('b')), '--project', 'c');
    expect(answer).toMatchObject({ code: 64, stderr: expect.stringContaining('tasks of 2 projects'), intents: [] });
  });

  it('refuses more than one commit takes, and has nothing to do where nothing is left', async () => {
    const issues = Array.from({ length: 10_001 }, (_, at) => ({ number: at + 1, title: 'x' }));
    const answer = await run('github', file('many.json', JSON.stringify(issues)), '--project', 'a');
    expect(answer).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('10001 tasks to move, and one commit takes 10000'),
      intents: [],
    });
    const long = JSON.stringify(
      Array.from({ length: 9 }, (_, at) => ({ number: at + 1, title: 'x', body: `a\n${'"'.repeat(200_000)}` })),
    );
    expect(await run('github', file('long.json', long), '--project', 'a')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('characters, and one commit takes 7000000'),
      intents: [],
    });
    const done = await run('markdown', file('done.md', '- [x] y\n'), '--project', 'a');
    expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining('there is nothing to import'), intents: [] });
  });
});
