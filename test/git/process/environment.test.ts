import { describe, expect, it } from 'vitest';
import { gitEnvironment } from '../../../src/git/process/git-env.ts';
import { runText } from '../../../src/git/process/git-process.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/**
 * What git itself sets when it runs a hook or an alias, and what a user may have set: none of it leads git elsewhere.
 */

/** A clone, and another repository next to it. */
async function besideAnother(): Promise<Scene> {
  const box = await scene({ files: { 'a/file': 'text\n' }, clones: ['clone'] });
  await box.git('.', 'init', '-q', 'other');
  await box.commit('other', { 'b/file': 'another\n' });
  return box;
}

/** By name, what would make git answer something else, or fail, if it were passed on. */
const misleading = (box: Scene): readonly (readonly [string, string])[] => [
  ['GIT_DIR', box.path('other/.git')],
  ['GIT_DIR', box.path('nowhere')],
  ['GIT_WORK_TREE', box.path('other')],
  ['GIT_COMMON_DIR', box.path('other/.git')],
  ['GIT_INDEX_FILE', box.path('other/.git/index')],
  ['GIT_OBJECT_DIRECTORY', box.path('other/.git/objects')],
  ['GIT_ALTERNATE_OBJECT_DIRECTORIES', box.path('other/.git/objects')],
  ['GIT_PREFIX', 'a/'],
  ['GIT_SHALLOW_FILE', box.path('nowhere')],
  ['GIT_GRAFT_FILE', box.path('nowhere')],
  ['GIT_LITERAL_PATHSPECS', '1'],
  ['GIT_ICASE_PATHSPECS', '1'],
  ['GIT_GLOB_PATHSPECS', '1'],
  ['GIT_NOGLOB_PATHSPECS', '1'],
  ['GIT_INTERNAL_SUPER_PREFIX', 'x/'],
  ['GIT_QUARANTINE_PATH', box.path('other/.git/objects')],
  ['GIT_REPLACE_REF_BASE', 'refs/heads/'],
  ['GIT_ATTR_SOURCE', 'nothing'],
  ['GIT_CONFIG', box.path('nowhere')],
  ['GIT_TRACE', '1'],
  ['GIT_TRACE2_EVENT', '2'],
  ['GIT_CURL_VERBOSE', '1'],
];

/** What the clone is, by a process with pipes and by one of the client's own. */
async function seen(box: Scene, env: Readonly<Record<string, string>>) {
  const head = await box.tip();
  const client = box.client('clone', { env });
  const commands = [
    ['rev-parse', 'HEAD', '--git-dir', '--show-toplevel', '--git-common-dir', '--show-prefix'],
    ['ls-files', '-s', '--', 'A*', 'a*'],
    ['cat-file', '-t', head],
    ['status', '--porcelain'],
    ['config', 'remote.origin.url'],
  ];
  const answers = [];
  for (const args of commands) answers.push(await client.attempt(args), await runText(client, args));
  return answers.map(({ exitCode, stdout, stderr }) => ({ exitCode, stdout, stderr }));
}

describe('git that agentq starts', () => {
  it('sees the same clone, whatever a hook or an alias has set', async () => {
    await using box = await besideAnother();
    const head = await box.tip();
    const plain = await seen(box, {});
    expect(plain[0]?.stdout).toContain(head);
    expect(plain.filter(({ exitCode, stderr }) => exitCode !== 0 || stderr !== '')).toEqual([]);
    for (const [name, value] of misleading(box)) {
      expect({ name, value, seen: await seen(box, { [name]: value }) }).toEqual({ name, value, seen: plain });
    }
  });

  it('writes to the same clone, not to the repository or the index of a hook', async () => {
    await using box = await besideAnother();
    const head = await box.tip();
    const env = {
      GIT_DIR: box.path('other/.git'),
      GIT_INDEX_FILE: box.path('other/.git/index'),
      GIT_OBJECT_DIRECTORY: box.path('other/.git/objects'),
    };
    const client = box.client('clone', { env });
    const before = await box.git('other', 'status', '--porcelain=v2', '--branch');
    await client.run(['update-ref', 'refs/heads/made', head]);
    await client.run(['read-tree', 'HEAD']);
    expect(await box.git('clone', 'rev-parse', 'made')).toBe(head);
    expect(Object.keys(await box.refs('other'))).toEqual(['refs/heads/develop']);
    expect(await box.git('other', 'status', '--porcelain=v2', '--branch')).toBe(before);
  });
});

describe('the environment of git', () => {
  it('lacks what misleads, and keeps traces that go to a file', () => {
    const names = [
      ...['GIT_DIR', 'GIT_WORK_TREE', 'GIT_IMPLICIT_WORK_TREE', 'GIT_COMMON_DIR', 'GIT_INDEX_FILE'],
      ...['GIT_INDEX_VERSION', 'GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_QUARANTINE_PATH'],
      ...['GIT_PREFIX', 'GIT_INTERNAL_SUPER_PREFIX', 'GIT_SHALLOW_FILE', 'GIT_GRAFT_FILE', 'GIT_REPLACE_REF_BASE'],
      ...['GIT_ATTR_SOURCE', 'GIT_CONFIG', 'GIT_REFLOG_ACTION', 'GIT_LITERAL_PATHSPECS', 'GIT_GLOB_PATHSPECS'],
      ...['GIT_NOGLOB_PATHSPECS', 'GIT_ICASE_PATHSPECS', 'GIT_EXTERNAL_DIFF', 'GIT_DIFF_OPTS', 'GIT_PAGER'],
      ...['GIT_PAGER_IN_USE', 'GIT_EDITOR', 'GIT_SEQUENCE_EDITOR', 'EDITOR', 'VISUAL', 'PAGER', 'LANGUAGE'],
      ...['GIT_TRACE', 'GIT_TRACE_PACKET', 'GIT_TRACE2', 'GIT_CURL_VERBOSE'],
    ];
    const env = gitEnvironment(Object.fromEntries(names.map((name) => [name, 'x'])));
    expect(Object.keys(env).filter((name) => names.includes(name))).toEqual([]);
    expect(gitEnvironment({ GIT_TRACE: '/tmp/trace', GIT_TRACE2_EVENT: '/tmp/t', XGIT_TRACE: '1' })).toMatchObject({
      GIT_TRACE: '/tmp/trace',
      GIT_TRACE2_EVENT: '/tmp/t',
      XGIT_TRACE: '1',
    });
  });

  it('is in one language, asks nobody, takes no lock for reading and sees no replaced object', () => {
    const asked = { LC_ALL: 'de_DE.UTF-8', GIT_TERMINAL_PROMPT: '1', GIT_OPTIONAL_LOCKS: '1', GONE: undefined };
    expect(gitEnvironment(asked)).toEqual({
      LC_ALL: 'C',
      GIT_TERMINAL_PROMPT: '0',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_NO_REPLACE_OBJECTS: '1',
      MALLOC_TRIM_THRESHOLD_: '67108864',
    });
  });
});
