import type { ReportLine } from './push-report.ts';

/**
 * Words with which git itself rejects a ref before anything is sent, and its usual words for them. All other words of
 * an `error` line are the server's.
 */
const OWN_WORDS: ReadonlyMap<string, string> = new Map([
  ['non-fast forward', 'non-fast-forward'],
  ['fetch first', 'fetch first'],
  ['needs force', 'needs force'],
  ['stale info', 'stale info'],
  ['remote ref updated since checkout', 'remote ref updated since checkout'],
  ['already exists', 'already exists'],
  ['expecting report', 'remote failed to report status'],
]);

/** Git's word for a ref that was not part of the push: it lists every ref of the server. */
const NOT_PUSHED = 'no match';

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

/**
 * Reads what a remote helper answers to a push: `ok <ref> [<words>]`, `error <ref> [<words>]`, `option ...`. Pure.
 * @param pushed full names of the refs that were pushed; what is said about others does not count
 * @returns undefined if there is a line that is none of these
 */
export function parseHelperReport(text: string, pushed: ReadonlySet<string>): ReportLine[] | undefined {
  const lines: ReportLine[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('option ')) continue;
    const [, verdict, ref = '', rest = ''] = /^(ok|error) (\S+)(?: (.*))?$/s.exec(line) ?? [];
    if (verdict === undefined) return undefined;
    if (!pushed.has(ref)) continue;
    const words = unquoted(rest);
    if (words === NOT_PUSHED) continue;
    const own = OWN_WORDS.get(words);
    if (verdict === 'error') lines.push({ flag: '!', ref, byServer: own === undefined, reason: own ?? words });
    else lines.push({ flag: words === 'up to date' ? '=' : ' ', ref, byServer: false, reason: '' });
  }
  return lines;
}

/** The text in git's C-style quotes, if it has any. */
function unquoted(text: string): string {
  if (!/^".*"$/s.test(text)) return text;
  return text.slice(1, -1).replace(/(?:\\[0-7]{3})+|\\(.)/gs, (bytes, escaped: string | undefined) => {
    if (escaped !== undefined) return ESCAPES.get(escaped) ?? escaped;
    const codes = bytes.split('\\').slice(1);
    return Buffer.from(codes.map((code) => Number.parseInt(code, 8))).toString('utf8');
  });
}
