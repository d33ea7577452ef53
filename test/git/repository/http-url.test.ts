import { describe, expect, it } from 'vitest';
import { byKey, parseConfigListing } from '../../../src/git/repository/git-config.ts';
import { folderOf, httpUrlOf, isFolder } from '../../../src/git/repository/http-url.ts';
import { trackingRef } from '../../../src/git/repository/tracking-ref.ts';
import { scene } from '../../kit/scene/scene.ts';

const PLACE = 'https://host/q.git';

describe('the URL for one connection', () => {
  const rows: readonly (readonly [string, readonly (readonly [string, string])[], string | undefined])[] = [
    ['https', [['remote.origin.url', PLACE]], PLACE],
    ['http', [['remote.origin.url', 'http://host/q.git']], 'http://host/q.git'],
    ['ssh', [['remote.origin.url', 'git@host:q.git']], undefined],
    ['a path', [['remote.origin.url', '/q.git']], undefined],
    ['a helper', [['remote.origin.url', 'ext::https://host']], undefined],
    [
      'two URLs',
      [
        ['remote.origin.url', PLACE],
        ['remote.origin.url', 'https://other/q.git'],
      ],
      undefined,
    ],
    [
      'the same push URL',
      [
        ['remote.origin.url', PLACE],
        ['remote.origin.pushurl', PLACE],
      ],
      PLACE,
    ],
    [
      'another push URL',
      [
        ['remote.origin.url', PLACE],
        ['remote.origin.pushurl', 'git@host:q.git'],
      ],
      undefined,
    ],
    [
      'rewritten to ssh',
      [
        ['remote.origin.url', PLACE],
        ['url.git@host:.insteadOf', 'https://host/'],
      ],
      undefined,
    ],
    [
      'rewritten to https, by the longest rule',
      [
        ['remote.origin.url', 'gh:q.git'],
        ['url.git@host:.insteadOf', 'g'],
        ['url.https://host/.insteadOf', 'gh:'],
        ['url.https://no/.insteadOf', 'gh'],
      ],
      PLACE,
    ],
    [
      'rewritten for pushes',
      [
        ['remote.origin.url', PLACE],
        ['url.git@host:.pushInsteadOf', 'https://host/'],
      ],
      undefined,
    ],
    [
      'rules for others',
      [
        ['remote.origin.url', PLACE],
        ['url.git@other:.insteadOf', 'https://other/'],
        ['url.git@other:.pushInsteadOf', 'https://other/'],
      ],
      PLACE,
    ],
    [
      'a push URL that is rewritten',
      [
        ['remote.origin.url', PLACE],
        ['remote.origin.pushurl', 'gh:q.git'],
        ['url.https://host/.insteadOf', 'gh:'],
        ['url.git@host:.pushInsteadOf', 'https://host/'],
      ],
      PLACE,
    ],
  ];
  it.each(rows)('%s, as git says too', async (_name, settings, expected) => {
    await using box = await scene();
    await box.git('.', 'init', '-q', 'clone');
    for (const [key, value] of settings) await box.git('clone', 'config', '--add', key, value);
    const listing = await box.git('clone', 'config', '--list', '-z');
    expect(httpUrlOf(byKey(parseConfigListing(listing)), 'origin')).toBe(expected);
    const read = await box.git('clone', 'remote', 'get-url', '--all', 'origin');
    const pushed = await box.git('clone', 'remote', 'get-url', '--push', '--all', 'origin');
    expect(read === pushed && /^https?:\S+$/.test(read) ? read : undefined).toBe(expected);
  });

  it('is none for a remote with a helper of its own', () => {
    const settings = new Map([
      ['remote.origin.url', [PLACE]],
      ['remote.origin.vcs', ['hg']],
    ]);
    expect(httpUrlOf(settings, 'origin')).toBeUndefined();
  });
});

describe('the ref in which a clone keeps a ref of the remote', () => {
  const ALL = '+refs/heads/*:refs/remotes/origin/*';
  const rows: readonly (readonly [readonly string[], string, string | undefined])[] = [
    [[ALL], 'refs/heads/develop', 'refs/remotes/origin/develop'],
    [[ALL], 'refs/heads/a/$&/b', 'refs/remotes/origin/a/$&/b'],
    [[ALL], 'refs/agentq/requests/x', undefined],
    [[], 'refs/heads/develop', undefined],
    [['refs/heads/develop:refs/remotes/o/d'], 'refs/heads/develop', 'refs/remotes/o/d'],
    [['refs/heads/main:refs/remotes/o/m'], 'refs/heads/develop', undefined],
    [['refs/heads/develop'], 'refs/heads/develop', undefined],
    [[ALL, '^refs/heads/develop'], 'refs/heads/develop', undefined],
    [['^refs/heads/d*', ALL], 'refs/heads/main', 'refs/remotes/origin/main'],
  ];
  it.each(rows)('%j of %s: %s', (specs, ref, expected) => {
    expect(trackingRef(specs, ref)).toBe(expected);
  });
});

describe('whether a remote is a folder of this machine', () => {
  it.each<[string, readonly (readonly [string, string])[], boolean]>([
    ['file://', [['remote.origin.url', 'file:///q.git']], true],
    ['an absolute path', [['remote.origin.url', '/srv/q.git']], true],
    ['a relative path', [['remote.origin.url', '../q.git']], true],
    ['https', [['remote.origin.url', PLACE]], false],
    ['ssh', [['remote.origin.url', 'git@host:/srv/q.git']], false],
    [
      'what is rewritten to a path',
      [
        ['remote.origin.url', PLACE],
        ['url./srv/.insteadof', 'https://host/'],
      ],
      true,
    ],
    [
      'what is pushed to elsewhere',
      [
        ['remote.origin.url', '/srv/q.git'],
        ['remote.origin.pushurl', PLACE],
      ],
      false,
    ],
  ])('%s', (_, settings, expected) => {
    expect(isFolder(byKey(settings.map(([key, value]) => ({ key, value }))), 'origin')).toBe(expected);
  });
});

describe('the folder in which agentq starts the server itself', () => {
  const URL = 'remote.origin.url';
  it.each<[string, readonly (readonly [string, string])[], string | undefined]>([
    ['a URL', [[URL, 'file:///srv/a b/ü@1.git']], '/srv/a b/ü@1.git'],
    ['a path', [[URL, '/srv/q.git']], '/srv/q.git'],
    ['a relative path', [[URL, '../q.git']], undefined],
    ['a host', [[URL, 'file://host/q.git']], undefined],
    ['two slashes', [[URL, 'file:////srv/q.git']], undefined],
    ['something that is encoded', [[URL, 'file:///srv/q%20.git']], undefined],
    ['brackets', [[URL, 'file:///srv/a@[b]/q.git']], undefined],
    ['a name that is not UTF-8', [[URL, '/srv/\uFFFD.git']], undefined],
    ['two lines', [[URL, '/srv/a\nb.git']], undefined],
    ['https', [[URL, PLACE]], undefined],
    [
      'what is rewritten to a path',
      [
        [URL, PLACE],
        ['url./srv/.insteadof', 'https://host/'],
      ],
      '/srv/q.git',
    ],
    [
      'what is rewritten for pushes',
      [
        [URL, '/srv/q.git'],
        ['url./tmp/.pushinsteadof', '/srv/'],
      ],
      undefined,
    ],
    [
      'a program of the user',
      [
        [URL, '/srv/q.git'],
        ['remote.origin.receivepack', 'mine'],
      ],
      undefined,
    ],
    [
      'another program of the user',
      [
        [URL, '/srv/q.git'],
        ['remote.origin.uploadpack', 'mine'],
      ],
      undefined,
    ],
    [
      'a program for another remote',
      [
        [URL, '/srv/q.git'],
        ['remote.other.receivepack', 'mine'],
      ],
      '/srv/q.git',
    ],
    [
      'a permission',
      [
        [URL, '/srv/q.git'],
        ['protocol.file.allow', 'always'],
      ],
      '/srv/q.git',
    ],
    [
      'no permission',
      [
        [URL, '/srv/q.git'],
        ['protocol.file.allow', 'never'],
      ],
      undefined,
    ],
    [
      'no permission for anything',
      [
        [URL, '/srv/q.git'],
        ['protocol.allow', 'never'],
      ],
      undefined,
    ],
  ])('%s', (_, settings, expected) => {
    expect(folderOf(byKey(settings.map(([key, value]) => ({ key, value }))), 'origin')).toBe(expected);
  });
});
