import type { FileWrite, TaskChange } from '../queue/edit.ts';
import type { Location } from '../queue/layouts.ts';
import { compareNatural } from '../queue/ordering.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskFailure, TaskFailures } from '../queue/snapshot.ts';

/** Name of the file next to the ready tasks that counts stalls and failures; old scripts only look at `*.toon`. */
export const LEDGER_FILE = '.agentq-stalls';

/** Failures of a task that the ledger keeps with their reasons; older ones are only counted. */
const KEPT_FAILURES = 5;

/** Longest reason (characters) in the ledger. */
const LONGEST_REASON = 200;

/**
 * Reads the ledger's counts of stalled releases: one `TASK-ID count` per line. Other lines are skipped: the ledger only
 * guards against poisonous tasks, and a damaged one must not stop the queue.
 */
export function readLedger(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, id, count] = /^(\S+) (\d{1,6})\s*$/.exec(line) ?? [];
    if (id !== undefined && count !== undefined) counts.set(id, Number(count));
  }
  return counts;
}

/**
 * Reads the ledger's failures: one `TASK-ID failed number time agent reason` per line, and older versions skip such
 * lines. Two machines may have written the same number, if somebody merged the branch by hand: both count.
 */
export function readFailures(text: string): Map<string, TaskFailures> {
  const failures = new Map<string, TaskFailures>();
  if (!text.includes(' failed ')) return failures;
  for (const line of text.split('\n')) {
    const [, id, number, at, agent, reason] = /^(\S+) failed (\d{1,6}) (\S+) (\S+) (.*)\r?$/.exec(line) ?? [];
    if (id === undefined || at === undefined || agent === undefined || reason === undefined) continue;
    const { count, last } = failures.get(id) ?? { count: 0, last: [] };
    const failure = { at: plain(at), agent: plain(agent), reason: plain(reason) };
    failures.set(id, { count: Math.max(count + 1, Number(number)), last: [...last.slice(1 - KEPT_FAILURES), failure] });
  }
  return failures;
}

/** The failures with one more. */
export function failedAgain({ count, last }: TaskFailures, failure: TaskFailure): TaskFailures {
  const { at, agent, reason } = failure;
  const kept = last.slice(1 - KEPT_FAILURES);
  return { count: count + 1, last: [...kept, { at, agent, reason: plain(reason) }] };
}

/** The ledger's text, in natural order so that concurrent histories merge; undefined if there is nothing to count. */
export function writeLedger(
  stalls: ReadonlyMap<string, number>,
  failures: ReadonlyMap<string, TaskFailures> = new Map(),
): string | undefined {
  const ids = [...new Set([...stalls.keys(), ...failures.keys()])].sort(compareNatural);
  const lines = ids.flatMap((id) => [...stallLines(id, stalls.get(id)), ...failureLines(id, failures.get(id))]);
  return lines.length === 0 ? undefined : lines.join('');
}

function stallLines(id: string, count = 0): string[] {
  return count > 0 ? [`${id} ${count}\n`] : [];
}

function failureLines(id: string, failures: TaskFailures | undefined): string[] {
  if (failures === undefined) return [];
  const { count, last } = failures;
  return last.map(({ at, agent, reason }, index) => {
    return `${id} failed ${count - last.length + index + 1} ${at} ${agent} ${reason}`.concat('\n');
  });
}

/** Text of a command, or of anybody who may push: it must not add a line, and ends up in terminals. */
function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ').slice(0, LONGEST_REASON);
}

/** The ledgers after these changes: one file for each location whose counts change. */
export function ledgersAfter(state: QueueState, changes: readonly TaskChange[]): FileWrite[] {
  const ledgers = new Map<string, Ledger>();
  for (const { key, stalls = state.stalls(key), failures = state.failures(key) } of changes) {
    if (stalls === state.stalls(key) && failures.count === state.failures(key).count) continue;
    const found = state.lookup(key);
    if (found.kind !== 'found') continue;
    const { location } = found.entry;
    const path = `${location.folders.ready}${LEDGER_FILE}`;
    const ledger = ledgers.get(path) ?? {
      location,
      stalls: new Map(state.stallsIn(location)),
      failures: new Map(state.failuresIn(location)),
    };
    ledger.stalls.set(key.id, stalls);
    ledger.failures.set(key.id, failures);
    ledgers.set(path, ledger);
  }
  return [...ledgers].map(([path, { stalls, failures }]) => ({ path, content: writeLedger(stalls, failures) }));
}

interface Ledger {
  readonly location: Location;
  readonly stalls: Map<string, number>;
  readonly failures: Map<string, TaskFailures>;
}
