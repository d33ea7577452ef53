import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Board, BoardAgent, BoardEvent, BoardSpan, BoardTask } from '../../../src/domain/dashboard/board.ts';
import { applyChange, changeBetween } from '../../../src/domain/dashboard/change.ts';
import { aBoard, aCard, anAgent, figures } from '../../kit/queues/boards.ts';

const names = fc.constantFrom('T-1', 'T-2', 'T-3', 'T-4', 'T-5', 'T-6', 'T-7', '__proto__');

const tasks: fc.Arbitrary<readonly BoardTask[]> = fc
  .uniqueArray(
    fc.record({ task: names, state: fc.constantFrom('ready' as const, 'claimed' as const), title: fc.string() }),
    { selector: ({ task }) => task },
  )
  .map((some) => some.map((one) => aCard({ ...one, labels: { [one.task]: one.title } })));

const spans: fc.Arbitrary<readonly BoardSpan[]> = fc.array(
  fc.record({ task: names, from: fc.constant(null), to: fc.constant(null), end: fc.constant('open' as const) }),
  { maxLength: 4 },
);

const agents: fc.Arbitrary<readonly BoardAgent[]> = fc
  .uniqueArray(fc.record({ agent: names, claims: fc.nat(3), spans }), { selector: ({ agent }) => agent })
  .map((some) => some.map(anAgent));

const events: fc.Arbitrary<readonly BoardEvent[]> = fc.array(
  fc.record({
    event: fc.constantFrom('task.claimed' as const, 'task.noted' as const),
    time: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'),
    project: fc.constant('p'),
    task: names,
    title: fc.constant(null),
    agent: fc.constant('a'),
    commit: fc.constantFrom('c', 'd'),
    text: fc.constant(null),
  }),
  { maxLength: 6 },
);

const boards: fc.Arbitrary<Board> = fc
  .record({
    tasks,
    agents,
    events,
    knownFrom: fc.constantFrom(null, '2026-01-01T00:00:00Z'),
    projects: fc.dictionary(names, fc.record({ claims: fc.array(fc.nat(2), { maxLength: 3 }) })),
    claims: fc.array(fc.nat(2), { maxLength: 3 }),
    parts: fc.nat(3),
  })
  .map(({ projects, claims, parts, ...board }) => ({
    ...aBoard(board),
    series: {
      from: '2026-01-01T00:00:00Z',
      stepMs: 1000,
      parts,
      all: figures({ claims }),
      projects: Object.fromEntries(Object.entries(projects).map(([name, one]) => [name, figures(one)])),
    },
  }));

describe('what changed between two boards', () => {
  it('leads from the one to the other, also as JSON, and is nothing where nothing changed', () => {
    fc.assert(
      fc.property(boards, boards, (before, after) => {
        const change = JSON.parse(JSON.stringify(changeBetween(before, after)));
        expect(applyChange(before, change)).toEqual(after);
        expect(changeBetween(after, structuredClone(after))).toEqual({});
      }),
      { numRuns: 200 },
    );
  });

  it('is small for one claim among ten thousand tasks', () => {
    const cards = Array.from({ length: 10_000 }, (_, index) =>
      aCard({ task: `TASK-${index}`, title: `Task ${index}` }),
    );
    const [first, ...others] = cards;
    const claimed = { ...aCard(first), state: 'claimed' as const, agent: 'a' };
    const before = aBoard({ tasks: cards });
    const change = changeBetween(before, { ...before, tip: 'another', tasks: [...others, claimed] });
    expect(change.tasks).toEqual({
      changed: [claimed],
      gone: [],
      placed: [{ name: 'p/TASK-0', after: 'p/TASK-9999' }],
    });
    expect(JSON.stringify(change).length).toBeLessThan(1000);
  });

  it('refuses a change of another board', () => {
    const change = changeBetween(aBoard({ tasks: [] }), aBoard({ tasks: [aCard({ task: 'T-1' })] }));
    const [card] = change.tasks?.changed ?? [];
    expect(card?.task).toBe('T-1');
    const other = { ...change, tasks: { changed: [], gone: [], placed: [{ name: 'p/T-1', after: null }] } };
    expect(() => applyChange(aBoard({ tasks: [] }), other)).toThrow('does not have');
  });
});
