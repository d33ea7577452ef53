import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { queueName } from '../../../src/engine/machines/queue-name.ts';

describe('the name of a queue', () => {
  it.each([
    'https://example.com/team/app',
    'https://example.com/team/app.git',
    'https://example.com:443/team/app.git/',
    'https://me:secret@Example.COM/team/app.git',
    'http://example.com/team/app',
    'ssh://git@example.com/team/app.git',
    'ssh://git@example.com:22/team/app.git',
    'git+ssh://git@example.com/team/app',
    'git@example.com:team/app.git',
    'example.com:/team/app',
  ])('is the same for %s', (url) => {
    expect(queueName(url)).toBe('example.com/team/app');
  });

  it.each([
    ['https://example.com/other/app', 'another owner: a fork'],
    ['https://example.com:8443/team/app', 'another port'],
    ['https://example.org/team/app', 'another host'],
    ['https://example.com/Team/app', 'another case, which some servers tell apart'],
  ])('is another one for %s: %s', (url) => {
    expect(queueName(url)).not.toBe('example.com/team/app');
  });

  it('is that of one machine where every machine has such an address', () => {
    expect(queueName('http://localhost:3000/team/app.git')).toBe(`${hostname()} localhost:3000/team/app`);
    expect(queueName('git@127.0.0.1:app')).toBe(`${hostname()} 127.0.0.1/app`);
    expect(queueName('/nowhere/app.git')).toBe(`${hostname()} /nowhere/app`);
    expect(queueName('file:///nowhere/app.git')).toBe(queueName('/nowhere/app.git'));
    expect(queueName('ssh://git@[::1]:2222/app')).toBe(`${hostname()} [::1]:2222/app`);
  });

  it('never holds a password', () => {
    for (const url of ['https://me:secret@host/app', 'ssh://me:secret@host:22/app', 'secret@host:app']) {
      expect(queueName(url)).not.toContain('secret');
    }
  });
});
