import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import { contentOf } from '../../domain/changing/content.ts';
import type { Intent, ReleaseIntent } from '../../domain/intents/intent.ts';
import type { Outcome } from '../../domain/intents/outcome.ts';
import { QueueState } from '../../domain/queue/queue-state.ts';
import type { PoolSettings, TaskEntry } from '../../domain/queue/snapshot.ts';
import type { Task, TaskState } from '../../domain/queue/task.ts';
import { withViews } from '../../domain/rules/task-view.ts';
import type { LookBack } from '../../git/history/history.ts';
import type { CarriedOutRequest } from '../../store/queue-store.ts';
import type { Engine, Pending, Settled } from '../base/engine.ts';
import { retryable } from '../base/retryable.ts';
import { changesSeveral, recallSeveral, type SingleIntent } from './recall-several.ts';
import { endingOf, lookAtTip } from './tip.ts';

/**
 * Finds the intents that were carried out by an earlier push, or by others for us: before anything is tried again, the
 * commits of the branch are searched for the `Agentq-Request` trailer (CONTRACT 7.3).
 *
 * @throws Failure if history allows no verdict: then nothing may be tried again, or a task could be claimed twice
 */
export async function recall(engine: Engine, tip: string, pending: readonly Pending[]): Promise<readonly Settled[]> {
  const settled: Settled[] = [];
  // A branch that has not moved has carried nothing out.
  const suspects = pending.filter(({ base }) => base !== undefined && base !== tip);
  if (suspects.length === 0) return settled;
  const bases = [...new Set(suspects.flatMap(({ base }) => (base === undefined ? [] : [base])))];
  const requests = suspects.map(({ intent }) => intent.request);
  const carried = await carriedOutSince(engine, tip, bases, requests);
  for (const { intent, base } of suspects) {
    const found = carried.get(intent.request);
    engine.onEvent({ kind: 'resolved', request: intent.request, verdict: found ? 'landed' : 'not-landed' });
    if (!found || base === undefined) continue;
    settled.push({ kind: 'done', intent, outcome: await outcomeOf(engine, intent, found), commit: found.commit, base });
  }
  return settled;
}

/** The commits since those tips that carried the requests out. @throws Failure if history allows no verdict */
export async function carriedOutSince(
  engine: Engine,
  tip: string,
  since: LookBack,
  requests: readonly string[],
): Promise<ReadonlyMap<string, CarriedOutRequest>> {
  const lookup = await retryable(() => engine.store.carriedOut(tip, since, requests, endingOf(engine)));
  if (lookup.kind === 'verdict') return lookup.carriedOut;
  throw new Failure('remote-unreachable', `it is not known whether an earlier push landed: ${lookup.reason}`, {
    hint: `look for "Agentq-Request: ${requests[0]}" in the history of the branch before you try again`,
  });
}

/**
 * The outcome of the intent, read from the commit that carried it out.
 * @throws Failure `internal` if the commit does not hold what it says
 */
export function outcomeOf(engine: Engine, intent: Intent, carried: CarriedOutRequest): Promise<Outcome> {
  return changesSeveral(intent) ? recallSeveral(engine, intent, carried) : recallOutcome(engine, intent, carried);
}

/** Asks the remote what became of an intent that may have been carried out; undefined: it was not. */
export async function lookUp(engine: Engine, pending: Pending): Promise<Settled | undefined> {
  const { tip } = await lookAtTip(engine);
  const [settled] = await recall(engine, tip, [pending]);
  return settled;
}

/** The same for an intent that changes one task. */
async function recallOutcome(engine: Engine, intent: SingleIntent, carried: CarriedOutRequest): Promise<Outcome> {
  const isIn = isStateAfter(intent);
  const [project, id] = splitKey(carried.task);
  // Only this file: a pool that looks up a hundred claims must not read each of them a hundred times. Its project may
  // have moved to another branch since.
  const scope = { read: new Set<TaskState>(), ids: new Set([id]), copies: 'kept' as const };
  const snapshot = await retryable(() => engine.store.snapshot(carried.commit, scope, endingOf(engine)));
  const queue = new QueueState(snapshot);
  const found = queue.lookup({ project, id });
  if (found.kind !== 'found' || !isIn(found.entry.state) || found.entry.reading.kind !== 'read') {
    throw new Failure(
      'internal',
      `commit ${carried.commit} says it carried out ${intent.request}, but its tree does not`,
    );
  }
  const failures = snapshot.projects.get(project)?.failures?.get(id)?.count;
  const facts = { pool: snapshot.settings, ...given({ failures }) };
  return withViews(outcomeIn(intent, found.entry, found.entry.reading.task, facts), queue);
}

function outcomeIn(
  intent: SingleIntent,
  entry: TaskEntry,
  task: Task,
  { pool, failures }: { readonly pool: PoolSettings; readonly failures?: number },
): Outcome {
  const changed = { key: entry.key, path: entry.path, ...given({ title: task.title }) };
  switch (intent.kind) {
    case 'claim':
    case 'take':
      return {
        kind: 'claimed',
        ...changed,
        priority: task.priority,
        ...given({ type: task.type }),
        claim: {
          claimedBy: intent.agent,
          claimedAt: task.claim?.claimedAt ?? '',
          lastHeartbeat: task.claim?.lastHeartbeat ?? '',
          attempt: task.claim?.attempt ?? 1,
          claimId: intent.request,
        },
        pool: { stalledAfterMs: pool.stalledAfterMs, heartbeat: pool.heartbeat },
      };
    case 'heartbeat':
      return {
        kind: 'renewed',
        ...changed,
        content: contentOf(task),
        at: task.claim?.lastHeartbeat ?? '',
        ...given({ claimId: task.claim?.claimId }),
        pool: { stalledAfterMs: pool.stalledAfterMs, heartbeat: pool.heartbeat },
      };
    case 'review':
      return {
        kind: 'reviewed',
        ...changed,
        ...given({ claimId: task.claim?.claimId, prUrl: task.claim?.prUrl }),
        since: task.claim?.reviewSince ?? '',
      };
    case 'note': {
      const { agent, text } = intent;
      const note = task.notes?.findLast((one) => one.agent === agent && one.text === text);
      return { kind: 'noted', ...changed, at: note?.at ?? '' };
    }
    case 'ask':
    case 'answer': {
      const said = intent.kind === 'ask' ? task.questions : task.questions?.flatMap(({ answer }) => answer ?? []);
      const found = said?.findLast((one) => one.agent === intent.agent && one.text === intent.text);
      return { kind: intent.kind === 'ask' ? 'asked' : 'answered', ...changed, at: found?.at ?? '' };
    }
    case 'release':
      return {
        kind: 'released',
        ...changed,
        ...(isBlocked(intent, task) ? { isBlocked: true as const } : {}),
        ...(intent.because === 'failed' ? given({ failures }) : {}),
      };
  }
}

/** Whether the release has blocked the task, as it asked for or because workers had failed too often. */
function isBlocked({ blockedReason, because }: ReleaseIntent, task: Task): boolean {
  return blockedReason !== undefined || (because === 'failed' && task.status === 'blocked');
}

function isStateAfter(intent: SingleIntent): (state: TaskState) => boolean {
  switch (intent.kind) {
    case 'claim':
    case 'take':
    case 'heartbeat':
    case 'review':
      return (state) => state === 'claimed';
    case 'release':
    case 'ask':
    case 'answer':
      return (state) => state === 'ready';
    case 'note':
      return () => true;
  }
}

function splitKey(task: string | undefined): [string, string] {
  const [project = '', id = ''] = (task ?? '').split('/');
  return [project, id];
}
