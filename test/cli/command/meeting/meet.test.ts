import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { givenConfig, resolveConfig } from '../../../../src/cli/command/config.ts';
import { Input, type Invocation } from '../../../../src/cli/command/input.ts';
import { parseCommandLine } from '../../../../src/cli/program.ts';
import { showMeeting } from '../../../../src/domain/meeting/meeting-url.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'agentq-meet-'));
  mkdirSync(join(dir, '.git'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function setting(text: string): void {
  mkdirSync(join(dir, '.agents-core/config'), { recursive: true });
  writeFileSync(join(dir, '.agents-core/config/agentq.toon'), `agentq:\n  meet: ${text}\n`);
}

function secret(text: string, mode = 0o600): string {
  writeFileSync(join(dir, 'url'), text);
  chmodSync(join(dir, 'url'), mode);
  return join(dir, 'url');
}

async function meetOf(env: Record<string, string>, flags: Invocation['flags'] = {}) {
  const { meet } = await resolveConfig(givenConfig(new Input({ command: 'claim', args: {}, flags }, env), dir));
  return meet && { ...meet, url: meet.url && showMeeting(meet.url) };
}

function meetBySetting(text: string) {
  setting(text);
  return meetOf({});
}

describe('where machines meet', () => {
  it('is nowhere unless it is said', async () => {
    expect(await meetOf({ AGENTQ_MEET: '', AGENTQ_MEET_FILE: '' })).toBeUndefined();
  });

  it('is the setting, which the file wins over, which the variable wins over, which the option wins over', async () => {
    setting('redis://one');
    const file = secret('redis://two\n');
    expect(await meetOf({})).toEqual({ url: 'redis://one:6379/0', passedOn: { AGENTQ_MEET: 'redis://one' } });
    expect(await meetOf({ AGENTQ_MEET_FILE: file })).toEqual({
      url: 'redis://two:6379/0',
      passedOn: { AGENTQ_MEET_FILE: file },
    });
    const env = { AGENTQ_MEET_FILE: file, AGENTQ_MEET: 'redis://three' };
    expect(await meetOf(env)).toEqual({
      url: 'redis://three:6379/0',
      passedOn: { AGENTQ_MEET: 'redis://three' },
    });
    expect(await meetOf(env, { meet: 'redis://four' })).toEqual({
      url: 'redis://four:6379/0',
      passedOn: { AGENTQ_MEET: 'redis://four' },
    });
  });

  it('is turned off by each of them', async () => {
    setting('redis://one');
    expect(await meetOf({ AGENTQ_MEET: 'off' })).toMatchObject({ url: undefined });
    expect(await meetOf({ AGENTQ_MEET_FILE: secret('off') })).toMatchObject({ url: undefined });
    expect(await meetOf({ AGENTQ_MEET: 'redis://two' }, { meet: 'off' })).toMatchObject({
      url: undefined,
      passedOn: { AGENTQ_MEET: 'off' },
    });
  });

  it('is found by a command that runs elsewhere', async () => {
    secret('redis://two');
    expect(await meetOf({ AGENTQ_MEET_FILE: 'url' })).toMatchObject({
      passedOn: { AGENTQ_MEET_FILE: join(dir, 'url') },
    });
  });
});

describe('a password', () => {
  it('in the settings is not used, and said so', async () => {
    setting('redis://:s3cret@one');
    const meet = await meetOf({});
    expect(meet).toMatchObject({
      url: undefined,
      passedOn: {},
      notice: expect.stringMatching(/not used.*AGENTQ_MEET_FILE/),
    });
    expect(JSON.stringify(meet)).not.toContain('s3cret');
    expect(await meetOf({ AGENTQ_MEET: 'redis://two' })).toEqual({
      url: 'redis://two:6379/0',
      passedOn: { AGENTQ_MEET: 'redis://two' },
    });
  });

  it('on the command line is used, and others of the machine can see it', async () => {
    const meet = await meetOf({}, { meet: 'redis://:s3cret@one' });
    expect(meet).toMatchObject({ url: 'redis://***@one:6379/0', notice: expect.stringMatching(/can see/) });
    expect(meet?.notice).not.toContain('s3cret');
  });

  it.each([
    ['the option', 'usage', () => meetOf({}, { meet: 'redis://:s3cret@one:x' })],
    ['the variable', 'usage', () => meetOf({ AGENTQ_MEET: 'redis://s3cret@one' })],
    ['the file', 'config-invalid', () => meetOf({ AGENTQ_MEET_FILE: secret('s3cret') })],
    ['two lines in the file', 'config-invalid', () => meetOf({ AGENTQ_MEET_FILE: secret('redis://:s3cret@one\n\n') })],
    ['the settings', 'config-invalid', () => meetBySetting('redis://:s3cret/@one')],
    ['settings that are not TOON', 'config-invalid', () => meetBySetting('"redis://:s3cret"@one')],
    [
      'a setting given twice',
      'config-invalid',
      () => meetBySetting('redis://:s3cret@one\n  meet: redis://:s3cret@one'),
    ],
  ])('is not repeated when %s cannot be read: %s', async (_, code, run) => {
    const failure = await run().then(
      () => undefined,
      (error: Error) => error,
    );
    expect(failure).toMatchObject({ code });
    expect(failure?.message).not.toContain('s3cret');
  });

  it('is not repeated when the option is misspelt', () => {
    const about = { version: '1', columns: 80, env: {}, write: () => undefined };
    expect(() => parseCommandLine(['claim', 'a1', '--met=redis://:s3cret@one'], about)).toThrow(
      '--met=redis://***@one',
    );
  });
});

describe('the file with the URL', () => {
  it.each([0o644, 0o622, 0o660, 0o604])('is not read with mode %o', async (mode) => {
    await expect(meetOf({ AGENTQ_MEET_FILE: secret('redis://one', mode) })).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringMatching(/AGENTQ_MEET_FILE: .*url is not read: others have .* permission \(chmod 600\)$/),
    });
  });

  it.each([
    ['is not there', () => join(dir, 'nothing'), /cannot be read: ENOENT/],
    ['is a folder', () => dir, /not a regular file/],
    ['is long', () => secret(`redis://${'a'.repeat(5_000)}`), /too large/],
  ])('%s', async (_, file, words) => {
    await expect(meetOf({ AGENTQ_MEET_FILE: file() })).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringMatching(words),
    });
  });

  it('may be a link, as containers make them', async () => {
    symlinkSync(secret('etcd://one'), join(dir, 'link'));
    expect(await meetOf({ AGENTQ_MEET_FILE: join(dir, 'link') })).toMatchObject({ url: 'etcd://one:2379' });
  });
});
