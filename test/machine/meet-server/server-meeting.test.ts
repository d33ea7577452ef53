import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../../lab/model/virtual-time.ts';
import { TipNews } from '../../../src/engine/machines/tip-news.ts';
import { MeetConnection } from '../../../src/machine/meet-server/connection.ts';
import { serverMeeting } from '../../../src/machine/meet-server/server-meeting.ts';
import type { Channel, Leadership, Meeting } from '../../../src/machine/meeting.ts';
import type { MeetServerSpec } from '../../sim/spec.ts';
import { SimMeetServer } from '../../sim/world/meet-server.ts';
import { SimProcess, START } from '../../sim/world/process.ts';

const KEY = 'a place';
const COMMIT = 'c'.repeat(40);

/** Processes of machines of their own, and a server in memory. */
class Place {
  readonly time = new VirtualTime(START, 2);
  readonly troubles: string[] = [];
  readonly #server: SimMeetServer;
  #names = 0;

  constructor(spec: Partial<MeetServerSpec> = {}) {
    this.#server = new SimMeetServer(this.time, { latencyMs: 1, ...spec }, () => 0.5);
  }

  comer(name: string): { process: SimProcess; connection: MeetConnection; meeting: Meeting } {
    const machine = { name, offsetMs: 0, rate: 1, diskFull: [], meets: true };
    const random = { next: () => 0.5, id: () => `${name}-comes-${++this.#names}` };
    const process = new SimProcess(name, machine, this.time, random);
    const { clock } = process;
    const at = this.#server.for(process);
    const connection = new MeetConnection({ at, clock, onTrouble: (words) => this.troubles.push(words) });
    return { process, connection, meeting: serverMeeting({ connection, clock, random }) };
  }

  /** One that leads, and one that has said hello to it. */
  async pair(): Promise<{
    leadership: Leadership;
    here: Channel;
    there: Channel;
    heard: unknown[];
    leader: SimProcess;
    follower: SimProcess;
  }> {
    const [one, two] = [this.comer('m1'), this.comer('m2')];
    const peers: Channel[] = [];
    const led = await one.meeting.meet(KEY, (peer) => peers.push(peer));
    const followed = await two.meeting.meet(KEY, () => undefined);
    if (led.kind !== 'lead' || followed.kind !== 'follow') throw new Error(`${led.kind}, ${followed.kind}`);
    const heard: unknown[] = [];
    followed.leader.onMessage((message) => heard.push(message));
    await followed.leader.send({ hello: 1 });
    await this.time.sleep(5);
    const [here] = peers;
    if (here === undefined) throw new Error('nobody came');
    here.onMessage(() => undefined);
    return { leadership: led, here, there: followed.leader, heard, leader: one.process, follower: two.process };
  }
}

function closed(channel: Channel): { is: boolean } {
  const state = { is: false };
  channel.onClose(() => {
    state.is = true;
  });
  return state;
}

describe('a meeting at a server', () => {
  it('finds by a question who is still there, and has been told everything before it', async () => {
    const place = new Place();
    await place.time.run(
      (async () => {
        const { leadership, here, heard } = await place.pair();
        const gone = closed(here);
        await here.send({ taken: 1 });
        await leadership.caughtUp();
        expect([heard, gone.is]).toEqual([[{ taken: 1 }], false]);
      })(),
    );
  });

  it('finds one gone that has left, also where its goodbye is lost', async () => {
    const place = new Place({ knowsListeners: false });
    await place.time.run(
      (async () => {
        const { leadership, here, there, heard, follower } = await place.pair();
        const gone = closed(here);
        // Nothing of what it says from now on arrives.
        void there.leave();
        follower.end();
        await here.send({ taken: 1 });
        await leadership.caughtUp();
        expect([heard, gone.is]).toEqual([[], true]);
      })(),
    );
  });

  it('finds one gone that has missed a message', async () => {
    const place = new Place({ loss: 0 });
    await place.time.run(
      (async () => {
        const { leadership, here, there } = await place.pair();
        const [gone, left] = [closed(here), closed(there)];
        const { loses } = SimMeetServer.prototype;
        SimMeetServer.prototype.loses = () => true;
        await here.send({ taken: 1 });
        SimMeetServer.prototype.loses = loses;
        await leadership.caughtUp();
        expect([gone.is, left.is]).toEqual([true, true]);
      })(),
    );
  });

  it('has another leader soon after one was killed, or is suspended', async () => {
    for (const how of ['end', 'suspend'] as const) {
      const place = new Place({ knowsListeners: false });
      await place.time.run(
        (async () => {
          const { there, leader } = await place.pair();
          const left = closed(there);
          leader[how]();
          const from = place.time.now();
          while (!left.is) await place.time.sleep(50);
          expect(place.time.now() - from).toBeLessThan(4_000);
          const next = await place.comer('m3').meeting.meet(KEY, () => undefined);
          expect(next.kind).toBe('lead');
        })(),
      );
    }
  });

  it('is over at once for everybody when the server forgets who leads', async () => {
    const place = new Place({ forgets: [500] });
    await place.time.run(
      (async () => {
        const { there } = await place.pair();
        const left = closed(there);
        await place.time.sleep(1_500);
        expect(left.is).toBe(true);
      })(),
    );
  });

  it('is nowhere while the server is away, which is said once', async () => {
    const place = new Place({ away: [{ from: 0, to: 20_000 }] });
    await place.time.run(
      (async () => {
        const { meeting } = place.comer('m1');
        const from = place.time.now();
        expect((await meeting.meet(KEY, () => undefined)).kind).toBe('alone');
        expect(place.time.now() - from).toBeLessThan(1_000);
        expect((await meeting.meet(KEY, () => undefined)).kind).toBe('alone');
        expect(place.troubles).toHaveLength(1);
        await place.time.sleep(40_000);
        expect((await meeting.meet(KEY, () => undefined)).kind).toBe('lead');
      })(),
    );
  });
});

describe('news of the branch', () => {
  it('reach those who listen within 100 ms, but for what is none, and what they have told themselves', async () => {
    const place = new Place({ latencyMs: 20 });
    await place.time.run(
      (async () => {
        const [one, two] = [place.comer('m1'), place.comer('m2')];
        const [told, heard] = [one, two].map(
          ({ connection, process }) => new TipNews(connection, 'news', process.clock),
        ) as [TipNews, TipNews];
        const hints: number[] = [];
        const stop = heard.listen(() => hints.push(place.time.now()));
        await place.time.sleep(200);
        const from = place.time.now();
        told.tell(COMMIT);
        await place.time.sleep(1_000);
        expect(hints).toHaveLength(1);
        expect((hints[0] ?? 0) - from).toBeLessThan(100);
        heard.tell('d'.repeat(40));
        told.tell('no commit');
        await place.time.sleep(1_000);
        expect(hints).toHaveLength(1);
        // Many pushes at once are a few hints, and the last one is not missed.
        for (let push = 0; push < 10; push++) told.tell(`${push}`.repeat(40));
        await place.time.sleep(1_000);
        expect(hints).toHaveLength(3);
        stop();
      })(),
    );
  });
});
