import type { MeetingPlaces } from './meeting.ts';
import type { SimProcess } from './process.ts';

/** Keys at which processes of this version meet in the simulation. */
export const MEETING_KEYS = { combining: 'combining', tips: 'tips' } as const;

/** Holds the places where others want to meet, and is not understood: it says nonsense to whoever comes, or nothing at all. */
export async function strangerAt(
  process: SimProcess,
  places: MeetingPlaces,
  says: 'nonsense' | 'nothing',
): Promise<void> {
  const meeting = places.for(process);
  for (const key of Object.values(MEETING_KEYS)) {
    await meeting.meet(`${key} this`, (follower) => {
      follower.onMessage(() => {
        if (says === 'nonsense') void follower.send({ kind: 'bonjour', version: 99 }).then(() => follower.close());
      });
    });
  }
}
