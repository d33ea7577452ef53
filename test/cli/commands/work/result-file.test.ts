import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readResult } from '../../../../src/cli/commands/work/result-file.ts';
import { scene } from '../../../kit/scene/scene.ts';

async function read(content: string | object) {
  await using box = await scene();
  const path = box.path('result.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readResult(path);
}

const AT = Date.parse('2030-01-31T12:00:00Z');

describe('what a command says about its work', () => {
  it.each<[string, object, object]>([
    [
      'everything',
      {
        prUrl: 'https://x.org/pull/7',
        summary: ' Two\r\nlines\u202e ',
        costUsd: 0.25,
        tokens: 1200,
        retryAt: '2030-01-31T12:00:00Z',
      },
      { prUrl: 'https://x.org/pull/7', summary: 'Two\nlines', costUsd: 0.25, tokens: 1200, retryAt: AT },
    ],
    [
      'with other spellings',
      { pr_url: 'https://x.org/7', cost_usd: 1, retry_at: AT / 1000 },
      { prUrl: 'https://x.org/7', costUsd: 1, retryAt: AT },
    ],
    ['with milliseconds', { retryAt: AT }, { retryAt: AT }],
    ['nothing', { prUrl: null, summary: '', more: [1] }, {}],
    ['much', { summary: 'x'.repeat(3000) }, { summary: `${'x'.repeat(1997)}...` }],
  ])('is taken: %s', async (_, document, expected) => {
    expect(await read(document)).toEqual({ ...expected, problems: [] });
  });

  it.each<[string, string | object, string]>([
    ['no JSON', 'done\u001b[2J', '$AGENTQ_RESULT_FILE cannot be used: '],
    ['a list', '[1]', '$AGENTQ_RESULT_FILE is not a JSON object'],
    ['too much', ' '.repeat(70_000), '$AGENTQ_RESULT_FILE cannot be used: it is 70000 bytes long, the limit is 65536'],
    ['another scheme', { prUrl: 'javascript:alert(1)' }, '$AGENTQ_RESULT_FILE: prUrl must be an http(s) URL'],
    [
      'a URL with a line break',
      { prUrl: 'https://x.org/\nAgentq-Task: a/b' },
      '$AGENTQ_RESULT_FILE: prUrl must be an http(s) URL',
    ],
    ['a negative cost', { costUsd: -1 }, '$AGENTQ_RESULT_FILE: costUsd must be a number from 0 to 1000000'],
    ['words for a cost', { costUsd: '1' }, '$AGENTQ_RESULT_FILE: costUsd must be a number from 0 to 1000000'],
    ['half a token', { tokens: 0.5 }, '$AGENTQ_RESULT_FILE: tokens must be a whole number'],
    [
      'a local time',
      { retry_at: 'tomorrow' },
      '$AGENTQ_RESULT_FILE: retryAt must be a time, such as 2025-01-31T12:00:00Z',
    ],
  ])('is left out if it is %s, and the rest counts', async (_, content, problem) => {
    const said = await read(content);
    expect(said.problems).toEqual([expect.stringContaining(problem)]);
    expect(said.problems[0]).not.toMatch(/[\u0000-\u001f]/);
    if (typeof content === 'object')
      expect(await read({ ...content, summary: 'done' })).toMatchObject({ summary: 'done' });
  });

  it('is nothing where there is no file, and a problem where there is another thing', async () => {
    await using box = await scene();
    expect(readResult(box.path('none'))).toEqual({ problems: [] });
    await mkdir(box.path('folder'));
    await symlink('/etc/hostname', box.path('link'));
    for (const name of ['folder', 'link']) expect(readResult(box.path(name)).problems).toHaveLength(1);
  });
});
