import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { givenConfig, resolveConfig } from '../../../src/cli/command/config.ts';
import { ENVIRONMENT, unknownVariableWarnings } from '../../../src/cli/command/environment.ts';
import { Input, type Invocation } from '../../../src/cli/command/input.ts';
import { given } from '../../../src/domain/base/given.ts';
import { SETTING_KEYS } from '../../../src/store/reading/settings.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'agentq-config-'));
  mkdirSync(join(dir, '.git'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function settings(...lines: string[]): void {
  mkdirSync(join(dir, '.agents-core/config'), { recursive: true });
  writeFileSync(join(dir, '.agents-core/config/agentq.toon'), ['agentq:', ...lines, ''].join('\n  '));
}

function configOf(flags: Invocation['flags'], env: Record<string, string> = {}, args: Invocation['args'] = {}) {
  return resolveConfig(givenConfig(new Input({ command: 'claim', args, flags }, env), dir));
}

describe('where a value comes from', () => {
  it('has defaults', async () => {
    expect(await configOf({})).toEqual({
      dir,
      remote: undefined,
      branch: 'develop',
      reach: 'every-branch',
      maxRetries: 8,
      backoff: { schedule: 'full-jitter', baseMs: 250 },
      timeoutMs: undefined,
      checkout: 'follow',
      combine: 'all',
      pushLimit: 20,
      ssh: 'apart',
      signing: 'off',
    });
  });

  it('reaches every branch unless the command line names one', async () => {
    expect((await configOf({}, { AGENTQ_BRANCH: 'develop' })).reach).toBe('every-branch');
    expect((await configOf({ branch: 'develop' })).reach).toBe('this-branch');
    expect((await configOf({}, {}, { branch: 'develop-auth' })).reach).toBe('this-branch');
  });

  it('is the file over defaults', async () => {
    settings('remote: upstream', 'branch: queue', 'max_retries: 3', 'timeout: 1m', 'backoff: guide');
    expect(await configOf({})).toMatchObject({
      remote: 'upstream',
      branch: 'queue',
      maxRetries: 3,
      timeoutMs: 60_000,
      backoff: { schedule: 'guide', baseMs: 250 },
    });
  });

  it('is the environment over the file, and "" there is "not given"', async () => {
    settings('remote: upstream', 'branch: queue', 'max_retries: 3');
    const env = { AGENTQ_BRANCH: 'from-env', AGENTQ_MAX_RETRIES: '4', AGENTQ_REMOTE: '' };
    expect(await configOf({}, env)).toMatchObject({ remote: 'upstream', branch: 'from-env', maxRetries: 4 });
  });

  it('is the command line over everything', async () => {
    settings('branch: queue', 'timeout: 1m');
    const env = { AGENTQ_BRANCH: 'from-env', AGENTQ_TIMEOUT: '2m', AGENTQ_NO_SYNC: '1' };
    expect(await configOf({ timeout: '3m' }, env, { branch: 'by-position' })).toMatchObject({
      branch: 'by-position',
      timeoutMs: 180_000,
      checkout: 'leave',
    });
    expect(await configOf({ branch: 'by-flag' }, env)).toMatchObject({ branch: 'by-flag' });
  });

  it('finds the file from a folder below', async () => {
    settings('branch: queue');
    mkdirSync(join(dir, 'a/b'), { recursive: true });
    expect(await configOf({ C: 'a/b' })).toMatchObject({ dir: join(dir, 'a/b'), branch: 'queue' });
  });

  it('does not look beyond the repository', async () => {
    settings('branch: queue');
    mkdirSync(join(dir, 'inner/.git'), { recursive: true });
    expect(await configOf({ C: 'inner' })).toMatchObject({ branch: 'develop' });
  });
});

describe('what cannot be used', () => {
  it('is a directory that is not there', async () => {
    await expect(configOf({ C: 'nowhere' })).rejects.toMatchObject({ code: 'not-a-repository' });
  });

  it('is a file with an unknown key', async () => {
    settings('stalled_afer: 30m');
    await expect(configOf({})).rejects.toMatchObject({
      code: 'config-invalid',
      message: '.agents-core/config/agentq.toon:2: unknown key `stalled_afer`, did you mean `stalled_after`?',
    });
  });

  it('is a folder of that name', async () => {
    mkdirSync(join(dir, '.agents-core/config/agentq.toon'), { recursive: true });
    await expect(configOf({})).rejects.toMatchObject({ code: 'config-invalid' });
  });

  it.each([
    ['AGENTQ_REMOTE', 'ext::sh -c x'],
    ['AGENTQ_BRANCH', '--upload-pack=x'],
    ['AGENTQ_MAX_RETRIES', 'NaN'],
    ['AGENTQ_TIMEOUT', '10'],
    ['AGENTQ_NO_SYNC', 'perhaps'],
  ])('is %s=%s in the environment', async (name, value) => {
    expect(() => givenConfig(new Input({ command: 'claim', args: {}, flags: {} }, { [name]: value }), dir)).toThrow(
      name,
    );
  });
});

describe('the environment', () => {
  it('has its misspelt variables pointed out', () => {
    const env = { AGENTQ_BRNACH: 'x', AGENTQ_SOMETHING_ELSE: 'y', AGENTQ_TASK_FILE: 'z', PATH: '/bin' };
    expect(unknownVariableWarnings(env)).toEqual([
      'unknown environment variable AGENTQ_BRNACH, did you mean AGENTQ_BRANCH?',
      'unknown environment variable AGENTQ_SOMETHING_ELSE',
    ]);
  });

  it('names only settings that exist', () => {
    for (const { setting } of ENVIRONMENT) if (setting !== undefined) expect(SETTING_KEYS).toContain(setting);
  });
});

describe('the claim a worker holds', () => {
  const claimId = (env: Record<string, string>, flags: Invocation['flags'] = {}) =>
    new Input({ command: 'heartbeat', args: {}, flags }, env).claimId({ project: 'auth', id: 'TASK-1' });

  it.each([
    ['no task', undefined],
    ['the task', 'TASK-1'],
    ['the task with its project', 'auth/TASK-1'],
  ])('counts where AGENTQ_TASK_ID names %s', (_, task) => {
    expect(claimId({ AGENTQ_CLAIM_ID: 'c1', ...given({ AGENTQ_TASK_ID: task }) })).toBe('c1');
  });

  it.each(['TASK-2', 'billing/TASK-1'])('is not for other tasks than its own, %s', (task) => {
    expect(claimId({ AGENTQ_CLAIM_ID: 'c1', AGENTQ_TASK_ID: task })).toBeUndefined();
  });

  it('gives way to --claim-id', () => {
    expect(claimId({ AGENTQ_CLAIM_ID: 'c1' }, { 'claim-id': 'c2' })).toBe('c2');
  });
});
