import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { Board, BoardTaskDetails } from '../../../src/domain/dashboard/board.ts';
import { readyPath } from '../../kit/queues/queue-files.ts';
import { scene } from '../../kit/scene/scene.ts';

/** Ends the element, begins another, hides, ends a line of JavaScript, moves the cursor. */
const HOSTILE = '</script><img src=x onerror=alert(1)><!--<script>\u2028\u2029\u001b[31m\u202e&amp;"\\';

function hostileTask(): string {
  return `task:\n  id: TASK-9\n  title: ${JSON.stringify(HOSTILE)}\n  status: ready\ndescription: ${JSON.stringify(HOSTILE)}\n`;
}

/** The text of the one element of this kind. */
function elements(html: string, start: RegExp): readonly string[] {
  return [...html.matchAll(new RegExp(`${start.source}(.*?)</(?:script|style)>`, 'gs'))].map(([, text = '']) => text);
}

it('is one file that asks for nothing, and holds what is open as data', async () => {
  await using box = await scene({ tasks: 2, files: { [readyPath('TASK-9')]: hostileTask() }, clones: ['clone'] });
  await box.agentq('clone', 'claim', 'a1', '--task', 'TASK-1');
  await box.agentq('clone', 'complete', 'TASK-1', 'a1');
  const run = await box.agentq('clone', 'dashboard', '--export', 'report.html');
  expect([run.code, run.stdout, run.stderr]).toEqual([0, `${box.path('clone')}/report.html\n`, expect.any(String)]);
  const html = await readFile(box.path('clone/report.html'), 'utf8');

  const [script = '', ...scripts] = elements(html, /<script type="module">/);
  const [styles = '', ...others] = elements(html, /<style>/);
  expect([scripts, others]).toEqual([[], []]);
  const hash = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;
  const [, policy] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(html) ?? [];
  expect(policy).toBe(
    `default-src 'none'; script-src '${hash(script)}'; style-src '${hash(styles)}'; img-src data:; base-uri 'none'; form-action 'none'`,
  );
  expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.indexOf('<style>'));

  const [config = ''] = elements(html, /<script type="application\/json" id="agentq-config">/);
  const [boardText = ''] = elements(html, /<script type="application\/json" id="agentq-board">/);
  const [detailsText = ''] = elements(html, /<script type="application\/json" id="agentq-details">/);
  expect(JSON.parse(config)).toMatchObject({ mode: 'report', actions: false });
  const board: Board = JSON.parse(boardText);
  const details: Record<string, BoardTaskDetails> = JSON.parse(detailsText);
  expect(board.tasks.find(({ task }) => task === 'TASK-9')?.title).toBe(HOSTILE);
  expect(Object.keys(details).sort()).toEqual(['auth/TASK-1', 'auth/TASK-2', 'auth/TASK-9']);
  expect(details['auth/TASK-9']?.description).toBe(HOSTILE);
  expect(details['auth/TASK-1']?.events.map(({ event }) => event)).toContain('task.completed');

  // What is left of the document without its parts says what a browser makes of it.
  const shell = [script, styles, config, boardText, detailsText].reduce((rest, part) => rest.replace(part, ''), html);
  expect(shell).not.toMatch(/<img|onerror|alert/);
  expect([...shell.matchAll(/(?:src|href)="([^"]*)"/g)].filter(([, url = '']) => !url.startsWith('data:'))).toEqual([]);
  expect(boardText + detailsText).not.toMatch(/[<>\u2028\u2029]/);
});

it('takes the place of a report at once, and of nothing else', async () => {
  await using box = await scene({ tasks: 1, clones: ['clone'] });
  const inClone = (path: string): string => box.path(`clone/${path}`);
  await mkdir(inClone('folder'));
  await mkdir(inClone('target'));
  await writeFile(inClone('target/old.html'), 'old');
  await chmod(inClone('target/old.html'), 0o600);
  await symlink('target/old.html', inClone('link.html'));
  for (const [path, code, says] of [
    ['folder', 64, /is a folder/],
    ['absent/report.html', 64, /is not a folder/],
  ] as const) {
    const run = await box.agentq('clone', 'dashboard', '--export', path);
    expect([path, run.code, run.stdout]).toEqual([path, code, '']);
    expect(run.stderr).toMatch(says);
  }
  expect((await box.agentq('clone', 'dashboard', '--export', 'link.html')).code).toBe(0);
  expect(await readFile(inClone('target/old.html'), 'utf8')).toMatch(/^<!doctype html>/);
  expect(await readdir(inClone('target'))).toEqual(['old.html']);
  // A pipe keeps its place.
  execFileSync('mkfifo', [inClone('pipe')]);
  const [piped, read] = await Promise.all([
    box.agentq('clone', 'dashboard', '--export', 'pipe'),
    readFile(inClone('pipe'), 'utf8'),
  ]);
  expect([piped.code, read]).toEqual([0, expect.stringMatching(/^<!doctype html>/)]);
  expect((await lstat(inClone('pipe'))).isFIFO()).toBe(true);
  for (const more of [['--json'], ['--port', '0'], ['--open'], ['--allow-actions']]) {
    expect((await box.agentq('clone', 'dashboard', '--export', 'x.html', ...more)).code).toBe(64);
  }
});
