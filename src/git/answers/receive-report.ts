import { wordsOf } from '../process/words.ts';
import type { PushOutcome } from './push-outcome.ts';
import { classifyReport, type ReportLine } from './push-report.ts';

/** What the report of a server says: a line for each ref, and what became of the objects. */
export interface ReceiveReport {
  readonly lines: readonly ReportLine[];
  /** Why the server did not take the objects, in its words; undefined: it took them. */
  readonly unpackError: string | undefined;
}

/** Git's word for a ref about which the server says nothing. */
const NOT_REPORTED = 'remote failed to report status';

/**
 * Reads the report of `git receive-pack` (`report-status` or `report-status-v2`): `unpack <words>`, then `ok <ref>`, or
 * `ng <ref> <reason>`, and what it has done other than asked as `option <name> <value>`. Pure.
 * @param pushed full names of the refs that were pushed; what is said of others does not count
 * @returns undefined if it is something else
 */
export function parseReceiveReport(report: readonly string[], pushed: ReadonlySet<string>): ReceiveReport | undefined {
  const [first = '', ...rest] = report;
  if (!first.startsWith('unpack ')) return undefined;
  const words = first.slice('unpack '.length);
  const lines = new Map<string, ReportLine>();
  let last: ReportLine | undefined;
  for (const line of rest) {
    if (line.startsWith('option ')) {
      // The server has changed another ref, or to something else: what it did must be looked up.
      if (last?.flag === ' ' && /^option (?:refname|new-oid) /.test(line)) lines.set(last.ref, { ...last, flag: '=' });
      continue;
    }
    const [, verdict, ref = '', reason = ''] = /^(ok|ng) (\S+)(?: (.*))?$/.exec(line) ?? [];
    if (verdict === undefined) return undefined;
    last = undefined;
    if (!pushed.has(ref)) continue;
    // A ref that a server reports twice is as unclear as one that it does not report.
    const flag = lines.has(ref) ? '=' : verdict === 'ok' ? ' ' : '!';
    last = { flag, ref, byServer: true, reason };
    lines.set(ref, last);
  }
  for (const ref of pushed) {
    if (!lines.has(ref)) lines.set(ref, { flag: '!', ref, byServer: false, reason: NOT_REPORTED });
  }
  return { lines: [...lines.values()], unpackError: words === 'ok' ? undefined : words };
}

/**
 * The outcome of a push that `git receive-pack` has answered. Pure.
 * @param words what the server and its hooks have printed, each line marked as git marks it
 */
export function outcomeOfReport(report: readonly string[], pushed: ReadonlySet<string>, words: string): PushOutcome {
  const parsed = parseReceiveReport(report, pushed);
  if (parsed === undefined) {
    return { kind: 'unknown', words: wordsOf(words) || 'the answer of the server to the push is not understood' };
  }
  const { lines, unpackError } = parsed;
  if (unpackError === undefined && lines.every(({ flag }) => flag === ' ')) return { kind: 'landed' };
  // In git's words.
  const unpack = unpackError === undefined ? '' : `error: remote unpack failed: ${unpackError}\n`;
  return classifyReport({ exitCode: 1, lines, stderr: `${words}\n${unpack}`, isOverHttp: false });
}

const HUNG_UP = 'fatal: the remote end hung up unexpectedly\n';

/**
 * The outcome of a push that `git receive-pack` has not answered, or not wholly, before it ended by itself. Pure.
 * @param words what it has printed
 */
export function outcomeOfSilence(words: string): PushOutcome {
  // The server says itself if its disk is full, or if it may not write.
  const outcome = classifyReport({ exitCode: 128, lines: [], stderr: `${words}\n${HUNG_UP}`, isOverHttp: false });
  if (outcome.kind === 'refused' || outcome.kind === 'local') return outcome;
  return { kind: 'unknown', words: wordsOf(words) || 'the server ended in the middle of the push' };
}
