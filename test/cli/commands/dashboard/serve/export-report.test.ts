import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { CommandContext } from '../../../../../src/cli/command/context.ts';
import { exportReport } from '../../../../../src/cli/commands/dashboard/serve/export-report.ts';
import type { BoardTask, BoardTaskDetails } from '../../../../../src/domain/dashboard/board.ts';
import { aBoard, aCard } from '../../../../kit/queues/boards.ts';
import { scene } from '../../../../kit/scene/scene.ts';

const SHELL =
  '<meta charset="utf-8"><link rel="stylesheet" href="/page.css"><script type="application/json" id="agentq-config">{}</script><script type="module" src="/page.js"></script>';

async function exported(tasks: readonly BoardTask[], text: string) {
  await using box = await scene();
  const said: string[] = [];
  const asked: string[] = [];
  const boards = {
    read: async () => aBoard({ tasks }),
    async details({ project, task }: { project: string; task: string }): Promise<BoardTaskDetails> {
      asked.push(task);
      const empty = { path: '', description: null, acceptanceCriteria: [], notes: [], questions: [], events: [] };
      return { project, task, text, ...empty };
    },
  };
  const context = {
    config: { dir: box.root },
    signal: new AbortController().signal,
    log: { info: (line: string) => said.push(line), warning: (line: string) => said.push(line) },
    random: { id: () => 'a1' },
  } as unknown as CommandContext;
  // What HTML takes for the end of a script is a part of a text in it.
  const page = {
    shell: SHELL,
    script: 'const a = "</script><!--<script>";',
    styles: 'a::after { content: "</style>" }',
  };
  const file = await exportReport('report.html', boards, context, page);
  const html = await readFile(file, 'utf8');
  const [, json = ''] = /id="agentq-details">(.*?)<\/script>/s.exec(html) ?? [];
  return { html, said, asked, details: Object.keys(JSON.parse(json)) };
}

const cards = (count: number): BoardTask[] =>
  Array.from({ length: count }, (_, index) => aCard({ task: `T-${index + 1}` }));

it('has the texts of 2,000 tasks, those that come first, and says how many are left out', async () => {
  const { details, said } = await exported(cards(2_100), 'text');
  expect([details.length, details[0], details.at(-1)]).toEqual([2_000, 'p/T-1', 'p/T-2000']);
  expect(said.at(-1)).toBe(
    'the report has the texts of 2000 tasks, but not those of 100 others: it would be too large otherwise',
  );
});

it('has no more than 5 MB of texts, and reads hardly more', async () => {
  const { details, said, asked } = await exported(cards(50), 'x'.repeat(1_000_000));
  expect(details).toHaveLength(4);
  expect(asked.length).toBeLessThanOrEqual(8);
  expect(said.at(-1)).toContain('not those of 46 others');
});

it('has the texts of what is open, and of what was completed in the window', async () => {
  const tasks = [
    aCard({ task: 'T-1', state: 'completed', since: '2026-01-01T12:00:00Z' }),
    aCard({ task: 'T-2', state: 'completed', since: '2025-12-31T12:00:00Z' }),
    aCard({ task: 'T-3', state: 'cancelled' }),
    aCard({ task: 'T-4', state: 'asking' }),
  ];
  const { details, said } = await exported(tasks, 'text');
  expect([details, said]).toEqual([['p/T-4', 'p/T-1'], []]);
});

it('keeps its script and its styles in one piece', async () => {
  const { html } = await exported([], '');
  expect(html.match(/<\/script>/g)).toHaveLength(4);
  expect(html.match(/<\/style>/g)).toHaveLength(1);
  const [, script = ''] = /<script type="module">(.*?)<\/script>/s.exec(html) ?? [];
  expect(new Function(`${script} return a;`)()).toBe('</script><!--<script>');
});
