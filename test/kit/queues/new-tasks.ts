import { type Decided, type DecidedIntent, decide } from '../../../src/domain/deciding/decide.ts';
import type { AddIntent } from '../../../src/domain/intents/intent.ts';
import type { AddedOutcome } from '../../../src/domain/intents/outcome.ts';
import type { LayoutName } from '../../../src/domain/queue/layouts.ts';
import type { NewTask } from '../../../src/domain/queue/new-task.ts';
import { DEFAULT_POOL_SETTINGS, type QueueSnapshot } from '../../../src/domain/queue/snapshot.ts';

/** A task to add; what is not given is not there. */
export function newTask(fields: Partial<NewTask> = {}): NewTask {
  return { title: 'A task', criteria: [], required: [], blocks: [], labels: {}, rest: {}, ...fields };
}

export function addIntent(tasks: readonly Partial<NewTask>[], fields: Partial<AddIntent> = {}): AddIntent {
  return { kind: 'add', request: 'request1', agent: 'orchestrator', tasks: tasks.map(newTask), ...fields };
}

export const NOW = Date.parse('2025-06-01T12:00:00Z');

/** Decides one add. */
export function planOf(snapshot: QueueSnapshot, intent: AddIntent): { plan: Decided; decision: DecidedIntent } {
  const plan = decide(snapshot, [intent], NOW);
  const [decision] = plan.decisions;
  if (!decision) throw new Error('no decision');
  return { plan, decision };
}

/** What an add that is not refused comes to. */
export function added(snapshot: QueueSnapshot, intent: AddIntent): AddedOutcome {
  const { decision } = planOf(snapshot, intent);
  if (decision.kind !== 'change' || decision.outcome.kind !== 'added') throw new Error(JSON.stringify(decision));
  return decision.outcome;
}

/** Ids that the tasks got, in order. */
export function idsOf(snapshot: QueueSnapshot, intent: AddIntent): string[] {
  return added(snapshot, intent).tasks.map(({ key }) => key.id);
}

/** The words of a refused add, after its code. */
export function refusalOf(snapshot: QueueSnapshot, intent: AddIntent): string {
  const { plan, decision } = planOf(snapshot, intent);
  if (decision.kind !== 'refused') throw new Error(`not refused: ${JSON.stringify(decision)}`);
  if (plan.commits.length > 0) throw new Error('refused, and yet there is a commit');
  return `${decision.refusal.code}: ${decision.refusal.message}`;
}

export function emptyQueue(layouts: readonly LayoutName[] = DEFAULT_POOL_SETTINGS.layouts): QueueSnapshot {
  return { tip: 'a'.repeat(40), projects: new Map(), settings: { ...DEFAULT_POOL_SETTINGS, layouts }, findings: [] };
}
