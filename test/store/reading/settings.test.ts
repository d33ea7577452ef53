import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import { DEFAULT_POOL_SETTINGS } from '../../../src/domain/queue/snapshot.ts';
import { parseSettings, poolSettings } from '../../../src/store/reading/settings.ts';

function section(...lines: string[]): string {
  return ['agentq:', ...lines.map((line) => `  ${line}`), ''].join('\n');
}

function failureOf(text: string): Failure {
  try {
    parseSettings(text, 'agentq.toon');
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('parseSettings', () => {
  it('reads every key', () => {
    const text = section(
      'remote: upstream',
      'branch: agents/develop',
      'stalled_after: 1h30m',
      'review_after: 2d',
      'max_releases: 5',
      'max_failures: 4',
      'layouts[2]: core,split',
      'heartbeat: ref',
      'reclaim: off',
      'limits:',
      '  total: 20',
      '  auth-service: 5',
      '  label.gpu: 1',
      'combine: local',
      'max_retries: 20',
      'backoff_base: 500ms',
      'backoff: guide',
      'push_limit: 7',
      'meet: rediss://cache:7000/1',
      'ssh_share: true',
      'timeout: 2m',
    );
    expect(parseSettings(text, 'agentq.toon')).toEqual({
      remote: 'upstream',
      branch: 'agents/develop',
      stalledAfterMs: 5_400_000,
      reviewAfterMs: 172_800_000,
      maxReleases: 5,
      maxFailures: 4,
      layouts: ['core', 'split'],
      heartbeat: 'ref',
      reclaim: 'off',
      limits: [
        { name: 'total', of: { kind: 'total' }, most: 20 },
        { name: 'auth-service', of: { kind: 'project', project: 'auth-service' }, most: 5 },
        { name: 'label.gpu', of: { kind: 'label', label: 'gpu' }, most: 1 },
      ],
      combine: 'local',
      maxRetries: 20,
      backoffBaseMs: 500,
      backoff: 'guide',
      pushLimit: 7,
      meet: 'rediss://cache:7000/1',
      sshShare: true,
      timeoutMs: 120_000,
    });
  });

  it.each([
    ['an empty file', ''],
    ['blank lines', '\n\n'],
    ['a section with nothing in it', 'agentq:\n'],
  ])('takes %s for all defaults', (_, text) => {
    expect(poolSettings(parseSettings(text, 'agentq.toon'))).toEqual(DEFAULT_POOL_SETTINGS);
  });

  it('understands limits on one line with braces, which are text to TOON', () => {
    const below = parseSettings(
      section('limits:', '  total: 20', '  auth-service: 5', '  label.gpu: 1'),
      'agentq.toon',
    );
    expect(parseSettings(section('limits: { total: 20, auth-service: 5, label.gpu: 1 }'), 'agentq.toon')).toEqual(
      below,
    );
    expect(parseSettings(section('limits: {}'), 'agentq.toon')).toEqual({ limits: [] });
  });

  it('understands the branches of projects below their key, and on one line with braces', () => {
    const branches = new Map([
      ['auth-service', 'develop-auth'],
      ['payment', 'queues/payment'],
    ]);
    const below = section('branches:', '  auth-service: develop-auth', '  payment: queues/payment');
    expect(poolSettings(parseSettings(below, 'agentq.toon')).branches).toEqual(branches);
    const inline = section('branches: { auth-service: develop-auth, payment: queues/payment }');
    expect(parseSettings(inline, 'agentq.toon')).toEqual({ branches });
    expect(parseSettings(section('branches: {}'), 'agentq.toon')).toEqual({ branches: new Map() });
  });

  it('does not mind CRLF and a byte order mark', () => {
    expect(parseSettings('\uFEFFagentq:\r\n  branch: main\r\n', 'agentq.toon')).toEqual({ branch: 'main' });
  });

  it.each<{ what: string; text: string; says: string }>([
    {
      what: 'a misspelt key',
      text: section('branch: main', 'stalled_afer: 30m'),
      says: 'agentq.toon:3: unknown key `stalled_afer`, did you mean `stalled_after`?',
    },
    {
      what: 'a key like nothing we know',
      text: section('colour: red'),
      says: 'agentq.toon:2: unknown key `colour`, the known ones are `remote`, `branch`',
    },
    {
      what: 'a misspelt section',
      text: 'agenq:\n  branch: main\n',
      says: 'agentq.toon:1: unknown key `agenq`, did you mean `agentq`?',
    },
    {
      what: 'a duration without a unit',
      text: section('stalled_after: 30'),
      says: 'agentq.toon:2: `agentq.stalled_after` must be a duration with a unit',
    },
    {
      what: 'a limit that is no number',
      text: section('branch: main', 'limits:', '  total: many'),
      says: 'agentq.toon:4: `agentq.limits.total` must be a whole number from 0 to 100000',
    },
    {
      what: 'a limit of nothing that there can be',
      text: section('limits:', '  total: 3', '  "a b": 3'),
      says: 'agentq.toon:4: "agentq.limits.a b" is neither `total`, nor a project, nor `label.<key>`:',
    },
    {
      what: 'a limit of a label without a name',
      text: section('limits:', '  label.: 3'),
      says: 'agentq.toon:3: `agentq.limits.label.` names no label: write `label.<key>`',
    },
    {
      what: 'limits that are none',
      text: section('limits: 20'),
      says: 'agentq.toon:2: `agentq.limits` must be lines such as `total: 20` below it',
    },
    {
      what: 'a limit between braces that is no number',
      text: section('limits: { total: x }'),
      says: 'agentq.toon:2: `agentq.limits.total` must be a whole number from 0 to 100000',
    },
    {
      what: 'the branch of a project that is a git option',
      text: section('branches:', '  auth: develop-auth', '  pay: "--upload-pack=x"'),
      says: 'agentq.toon:4: `agentq.branches.pay` is not usable: branch "--upload-pack=x" is not a branch name git',
    },
    {
      what: 'the branch of what cannot be a project',
      text: section('branches:', '  "../x": develop-auth'),
      says: 'agentq.toon:3: "agentq.branches.../x" is not usable: project "../x" is not valid',
    },
    {
      what: 'a branch that is no text',
      text: section('branches: { auth: [develop] }', 'sign: false'),
      says: 'agentq.toon:2: `agentq.branches.auth` is not usable: branch "[develop]" is not a branch name git accepts',
    },
    {
      what: 'branches that are none',
      text: section('branches: develop-auth'),
      says: 'agentq.toon:2: `agentq.branches` must be lines such as `auth-service: develop-auth` below it',
    },
    {
      what: 'a duration that is none',
      text: section('timeout: soon'),
      says: 'agentq.toon:2: `agentq.timeout` is wrong: this is not a duration',
    },
    {
      what: 'a limit of zero time',
      text: section('stalled_after: 0s'),
      says: '`agentq.stalled_after` must be longer than zero',
    },
    {
      what: 'a word for a number',
      text: section('max_releases: three'),
      says: 'agentq.toon:2: `agentq.max_releases` must be a whole number from 1 to 1000',
    },
    { what: 'a fraction', text: section('max_retries: 1.5'), says: 'must be a whole number from 0 to 1000' },
    { what: 'an unknown word', text: section('combine: some'), says: 'must be one of local, remote, all, none' },
    {
      what: 'an unknown layout',
      text: section('branch: x', 'layouts[2]: core,kore'),
      says: 'agentq.toon:3: `agentq.layouts` must be one of core, agents, projects, split, bare, flat',
    },
    {
      what: 'a branch that is a git option',
      text: section('branch: "--upload-pack=x"'),
      says: 'is not a branch name git accepts',
    },
    { what: 'a remote that is a command', text: section('remote: "ext::sh -c x"'), says: 'not a URL' },
    { what: 'a section that is a value', text: 'agentq: 3\n', says: 'agentq.toon:1: `agentq` must be' },
    { what: 'no TOON', text: 'agentq:\n branch: x\n   y\n', says: 'agentq.toon:2: not readable as TOON' },
  ])('refuses $what', ({ text, says }) => {
    const failure = failureOf(text);
    expect(failure.code).toBe('config-invalid');
    expect(failure.message).toContain(says);
    expect(failure.message).not.toContain('\n');
  });
});
