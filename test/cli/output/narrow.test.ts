import { describe, expect, it } from 'vitest';
import * as metrics from '../../../src/cli/commands/metrics/render.ts';
import * as status from '../../../src/cli/commands/status/render.ts';
import type { Rendering } from '../../../src/cli/output/rendering.ts';
import { PLAIN } from '../../../src/cli/output/style.ts';
import { displayWidth } from '../../../src/cli/output/table.ts';

const TEXT: Rendering = { answer: 'text', isTerminal: false, columns: undefined, style: PLAIN } as const;

describe('answers on a narrow terminal', () => {
  it.each([80, 100, undefined])('of status cut off nothing that is counted: %s columns', (columns) => {
    const counts = {
      completed: 12,
      total: 345,
      percent: 3,
      ready: 1,
      waiting: 2,
      held: 0,
      asking: 0,
      blocked: 3,
      cancelled: 0,
      due: 0,
    };
    const all = { ...counts, review: 0, inProgress: 44, stalled: 55, unreadable: 0, conflicting: 0 };
    const projects = ['auth', 'a-project-with-quite-a-long-name'].map((project) => ({ project, ...all, batches: [] }));
    const result = {
      branch: 'develop',
      remote: 'origin',
      tip: 'abc',
      time: 'now',
      paused: [],
      projects,
      all,
      limits: [],
      inTheWay: [],
      recent: [],
    };
    const lines = status
      .render(result, { ...TEXT, columns })
      .split('\n')
      .slice(2, -1);
    expect(lines[0]).toMatch(/IN PROGRESS +STALLED$/);
    for (const line of lines.slice(1)) expect(line).toMatch(/44 +55$/);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns ?? 200);
    if (columns === undefined) expect(lines[2]).toContain('a-project-with-quite-a-long-name  [------');
  });

  it.each([80, 140, undefined])(
    'of metrics cut off how claims were won, and not what was done: %s columns',
    (columns) => {
      const times = { attempts: 7, conflictRate: 0.25, latencyMs: { p50: 10, p95: 20, p99: 30 }, tasksPerHour: 1.5 };
      const work = { failures: 3, reviews: 2, durationMs: { p50: 60_000, p95: 600_000 }, costUsd: 1.25, tokens: 99 };
      const all = { claims: 1, completions: 2, releases: 3, stalls: 4, renewals: 5, ...work, ...times };
      const place = {
        branch: 'develop',
        remote: 'origin',
        from: null,
        to: 'now',
        knownFrom: null,
        advice: [],
        objectives: [],
      };
      const figures = { all, projects: [{ project: 'auth', ...all }], agents: [], presentation: { text: undefined } };
      const text = String(metrics.render({ ...place, ...figures }, { ...TEXT, columns }));
      for (const title of ['CLAIMS', 'REVIEW', 'FAILED', 'TASKS/H', 'A TASK', 'USD']) expect(text).toContain(title);
      for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(columns ?? 200);
      expect(text.includes('P99')).toBe(columns !== 80);
    },
  );
});
