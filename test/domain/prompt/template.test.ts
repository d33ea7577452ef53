import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_PROMPT,
  expandPrompt,
  PROMPT_FIELDS,
  type PromptField,
  type PromptValues,
} from '../../../src/domain/prompt/template.ts';
import { promptValues } from '../../../src/domain/prompt/values.ts';

const values = (some: Partial<Record<PromptField, string>> = {}): PromptValues =>
  Object.fromEntries(PROMPT_FIELDS.map((field) => [field, some[field] ?? ''])) as PromptValues;

describe('a template', () => {
  it.each<[string, string]>([
    ['{{id}}: {{ title }}', 'T-1: A {{id}}'],
    ['{{#title}}has {{title}}{{/title}}', 'has A {{id}}'],
    ['a{{#notes}}, and {{notes}} of {{title}}{{/notes}}b', 'ab'],
    ['{{#notes}}{{#', 'problem: {{#notes}} has no end'],
    ['{{#notes}}x', 'problem: {{#notes}} has no end'],
    ['x{{/notes}}', 'problem: "{{/notes}}" ends what has not begun'],
    ['{{#notes}}x{{/title}}', 'problem: "{{/title}}" ends what has not begun'],
    ['{{#notes}}{{#title}}{{/title}}{{/notes}}', 'problem: "{{#title}}" is inside of {{#notes}}'],
    ['{{tilte}}', 'problem: there is no field "tilte": did you mean title?'],
    ['{ {id} } {{}} {{i d}} { {{id}} }', '{ {id} } {{}} {{i d}} { T-1 }'],
  ])('%s becomes %s', (template, becomes) => {
    const expanded = expandPrompt(template, values({ id: 'T-1', title: 'A {{id}}' }));
    expect(expanded.kind === 'text' ? expanded.text : `problem: ${expanded.problem}`).toBe(becomes);
  });

  it('has each value as it is, whatever is in it, and the rest as it was', () => {
    const plain = fc.string({ maxLength: 30 }).map((text) => text.replaceAll('{', '('));
    const value = fc.string({ minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(plain, value, plain, value, plain, (a, title, b, notes, c) => {
        const template = `${a}{{title}}${b}{{#notes}}{{notes}}{{/notes}}${c}`;
        const text = `${a}${title}${b}${notes}${c}`;
        expect(expandPrompt(template, values({ title, notes }))).toEqual({ kind: 'text', text });
        expect(expandPrompt(template, values({ title }))).toEqual({ kind: 'text', text: `${a}${title}${b}${c}` });
      }),
      { numRuns: 60 },
    );
  });

  it('has no heading without a text below it, whatever the task lacks', () => {
    fc.assert(
      fc.property(fc.subarray([...PROMPT_FIELDS]), (given) => {
        const some = Object.fromEntries(given.map((field) => [field, `<${field}>`]));
        const expanded = expandPrompt(DEFAULT_PROMPT, values({ title: 't', place: 'p', end: 'e', ...some }));
        const text = expanded.kind === 'text' ? expanded.text : '';
        expect(text).not.toMatch(/^## .*\n\n(?:#|$)/m);
        expect(text).not.toMatch(/\n{3}/);
      }),
      { numRuns: 60 },
    );
  });
});

it('has the questions that were asked, each with its answer', () => {
  const asked = { at: '2026-03-01T12:00:00Z', agent: 'a1', text: 'which?' };
  const answer = { at: '2026-03-01T13:00:00Z', agent: 'Ada', text: 'this' };
  const task = { priority: 0, acceptanceCriteria: [], required: [], blocks: [], labels: {} };
  const facts = {
    key: { project: 'auth', id: 'T-1' },
    task: { ...task, questions: [{ ...asked, answer }, asked] },
    requires: [],
    failures: [],
  };
  const none = { agent: undefined, branch: undefined, worktree: undefined, base: undefined };
  const { questions } = promptValues(facts, { queueBranch: 'develop', holds: 'nobody', ...none }, '');
  expect(questions.split('\n')).toEqual([
    '- 2026-03-01T12:00:00Z a1 asked: which?',
    '- 2026-03-01T13:00:00Z Ada answered: this',
    '- 2026-03-01T12:00:00Z a1 asked: which?',
  ]);
});
