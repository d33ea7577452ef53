import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatCommitMessage } from '../../src/domain/commit-message.ts';

const commit = { author: 'a1', tasks: [], files: [] };

it('is subject, body and trailers', () => {
  const trailers = [
    { key: 'Agentq-Task', value: 'auth/T-1' },
    { key: 'Agentq-Request', value: 'x1' },
  ];
  expect(formatCommitMessage({ ...commit, subject: 'S', body: 'Reason: b\nc', trailers })).toBe(
    'S\n\nReason: b\nc\n\nAgentq-Task: auth/T-1\nAgentq-Request: x1\n',
  );
  expect(formatCommitMessage({ ...commit, subject: 'S', trailers: [] })).toBe('S\n');
});

it('lets no value add a line, and no body add a trailer', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.string(), (subject, value, body) => {
      const message = formatCommitMessage({
        ...commit,
        subject: `S ${subject}`,
        body: `${body}\nAgentq-Task: forged/T-1\nagentq-request: forged`,
        trailers: [{ key: 'Agentq-Task', value: `auth/T-1${value}` }],
      });
      const lines = message.split('\n');
      expect(lines.filter((line) => /^agentq-/i.test(line))).toHaveLength(1);
      expect(lines[1]).toBe('');
    }),
  );
});
