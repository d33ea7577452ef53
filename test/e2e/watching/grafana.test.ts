import { readFile } from 'node:fs/promises';
import { parser } from '@prometheus-io/lezer-promql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Scene, scene } from '../../kit/scene/scene.ts';

interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: object;
  readonly targets?: readonly Target[];
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly definition?: string;
}

const FILE = new URL('../../../.agents-core/grafana/agentq.json', import.meta.url);

/** Labels that the collector adds. */
const OF_TARGETS = ['instance', 'job'];

/** What one expression asks for: metric names with the labels that are matched, and labels that results are grouped by. */
function asked(expr: string): { readonly metrics: Map<string, Set<string>>; readonly labels: Set<string> } {
  const metrics = new Map<string, Set<string>>();
  const labels = new Set<string>();
  const calls = new Set<string>();
  let at = '';
  // Variables stand where PromQL has text.
  parser.parse(expr).iterate({
    enter({ name, from, to, type, node }) {
      const text = expr.slice(from, to);
      expect({ expr, isError: type.isError }).toEqual({ expr, isError: false });
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') {
        at = text;
        metrics.set(at, metrics.get(at) ?? new Set());
      }
      if (name === 'LabelName' && node.parent?.name.endsWith('Matcher')) metrics.get(at)?.add(text);
      else if (name === 'LabelName') labels.add(text);
      if (node.parent?.name === 'FunctionIdentifier') calls.add(name);
    },
  });
  // All figures are gauges: a counter's functions would take a figure that falls for a restart.
  expect({ expr, calls: [...calls].filter((call) => /^(Rate|Irate|Increase|Resets)$/.test(call)) }).toEqual({
    expr,
    calls: [],
  });
  return { metrics, labels };
}

describe('the dashboard of the kit', () => {
  let dashboard: { readonly panels: readonly Panel[]; readonly templating: { readonly list: readonly Variable[] } };
  /** The labels of each metric that the three commands print. */
  const printed = new Map<string, Set<string>>();
  let box: Scene;

  beforeAll(async () => {
    dashboard = JSON.parse(await readFile(FILE, 'utf8'));
    box = await scene({ tasks: 3, clones: ['clone'] });
    const script = 'echo \'{"costUsd": 0.5, "tokens": 10}\' > "$AGENTQ_RESULT_FILE"; test "$AGENTQ_TASK_ID" != TASK-2';
    await box.agentq('clone', 'work', 'w', '--', 'sh', '-c', script);
    for (const args of [
      ['status', '--prometheus'],
      ['metrics', '--format', 'prometheus'],
      ['agents', '--prometheus'],
    ]) {
      const { code, stdout, stderr } = await box.agentq('clone', ...args);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      for (const line of stdout.split('\n').filter((text) => text !== '' && !text.startsWith('#'))) {
        const [, name = '', inside = ''] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
        const labels = printed.get(name) ?? new Set();
        printed.set(name, labels);
        for (const [, label = ''] of inside.matchAll(/(\w+)="/g)) labels.add(label);
      }
    }
  });
  afterAll(() => box[Symbol.asyncDispose]());

  it('asks only for what agentq prints, by labels that it has', () => {
    const used = new Set<string>();
    for (const { targets = [] } of dashboard.panels) {
      for (const { expr, legendFormat = '' } of targets) {
        const { metrics, labels } = asked(expr);
        const known = new Set([...metrics.keys()].flatMap((name) => [...(printed.get(name) ?? [])]));
        for (const [name, matched] of metrics) {
          used.add(name);
          expect([...printed.keys()]).toContain(name);
          expect([...OF_TARGETS, ...(printed.get(name) ?? [])]).toEqual(expect.arrayContaining([...matched]));
        }
        for (const label of labels) expect({ expr, known: [...known, ...OF_TARGETS] }.known).toContain(label);
        for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect([...labels]).toContain(label);
      }
    }
    const says = [...used].map((name) => name.replace(/^agentq_|_bucket$/g, ''));
    for (const name of ['tasks', 'stalled_tasks', 'tasks_per_hour', 'conflict_ratio', 'claim_latency_seconds']) {
      expect(says).toContain(name);
    }
    for (const name of ['agents', 'failures', 'cost_usd', 'tokens']) expect(says).toContain(name);
  });

  it('knows no words for states that agentq does not print', async () => {
    const text = await readFile(FILE, 'utf8');
    const states = new Set<string>();
    for (const args of [
      ['status', '--prometheus'],
      ['agents', '--prometheus'],
    ]) {
      const { stdout } = await box.agentq('clone', ...args);
      for (const [, state = ''] of stdout.matchAll(/state="([\w-]+)"/g)) states.add(state);
    }
    const used = [...text.matchAll(/state(?:!?[=~]+)\\"([\w|-]+)\\"/g)].flatMap(([, words = '']) => words.split('|'));
    expect(used.length).toBeGreaterThan(5);
    expect([...states]).toEqual(expect.arrayContaining(used));
  });

  it('has what an import needs: ids of its own, places that do not overlap, and a data source to choose', () => {
    expect(dashboard).toMatchObject({ id: null, uid: 'agentq', title: 'agentq', schemaVersion: expect.any(Number) });
    expect(dashboard).toHaveProperty('schemaVersion', 39);
    const { panels, templating } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    const cells = new Set<string>();
    for (const { title, gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect({ title, isTaken: cells.has(`${x},${y}`) }).toEqual({ title, isTaken: false });
          cells.add(`${x},${y}`);
        }
      }
    }
    const [source, ...variables] = templating.list;
    expect(source).toMatchObject({ name: 'DS_PROMETHEUS', type: 'datasource', query: 'prometheus' });
    for (const { type, datasource, targets = [] } of panels) {
      if (type === 'row') continue;
      expect(datasource).toEqual({ type: 'prometheus', uid: `\${${source?.name}}` });
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      expect(targets.length).toBeGreaterThan(0);
      const names = targets.flatMap(({ expr }) => [...expr.matchAll(/\$(\w+)/g)].map(([, name]) => name));
      expect(variables.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    }
    for (const { definition = '' } of variables) {
      const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? [];
      for (const name of asked(selector).metrics.keys())
        expect([...(printed.get(name) ?? []), ...OF_TARGETS]).toContain(label);
    }
  });

  it('is installed by init', async () => {
    await using other = await scene({ files: { 'README.md': 'code\n' }, clones: ['clone'] });
    expect((await other.agentq('clone', 'init')).code).toBe(0);
    expect(await other.git(other.remote, 'show', 'develop:.agents-core/grafana/agentq.json')).toBe(
      (await readFile(FILE, 'utf8')).trim(),
    );
  });
});
