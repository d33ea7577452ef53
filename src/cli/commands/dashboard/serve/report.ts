import { createHash } from 'node:crypto';
import type { Board, BoardTaskDetails } from '../../../../domain/dashboard/board.ts';
import { jsonForHtml } from './json-for-html.ts';
import { type PageFiles, replaced, shellOf } from './page-files.ts';

/** What a report contains. */
export interface ReportParts {
  readonly board: Board;
  /** By `project/TASK-ID`. */
  readonly details: Readonly<Record<string, BoardTaskDetails>>;
  /** What the queue is called. */
  readonly name: string;
  readonly version: string;
}

/** The page and all that it shows as one document, which asks for nothing and runs nothing but its own script. */
export function reportOf(page: PageFiles, { board, details, name, version }: ReportParts): string {
  const script = scriptForHtml(page.script);
  const styles = stylesForHtml(page.styles);
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(styles)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const data = [
    `<script type="application/json" id="agentq-board">${jsonForHtml(board)}</script>`,
    `<script type="application/json" id="agentq-details">${jsonForHtml(details)}</script>`,
  ].join('\n');
  let html = shellOf(page.shell, { mode: 'report', name, actions: false, version });
  // The policy must come before anything that it covers.
  html = replaced(
    html,
    /(<meta charset="utf-8">)/,
    (charset) => `${charset}\n<meta http-equiv="Content-Security-Policy" content="${policy}">`,
  );
  html = replaced(html, /<link rel="stylesheet" href="\/page\.css">/, () => `<style>${styles}</style>`);
  return replaced(
    html,
    /<script type="module" src="\/page\.js"><\/script>/,
    () => `${data}\n<script type="module">${script}</script>`,
  );
}

/** In a script, these can only be parts of texts and expressions, where the escape means the same. */
function scriptForHtml(script: string): string {
  return script.replace(/<(?=\/?script|!--)/gi, '\\x3C');
}

function stylesForHtml(styles: string): string {
  return styles.replace(/<(?=\/style)/gi, '\\3C ');
}

/** As the browser computes it: of the text between the tags. */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
