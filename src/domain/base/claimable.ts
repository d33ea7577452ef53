import { approximateDuration } from './duration.ts';

/** Why nothing could be claimed: counts by reason, each task of the filtered queue counted once. */
export interface NothingClaimable {
  /** Ready in folder and status, but dependencies are not complete. */
  readonly waiting: number;
  /** The dependency that most tasks wait for, and how many do. */
  readonly mostWaitedFor?: {
    readonly dependency: string;
    readonly waiting: number;
    /** Where the chain ends, if the dependency waits itself, and how that task is. */
    readonly root?: { readonly dependency: string; readonly is: string };
  };
  /** In the ready folder with another status (`blocked`, `pending`, ...), by status. */
  readonly otherStatus: Readonly<Record<string, number>>;
  readonly claimed: number;
  readonly completed: number;
  readonly unreadable: number;
  readonly inTwoStates: number;
  /** Claimable, but not by this filter. */
  readonly filteredOut: number;
  /** Claimable, but not by an agent that can do no more than this one; `what` they need, the most common first. */
  readonly needing?: { readonly tasks: number; readonly what: readonly string[] };
  /**
   * Claimable if it were not for other claims: a limit of the pool is reached. `by`: what is in the way, the most
   * common first.
   */
  readonly heldBack?: { readonly tasks: number; readonly by: readonly string[] };
  /**
   * Claimable if it were not for pauses, in as many projects; `whole`: nothing at all can be claimed of what was asked
   * for.
   */
  readonly paused?: { readonly tasks: number; readonly by: readonly string[]; readonly whole?: true };
  /** How many of these the filter names itself: an agent has failed at them, or put them off; absent: none. */
  readonly leftAlone?: number;
  /** How long (ms) until the next of the claimed counts as stalled, unless it is renewed; absent: not known. */
  readonly nextStallMs?: number;
}

/**
 * The reasons in one line, most actionable first: `nothing to claim in auth: 3 wait for dependencies, 1 blocked,
 * 4 claimed; most waited for: auth/TASK-1 (by 2)`.
 */
export function describeNothingClaimable(why: NothingClaimable, project?: string): string {
  if (why.paused?.whole) return `nothing to claim: ${why.paused.by.join(', ')}`;
  const where = project === undefined ? '' : ` in ${project}`;
  const reasons = reasonsOf(why);
  if (reasons.length === 0) return `nothing to claim${where}: there are no tasks`;
  return `nothing to claim${where}: ${reasons.join(', ')}${waitedForIn(why)}`;
}

/** The pause of all that was asked for, in words; undefined: there is none. */
export function wholePause(why: NothingClaimable | undefined): string | undefined {
  return why?.paused?.whole === undefined ? undefined : why.paused.by.join('; ');
}

/** What a worker leaves behind that found nothing more to claim, in one line. */
export function describeLeft(why: NothingClaimable): string {
  const { leftAlone = 0, filteredOut } = why;
  const own = counted(leftAlone, 'ready but failed or put off here', 'ready but failed or put off here');
  const others = reasonsOf({ ...why, filteredOut: filteredOut - leftAlone, completed: 0 });
  const left = [...(own === undefined ? [] : [own]), ...others];
  return left.length === 0 ? 'nothing is left' : `left: ${left.join(', ')}${waitedForIn(why)}`;
}

function reasonsOf(why: NothingClaimable): readonly string[] {
  return [
    counted(why.waiting, 'waits for dependencies', 'wait for dependencies'),
    needing(why.needing),
    heldBack(why.heldBack),
    paused(why.paused),
    ...Object.entries(why.otherStatus)
      .sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))
      .map(([status, count]) => counted(count, statusWords(status), statusWords(status))),
    counted(why.filteredOut, 'does not match the filter', 'do not match the filter'),
    counted(why.unreadable, 'is unreadable', 'are unreadable'),
    counted(why.inTwoStates, 'is in two states at once', 'are in two states at once'),
    counted(why.claimed, 'claimed', 'claimed'),
    counted(why.completed, 'completed', 'completed'),
  ].filter((reason) => reason !== undefined);
}

function waitedForIn({ mostWaitedFor: top, nextStallMs }: NothingClaimable): string {
  const waitedFor =
    top === undefined ? '' : `; most waited for: ${top.dependency} (by ${top.waiting})${rootIn(top.root)}`;
  const stall = nextStallMs === undefined ? '' : `; ${describeStall(nextStallMs, 'the next claim')}`;
  return `${waitedFor}${stall}`;
}

/** What a chain of dependencies ends with: `, which waits for db/TASK-7, claimed by a2`. */
export function rootIn(root: { readonly dependency: string; readonly is: string } | undefined): string {
  return root === undefined ? '' : `, which waits for ${root.dependency}, ${root.is}`;
}

function needing(why: NothingClaimable['needing']): string | undefined {
  if (why === undefined) return undefined;
  return `${why.tasks} ${why.tasks === 1 ? 'needs' : 'need'} what this agent lacks (${why.what.join(', ')})`;
}

function heldBack(held: NothingClaimable['heldBack']): string | undefined {
  return held === undefined ? undefined : `${held.tasks} held back by ${held.by.join(', ')}`;
}

function paused(why: NothingClaimable['paused']): string | undefined {
  if (why === undefined) return undefined;
  if (why.whole) return why.by.join('; ');
  return `${why.tasks} in what is paused (${why.by.join('; ')})`;
}

/** When a claim can be taken from its agent, rounded up to whole seconds. */
export function describeStall(ms: number, claim: 'the next claim' | 'this claim'): string {
  return `${claim} counts as stalled in ${approximateDuration(Math.ceil(ms / 1000) * 1000)}, unless it is renewed`;
}

/** Statuses that read well by themselves. */
const PLAIN_STATUSES: ReadonlySet<string> = new Set(['blocked', 'pending', 'asking', 'cancelled', 'no status']);

/** A leftover `status: claimed` in the ready folder must not read like a task that an agent holds. */
function statusWords(status: string): string {
  return PLAIN_STATUSES.has(status) ? status : `with status ${status}`;
}

function counted(count: number, one: string, many: string): string | undefined {
  return count === 0 ? undefined : `${count} ${count === 1 ? one : many}`;
}
