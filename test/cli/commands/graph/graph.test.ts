import { describe, expect, it } from 'vitest';
import { toDot } from '../../../../src/cli/commands/graph/dot.ts';
import { toMermaid } from '../../../../src/cli/commands/graph/mermaid.ts';
import { toSvg } from '../../../../src/cli/commands/graph/svg.ts';
import { graphOf } from '../../../../src/domain/graph/task-graph.ts';
import { QueueState } from '../../../../src/domain/queue/queue-state.ts';
import { snapshotOf, type TaskSpec } from '../../../kit/queues/snapshots.ts';
import { session } from '../../../kit/scene/cli-session.ts';

const QUEUE: readonly TaskSpec[] = [
  { id: 'T-1', state: 'claimed', claim: { claimedBy: 'a1' } },
  { id: 'T-2', required: ['T-1'] },
  { id: 'T-3', required: ['T-1', 'T-2'] },
  { id: 'T-4', required: ['T-1', 'T-9'] },
  { id: 'T-5', state: 'completed' },
];

async function shown(tasks: readonly TaskSpec[], ...options: readonly string[]) {
  const snapshot = snapshotOf(tasks);
  return session(['graph', ...options], {}, { reading: { snapshot: async () => snapshot } });
}

/** A graph in which a title tries everything. */
function hostile(title: string) {
  const graph = graphOf(new QueueState(snapshotOf(QUEUE)), { tasks: 'open' });
  return { ...graph, tasks: graph.tasks.map((task) => ({ ...task, title })) };
}

describe('graph', () => {
  it('is a tree of what each task requires, each whole once, and the critical path', async () => {
    expect((await shown(QUEUE)).stdout).toBe(`\
T-3 *  waiting  Title of T-3
├─ T-1 *  claimed by a1  Title of T-1
└─ T-2 *  waiting  Title of T-2
   └─ T-1 *  claimed by a1  Title of T-1
T-4  waiting  Title of T-4
├─ T-1 *  claimed by a1  Title of T-1
└─ T-9  unknown

critical path (*), 3 open tasks: T-1 -> T-2 -> T-3
`);
  });

  it('refers to what was shown, names projects where there are several, and ends in a circle', async () => {
    const tasks = [
      { id: 'A', required: ['B'] },
      { id: 'B', required: ['A'] },
      { id: 'P', project: 'pay', required: ['auth/A'] },
    ];
    const { stdout, stderr } = await shown(tasks);
    expect(stdout).toBe(`\
pay/P *  waiting  Title of P
└─ auth/A  waiting  Title of A
   └─ auth/B  waiting  Title of B
      └─ auth/A  waiting  (see above)

critical path (*), 1 open task: pay/P
`);
    expect(stderr).toContain('these tasks wait for each other: auth/A -> auth/B -> auth/A');
  });

  it('draws what is too deep from the left again, once', async () => {
    const tasks = Array.from({ length: 100 }, (_, at) => ({
      id: `T-${at}`,
      required: at === 0 ? [] : [`T-${at - 1}`],
    }));
    const lines = (await shown(tasks)).stdout.split('\n');
    expect(lines.filter((line) => line.startsWith('T-')).map((line) => line.split(' ')[0])).toEqual([
      'T-99',
      'T-58',
      'T-17',
    ]);
    expect(lines.filter((line) => line.endsWith('(see below)'))).toHaveLength(2);
    expect(Math.max(...lines.slice(0, -3).map((line) => line.indexOf('T-')))).toBeLessThan(130);
    for (const { id } of tasks) expect(lines.filter((line) => line.endsWith(`Title of ${id}`))).toHaveLength(1);
  });

  it('is empty for an empty queue, and for one in which everything is done but for --all', async () => {
    const done = [{ id: 'T-1', state: 'completed' as const }];
    expect(await shown(done)).toMatchObject({ code: 0, stdout: '' });
    expect((await shown(done, '--all')).stdout).toBe('T-1  completed  Title of T-1\n');
  });

  it('refuses a format that it does not have, one together with --json, and a project that is not there', async () => {
    expect(await shown(QUEUE, '--format', 'png')).toMatchObject({ code: 64, stdout: '' });
    expect(await shown(QUEUE, '--format', 'svg', '--json')).toMatchObject({ code: 64 });
    expect(await shown(QUEUE, 'aut')).toMatchObject({ code: 64, stdout: '' });
  });
});

describe('a title that tries to be something else', () => {
  const TITLE = `</title><script>alert(1)</script>"]; click t0 "x" \\"\u001b[31m\u202e # %% & 'x' ${'long '.repeat(50)}`;

  it('is text to Mermaid', () => {
    const lines = toMermaid(hostile(TITLE)).split('\n');
    for (const line of lines) expect(line).not.toMatch(/script>|click t0 "|\u001b|\u202e/);
    for (const line of lines.filter((one) => one.includes('["'))) {
      expect(line).toMatch(/^ {2}t\d+\["(?:[\p{L}\p{N} .,:/_…()-]|#\d+;|<br\/>)*"\]:::[a-z]+$/u);
    }
  });

  it('is a string to Graphviz', () => {
    const text = toDot(hostile(TITLE));
    expect(text).not.toMatch(/\u001b|\u202e/);
    // Without its strings, nothing of it is left.
    expect(text.replace(/"(?:[^"\\]|\\.)*"/g, '""')).not.toMatch(/script|click|alert/);
  });

  it('is text in a picture', () => {
    const svg = toSvg(hostile(TITLE));
    expect(svg).not.toMatch(/<script|\u001b|\u202e/);
    expect([...svg.matchAll(/<([a-z]+)/g)].map(([, tag]) => tag)).not.toContain('script');
  });
});

describe('a picture', () => {
  it('has a box for each task, none over another, all of them inside, and every arrow', () => {
    const tasks = Array.from({ length: 60 }, (_, at) => ({
      id: `T-${at}`,
      required: at < 3 ? [] : [`T-${(at * 7) % at}`, `T-${(at * 5) % at}`],
    }));
    const graph = graphOf(new QueueState(snapshotOf(tasks)), { tasks: 'open' });
    const svg = toSvg(graph);
    const [, width = 0, height = 0] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)?.map(Number) ?? [];
    const boxes = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="(\d+)" height="(\d+)"/g)].map((match) => {
      const [, x = 0, y = 0, w = 0, h = 0] = match.map(Number);
      return { x, y, right: x + w, bottom: y + h };
    });
    expect(boxes).toHaveLength(60);
    for (const [at, box] of boxes.entries()) {
      expect(box.x >= 0 && box.y >= 0 && box.right <= width && box.bottom <= height).toBe(true);
      for (const other of boxes.slice(at + 1)) {
        const isApart = box.right <= other.x || other.right <= box.x || box.bottom <= other.y || other.bottom <= box.y;
        expect(isApart).toBe(true);
      }
    }
    const arrows = graph.tasks.reduce((sum, { requires }) => sum + requires.length, 0);
    expect([...svg.matchAll(/marker-end/g)]).toHaveLength(arrows);
    expect([...svg.matchAll(/marker-end="url\(#critical\)"/g)]).toHaveLength(graph.criticalPath.length - 1);
  });
});
