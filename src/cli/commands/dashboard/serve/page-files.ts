import { jsonForHtml } from './json-for-html.ts';

/** Replaced by the build: what `src/page` becomes. */
declare const AGENTQ_PAGE: PageFiles;

/** The page, as text. */
export interface PageFiles {
  /** The document, which loads the other two. */
  readonly shell: string;
  readonly script: string;
  readonly styles: string;
}

/** What the page must know before it asks for anything. */
export interface PageConfig {
  readonly mode: 'live' | 'report';
  /** What the queue is called. */
  readonly name: string;
  /** Whether it may act. */
  readonly actions: boolean;
  readonly version: string;
}

/** The page that this agentq was built with. */
export function pageFiles(): PageFiles {
  // Named only once: the build replaces each name by the whole text.
  return AGENTQ_PAGE;
}

/** The document, with the configuration of the page in it. */
export function shellOf(shell: string, config: PageConfig): string {
  return replaced(
    shell,
    /(<script type="application\/json" id="agentq-config">)[^<]*(<\/script>)/,
    (start, end) => `${start}${jsonForHtml(config)}${end}`,
  );
}

/** @throws Error if the document does not have the place exactly once: the page and its server do not fit */
export function replaced(html: string, place: RegExp, by: (...groups: readonly string[]) => string): string {
  const found = [...html.matchAll(new RegExp(place.source, 'g'))];
  const [match] = found;
  if (match === undefined || found.length > 1) throw new Error(`the document has ${found.length} of ${place.source}`);
  return html.slice(0, match.index) + by(...match.slice(1)) + html.slice(match.index + match[0].length);
}
