import * as z from 'zod/mini';
import { given } from '../../../domain/base/given.ts';
import { quote } from '../../../domain/base/names.ts';
import type { ForeignState, ForeignTask } from '../../../domain/moving/foreign-task.ts';
import { toTime } from '../../../domain/moving/words.ts';
import { parseDependencyEntries, requiredKey, saysNothing } from '../../../domain/queue/dependency-entry.ts';
import type { NewCancellation, NewStatus } from '../../../domain/queue/new-task.ts';
import { NEW_STATUSES } from '../../../domain/queue/new-task.ts';
import { formatKey, isOpen } from '../../../domain/queue/task.ts';

const text = z.optional(z.nullable(z.string()));
const texts = z.optional(z.array(z.string()));
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** A task as `agentq export` writes it; the state must be one that agentq knows. */
export const exportedSchema = z.looseObject({
  project: z.string(),
  task: z.string(),
  title: text,
  type: text,
  priority: z.optional(z.nullable(z.number())),
  state: z.enum(['ready', 'waiting', 'blocked', 'asking', 'claimed', 'review', 'completed', 'cancelled']),
  status: text,
  labels: z.optional(z.record(z.string(), scalar)),
  claim: z.optional(z.nullable(z.looseObject({ agent: text, claimedAt: text }))),
  completion: z.optional(z.nullable(z.looseObject({ agent: text, completedAt: text, prUrl: text }))),
  cancellation: z.optional(z.nullable(z.looseObject({ cancelledAt: text, cancelledBy: text, reason: text }))),
  notes: z.optional(z.array(z.looseObject({ at: z.string(), agent: z.string(), text: z.string() }))),
  questions: z.optional(
    z.array(
      z.looseObject({
        agent: z.string(),
        text: z.string(),
        answer: z.optional(z.nullable(z.looseObject({ agent: z.string(), text: z.string() }))),
      }),
    ),
  ),
  ref: text,
  summary: text,
  details: text,
  acceptanceCriteria: texts,
  dependencies: z.optional(z.looseObject({ required: texts, blocks: texts })),
  needs: texts,
  touches: texts,
  verify: texts,
  batch: text,
  holdUntil: text,
  blockedReason: text,
});

type ReadExported = z.output<typeof exportedSchema>;

/** A task of another queue, with its own name, which becomes the same task here. */
export function toForeign(one: ReadExported, place: string): ForeignTask {
  const { project, task, state, labels = {}, cancellation } = one;
  const { created_by, created_at, ...others } = labels;
  const notes = Object.fromEntries(
    (one.notes ?? []).map(({ at, agent, text }, index): [string, string] => [
      `${at} ${agent}${index === 0 ? '' : ` #${index + 1}`}`,
      text,
    ]),
  );
  const requires = requiredNames(one);
  const isUndone = isOpen({ state });
  return {
    place,
    name: formatKey({ project, id: task }),
    title: one.title ?? task,
    ...given({
      type: one.type ?? undefined,
      priority: one.priority ?? undefined,
      summary: one.summary ?? undefined,
      text: one.details ?? undefined,
      batch: one.batch ?? undefined,
      who: one.completion?.agent ?? one.claim?.agent ?? undefined,
      since: one.completion?.completedAt ?? one.claim?.claimedAt ?? undefined,
      prUrl: one.completion?.prUrl ?? undefined,
    }),
    criteria: one.acceptanceCriteria ?? [],
    labels: others,
    state: STATES[state],
    word: state,
    requires: [...requires.keys()],
    own: {
      project,
      id: task,
      required: requires,
      blocks: one.dependencies?.blocks ?? [],
      ...given({
        ref: one.ref ?? undefined,
        holdUntil: one.holdUntil ?? undefined,
        status: isUndone ? statusOf(one) : undefined,
        cancellation: state === 'cancelled' ? cancellationOf(cancellation) : undefined,
      }),
    },
    rest: {
      ...(one.verify?.length ? { verify: one.verify } : {}),
      task: {
        ...(one.touches?.length ? { touches: one.touches } : {}),
        ...(one.needs?.length ? { needs: one.needs } : {}),
        ...given({ blocked_reason: isUndone ? reasonOf(one) : (one.blockedReason ?? undefined) }),
      },
      ...(Object.keys(notes).length === 0 ? {} : { notes }),
      metadata: { ...given({ created_by, created_at }) },
    },
  };
}

const STATES: Readonly<Record<ReadExported['state'], ForeignState>> = {
  ready: 'open',
  waiting: 'open',
  blocked: 'open',
  asking: 'open',
  claimed: 'started',
  review: 'started',
  completed: 'done',
  cancelled: 'dropped',
};

/** The tasks that it requires, as `project/TASK-ID`, each with the entry as it is written. */
function requiredNames({ project, dependencies }: ReadExported): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const text of dependencies?.required ?? []) {
    for (const entry of parseDependencyEntries(text, 1, project)) {
      if (entry.id === undefined || saysNothing(text)) continue;
      names.set(formatKey(requiredKey(entry.id, project)), entry.text);
    }
  }
  return names;
}

/** A status that keeps a task from being claimed, and that no new task can have, becomes a block with a reason. */
function statusOf({ status, state }: ReadExported): NewStatus | undefined {
  const word = NEW_STATUSES.find((known) => known === status);
  if (word !== undefined && state !== 'asking') return word;
  return status === null || status === undefined || state === 'claimed' || state === 'review' ? undefined : 'blocked';
}

function reasonOf({ blockedReason, state, status, questions }: ReadExported): string | undefined {
  if (blockedReason !== null && blockedReason !== undefined) return blockedReason;
  if (state === 'asking') {
    const last = questions?.at(-1);
    return `asked${last === undefined ? '' : ` by ${last.agent}: ${last.text}`}`.slice(0, 400);
  }
  const isOdd = state === 'blocked' && status && !NEW_STATUSES.some((known) => known === status);
  return isOdd ? `its status was ${quote(status)}` : undefined;
}

function cancellationOf(block: ReadExported['cancellation']): NewCancellation {
  const at = toTime(block?.cancelledAt);
  return {
    // It has to have one: a status alone may be a typing mistake.
    at: at ?? '1970-01-01T00:00:00Z',
    ...given({ by: block?.cancelledBy ?? undefined, reason: block?.reason ?? undefined }),
  };
}
