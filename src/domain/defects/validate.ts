import type { Finding, FindingCode, Severity } from '../base/finding.ts';
import { given } from '../base/given.ts';
import { parseTime } from '../leases/staleness.ts';
import { CLOCK_SKEW_MS } from '../queue/clock-proof.ts';
import { compareNatural, compareText } from '../queue/ordering.ts';
import { QueueState } from '../queue/queue-state.ts';
import type { QueueSnapshot, Reading, TaskEntry } from '../queue/snapshot.ts';
import { formatKey, TASK_STATES, type TaskState } from '../queue/task.ts';
import { projectsSameButForCase, sameButForCase } from './case-findings.ts';
import { dependencyFindings } from './dependency-findings.ts';
import { needsFindings } from './needs-findings.ts';
import { limitFindings, passwordFindings } from './settings-findings.ts';

type ReadEntry = TaskEntry & { readonly reading: Extract<Reading, { kind: 'read' }> };

/** Findings of the reader about a claim block. In the ready folder the block itself is the defect. */
const ABOUT_CLAIMS: ReadonlySet<FindingCode> = new Set(['claim-without-owner', 'claim-without-heartbeat']);

/**
 * Every defect of the queue, by file and line: those that the reader found in each file, and those that only the whole
 * queue shows. Errors break or starve the queue; warnings are wrong but stop nobody; notes are only odd.
 *
 * @param snapshot with the files of all states read
 * @param now milliseconds since the epoch
 * @param project only this one
 */
export function validate(snapshot: QueueSnapshot, now: number, project?: string): Finding[] {
  const state = new QueueState(snapshot);
  const all: (readonly TaskEntry[])[] = [];
  const tasks = new Map<string, (readonly TaskEntry[])[]>();
  const findings: Finding[] = snapshot.findings.filter(({ file }) => isIn(snapshot, project, file));
  for (const places of state.all()) {
    const name = places[0]?.key.project;
    // What tasks of the project wait for may be in any other one.
    all.push(places);
    if (name === undefined || (project !== undefined && name !== project)) continue;
    const known = tasks.get(name);
    if (known) known.push(places);
    else tasks.set(name, [places]);
    if (places.length > 1) findings.push(inTwoStates(places));
    for (const entry of places) findings.push(...ofEntry(entry, now));
  }
  for (const finding of dependencyFindings(state, all, project)) findings.push(finding);
  for (const places of tasks.values()) findings.push(...sameButForCase(places), ...needsFindings(state, places));
  findings.push(...projectsSameButForCase(snapshot, project));
  if (project === undefined) findings.push(...limitFindings(snapshot), ...passwordFindings(snapshot));
  return findings.sort(compareFindings);
}

function isIn(snapshot: Pick<QueueSnapshot, 'projects'>, project: string | undefined, file: string): boolean {
  if (project === undefined) return true;
  const locations = snapshot.projects.get(project)?.locations ?? [];
  return locations.some(({ folders }) => Object.values(folders).some((folder) => file.startsWith(folder)));
}

/** The project in whose folders the file is; undefined: in none. */
export function projectAt({ projects }: QueueSnapshot, file: string): string | undefined {
  return [...projects.keys()].find((project) => isIn({ projects }, project, file));
}

const SEVERITIES: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

function compareFindings(a: Finding, b: Finding): number {
  return (
    compareNatural(a.file, b.file) ||
    (a.line ?? 0) - (b.line ?? 0) ||
    SEVERITIES[a.severity] - SEVERITIES[b.severity] ||
    compareText(a.code, b.code)
  );
}

function inTwoStates(places: readonly TaskEntry[]): Finding {
  // Not in the order in which they were found: trees are read concurrently.
  const sorted = [...places].sort(
    (a, b) => TASK_STATES.indexOf(a.state) - TASK_STATES.indexOf(b.state) || compareText(a.path, b.path),
  );
  const [first] = sorted;
  const paths = sorted.map(({ path }) => path);
  return {
    code: 'two-states',
    severity: 'error',
    message: `${first ? formatKey(first.key) : ''} is in ${places.length} places at once: ${paths.join(' and ')}`,
    hint: 'remove all but one of the files: until then nobody can claim the task, and it does not count as complete',
    file: first?.path ?? '',
  };
}

function ofEntry(entry: TaskEntry, now: number): Finding[] {
  if (entry.reading.kind === 'unread') return [];
  if (entry.reading.kind === 'unreadable') {
    const { message, line } = entry.reading;
    const finding = found(entry, 'unreadable', 'error', line, message);
    return [{ ...finding, hint: 'fix or remove the file: it is skipped, and what requires it waits' }];
  }
  const read: ReadEntry = { ...entry, reading: entry.reading };
  return [...ofReader(read), ...ofStatus(read), ...ofClaim(read), ...ofTimes(read, now)];
}

/** A completed task is history: nothing in it can harm the queue any more. */
function ofReader(entry: ReadEntry): Finding[] {
  return entry.reading.findings
    .filter(({ code }) => entry.state !== 'ready' || !ABOUT_CLAIMS.has(code))
    .map((finding) => (entry.state === 'completed' ? { ...finding, severity: 'note' } : finding));
}

/** Statuses that agree with the folder. Claiming leaves `ready` as it is, like the older scripts. */
const FITTING: Readonly<Record<TaskState, readonly string[]>> = {
  ready: ['ready', 'blocked', 'pending', 'cancelled', 'canceled'],
  claimed: ['claimed', 'ready'],
  completed: ['completed'],
};

/** A status that is not among these is a finding of its own. */
const KNOWN: readonly string[] = [...new Set(Object.values(FITTING).flat())];

function ofStatus(entry: ReadEntry): Finding[] {
  const { status } = entry.reading.task;
  const fitting = FITTING[entry.state];
  if (status === undefined || fitting.includes(status) || !KNOWN.includes(status)) return [];
  const severity = entry.state === 'ready' ? 'warning' : 'note';
  const message = `status is ${status}, the folder says ${entry.state}`;
  const hint = entry.state === 'ready' ? 'set it to ready' : 'nothing to do: the folder is what counts';
  return [{ ...found(entry, 'status-differs-from-folder', severity, entry.reading.lines?.status, message), hint }];
}

function ofClaim(entry: ReadEntry): Finding[] {
  const { task, lines } = entry.reading;
  if (entry.state === 'ready' && task.claim !== undefined) {
    const message = `a claim${task.claim.claimedBy === undefined ? '' : ` of ${task.claim.claimedBy}`} is left over from before`;
    const hint = 'remove the block: the task is not claimed';
    return [{ ...found(entry, 'leftover-claim', 'warning', lines?.claim, message), hint }];
  }
  if (entry.state === 'claimed' && task.claim === undefined) {
    const message = 'in the folder of claimed tasks without a claim: nobody can complete it or give it back';
    const hint = 'move the file back to the ready folder, or let release-stalled do it';
    return [{ ...found(entry, 'claim-without-owner', 'warning', undefined, message), hint }];
  }
  return [];
}

function ofTimes(entry: ReadEntry, now: number): Finding[] {
  const { task, lines } = entry.reading;
  const { claim, completion } = task;
  const findings: Finding[] = [];
  const check = (
    key: string,
    text: string | undefined,
    line: number | undefined,
    severity: Severity,
  ): number | undefined => {
    const at = parseTime(text);
    if (at === undefined || at <= now + CLOCK_SKEW_MS) return at;
    const finding = found(entry, 'implausible-time', severity, line, `${key} is in the future: ${text}`);
    findings.push({ ...finding, hint: 'a heartbeat from the future does not count: the time of the commit does' });
    return at;
  };
  if (entry.state === 'claimed') {
    const claimedAt = check('claimed_at', claim?.claimedAt, lines?.claimedAt, 'warning');
    check('review_since', claim?.reviewSince, lines?.reviewSince, 'warning');
    const beat = check('last_heartbeat', claim?.lastHeartbeat, lines?.lastHeartbeat, 'warning');
    if (claimedAt !== undefined && beat !== undefined && beat < claimedAt - CLOCK_SKEW_MS) {
      const message = `last_heartbeat ${claim?.lastHeartbeat} is older than claimed_at ${claim?.claimedAt}`;
      findings.push(found(entry, 'implausible-time', 'warning', lines?.lastHeartbeat, message));
    }
  }
  if (entry.state === 'completed') check('completed_at', completion?.completedAt, lines?.completedAt, 'note');
  return findings;
}

function found(
  entry: TaskEntry,
  code: FindingCode,
  severity: Severity,
  line: number | undefined,
  message: string,
): Finding {
  return { code, severity, message, file: entry.path, ...given({ line }) };
}
