import { describeNothingClaimable, type NothingClaimable } from '../base/claimable.ts';
import { isoSeconds } from '../base/clock.ts';
import { given } from '../base/given.ts';
import type { ClaimIntent } from '../intents/intent.ts';
import type { TakenFrom } from '../intents/outcome.ts';
import { hasJustFailed } from '../leases/own-failures.ts';
import { pauseOf } from '../pausing/pauses.ts';
import type { ClaimRecord, TaskChange } from '../queue/edit.ts';
import { pathIn, type QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { formatKey, type TaskKey } from '../queue/task.ts';
import { resolveReadable, resolveReference } from '../resolving/reference.ts';
import { type ClaimRoom, isPartOf } from '../rules/claim-room.ts';
import { type Decision, refused, TRAILER, trailersOf } from '../rules/decision.ts';
import { inProject, matches } from '../rules/filter.ts';
import { lacking } from '../rules/needs.ts';
import { countReasons, whyNot } from '../rules/nothing-claimable.ts';
import { unknownProject } from '../rules/unknown-names.ts';
import type { StalledClaims } from './stalled-claims.ts';

/** Takes the best claimable task for the agent, from a silent agent if it comes first, or says why there is none. */
export function decideClaim(state: QueueState, intent: ClaimIntent, now: number, rivals: Rivals): Decision {
  const { task: reference, filter, prefer } = intent;
  const noProject = unknownProject(filter.project, state.projectNames) ?? unknownProject(prefer, state.projectNames);
  if (noProject) return refused(noProject);
  if (reference) {
    const found = resolveReference(state, reference);
    if (found.kind === 'refused') return refused(found.refusal);
    const { entry } = found;
    if (entry.state === 'ready') {
      const resolved = resolveReadable(entry);
      if (resolved.kind === 'refused') return refused(resolved.refusal);
    }
    const isNamed = ({ key }: TaskEntry): boolean => formatKey(key) === formatKey(entry.key);
    const { taking, why } = choose(state, intent, { ...rivals, now }, { concerns: isNamed, named: entry.key });
    if (taking !== undefined) return claim(taking, intent, state, now);
    // It may be blocked by now, since it has stalled too often.
    const [left = entry] = state.entriesNow(entry.key);
    return refused({ code: 'nothing-claimable', message: whyNot(state, left, filter, why), why });
  }

  const { taking, why } = choose(state, intent, { ...rivals, now }, { concerns: (entry) => inProject(entry, filter) });
  if (taking !== undefined) return claim(taking, intent, state, now);
  return refused({ code: 'nothing-claimable', message: describeNothingClaimable(why, filter.project), why });
}

/** The other claims: which of them may be taken, and what room they leave. */
export interface Rivals {
  readonly stalled: StalledClaims;
  readonly room: ClaimRoom;
}

/** The best task among those that it concerns, or why there is none. Claims of silent agents make room where it lacks. */
function choose(
  state: QueueState,
  { filter, prefer, request, agent }: ClaimIntent,
  { stalled, room, now }: Rivals & { readonly now: number },
  { concerns, named }: { readonly concerns: (entry: TaskEntry) => boolean; readonly named?: TaskKey },
): Choice {
  const isWanted = (entry: TaskEntry): boolean =>
    concerns(entry) &&
    pauseOf(state.pauses, entry.key.project) === undefined &&
    matches(entry, filter) &&
    lacking(state, entry, filter).length === 0 &&
    room.obstacle(entry) === undefined;
  // Everything else comes first. If there is nothing else, the agent was started again to try once more.
  let isPassedOver = false;
  const isNew = (entry: TaskEntry): boolean => {
    if (!isWanted(entry)) return false;
    const isTooSoon = hasJustFailed(state, entry.key, agent, now);
    isPassedOver ||= isTooSoon;
    return !isTooSoon;
  };
  const best = (isOne: (entry: TaskEntry) => boolean): Taking | undefined => {
    const ready = firstOf(named === undefined ? state.claimableInOrder() : claimableNow(state, named), isOne);
    return stalled.take(isOne, ready, request) ?? (ready && { entry: ready });
  };
  const bestOf = (isOne: (entry: TaskEntry) => boolean): Taking | undefined =>
    (prefer === undefined ? undefined : best((entry) => entry.key.project === prefer && isOne(entry))) ?? best(isOne);
  // Each further round has given back at least one claim.
  for (;;) {
    const before = stalled.count;
    // To go through all tasks once more is worth it only if one was passed over, or claims were given back meanwhile.
    const isAgain = (): boolean => isPassedOver || stalled.count > before;
    const taking = bestOf(isNew) ?? (isAgain() ? bestOf(isWanted) : undefined);
    if (taking !== undefined) return { taking };
    if (stalled.count > before) continue;
    const { why, obstacles } = countReasons(state, filter, concerns, { stalled, room });
    const isInTheWay = (entry: TaskEntry): boolean => obstacles.some((one) => isPartOf(one, entry));
    if (!stalled.makeRoom(isInTheWay, request)) return { why };
  }
}

type Choice =
  | { readonly taking: Taking; readonly why?: undefined }
  | { readonly taking?: undefined; readonly why: NothingClaimable };

function firstOf(entries: Iterable<TaskEntry>, isOne: (entry: TaskEntry) => boolean): TaskEntry | undefined {
  for (const entry of entries) if (isOne(entry)) return entry;
  return undefined;
}

/** The named task if it can be claimed: there is no need to go through the others. */
function claimableNow(state: QueueState, key: TaskKey): readonly TaskEntry[] {
  const found = state.lookup(key);
  return found.kind === 'found' && state.isClaimable(found.entry) ? [found.entry] : [];
}

/** A task of the ready folder that is about to be claimed. */
type Taking = { readonly entry: TaskEntry; readonly from?: TakenFrom };

function claim({ entry, from }: Taking, intent: ClaimIntent, state: QueueState, now: number): Decision {
  const { settings: pool } = state;
  if (entry.reading.kind !== 'read') throw new Error(`${entry.path} was not read`);
  const { task } = entry.reading;
  const at = isoSeconds(now);
  const record: ClaimRecord = {
    claimedBy: intent.agent,
    claimedAt: at,
    lastHeartbeat: at,
    attempt: intent.attempt,
    claimId: intent.request,
  };
  const change: TaskChange = {
    key: entry.key,
    from: 'ready',
    to: 'claimed',
    fromPath: entry.path,
    toPath: pathIn(entry, 'claimed'),
    edits: [{ kind: 'append-claim', claim: record }],
  };
  return {
    kind: 'commit',
    commit: {
      subject: `[AGENT-CLAIM] ${intent.agent} claimed ${entry.key.id} from ${entry.key.project}`,
      trailers: [
        ...trailersOf(intent, [entry.key]),
        { key: TRAILER.attempts, value: String(intent.attempt) },
        { key: TRAILER.waitedMs, value: String(Math.round(intent.waitedMs)) },
        ...state.reliedOn(entry).map(({ branch, tip }) => ({ key: TRAILER.reliedOn, value: `${branch} ${tip}` })),
      ],
      author: intent.agent,
      tasks: [change],
      files: [],
    },
    outcome: {
      kind: 'claimed',
      key: entry.key,
      ...given({ title: task.title, type: task.type }),
      priority: task.priority,
      path: change.toPath,
      claim: record,
      pool: { stalledAfterMs: pool.stalledAfterMs, heartbeat: pool.heartbeat },
      ...given({ takenFrom: from }),
    },
  };
}
