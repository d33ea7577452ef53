import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { listingOf } from '../../../../../src/cli/commands/mcp/serve.ts';
import { TOOLS } from '../../../../../src/cli/commands/mcp/tools/all.ts';
import type { Caller, CommandCall } from '../../../../../src/cli/commands/mcp/tools/tool.ts';
import { Failure } from '../../../../../src/domain/base/failure.ts';
import { rowsAfter } from '../../../../kit/markdown-table.ts';

const CALLER: Caller = {
  agent: 'a1',
  project: 'auth',
  can: ['gpu'],
  task: (named = 'auth/TASK-1') => named,
  claimOn: (task) => (task === 'auth/TASK-1' ? 'c1' : undefined),
};

function call(name: string, values: unknown): Omit<CommandCall, 'declaration'> & { readonly command: string } {
  const tool = TOOLS.find((one) => one.name === name);
  if (tool === undefined) throw new Error(name);
  const { declaration, ...rest } = tool.toCall(values, CALLER);
  return { command: declaration.name, ...rest };
}

describe('the tools', () => {
  it('are the ones of docs/mcp.md, with their arguments and annotations', () => {
    const page = readFileSync(new URL('../../../../../docs/mcp.md', import.meta.url), 'utf8');
    const rows = rowsAfter(page, '| tool ').map((cells) => cells.slice(0, 6));
    expect(rows).toEqual(
      TOOLS.map((tool) => {
        const { inputSchema, annotations, description } = listingOf(tool);
        const { required = [], properties = {} } = inputSchema;
        const names = Object.keys(properties).map(
          (name) => `\`${name}\`${required.includes(name) ? ' (required)' : ''}`,
        );
        const yes = (is: boolean | undefined): string => (is ? 'yes' : 'no');
        return [
          `\`${tool.name}\``,
          names.join(', '),
          yes(annotations?.readOnlyHint),
          yes(annotations?.destructiveHint),
          annotations?.idempotentHint ? 'same' : 'more',
          description,
        ];
      }),
    );
  });

  it('are at most eight, and cost a model less than 1,500 tokens', () => {
    expect(TOOLS.length).toBeLessThanOrEqual(8);
    const told = TOOLS.map(listingOf).map(({ outputSchema: _, ...rest }) => rest);
    expect(JSON.stringify(told).length / 4).toBeLessThan(1_500);
  });

  it.each<readonly [string, unknown, object]>([
    ['claim', {}, { command: 'claim', args: { 'agent-id': 'a1', project: 'auth' }, flags: { can: ['gpu'] } }],
    [
      'claim',
      { project: 'shop', task: 'T-1', min_priority: 3, max_priority: null, type: '', labels: { a: 'b=c' }, wait: '5m' },
      {
        command: 'claim',
        args: { 'agent-id': 'a1', project: 'shop' },
        flags: { task: 'T-1', 'min-priority': '3', label: ['a=b=c'], wait: '5m', can: ['gpu'] },
      },
    ],
    ['show', { task: 'T-2' }, { command: 'show', args: { task: 'T-2' }, flags: {} }],
    ['note', { text: 'x' }, { command: 'note', args: { task: 'auth/TASK-1', text: 'x' }, flags: { agent: 'a1' } }],
    [
      'ask',
      { question: 'Which?' },
      {
        command: 'ask',
        args: { 'task-id': 'auth/TASK-1', 'agent-id': 'a1', question: 'Which?' },
        flags: { 'claim-id': 'c1' },
      },
    ],
    [
      'complete',
      {},
      {
        command: 'complete',
        args: { 'task-id': 'auth/TASK-1', 'agent-id': 'a1' },
        flags: { 'claim-id': 'c1' },
      },
    ],
    [
      'complete',
      { task: 'T-2', review: true, pr_url: 'https://example.com/1' },
      {
        command: 'review',
        args: { 'task-id': 'T-2', 'agent-id': 'a1', 'pr-url': 'https://example.com/1' },
        flags: {},
      },
    ],
    [
      'release',
      { reason: '--force' },
      {
        command: 'release',
        args: { 'task-id': 'auth/TASK-1', 'agent-id': 'a1' },
        flags: { reason: '--force', 'claim-id': 'c1' },
      },
    ],
    [
      'add',
      { tasks: [{ title: 'T', description: '', requires: ['auth/TASK-1'] }] },
      {
        command: 'add',
        args: {},
        flags: { file: '-', agent: 'a1', project: 'auth' },
        input: '[{"title":"T","requires":["auth/TASK-1"]}]',
      },
    ],
    ['status', {}, { command: 'status', args: { project: 'auth' }, flags: {} }],
  ])('%s %j becomes a command', (name, values, expected) => {
    expect(call(name, values)).toEqual(expected);
  });

  it.each<readonly [string, unknown, string]>([
    ['claim', { prioritiy: 1 }, 'claim: "prioritiy" is not known'],
    ['claim', { max_priorit: 1 }, 'did you mean max_priority?'],
    ['claim', { min_priority: '3' }, 'claim: "min_priority" must be a number'],
    ['claim', [], 'claim: its input must be an object'],
    // What a task file says is run by nobody who was not asked for it.
    ['complete', { verify: true }, 'complete: "verify" is not known'],
    ['note', {}, 'note: "text" is missing'],
    ['add', { tasks: [{ title: 'a' }, {}] }, 'add: "tasks" "1" "title" is missing'],
    ['add', { tasks: [] }, 'add: "tasks" cannot be used: it is empty'],
    ['status', { project: { a: [] } }, 'status: "project" must be text'],
  ])('%s refuses %j', (name, values, words) => {
    expect(() => call(name, values)).toThrow(Failure);
    expect(() => call(name, values)).toThrow(words);
  });
});
