import { isoSeconds } from '../../../domain/base/clock.ts';
import { given } from '../../../domain/base/given.ts';
import { type ExportedTask, wholeText } from '../../../domain/moving/exported-task.ts';
import { labelWord, toLevel, toTime } from '../../../domain/moving/words.ts';
import { requiredKey } from '../../../domain/queue/dependency-entry.ts';

/** Types that beads has without settings of its own. */
const TYPES: ReadonlySet<string> = new Set(['bug', 'feature', 'task', 'epic', 'chore', 'decision']);

const STATUSES: Readonly<Record<ExportedTask['state'], string>> = {
  ready: 'open',
  waiting: 'open',
  blocked: 'blocked',
  asking: 'blocked',
  claimed: 'in_progress',
  review: 'in_progress',
  completed: 'closed',
  cancelled: 'closed',
};

/**
 * Tasks as `.beads/issues.jsonl` has issues, for `bd import`. What beads has no room for is in `metadata.agentq`, so
 * that nothing is lost on the way back.
 * @param now milliseconds since the epoch: what a file does not tell happened now
 */
export function toBeads(tasks: readonly ExportedTask[], now: number): string {
  const ids = idsOf(tasks);
  return tasks.map((task) => `${JSON.stringify(issueOf(task, ids, isoSeconds(now)))}\n`).join('');
}

/** Ids are unique in beads: those that two projects have get the project in front. */
function idsOf(tasks: readonly ExportedTask[]): (key: { readonly project: string; readonly id: string }) => string {
  const counts = new Map<string, number>();
  for (const { task } of tasks) counts.set(task.toLowerCase(), (counts.get(task.toLowerCase()) ?? 0) + 1);
  return ({ project, id }) => ((counts.get(id.toLowerCase()) ?? 0) > 1 ? `${project}-${id}` : id);
}

function issueOf(one: ExportedTask, idOf: ReturnType<typeof idsOf>, now: string): object {
  const { project, task, title, type, priority, labels, claim, completion, notes, state, cancellation } = one;
  const id = idOf({ project, id: task });
  const { created_at, created_by, ...others } = labels;
  const createdAt = toTime(typeof created_at === 'string' ? created_at : undefined) ?? now;
  const closedAt = toTime(completion?.completedAt) ?? toTime(cancellation?.cancelledAt) ?? now;
  const isClosed = STATUSES[state] === 'closed';
  const text = wholeText(one);
  const words = Object.entries(others).map(([key, value]) => labelWord(key, value));
  const { details: _, title: __, path: ___, ...rest } = one;
  return {
    id,
    title: title ?? task,
    ...(text === '' ? {} : { description: text }),
    ...(one.acceptanceCriteria.length === 0
      ? {}
      : { acceptance_criteria: one.acceptanceCriteria.map((text) => `- ${text.replaceAll('\n', '\n  ')}`).join('\n') }),
    status: STATUSES[state],
    priority: toLevel(priority ?? 0),
    issue_type: type !== null && TYPES.has(type) ? type : 'task',
    ...given({ assignee: completion?.agent ?? claim?.agent ?? undefined }),
    created_at: createdAt,
    ...(typeof created_by === 'string' ? { created_by } : {}),
    updated_at: isClosed ? closedAt : (toTime(claim?.lastHeartbeat) ?? createdAt),
    ...(isClosed ? { closed_at: closedAt } : {}),
    ...(state === 'cancelled' ? { close_reason: `cancelled: ${cancellation?.reason ?? 'no reason is given'}` } : {}),
    ...(one.ref === null ? {} : { external_ref: one.ref }),
    ...(words.length === 0 ? {} : { labels: words }),
    ...(one.requires.length === 0
      ? {}
      : {
          dependencies: one.requires.map((needed) => ({
            issue_id: id,
            depends_on_id: idOf(requiredKey(needed, project)),
            type: 'blocks',
            created_at: createdAt,
            created_by: 'agentq',
          })),
        }),
    ...(notes.length === 0
      ? {}
      : {
          comments: notes.map(({ at, agent, text }, index) => ({
            id: index + 1,
            issue_id: id,
            author: agent,
            text,
            created_at: at,
          })),
        }),
    metadata: { agentq: rest },
  };
}
