import { given } from '../base/given.ts';
/** A claim, and what changes whenever it is renewed. */
export interface Sight {
  readonly claim: string;
  readonly beat: string;
}

/** What a clone's own memory says about a heartbeat, in ms by its own clock. */
export interface Watched {
  /** How long it has been seen, and no newer one. */
  readonly watchedMs: number;
  /** How long ago it was not there yet; absent if nobody looked before it was. */
  readonly arrivedWithinMs?: number;
}

/** A moment by a machine's clock, and by the time since the machine started, which nobody can set. */
export interface Moment {
  readonly at: number;
  readonly up?: number;
}

/** A heartbeat, when it was first seen, and the look before that, when it was not there. */
export interface Sighting {
  readonly beat: string;
  readonly seen: Moment;
  readonly absent?: Moment;
}

/** What a clone has seen of all claims of a queue. */
export interface SightingMemory {
  readonly looked?: Moment;
  readonly claims: ReadonlyMap<string, Sighting>;
}

/** The memory of a clone that has not looked yet. */
export const NOTHING_SEEN: SightingMemory = { claims: new Map() };

/** The memory after one more look at all claims of the queue. */
export function afterLook(before: SightingMemory, sights: readonly Sight[], now: Moment): SightingMemory {
  const noted = sights.map(({ claim, beat }): [string, Sighting] => {
    const known = before.claims.get(claim);
    const isSame = known?.beat === beat;
    if (isSame && lasted(known.seen, now) !== undefined) return [claim, known];
    const absent = isSame ? undefined : before.looked;
    return [claim, { beat, seen: now, ...given({ absent }) }];
  });
  return { looked: now, claims: new Map(noted) };
}

/** What the memory says now about a claim that the last look saw. */
export function watchedAt({ claims }: SightingMemory, claim: string, now: Moment): Watched | undefined {
  const sighting = claims.get(claim);
  if (sighting === undefined) return undefined;
  const { seen, absent } = sighting;
  return {
    watchedMs: lasted(seen, now) ?? 0,
    ...(absent === undefined ? {} : { arrivedWithinMs: sinceLook(absent, now) }),
  };
}

/**
 * How long something has certainly lasted, by both clocks. undefined if one of them was set back or the machine was
 * restarted: then watching starts again.
 */
function lasted(since: Moment, now: Moment): number | undefined {
  const wall = now.at - since.at;
  if (since.up === undefined || now.up === undefined) return wall < 0 ? undefined : wall;
  const up = now.up - since.up;
  return wall < 0 || up < 0 ? undefined : Math.min(wall, up);
}

/** How long ago a look was, at most. If a clock was set forward meanwhile, the other one tells. */
function sinceLook(look: Moment, now: Moment): number {
  const wall = Math.max(0, now.at - look.at);
  const up = look.up === undefined || now.up === undefined ? -1 : now.up - look.up;
  return up < 0 ? wall : Math.min(wall, up);
}
