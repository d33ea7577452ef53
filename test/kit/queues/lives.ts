import fc from 'fast-check';
import { expect } from 'vitest';
import { given } from '../../../src/domain/base/given.ts';
import { type Decided, decide } from '../../../src/domain/deciding/decide.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { statusBefore, type TaskEdit } from '../../../src/domain/queue/edit.ts';
import { withAnswer } from '../../../src/domain/queue/question.ts';
import { NO_FAILURES } from '../../../src/domain/queue/snapshot.ts';
import { readFailures, readLedger } from '../../../src/domain/rules/ledger.ts';
import { locationFor, snapshotOf, type TaskSpec } from './snapshots.ts';

/** Whole lives of random queues: each step is decided on what the steps before made of the files. */

export const START = Date.parse('2026-03-01T12:00:00Z');
export const MINUTE = 60_000;
export const AGENTS = ['a1', 'a2', 'a3'];

export const nameOf = ({ project = 'auth', id }: TaskSpec): string => `${project}/${id}`;

/** A step of a life: what somebody wants, and how many minutes later. */
export interface Step {
  readonly minutes: number;
  readonly wish: (typeof WISHES)[number];
  readonly agent: string;
  readonly task: string;
}

const WISHES = [
  'claim',
  'claim',
  'heartbeat',
  'complete',
  'review',
  'ask',
  'answer',
  'release',
  'fail',
  'release-stalled',
  'unblock',
  'free',
  'block',
  'cancel',
] as const;

export const lifeId = fc.integer({ min: 1, max: 7 }).map((n) => `T-${n}`);

/** Dependencies go to smaller numbers only, so that there is an order in which all can be done. */
export const queueOfLife: fc.Arbitrary<readonly TaskSpec[]> = fc
  .array(
    fc.record({
      project: fc.constantFrom('auth', 'pay'),
      required: fc.uniqueArray(fc.nat({ max: 6 }), { maxLength: 2 }),
      batch: fc.constantFrom(undefined, 'base'),
      hold: fc.constantFrom(undefined, undefined, '50% of base'),
      priority: fc.nat({ max: 3 }),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((tasks) =>
    tasks.map(({ project, required, batch, hold, priority }, index) => {
      const earlier = required.flatMap((n) => {
        const other = tasks[n]?.project;
        if (n >= index || other === undefined) return [];
        return [other === project ? `T-${n + 1}` : `${other}/T-${n + 1} (theirs)`];
      });
      const isHeld = hold !== undefined && batch === undefined;
      return {
        project,
        id: `T-${index + 1}`,
        priority,
        required: earlier,
        status: isHeld ? 'pending' : earlier.length > 0 ? 'blocked' : 'ready',
        ...given({ batch }),
        ...(isHeld ? { holdUntil: hold } : {}),
      };
    }),
  );

const step: fc.Arbitrary<Step> = fc.record({
  minutes: fc.integer({ min: 0, max: 40 }),
  wish: fc.constantFrom(...WISHES),
  agent: fc.constantFrom(...AGENTS),
  task: lifeId,
});

export function intentOf({ wish, agent, task }: Step, request: string): Intent {
  switch (wish) {
    case 'claim':
      return { kind: 'claim', request, agent, filter: {}, attempt: 1, waitedMs: 0 };
    case 'fail':
      return { kind: 'release', request, agent, task: { id: task }, because: 'failed', reason: 'ended with 1' };
    case 'block':
      return { kind: 'block', request, agent, task: { id: task }, reason: 'not yet' };
    case 'cancel':
      return {
        kind: 'cancel',
        request,
        agent,
        task: { id: task },
        reason: 'no more',
        dependants: agent === 'a1' ? 'cascade' : 'detach',
      };
    case 'release-stalled':
      return { kind: 'release-stalled', request, agent: 'orchestrator' };
    case 'unblock':
      return { kind: 'unblock', request, agent: 'orchestrator' };
    case 'free':
      return { kind: 'unblock', request, agent: 'orchestrator', task: { id: task } };
    case 'ask':
    case 'answer':
      return { kind: wish, request, agent, task: { id: task }, text: `said by ${agent}` };
    default:
      return { kind: wish, request, agent, task: { id: task } };
  }
}

/** What the commits make of the files, by their edits alone. */
export function carriedOut(specs: readonly TaskSpec[], plan: Decided): TaskSpec[] {
  const tasks = new Map(specs.map((spec) => [nameOf(spec), spec]));
  for (const { tasks: changes, files } of plan.commits) {
    for (const { key, from, to, edits } of changes) {
      const name = `${key.project}/${key.id}`;
      const before = tasks.get(name);
      expect(before?.state ?? 'ready').toBe(from);
      if (before) tasks.set(name, edits.reduce(edited, { ...before, state: to }));
    }
    for (const { path, content } of files) {
      const counts = readLedger(content ?? '');
      const failures = readFailures(content ?? '');
      for (const [name, spec] of tasks) {
        const isHere = path.startsWith(locationFor(spec.project ?? 'auth').folders.ready);
        if (!isHere) continue;
        const failed = failures.get(spec.id) ?? NO_FAILURES;
        tasks.set(name, { ...spec, stalls: counts.get(spec.id) ?? 0, failures: failed });
      }
    }
  }
  return [...tasks.values()];
}

function edited(spec: TaskSpec, edit: TaskEdit): TaskSpec {
  const { claim, blockedReason, ...rest } = spec;
  switch (edit.kind) {
    case 'append-claim':
      return { ...spec, claim: edit.claim };
    case 'replace-text':
      throw new Error('no life has an edit of a whole text');
    case 'set-heartbeat':
      return { ...spec, claim: { ...claim, lastHeartbeat: edit.at } };
    case 'set-in-claim':
      return { ...spec, claim: { ...claim, [edit.field === 'pr_url' ? 'prUrl' : 'reviewSince']: edit.value } };
    case 'remove-claim':
      return blockedReason === undefined ? rest : { ...rest, blockedReason };
    case 'set-status':
      return { ...spec, status: edit.status };
    case 'set-blocked-reason':
      return { ...rest, ...(claim ? { claim } : {}), ...(edit.reason ? { blockedReason: edit.reason } : {}) };
    case 'append-note':
      return spec;
    case 'remove-endings': {
      const { claim: _, completion: __, ...open } = spec;
      return open;
    }
    case 'append-cancellation':
      return { ...spec, cancellation: { ...edit.cancellation, before: statusBefore(spec.status ?? 'ready') } };
    case 'restore-status':
      return { ...spec, status: spec.cancellation?.before ?? 'ready' };
    case 'remove-cancellation': {
      const { cancellation: _, ...open } = spec;
      return open;
    }
    case 'drop-requirements':
      return {
        ...spec,
        required: (spec.required ?? []).filter((text) => !edit.ids.includes(text.replace(' (theirs)', ''))),
      };
    case 'append-question':
      return { ...spec, questions: [...(spec.questions ?? []), edit.question] };
    case 'append-answer':
      return { ...spec, questions: withAnswer(spec.questions ?? [], edit.answer) };
    case 'append-completion':
      return { ...spec, completion: edit.completion };
    case 'set-field':
      throw new Error('only adding edits fields');
  }
}

/** The reference model of gating: the full names of what the task requires. */
export function requiredNames({ project = 'auth', required = [] }: TaskSpec): string[] {
  return required.map((text) => (text.includes('/') ? text.replace(' (theirs)', '') : `${project}/${text}`));
}

export function isDone(tasks: readonly TaskSpec[], name: string): boolean {
  return tasks.some((task) => nameOf(task) === name && task.state === 'completed');
}

export function isWaitingForNothing(tasks: readonly TaskSpec[], task: TaskSpec): boolean {
  return requiredNames(task).every((name) => isDone(tasks, name));
}

export interface Moment {
  readonly now: number;
  readonly intent: Intent;
  readonly before: readonly TaskSpec[];
  readonly after: readonly TaskSpec[];
  readonly plan: Decided;
}

export function live(specs: readonly TaskSpec[], steps: readonly Step[]): Moment[] {
  let now = START;
  let before = specs;
  return steps.map((one, index) => {
    now += one.minutes * MINUTE;
    const intent = intentOf(one, `request-${index}`);
    const plan = decide(snapshotOf(before), [intent], now);
    const moment = { now, intent, before, after: carriedOut(before, plan), plan };
    before = moment.after;
    return moment;
  });
}

export const lives = fc.tuple(queueOfLife, fc.array(step, { maxLength: 40 }));
