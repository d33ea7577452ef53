import { describe, expect, it } from 'vitest';
import { inventBoard } from '../../../../lab/page/invented-board.ts';
import type { BoardAgent } from '../../../../src/domain/dashboard/board.ts';
import { passingAgents, taskTest } from '../../../../src/page/views/agents/passing.ts';

const [like] = inventBoard(40, Date.parse('2026-03-01T12:00:00Z')).agents;
const EVERYTHING = { agent: null, search: '' };

function agent(name: string, task: string | null, ...had: readonly string[]): BoardAgent {
  if (like === undefined) throw new Error('no agent was invented');
  const spans = had.map((one) => ({ task: one, from: null, to: null, end: 'completed' as const }));
  return { ...like, agent: name, task, title: null, spans };
}

const agents = [agent('a1', 'shop/T-1'), agent('a2', null, 'shop/T-2', 'bank/T-1'), agent('a3', null)];

const names = (...args: Parameters<typeof passingAgents>): string[] => passingAgents(...args).map((one) => one.agent);

describe('the agents that are shown', () => {
  it('are all if nothing is filtered by', () => {
    expect(names(agents, EVERYTHING, taskTest({ project: null }, null))).toEqual(['a1', 'a2', 'a3']);
  });

  it('have or had a task of the project', () => {
    expect(names(agents, EVERYTHING, taskTest({ project: 'shop' }, null))).toEqual(['a1', 'a2']);
    expect(names(agents, EVERYTHING, taskTest({ project: 'bank' }, null))).toEqual(['a2']);
    // A name that begins like another is another.
    expect(names(agents, EVERYTHING, taskTest({ project: 'sho' }, null))).toEqual([]);
  });

  it('have or had a task with the label, and of the project if there is one', () => {
    const labelled = new Set(['shop/T-1', 'bank/T-1']);
    expect(names(agents, EVERYTHING, taskTest({ project: null }, labelled))).toEqual(['a1', 'a2']);
    expect(names(agents, EVERYTHING, taskTest({ project: 'shop' }, labelled))).toEqual(['a1']);
    expect(names(agents, EVERYTHING, taskTest({ project: null }, new Set()))).toEqual([]);
  });

  it('are one, and have all words', () => {
    expect(names(agents, { agent: 'a2', search: '' }, undefined)).toEqual(['a2']);
    expect(names(agents, { agent: null, search: 'T-1 SHOP' }, undefined)).toEqual(['a1']);
  });
});
