import { describe, expect, it } from 'vitest';
import { HEAD, readText } from '../../kit/queues/read-text.ts';

function requiredIds(body: string): string {
  const { task } = readText(`${HEAD}${body}`);
  return task.required.map((entry) => entry.id ?? '-').join(' ');
}

function criteria(body: string): readonly string[] {
  return readText(`${HEAD}${body}`).task.acceptanceCriteria;
}

describe('dependencies.required', () => {
  it.each([
    ['dependencies:\n required[0]:\n', ''],
    ['dependencies:\n required: []\n', ''],
    ['dependencies:\n required[0]: []\n', ''],
    ['dependencies: []\n', ''],
    ['dependencies:\n', ''],
    ['dependencies: none\n', '-'],
    ['dependencies:\n required: A-1\n', 'A-1'],
    ['dependencies:\n required: A-1, A-2\n', 'A-1 A-2'],
    ['dependencies:\n required[2]: A-1,A-2\n', 'A-1 A-2'],
    ['dependencies:\n required[2|]: A-1|A-2\n', 'A-1 A-2'],
    ['dependencies:\n required[#2]: A-1,A-2\n', 'A-1 A-2'],
    ['dependencies:\n required[2]: A-1 (x, y), A-2\n', 'A-1 A-2'],
    ['dependencies:\n required: [A-1, "A-2"]\n', 'A-1 A-2'],
    ['dependencies:\n required[1]:\n  A-1, A-2\n', 'A-1 A-2'],
    ['dependencies:\n required[5]:\n  A-1\n  A-2\n', 'A-1 A-2'],
    ['dependencies:\n required[0]:\n  A-1\n', 'A-1'],
    ['dependencies:\n required[]:\n  A-1\n', 'A-1'],
    ['dependencies:\n required:\n  A-1\n', 'A-1'],
    ['dependencies:\n required[1]\n  A-1\n', 'A-1'],
    ['dependencies:\n required [1] :\n  A-1\n', 'A-1'],
    ['dependencies:\n required[2]:\n  - A-1\n  - "A-2 (x)"\n', 'A-1 A-2'],
    ['dependencies:\n required[2]:\n - A-1\n - A-2\n blocks[1]:\n - B-1\n', 'A-1 A-2'],
    ['dependencies:\n required[2]:\n A-1\n A-2\n blocks[1]:\n B-1\n', 'A-1 A-2'],
    ['dependencies:\n required[2]:\n\n  A-1\n\n  A-2\n', 'A-1 A-2'],
    ['dependencies:\n required[2]:\n   A-1\n  A-2\n', 'A-1 A-2'],
    ['dependencies:\n required[2]:\n  A-1\n   A-2\n', 'A-1 A-2'],
    ['dependencies:\n required[2]:\n  A-1: Auth\n  A-2:\n   reason: x\n', 'A-1 A-2'],
    ['dependencies:\n required[2]{id,why}:\n  A-1,"a, b"\n  A-2,c\n', 'A-1 A-2'],
    ['dependencies:\n required[2]{why,task_id}:\n  "a, b",A-1\n  c,A-2\n', 'A-1 A-2'],
    ['dependencies:\n required[2]:\n  - id: A-1\n    why: a\n  - why: b\n    id: A-2\n', 'A-1 A-2'],
    ['dependencies:\n required[2]:\n  must:\n   A-1\n  should[1]:\n   A-2\n', 'A-1 A-2'],
    ['dependencies:\n required: |\n  A-1\n  A-2\n', 'A-1 A-2'],
    ['dependencies:\n required[1]:\n  # A-9 was dropped\n  A-1\n', 'A-1'],
    ['dependencies:\n required[1]:\n  A-1\ntask.dependencies:\n required[1]: A-2\n', 'A-1 A-2'],
    ['dependencies:\n required[1]:\n  A-1\n required[1]:\n  A-2\n', 'A-1 A-2'],
    ['dependencies[2]:\n A-1\n A-2\n', 'A-1 A-2'],
    ['dependencies[2]: A-1,A-2\n', 'A-1 A-2'],
    ['dependencies:\n - A-1\n - A-2\n', 'A-1 A-2'],
    ['dependencies:\n A-1\n Note: later\n', 'A-1 -'],
    ['dependencies:\n soft[1]:\n  A-1\n blocks[1]:\n  A-2\n', ''],
  ])('%j', (body, expected) => {
    expect(requiredIds(body)).toBe(expected);
  });

  it('names the line of each entry', () => {
    const { task } = readText(`${HEAD}dependencies:\n required[2]:\n  A-1\n\n  A-2 (remark)\n`);
    expect(task.required).toEqual([
      { id: 'A-1', text: 'A-1', line: 8 },
      { id: 'A-2', text: 'A-2 (remark)', line: 10 },
    ]);
  });
});

describe('acceptance criteria', () => {
  it.each([
    ['acceptance_criteria[2]:\n a: b, {c} [d]\n - x\n', ['a: b, {c} [d]', 'x']],
    ['acceptance_criteria[2]:\n  - see http://x\n  - "a: b"\n', ['see http://x', 'a: b']],
    ['acceptance_criteria[3]: a,"b, c",3.10\n', ['a', 'b, c', '3.10']],
    ['acceptance_criteria: All tests pass, docs written\n', ['All tests pass, docs written']],
    ['acceptance_criteria: []\n', []],
    ['acceptance_criteria[0]:\n', []],
    ['acceptance_criteria:\n a\n b: c\n', ['a', 'b: c']],
    ['acceptance_criteria:\n fast: yes\n safe: yes\n', ['fast: yes', 'safe: yes']],
    ['acceptance_criteria:\n api[1]:\n  a\n ui:\n  b\n  c\n', ['a', 'b', 'c']],
    ['acceptance_criteria: |\n - a\n - b\n', ['a', 'b']],
    ['acceptance_criteria[2]:\n a\n  goes on\n b\n', ['a\ngoes on', 'b']],
    ['acceptance_criteria[3]:\n API works:\n  GET\n  POST\n', ['API works:', 'GET', 'POST']],
    ['acceptance_criteria[2]:\n- a\n- b\nnext: 1\n', ['a', 'b']],
    ['acceptance_criteria[2]:\nfoo bar\nbaz\nnext: 1\n', ['foo bar', 'baz']],
    ['acceptance_criteria[2]:\n - [ ] a\n - [x] b\n', ['[ ] a', '[x] b']],
    ['acceptance_criteria[2]:\n #1\n #2\n', ['#1', '#2']],
    ['acceptance_criteria[2]{what,how}:\n a,b\n "c, d",e\n', ['a,b', '"c, d",e']],
  ])('%j', (body, expected) => {
    expect(criteria(body)).toEqual(expected);
  });
});

describe('a claim', () => {
  it.each([
    ['claim:\n claimed_by: a b $(x)\n', { claimedBy: 'a b $(x)' }],
    [
      'claim:\n claimed_by: 0042\n claim_id: 12345678901234567890\n',
      { claimedBy: '0042', claimId: '12345678901234567890' },
    ],
    ['claim:\n claimed_by: "42"\n claim_attempt: 3\n', { claimedBy: '42', attempt: 3 }],
    ['claim:\n claimed_by: a\n claim_attempt: many\n', { claimedBy: 'a' }],
    ['claim:\n last_heartbeat: 1\n last_heartbeat: 2\n', { lastHeartbeat: '2' }],
    ['claim:\n claimed_by: old\n\nnotes: x\nclaim:\n claimed_at: x\n', { claimedAt: 'x' }],
    ['claim:\n claimed_by: a\nclaim:\n', { claimedBy: 'a' }],
    ['claim: null\n', undefined],
    ['claim:\n', undefined],
  ])('%j', (text, expected) => {
    expect(readText(HEAD + text).task.claim).toEqual(expected);
  });
});
