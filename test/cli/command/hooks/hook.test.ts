import { expect, it } from 'vitest';
import { hookCall } from '../../../../src/cli/command/hooks/hook.ts';

const signal = new AbortController().signal;
const said = (text: string | Uint8Array) =>
  hookCall('claude', { stdin: { isTerminal: false, read: async () => Buffer.from(text) }, signal });

it.each([
  [
    'a session',
    '{"session_id":"0f3a9b2c-41de-4c1b-9c55-d24c6f1f6b0e","reason":"clear"}',
    'claude-0f3a9b2c41de',
    'clear',
  ],
  ['an id that is no name', `{"session_id":${JSON.stringify('a\n$(reboot) "b')}}`, 'claude-arebootb', undefined],
  ['a number', '{"session_id":12345678,"reason":{}}', undefined, undefined],
  ['signs only', '{"session_id":"-- --"}', undefined, undefined],
  ['half of it', '{"session_id":"0f3a', undefined, undefined],
  ['nothing', '', undefined, undefined],
  ['null', 'null', undefined, undefined],
  ['a list', '["session_id"]', undefined, undefined],
])('names the agent after its session, and never fails: %s', async (_, text, sessionAgent, reason) => {
  expect(await said(text)).toEqual({ tool: 'claude', sessionAgent, reason });
});

it('reads stdin once, whoever asks', async () => {
  let reads = 0;
  const stdin = { isTerminal: false, read: async () => Buffer.from(`{"session_id":"session${++reads}"}`) };
  const [first, second] = [await hookCall('claude', { stdin, signal }), await hookCall('claude', { stdin, signal })];
  expect([first.sessionAgent, second]).toEqual(['claude-session1', first]);
});

it('asks nobody who types, and waits for nobody for long', async () => {
  const nobody = { tool: 'claude', sessionAgent: undefined, reason: undefined };
  const read = () => Promise.reject(new Error('read'));
  expect(await hookCall('claude', { stdin: { isTerminal: true, read }, signal })).toEqual(nobody);
  expect(await hookCall('claude', { stdin: { isTerminal: false, read }, signal })).toEqual(nobody);
});
