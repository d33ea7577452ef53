import { describe, expect, it } from 'vitest';
import type { BoardEvent } from '../../../../src/domain/dashboard/board.ts';
import { announcement, daysOf, type StreamWish, shownEvents } from '../../../../src/page/views/events/stream.ts';

const ALL: StreamWish = { project: null, agent: null, search: '', labelled: null, group: 'all' };

function event(changes: Partial<BoardEvent>): BoardEvent {
  return {
    event: 'task.claimed',
    time: '2026-12-02T10:00:00Z',
    project: 'shop',
    task: 'T-1',
    title: 'Fix the cart',
    agent: 'anna',
    commit: 'c1',
    text: null,
    ...changes,
  };
}

const paused = event({ event: 'queue.paused', project: null, task: null, title: null, text: 'a release' });
const claimed = event({});
const failed = event({ event: 'task.released', project: 'blog', task: 'T-2', agent: 'bert', text: 'Tests FAIL' });
const events = [paused, claimed, failed];

describe('the event stream', () => {
  it('follows the filters; a pause of the queue is of every project', () => {
    expect(shownEvents(events, { ...ALL, project: 'shop' })).toEqual([paused, claimed]);
    expect(shownEvents(events, { ...ALL, agent: 'bert' })).toEqual([failed]);
    expect(shownEvents(events, { ...ALL, labelled: new Set() })).toEqual([]);
    expect(shownEvents(events, { ...ALL, group: 'trouble' })).toEqual([paused, failed]);
  });

  it('looks for words in what is said, in any case and order', () => {
    expect(shownEvents(events, { ...ALL, search: 'fail  tests' })).toEqual([failed]);
    expect(shownEvents(events, { ...ALL, search: 'shop/t-1 claimed' })).toEqual([claimed]);
  });

  it('is divided by the days of the reader', () => {
    const now = new Date(2026, 11, 2, 12).getTime();
    const times = [
      new Date(2026, 11, 2, 1),
      new Date(2026, 11, 2, 0),
      new Date(2026, 11, 1, 23),
      new Date(2026, 10, 30, 1),
    ];
    const days = daysOf(
      times.map((time) => event({ time: time.toISOString() })),
      now,
    );
    expect(days.map(({ name, events: ofDay }) => [name, ofDay.length])).toEqual([
      ['Today', 2],
      ['Yesterday', 1],
      ['Mon 30 Nov', 1],
    ]);
  });

  it('tells in one line what is new', () => {
    expect(announcement([])).toBe('');
    expect(announcement([claimed])).toBe('anna claimed shop/T-1');
    expect(announcement(events)).toBe('3 new events, the last one: anna paused the queue');
  });
});
