import { describe, expect, it } from 'vitest';
import type { Existing } from '../../../src/domain/kit/existing.ts';
import {
  compareVersions,
  decideProgram,
  PACKAGE_FILE,
  type ProgramRequest,
  parsePackage,
  RELEASES_FOLDER,
} from '../../../src/domain/kit/program.ts';

const RUNNING = { version: '1.2.0', content: 'all of it' };
const OWN = `${RELEASES_FOLDER}/agentq-1.2.0.cjs`;

function plan(parts: Partial<ProgramRequest>, there: Readonly<Record<string, string>>) {
  const names = Object.keys(there).map((path) => path.slice(RELEASES_FOLDER.length + 1));
  const existing = (path: string): Existing => {
    const content = there[path];
    return content === undefined ? { kind: 'absent' } : { kind: 'file', content, mode: 'file' };
  };
  return decideProgram({ running: RUNNING, onDifference: 'keep', ...parts }, names, existing);
}

const release = (version: string) => ({ [`${RELEASES_FOLDER}/agentq-${version}.cjs`]: `agentq ${version}` });

describe('decideProgram', () => {
  it('puts the running agentq where there is none, and then has nothing to do', () => {
    expect(plan({}, {})).toMatchObject({ created: [OWN], from: undefined, to: '1.2.0', removed: [] });
    expect(plan({}, { [OWN]: RUNNING.content })).toMatchObject({ writes: [], from: '1.2.0', to: '1.2.0' });
  });

  it('replaces older releases, and leaves every other file', () => {
    const there = { ...release('1.1.9'), ...release('0.12.0'), [`${RELEASES_FOLDER}/notes-1.0.0.cjs`]: 'mine' };
    const { writes, ...rest } = plan({}, there);
    expect(rest).toMatchObject({ from: '1.1.9', to: '1.2.0', created: [OWN] });
    expect(writes).toEqual([
      { path: OWN, content: RUNNING.content },
      { path: `${RELEASES_FOLDER}/agentq-0.12.0.cjs`, content: undefined },
      { path: `${RELEASES_FOLDER}/agentq-1.1.9.cjs`, content: undefined },
    ]);
  });

  it('takes nobody back to an older release unasked', () => {
    const there = release('1.10.0');
    expect(plan({}, there)).toMatchObject({ writes: [], because: 'newer', from: '1.10.0', to: '1.10.0' });
    expect(plan({ onDifference: 'overwrite' }, there)).toMatchObject({ from: '1.10.0', to: '1.2.0', created: [OWN] });
  });

  it('keeps what somebody changed in the release of its own version', () => {
    expect(plan({}, { [OWN]: 'mine' })).toMatchObject({ writes: [], kept: [OWN], overwritten: [] });
    expect(plan({ onDifference: 'overwrite' }, { [OWN]: 'mine' })).toMatchObject({ kept: [], overwritten: [OWN] });
  });

  it('pins a package instead, keeps it, and goes back only when told', () => {
    const pin = { kind: 'package', spec: '@acme/agentq@1.2.3' } as const;
    const pinned = plan({ pin }, release('1.1.0'));
    expect(pinned).toMatchObject({ created: [PACKAGE_FILE], from: '1.1.0', to: 'package @acme/agentq@1.2.3' });
    expect(pinned.writes).toContainEqual({ path: PACKAGE_FILE, content: '@acme/agentq@1.2.3\n' });
    expect(pinned.removed).toEqual([`${RELEASES_FOLDER}/agentq-1.1.0.cjs`]);
    const there = { [PACKAGE_FILE]: '@acme/agentq@1.2.3\n' };
    expect(plan({ pin }, there)).toMatchObject({ writes: [], overwritten: [] });
    expect(plan({}, there)).toMatchObject({ writes: [], to: 'package @acme/agentq@1.2.3' });
    expect(plan({ pin: { kind: 'bundled' } }, there)).toMatchObject({ created: [OWN], removed: [PACKAGE_FILE] });
  });
});

describe('compareVersions', () => {
  it('puts a version after its candidates, and compares numbers as numbers', () => {
    const sorted = ['0.9.0', '0.10.0-rc.2', '0.10.0-rc.10', '0.10.0', '1.0.0'];
    expect([...sorted].reverse().sort(compareVersions)).toEqual(sorted);
  });
});

describe('parsePackage', () => {
  it.each([
    ['npm:@acme/agentq@1.2.3', '@acme/agentq@1.2.3'],
    ['@acme/agentq@1.2.3-rc.1', '@acme/agentq@1.2.3-rc.1'],
    ['npm:acme-agentq@1.2.3', 'acme-agentq@1.2.3'],
    ['./vendor/agentq-1.2.3.tgz', 'vendor/agentq-1.2.3.tgz'],
    ['https://example.com/agentq-1.2.3.tgz?a=b', 'https://example.com/agentq-1.2.3.tgz?a=b'],
  ])('takes %s', (text, spec) => {
    expect(parsePackage(text)).toEqual({ kind: 'package', spec });
  });

  it.each([
    'agentq',
    'agentq@1.2.3',
    'npm:agentq@1.2.3',
    '@acme/agentq',
    '@acme/agentq@latest',
    '@acme/agentq@^1.2.3',
    'http://example.com/agentq.tgz',
    'https://me:secret@example.com/agentq.tgz',
    'https://example.com/agentq',
    '../agentq.tgz',
    '--x.tgz',
    'a b.tgz',
    '$(touch x).tgz',
    'a\nb.tgz',
    'git+ssh://example.com/agentq.tgz',
  ])('refuses %j', (text) => {
    expect(parsePackage(text)).toMatchObject({ kind: 'problem' });
  });
});
