import type { SimMeetServer } from './meet-server.ts';
import type { MeetingPlaces } from './meeting.ts';
import type { SimProcess } from './process.ts';

/** Keys at which processes of this version meet in the simulation. */
export const MEETING_KEYS = { combining: 'combining', tips: 'tips' } as const;

/** The key at which machines meet in the simulation, with what they meet for. */
const MACHINES_KEY = 'queue this:anything';

/** Holds the places where others want to meet, and is not understood: it says nonsense to whoever comes, or nothing at all. */
export async function strangerAt(
  process: SimProcess,
  places: MeetingPlaces,
  says: 'nonsense' | 'nothing',
  meet: SimMeetServer | undefined,
): Promise<void> {
  if (meet !== undefined) void leadForEver(process, meet, says).catch(() => undefined);
  const meeting = places.for(process);
  for (const key of Object.values(MEETING_KEYS)) {
    await meeting.meet(`${key} this`, (follower) => {
      follower.onMessage(() => {
        if (says === 'nonsense') void follower.send({ kind: 'bonjour', version: 99 }).then(() => follower.close());
      });
    });
  }
}

/** The same at a server: it keeps its place as long as it lives. */
async function leadForEver(process: SimProcess, meet: SimMeetServer, says: 'nonsense' | 'nothing'): Promise<void> {
  const server = await meet.for(process).open();
  const name = `stranger-${process.name}`;
  await server.subscribe(`${MACHINES_KEY}:${name}`, (text) => {
    const from = /"from":"([\w-]+)"/.exec(text)?.[1];
    if (says !== 'nonsense' || from === undefined) return;
    server.publish(`${MACHINES_KEY}:${from}`, nonsense(name)).catch(() => undefined);
  });
  for (;;) {
    const { kind, term } = await server.elect(MACHINES_KEY, name, 3_000);
    if (kind === 'elected')
      while ((await server.renew(MACHINES_KEY, term, 3_000)) === 'held') await process.clock.sleep(500);
    await process.clock.sleep(500);
  }
}

/** The form is right, and what is in it is not. */
function nonsense(from: string): string {
  return JSON.stringify({ v: 1, from, number: 1, kind: 'say', message: { kind: 'taken', base: 'yesterday' } });
}
