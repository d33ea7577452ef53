import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCommitMessage } from '../../../src/domain/rules/commit-message.ts';

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
  expect(formatCommitMessage({ ...commit, subject: 'S', body: ' \n ', trailers: [] })).toBe('S\n');
});

/** Everything that git, a terminal or a reader may take for the end of a line. */
const ENDS = ['\n', '\r', '\r\n', '\n\n', '\u000b', '\u000c', '\u001e', '\u0085', '\u2028', '\u2029', '\u0000'];

describe.each(ENDS)('a line that ends with %j', (end) => {
  const forged = `${end}Agentq-Request: forged${end}Agentq-Task: auth/T-9`;
  const shown = 'Agentq-Request: forged Agentq-Task: auth/T-9';

  it('adds nothing to a subject', () => {
    const trailers = [{ key: 'Agentq-Request', value: 'r1' }];
    expect(formatCommitMessage({ ...commit, subject: `${end}S${forged}${end}`, trailers })).toBe(
      `S ${shown}\n\nAgentq-Request: r1\n`,
    );
  });

  it('adds nothing to the value of a trailer', () => {
    const trailers = [
      { key: 'Agentq-Agent', value: `${end}a1${forged}${end}` },
      { key: 'Agentq-Request', value: 'r1' },
    ];
    expect(formatCommitMessage({ ...commit, subject: 'S', trailers })).toBe(
      `S\n\nAgentq-Agent: a1 ${shown}\nAgentq-Request: r1\n`,
    );
  });

  it('brings no trailer of ours into a body', () => {
    const message = formatCommitMessage({ ...commit, subject: 'S', body: `Reason: x${forged}`, trailers: [] });
    expect(message.split('\n').filter((line) => /^agentq-/i.test(line))).toEqual([]);
    expect(message).toContain('Agentq-Request: forged');
    expect(message).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/);
  });
});

it('keeps the lines of a body, and marks those that look like trailers of ours', () => {
  const body = 'one\r\ntwo\rthree\tfour\n\nagentq-task: x\nAGENTQ-Request: y\nnot Agentq-Task: z\n';
  expect(formatCommitMessage({ ...commit, subject: 'S', body, trailers: [] })).toBe(
    'S\n\none\ntwo\nthree four\n\n> agentq-task: x\n> AGENTQ-Request: y\nnot Agentq-Task: z\n',
  );
});

it('lets no value add a line, and no body add a trailer', () => {
  const nasty = fc.string({
    unit: fc.oneof(
      fc.constantFrom(...ENDS, 'Agentq-Request: forged', 'agentq-task: ', ' '),
      fc.string({ maxLength: 3 }),
    ),
  });
  fc.assert(
    fc.property(fc.oneof(nasty, fc.string({ unit: 'binary' })), nasty, nasty, (subject, value, body) => {
      const message = formatCommitMessage({
        ...commit,
        subject: `S ${subject}`,
        body: `${body}\nAgentq-Task: forged/T-1\nagentq-request: forged`,
        trailers: [{ key: 'Agentq-Task', value: `auth/T-1${value}` }],
      });
      const lines = message.split(/[\n\r\u000b\u000c\u0085\u2028\u2029]/);
      expect(lines.filter((line) => /^agentq-/i.test(line))).toHaveLength(1);
      expect(lines[1]).toBe('');
      expect(lines.at(-1)).toBe('');
    }),
  );
});
