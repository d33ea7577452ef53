/**
 * Builds the page and writes one file with an invented queue, to look at after a change:
 *
 *     npm run page -- [--tasks 400] [--seed 1] [--actions] [file]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildPage } from '../../scripts/build-page.mjs';
import { inventBoard, inventDetails } from './invented-board.ts';

const { values, positionals } = parseArgs({
  options: {
    tasks: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    actions: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = (name: string): string => readFileSync(join(root, 'dist', 'page', name), 'utf8');

await buildPage(root);
const board = inventBoard(Number(values.tasks), Date.parse('2026-03-02T14:30:00Z'), Number(values.seed));
const details = Object.fromEntries(
  board.tasks.slice(0, 2_000).map((task) => [`${task.project}/${task.task}`, inventDetails(task)]),
);
const config = { mode: 'report', name: 'acme-shop', actions: values.actions, version: 'preview' };
const html = dist('shell.html')
  .replace('<link rel="stylesheet" href="/page.css">', () => `<style>${dist('page.css')}</style>`)
  .replace(/<script type="application\/json"[^<>]*>[^<>]*<\/script>/, () =>
    [json('agentq-config', config), json('agentq-board', board), json('agentq-details', details)].join('\n'),
  )
  .replace(
    '<script type="module" src="/page.js"></script>',
    () => `<script type="module">${dist('page.js').replaceAll('</script', '<\\/script')}</script>`,
  );
const file = positionals[0] ?? join(root, 'reports', 'page.html');
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, html);
process.stdout.write(`${file}\n`);

function json(id: string, value: unknown): string {
  return `<script type="application/json" id="${id}">${JSON.stringify(value).replaceAll('<', '\\u003c')}</script>`;
}
