import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { given } from '../../../src/domain/base/given.ts';
import { runAgentqAtOnce } from '../../kit/processes/run-agentq.ts';
import { isFull } from '../../kit/sample.ts';

/** CONTRACT 7.6: names from outside are refused before they get anywhere near git, a path or a terminal. */

const NAMES: readonly (readonly [string, string])[] = [
  ['a space', 'two words'],
  ['a line feed', 'agent\nAgentq-Agent: other'],
  ['a carriage return', 'agent\rother'],
  ['a tab', 'agent\tother'],
  ['a terminal escape', '\u001b[31mred\u001b[0m'],
  ['a C1 control', 'a\u009b31m'],
  ['a bidi override', 'a\u202egent'],
  ['the parent folder', '..'],
  ['a path out of the queue', '../../etc/passwd'],
  ['dots inside', 'a..b'],
  ['a slash too many', 'a/b/c'],
  ['a backslash', 'a\\b'],
  ['a shell command', '$(touch marker)'],
  ['a backquoted command', '`touch marker`'],
  ['a command separator', 'a;touch marker'],
  ['a leading dash', '-agent'],
  ['an option', '--upload-pack=touch marker'],
  ['300 characters', 'x'.repeat(300)],
  ['an angle bracket', 'a<b>'],
  ['an at-brace', 'a@{1}'],
];

const BRANCHES: readonly (readonly [string, string])[] = [
  ['an option', '--upload-pack=touch marker'],
  ['a short option', '-f'],
  ['a range', 'a..b'],
  ['a forced update', '+develop'],
  ['a refspec', 'develop:refs/heads/main'],
  ['a deletion', ':develop'],
  ['a full ref', 'refs/heads/main'],
  ['a revision', 'develop~1'],
  ['a reflog entry', 'develop@{1}'],
  ['HEAD', 'HEAD'],
  ['a space', 'my branch'],
  ['a line feed', 'develop\nmain'],
  ['an escape', 'dev\u001b[2Jelop'],
  ['a glob', 'dev*'],
  ['a lock file', 'develop.lock'],
  ['300 characters', 'x'.repeat(300)],
];

const REMOTES: readonly (readonly [string, string])[] = [
  ['the ext transport', 'ext::sh -c touch% marker'],
  ['an option', '--upload-pack=touch marker'],
  ['a short option', '-x'],
  ['a lone dash', '-'],
  ['a URL', 'https://example.invalid/x.git'],
  ['a file URL', 'file:///etc'],
  ['an scp-like URL', 'git@example.invalid:x.git'],
  ['a path out of here', '../other'],
  ['an absolute path', '/etc'],
  ['a line feed', 'origin\nother'],
];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentq-hostile-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Probe {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Every way for the first of a list, and one in turn for each of the others: a process each, 180 of them in all. */
function waysOf(index: number, ways: readonly Probe[]): readonly Probe[] {
  return isFull || index === 0 ? ways : ways.slice(index % ways.length).slice(0, 1);
}

/** All at once: each is a process of its own. */
async function expectRefused(probes: readonly Probe[]): Promise<void> {
  const runs = await runAgentqAtOnce(
    probes.map(({ args, env }) => ({ args, options: { cwd: folder, ...given({ env }) } })),
  );
  for (const [index, { code, stdout, stderr }] of runs.entries()) {
    const args = probes[index]?.args;
    expect({ args, code, stdout }).toEqual({ args, code: 64, stdout: '' });
    expect(stderr.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(stderr.split('\n').length).toBeLessThanOrEqual(3);
  }
  expect(readdirSync(folder)).toEqual([]);
}

it.each(NAMES)('a name with %s is no agent, no project and no task', async (_, name) => {
  await expectRefused(
    waysOf(
      NAMES.findIndex(([, each]) => each === name),
      [
        { args: ['claim', name] },
        { args: ['claim', '--', name] },
        { args: ['claim', '--', 'a1', name] },
        { args: ['heartbeat', '--', name, 'a1'] },
        { args: ['list'], env: { AGENTQ_PROJECT: name } },
      ],
    ),
  );
});

it.each(BRANCHES)('a branch that is %s is refused wherever it comes from', async (_, branch) => {
  await expectRefused(
    waysOf(
      BRANCHES.findIndex(([, each]) => each === branch),
      [
        { args: ['claim', '--', 'a1', '', branch] },
        { args: ['list', `--branch=${branch}`] },
        { args: ['list'], env: { AGENTQ_BRANCH: branch } },
      ],
    ),
  );
});

it.each(REMOTES)('a remote that is %s is refused wherever it comes from', async (_, remote) => {
  await expectRefused(
    waysOf(
      REMOTES.findIndex(([, each]) => each === remote),
      [{ args: ['claim', 'a1', `--remote=${remote}`] }, { args: ['claim', 'a1'], env: { AGENTQ_REMOTE: remote } }],
    ),
  );
});

const URLS = [
  'javascript:alert(1)',
  'javascript://x/%0aalert(1)',
  'file:///etc/passwd',
  'data:text/html,x',
  'ftp://x/1',
];

it.each(URLS)('%s is not the URL of a pull request', async (url) => {
  await expectRefused([{ args: ['complete', 'T-1', 'a1', url] }]);
});

it('an id that looks like an option is refused instead of being taken for one', async () => {
  await expectRefused(
    ['-1', '-a1', '-q', '-v', '-qv', '--quiet', '-C'].map((id) => ({ args: ['release', 'T-1', id] })),
  );
});
