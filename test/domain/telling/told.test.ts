import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rowsAfter } from '../../kit/markdown-table.ts';
import { keysByEvent } from '../../kit/telling/told-schema.ts';

const PAGE = readFileSync(new URL('../../../docs/events.md', import.meta.url), 'utf8');
const WATCH = readFileSync(new URL('../../../docs/watch.md', import.meta.url), 'utf8');

function wordsIn(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
}

const keys = keysByEvent();
const kinds = [...keys.keys()];
const isTask = (event: string): boolean => /^(task|queue)\./.test(event);

describe('docs/events.md', () => {
  const [, ...tables] = PAGE.split(/^(?=\| event )/m);

  it('has each event that is told, with exactly its keys', () => {
    const shown = tables
      .slice(1)
      .flatMap((table) => rowsAfter(`\n${table}`, '| event'))
      .filter(([event = '']) => event.startsWith('`'))
      .map(([event, cell]) => [wordsIn(event)[0], wordsIn(cell).sort()] as const);
    const wantedKinds = kinds.filter((kind) => !isTask(kind) && (!kind.startsWith('trace.') || /git$|end$/.test(kind)));
    const wanted = wantedKinds.map((kind) => [kind, [...(keys.get(kind) ?? [])].sort()] as const);
    expect(new Map(shown)).toEqual(new Map(wanted));
    expect(shown).toHaveLength(wanted.length);
  });

  it('has every key of what happens to tasks', () => {
    const shown = rowsAfter(`\n${tables[0]}`, '| event').flatMap(([, cell]) => wordsIn(cell));
    expect([...shown].sort()).toEqual([...(keys.get('task.claimed') ?? [])].sort());
  });

  it('may send readers to docs/watch.md for the names of what happens to tasks', () => {
    const shown = rowsAfter(WATCH, '| event   ').flatMap(([event]) => wordsIn(event));
    expect(shown.sort()).toEqual(kinds.filter(isTask).sort());
  });
});

describe('a step of a trace', () => {
  it('has the keys of the same step of the engine', () => {
    for (const kind of kinds.filter((name) => name.startsWith('trace.') && !/git$|end$/.test(name))) {
      const step = kind.slice('trace.'.length);
      expect({ step, keys: keys.get(kind) }).toEqual({
        step,
        keys: ['step', 'atMs', ...(keys.get(`engine.${step}` as 'engine.looked') ?? [])],
      });
    }
  });
});
