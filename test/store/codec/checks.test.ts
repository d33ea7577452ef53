import { describe, expect, it } from 'vitest';
import { editTask } from '../../../src/store/codec/edits/edit-task.ts';
import { readTask } from '../../../src/store/codec/read-task.ts';

const where = { path: '.agents/auth/tasks/T-1.toon', project: 'auth', id: 'T-1' };
const HEAD = 'task:\n  id: T-1\n  title: One\n  status: ready\n';

function read(text: string): { readonly checks: readonly string[] | undefined; readonly findings: readonly string[] } {
  const reading = readTask(new TextEncoder().encode(text), where);
  if (reading.kind !== 'read') throw new Error(JSON.stringify(reading));
  const own = reading.findings.filter(({ code }) => code === 'unusable-check');
  return { checks: reading.task.verify, findings: own.map(({ line, message }) => `${line}: ${message}`) };
}

describe('the checks of a task file', () => {
  it.each([
    ['an array of TOON', `${HEAD}verify[2]: npm test,"npm run lint, all"\n`, ['npm test', 'npm run lint, all']],
    ['a list of TOON', `${HEAD}verify[2]:\n  - npm test\n  - "test -f a: b"\n`, ['npm test', 'test -f a: b']],
    ['bare lines', `${HEAD}verify[2]:\n npm test\n ! grep -r TODO src\n`, ['npm test', '! grep -r TODO src']],
    ['one value', `${HEAD}verify: npm test\n`, ['npm test']],
    ['block text', `${HEAD}verify: |\n  npm test\n  npm run lint\n`, ['npm test', 'npm run lint']],
    ['in the task section', `${HEAD}  verify[1]: make check\n`, ['make check']],
    ['in both places', `${HEAD}  verify[1]: make check\nverify[1]: false\n`, ['false', 'make check']],
    ['none', HEAD, undefined],
    ['an empty list', `${HEAD}verify[0]:\n`, undefined],
  ])('are read: %s', (_, text, checks) => {
    expect(read(text)).toEqual({ checks, findings: [] });
  });

  it.each([
    ['keys', `${HEAD}verify:\n  unit: npm test\n  lint: npm run lint\n`, '5: verify is not a list of commands'],
    ['a table', `${HEAD}verify[1]{name,run}:\n  unit,npm test\n`, '5: verify is not a list of commands'],
    ['a switch', `${HEAD}verify: false\n`, '5: verify is not a list of commands'],
    [
      'several lines',
      `${HEAD}verify[1]:\n  - npm test\n      && rm x\n`,
      '6: a check is not on one line, or has characters that do not show',
    ],
    [
      'hidden text',
      `${HEAD}verify[1]: npm\u202e tset\n`,
      '5: a check is not on one line, or has characters that do not show',
    ],
    ['no end', `${HEAD}verify[1]: ${'x'.repeat(1001)}\n`, '5: a check is 1001 characters long, the limit is 1000'],
  ])('are findings, and lose nothing else, if they are no commands: %s', (_, text, finding) => {
    expect(read(text)).toEqual({ checks: undefined, findings: [finding] });
    expect(read(`${text}task.verify: ls\n`).checks).toEqual(['ls']);
  });

  it('stay as they are when the task is claimed', () => {
    const text = `${HEAD}verify[1]:\n npm test\n`;
    const claim = { claimedBy: 'a', claimedAt: 'x', lastHeartbeat: 'y', attempt: 1, claimId: 'z' };
    const claimed = editTask(new TextEncoder().encode(text), [{ kind: 'append-claim', claim }], where);
    expect(read(new TextDecoder().decode(claimed)).checks).toEqual(['npm test']);
  });
});
