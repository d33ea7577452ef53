import { describe, expect, it } from 'vitest';
import { seededRandomness } from '../../../lab/model/seeded-randomness.ts';
import { VirtualTime } from '../../../lab/model/virtual-time.ts';
import type { Channel, Leadership, Met } from '../../../src/machine/meeting.ts';
import { MeetingPlaces } from './meeting.ts';
import { SimProcess, START } from './process.ts';

/** That the meeting place of the simulation promises what the port does: else it would find defects that are none. */

const MACHINE = { name: 'm1', offsetMs: 0, rate: 1, diskFull: [], meets: true };

interface Scene {
  readonly time: VirtualTime;
  readonly leader: SimProcess;
  readonly follower: SimProcess;
  readonly lead: Leadership;
  /** What the follower has, and what the leader was handed. */
  readonly channel: Channel;
  readonly accepted: Channel;
  readonly heard: { readonly leader: unknown[]; readonly follower: unknown[] };
  readonly closed: string[];
}

/** One leads, one follows; both listen. */
async function inScene(play: (scene: Scene) => Promise<void>): Promise<void> {
  const time = new VirtualTime(START, 2);
  const places = new MeetingPlaces(time);
  const [leader, follower] = ['leader', 'follower'].map(
    (name) => new SimProcess(name, MACHINE, time, seededRandomness(1)),
  ) as [SimProcess, SimProcess];
  const heard = { leader: [] as unknown[], follower: [] as unknown[] };
  const closed: string[] = [];
  const run = async (): Promise<void> => {
    let accepted: Channel | undefined;
    const lead = await places.for(leader).meet('key', (channel) => {
      accepted = channel;
      channel.onMessage((message) => heard.leader.push(message));
      channel.onClose(() => closed.push('leader'));
    });
    const met = await places.for(follower).meet('key', () => undefined);
    if (lead.kind !== 'lead' || met.kind !== 'follow') throw new Error('they do not meet');
    met.leader.onMessage((message) => heard.follower.push(message));
    met.leader.onClose(() => closed.push('follower'));
    await time.sleep(10);
    if (accepted === undefined) throw new Error('nobody was accepted');
    await play({ time, leader, follower, lead, channel: met.leader, accepted, heard, closed });
  };
  await time.run(run());
}

describe('the meeting place of the simulation', () => {
  it('hands messages over in order', () =>
    inScene(async ({ time, channel, accepted, heard }) => {
      for (const number of [1, 2, 3]) expect(await channel.send({ number })).toBe('sent');
      expect(await accepted.send({ answer: 4 })).toBe('sent');
      await time.sleep(10);
      expect(heard).toEqual({ leader: [{ number: 1 }, { number: 2 }, { number: 3 }], follower: [{ answer: 4 }] });
    }));

  it('hands over what was sent before the sender was killed, and then its end', () =>
    inScene(async ({ time, leader, accepted, channel, heard, closed }) => {
      await accepted.send({ answer: 1 });
      leader.end();
      await time.sleep(10);
      expect(heard.follower).toEqual([{ answer: 1 }]);
      expect(closed).toEqual(['follower']);
      expect(await channel.send({})).toBe('gone');
    }));

  it('keeps messages for a suspended process, and tells it nothing until it is resumed', () =>
    inScene(async ({ time, leader, follower, channel, heard, closed }) => {
      leader.suspend();
      expect(await channel.send({ number: 1 })).toBe('sent');
      follower.end();
      await time.sleep(1_000);
      expect([heard.leader, closed]).toEqual([[], []]);
      leader.resume();
      await time.sleep(10);
      expect([heard.leader, closed]).toEqual([[{ number: 1 }], ['leader']]);
    }));

  it('tells a leader that has caught up of every follower that had left, and lets it send nothing to it', () =>
    inScene(async ({ leader, channel, accepted, lead, heard, closed }) => {
      leader.suspend();
      await channel.leave();
      expect(await accepted.send({ kind: 'taken' })).toBe('gone');
      leader.resume();
      await lead.caughtUp();
      expect(closed).toContain('leader');
      expect(heard.follower).toEqual([]);
    }));

  it('hands over to who leaves what had been sent before', () =>
    inScene(async ({ channel, accepted, heard }) => {
      await accepted.send({ kind: 'taken' });
      await channel.leave();
      expect(heard.follower).toEqual([{ kind: 'taken' }]);
    }));

  it('is free when its leader has left or was killed, and elsewhere for who avoids it', async () => {
    const time = new VirtualTime(START, 2);
    const places = new MeetingPlaces(time);
    const process = (name: string): SimProcess => new SimProcess(name, MACHINE, time, seededRandomness(1));
    const meet = (who: SimProcess): Promise<Met> => places.for(who).meet('key', () => undefined);
    await time.run(
      (async () => {
        const [a, b, c, d] = [process('a'), process('b'), process('c'), process('d')];
        const first = await meet(a);
        expect(first.kind).toBe('lead');
        const port = places.for(b);
        const met = await port.meet('key', () => undefined);
        if (met.kind === 'follow') met.leader.avoid();
        expect((await port.meet('key', () => undefined)).kind).toBe('lead');
        expect((await meet(c)).kind).toBe('follow');
        a.end();
        expect((await meet(c)).kind).toBe('lead');
        c.end();
        expect((await meet(d)).kind).toBe('lead');
      })(),
    );
  });
});
