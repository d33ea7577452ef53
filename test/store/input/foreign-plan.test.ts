import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/domain/base/failure.ts';
import { readPlan } from '../../../src/store/input/read-plan.ts';

describe('a notation that agentq does not read', () => {
  it.each([
    ['plan.yaml', 'tasks:\n  - title: a\n', 'agentq does not read YAML'],
    ['PLAN.MD', '# Plan\n', 'agentq does not read Markdown'],
    ['stdin', '---\ntasks:\n- title: a\n  description: |\n    b\n', 'it looks like YAML'],
    ['stdin', 'tasks:\n  - title: a\n    priority: 1\n', 'it looks like YAML'],
    ['stdin', '- title: a\n- title: b\n', 'it looks like YAML'],
    ['stdin', '# Plan\n\n- [ ] do it\n', 'it looks like Markdown'],
  ])('gets an error that names those that it reads: %s %j', (name, text, says) => {
    const formats = 'a plan is TOON (.toon), JSON (.json) or JSON lines (.jsonl, .ndjson)';
    try {
      readPlan(Buffer.from(text), name);
      expect.unreachable();
    } catch (error) {
      const { message, hint = '' } = error as Failure;
      expect(`${message} ${hint}`).toContain(says);
      expect(`${message} ${hint}`).toContain(formats);
      // The name of the file says enough, and what is in it may look like something else.
      if (name !== 'stdin') expect(hint).toBe('');
    }
  });

  it('is not seen in TOON that is wrong', () => {
    expect(() => readPlan(Buffer.from('tasks:\n  - title: a\n    priority: 1\n'), 'plan.toon')).toThrow(/TOON/);
  });
});
