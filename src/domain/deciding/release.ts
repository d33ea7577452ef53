import { isoSeconds } from '../base/clock.ts';
import { given } from '../base/given.ts';
import type { ReleaseIntent } from '../intents/intent.ts';
import { isInReview } from '../leases/staleness.ts';
import type { TaskChange } from '../queue/edit.ts';
import { pathIn, type QueueState } from '../queue/queue-state.ts';
import type { TaskEntry, TaskFailures } from '../queue/snapshot.ts';
import { formatKey } from '../queue/task.ts';
import { resolveOwned } from '../resolving/ownership.ts';
import { bodyOf, type Decision, refused, reportTrailers, TRAILER, trailersOf } from '../rules/decision.ts';
import { blockingEdits, giveBackEdits } from '../rules/give-back.ts';
import { failedAgain, ledgersAfter } from '../rules/ledger.ts';
import { stillInReview } from './review.ts';

/** Longest reason of one failure (characters) in the reason for which a task is blocked. */
const LONGEST_REASON = 100;

/**
 * Returns the task to the ready folder, with the exact bytes it had before it was claimed, or blocked if workers failed
 * at it too often. It does not count as a stall.
 */
export function decideRelease(state: QueueState, intent: ReleaseIntent, now: number): Decision {
  const resolved = resolveOwned(state, intent);
  if (resolved.kind === 'refused') return refused(resolved.refusal);
  const { entry, task } = resolved;
  if (intent.inReview === 'leave' && isInReview(entry)) return stillInReview(resolved);
  const failures = failuresAfter(state, entry, intent, now);
  const blockedReason = intent.blockedReason ?? tooMany(entry, failures, state.settings.maxFailures);
  const change: TaskChange = {
    key: entry.key,
    from: 'claimed',
    to: 'ready',
    fromPath: entry.path,
    toPath: pathIn(entry, 'ready'),
    edits:
      blockedReason === undefined ? giveBackEdits(task) : [{ kind: 'remove-claim' }, ...blockingEdits(blockedReason)],
    ...given({ failures }),
  };
  return {
    kind: 'commit',
    commit: {
      subject: `[AGENT-RELEASE] ${intent.agent} released ${entry.key.id} from ${entry.key.project}`,
      ...bodyOf(...paragraphsOf(intent)),
      trailers: [
        ...trailersOf(intent, [entry.key]),
        ...reportTrailers(intent.report),
        ...(intent.reason === undefined ? [] : [{ key: TRAILER.reason, value: intent.reason }]),
        ...(failures === undefined ? [] : [{ key: TRAILER.failures, value: String(failures.count) }]),
      ],
      author: intent.agent,
      tasks: [change],
      files: ledgersAfter(state, [change]),
    },
    outcome: {
      kind: 'released',
      key: entry.key,
      ...given({ title: task.title }),
      path: change.toPath,
      ...(blockedReason === undefined ? {} : { isBlocked: true as const }),
      ...given({ failures: failures?.count }),
    },
  };
}

/** What the ledger says about the task from now on; undefined if the release says nothing about the task. */
function failuresAfter(
  state: QueueState,
  { key }: TaskEntry,
  { because, agent, reason = 'failed' }: ReleaseIntent,
  now: number,
): TaskFailures | undefined {
  if (because !== 'failed') return undefined;
  return failedAgain(state.failures(key), { at: isoSeconds(now), agent, reason });
}

/** Why the task is blocked now; undefined if it may be tried again. */
function tooMany({ key }: TaskEntry, failures: TaskFailures | undefined, most: number): string | undefined {
  if (failures === undefined || failures.count < most) return undefined;
  const { count, last } = failures;
  const times = count === 1 ? 'once' : `${count} times`;
  const reasons = last.map(({ agent, reason }) => ` - ${agent} ${withoutQuotes(reason).slice(0, LONGEST_REASON)}`);
  return `failed ${times}${reasons.join('')} - free it with agentq unblock --task ${formatKey(key)}`;
}

/** A value without these needs no quotes in either notation. */
function withoutQuotes(reason: string): string {
  return reason.replace(/[:,"'`\\[\]{}#|]/g, ' ').replace(/ {2,}/g, ' ');
}

function paragraphsOf({ reason, output = [], report }: ReleaseIntent): readonly (string | undefined)[] {
  const said = output.length === 0 ? undefined : ['Its last words:', ...output].join('\n');
  return [reason === undefined ? undefined : `Reason: ${reason}`, report?.summary, said];
}
