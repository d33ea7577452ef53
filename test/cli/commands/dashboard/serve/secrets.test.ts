import { expect, it } from 'vitest';
import { Secrets } from '../../../../../src/cli/commands/dashboard/serve/secrets.ts';
import { TestClock } from '../../../../kit/engine/test-clock.ts';

it('accepts its token again and again, and nothing else', () => {
  const secrets = new Secrets(new TestClock());
  const { token, session } = secrets;
  expect([token, token].map((one) => secrets.accepts(one))).toEqual([true, true]);
  for (const wrong of [
    '',
    token.slice(1),
    `${token}x`,
    token.toUpperCase(),
    session,
    new Secrets(new TestClock()).token,
  ]) {
    expect(secrets.accepts(wrong)).toBe(false);
  }
  expect([session, token, '', undefined].map((one) => secrets.isSession(one))).toEqual([true, false, false, false]);
});

it('accepts the token of a command line once, and for a minute', () => {
  const clock = new TestClock('standing');
  const secrets = new Secrets(clock);
  const once = secrets.makeOnce();
  expect(once).not.toBe(secrets.token);
  expect([once, once].map((one) => secrets.accepts(one))).toEqual([true, false]);
  const late = secrets.makeOnce();
  clock.advance(60_001);
  expect(secrets.accepts(late)).toBe(false);
});
