import { describe, expect, it } from 'vitest';
import { PACE_MS, paceOf } from '../../../src/domain/figures/throughput.ts';
import type { TaskEvent, TaskEventKind } from '../../../src/domain/past/task-event.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const MINUTE = 60_000;
const DAY = { from: NOW - 24 * 60 * MINUTE, to: NOW };

function event(kind: TaskEventKind, task: string, minutesAgo: number, project = 'shop'): TaskEvent {
  return { kind, project, task, agent: 'a1', commit: 'c'.repeat(40), at: NOW - minutesAgo * MINUTE };
}

describe('the pace', () => {
  it('is counted since the first claim, if all that ended was claimed within the last two hours', () => {
    const events = [
      event('task.completed', 'night', 600),
      event('task.added', 'T-1', 100),
      event('task.claimed', 'T-1', 15),
      event('task.claimed', 'T-2', 14),
      event('task.completed', 'T-1', 8),
      event('task.completed', 'T-2', 3),
      event('task.claimed', 'T-3', 2),
    ];
    expect(paceOf(events, DAY)).toEqual({ perHour: 8, from: NOW - 15 * MINUTE });
  });

  it.each(['task.completed', 'task.released', 'task.stalled', 'task.renewed', 'task.review', 'task.asked'] as const)(
    'is that of the last two hours, if work went on before them: %s',
    (kind) => {
      const events = [
        event('task.claimed', 'long', 300),
        event('task.claimed', 'T-1', 30),
        event('task.completed', 'T-1', 20),
        event(kind, 'long', 10),
      ];
      const done = kind === 'task.completed' ? 2 : 1;
      expect(paceOf(events, DAY)).toEqual({ perHour: done / 2, from: NOW - PACE_MS });
    },
  );

  it('looks no further back than the window, and is not about an hour that has only begun', () => {
    const events = [event('task.claimed', 'T-1', 90), event('task.completed', 'T-1', 20)];
    expect(paceOf(events, { from: NOW - 30 * MINUTE, to: NOW })).toEqual({ perHour: 2, from: NOW - 30 * MINUTE });
    const fresh = [event('task.claimed', 'T-1', 1 / 60), event('task.completed', 'T-1', 0)];
    expect(paceOf(fresh, DAY)?.perHour).toBe(60);
  });

  it('is unknown while nothing is completed, and is that of one project if asked', () => {
    expect(paceOf([], DAY)).toBeUndefined();
    expect(paceOf([event('task.claimed', 'T-1', 15), event('task.completed', 'T-2', 130)], DAY)).toBeUndefined();
    const events = [
      event('task.claimed', 'T-1', 60, 'pay'),
      event('task.claimed', 'T-1', 30),
      event('task.completed', 'T-1', 10),
    ];
    expect(paceOf(events, DAY, 'shop')).toEqual({ perHour: 2, from: NOW - 30 * MINUTE });
    expect(paceOf(events, DAY, 'pay')).toBeUndefined();
    expect(paceOf(events, DAY)?.perHour).toBe(1);
  });
});
