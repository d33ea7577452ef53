import { isoSeconds } from '../base/clock.ts';
import type { Refusal } from '../base/failure.ts';
import type { CancelIntent } from '../intents/intent.ts';
import type { CancelledOutcome } from '../intents/outcome.ts';
import { parseHold } from '../queue/batches.ts';
import { requiredKey } from '../queue/dependency-entry.ts';
import type { TaskChange, TaskEdit } from '../queue/edit.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { formatKey, isCancelled } from '../queue/task.ts';
import { changedTask, inListOrder } from '../resolving/changed-task.ts';
import type { ReadEntry } from '../resolving/reference.ts';
import { resolveSeveral } from '../resolving/several.ts';
import { type Decision, eachTask, refused, subjectOf, TRAILER, trailersOf } from '../rules/decision.ts';
import { isNotYetOpen, openChange, ReadinessJudge } from '../rules/readiness.ts';
import { listed } from '../rules/unknown-names.ts';
import { claimedRefusal } from './claimed-refusal.ts';
import { Dependants } from './dependants.ts';

/**
 * Cancels the tasks, all in one commit, or none of them. Open tasks that require them are named and it is refused,
 * unless they are cancelled too, or no longer require them. In the same commit, what waited for nothing else becomes
 * ready: a cancelled task is no longer a member of its batch. If the tasks are cancelled already, nothing changes.
 */
export function decideCancel(state: QueueState, intent: CancelIntent, now: number): Decision {
  const resolved = resolveSeveral(state, intent, 'cancel');
  if (resolved.kind === 'refused') return refused(resolved.refusal);
  const problem = firstOf(resolved.entries, (one) => notOpen(one));
  if (problem !== undefined) return refused(problem);
  const named = resolved.entries.map(({ entry }) => entry);
  const open = resolved.entries.filter(({ task }) => !isCancelled(task)).map(({ entry }) => entry);
  const after = dependantsAfter(state, intent, named, open);
  if ('refusal' in after) return refused(after.refusal);

  const cancellation = { cancelledAt: isoSeconds(now), cancelledBy: intent.agent, reason: intent.reason };
  const cancelled = [...open, ...after.cascaded].map((entry) =>
    inPlace(entry, [
      { kind: 'append-cancellation', cancellation },
      { kind: 'set-status', status: 'cancelled' },
    ]),
  );
  const detached = detachedFrom(state, named, after.detached, cancelled);
  const changes = [...cancelled, ...detached.changes];
  const opened = openedBy(state, changes);
  const outcome: CancelledOutcome = {
    kind: 'cancelled',
    tasks: named.map((entry) => changedTask(entry)),
    cascaded: after.cascaded.map((entry) => changedTask(entry)),
    detached: after.detached.map((entry) => changedTask(entry)),
    unblocked: inListOrder([...detached.opened, ...opened]).map((entry) => changedTask(entry)),
  };
  if (changes.length === 0) return { kind: 'unchanged', outcome };
  const keys = (cancelled.length > 0 ? cancelled : named).map(({ key }) => key);
  return {
    kind: 'commit',
    commit: {
      subject: `[AGENT-CANCEL] ${intent.agent} cancelled ${subjectOf(keys)}`,
      body: intent.reason,
      trailers: [
        ...trailersOf(intent, keys),
        { key: TRAILER.reason, value: intent.reason },
        ...eachTask(TRAILER.detached, outcome.detached),
        ...eachTask(TRAILER.unblocked, outcome.unblocked),
      ],
      author: intent.agent,
      tasks: [...changes, ...opened.map(openChange)],
      files: [],
    },
    outcome,
  };
}

/** What becomes of open tasks that require the cancelled ones, in natural order. */
interface After {
  readonly cascaded: readonly TaskEntry[];
  readonly detached: readonly TaskEntry[];
}

/** @param open those of the named tasks that are not cancelled yet */
function dependantsAfter(
  state: QueueState,
  { dependants: wanted }: CancelIntent,
  named: readonly TaskEntry[],
  open: readonly TaskEntry[],
): After | { readonly refusal: Refusal } {
  const keysOf = (entries: readonly TaskEntry[]) => entries.map(({ key }) => key);
  const dependants = new Dependants(state);
  if (wanted === undefined) {
    const requiring = inListOrder(dependants.ofAll(keysOf(open)));
    if (requiring.length === 0) return { cascaded: [], detached: [] };
    const message = `${namesOf(open)} ${open.length === 1 ? 'is' : 'are'} required by ${namesOf(requiring)}`;
    const hint = '--cascade cancels these too, --detach takes the requirement out of their lists';
    return { refusal: { code: 'task-invalid', message, hint } };
  }
  if (wanted === 'detach') {
    const own = new Set(named.map(({ key }) => formatKey(key)));
    const requiring = dependants.of(keysOf(named)).filter(({ key }) => !own.has(formatKey(key)));
    return { cascaded: [], detached: inListOrder(requiring) };
  }
  const cascaded = inListOrder(dependants.ofAll(keysOf(named)));
  const claimed = cascaded.find((entry) => entry.state === 'claimed');
  if (claimed?.reading.kind === 'read') {
    return {
      refusal: claimedRefusal({ entry: claimed, task: claimed.reading.task }, `, and requires ${namesOf(named)}`),
    };
  }
  return { cascaded, detached: [] };
}

function notOpen(one: ReadEntry): Refusal | undefined {
  const name = formatKey(one.entry.key);
  switch (one.entry.state) {
    case 'ready':
      return undefined;
    case 'completed':
      return {
        code: 'task-invalid',
        message: `${name} is completed, and what is done is not cancelled`,
        hint: `\`agentq reopen ${name}\` if it is to be done again`,
      };
    case 'claimed':
      return claimedRefusal(one);
  }
}

/** The tasks without the requirement. Those that waited for nothing else are ready then. */
function detachedFrom(
  state: QueueState,
  named: readonly TaskEntry[],
  entries: readonly TaskEntry[],
  cancelled: readonly TaskChange[],
): { readonly changes: readonly TaskChange[]; readonly opened: readonly TaskEntry[] } {
  const gone = new Set(named.map(({ key }) => formatKey(key)));
  const dropped = entries.map((entry) => {
    const { project } = entry.key;
    const ids = state
      .requirements(entry)
      .flatMap(({ id }) => (id !== undefined && gone.has(formatKey(requiredKey(id, project))) ? [id] : []));
    return inPlace(entry, [{ kind: 'drop-requirements', ids: [...new Set(ids)] }]);
  });
  const judge = new ReadinessJudge(state, [...cancelled, ...dropped]);
  const opened = entries.filter(
    (entry) => entry.state === 'ready' && isNotYetOpen(entry) && judge.waitsForNothing(entry),
  );
  const changes = dropped.map((change, index): TaskChange => {
    const isOpened = opened.some((entry) => entry === entries[index]);
    return isOpened ? { ...change, edits: [...change.edits, { kind: 'set-status', status: 'ready' }] } : change;
  });
  return { changes, opened };
}

/** Tasks of the same project that waited for a share of a batch which is smaller now. */
function openedBy(state: QueueState, changes: readonly TaskChange[]): readonly TaskEntry[] {
  const batches = new Map<string, Set<string>>();
  for (const { key } of changes) {
    for (const { reading } of state.entriesNow(key)) {
      const batch = reading.kind === 'read' ? reading.task.batch : undefined;
      if (batch === undefined) continue;
      const known = batches.get(key.project);
      if (known) known.add(batch);
      else batches.set(key.project, new Set([batch]));
    }
  }
  if (batches.size === 0) return [];
  return inListOrder(
    new ReadinessJudge(state, changes).due(({ key, reading }) => {
      const condition = reading.kind === 'read' ? reading.task.holdUntil : undefined;
      const parsed = condition === undefined ? undefined : parseHold(condition);
      return parsed?.kind === 'hold' && batches.get(key.project)?.has(parsed.hold.batch) === true;
    }),
  );
}

function inPlace({ key, state, path }: TaskEntry, edits: readonly TaskEdit[]): TaskChange {
  return { key, from: state, to: state, fromPath: path, toPath: path, edits };
}

function namesOf(entries: readonly TaskEntry[]): string {
  return listed(entries.map(({ key }) => formatKey(key)));
}

function firstOf<From, To>(list: readonly From[], find: (one: From) => To | undefined): To | undefined {
  for (const one of list) {
    const found = find(one);
    if (found !== undefined) return found;
  }
  return undefined;
}
