import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mostPeers } from '../../src/machine/file-limit.ts';
import type { Channel, Meet, Met } from '../../src/machine/meeting.ts';
import { SocketChannel } from '../../src/machine/socket-channel.ts';
import { socketMeeting } from '../../src/machine/socket-meeting.ts';
import { TestClock } from '../kit/engine/test-clock.ts';
import { channelOver, meetIn } from '../kit/processes/meeting.ts';
import { programOf } from '../kit/processes/program.ts';
import { type Scene, scene } from '../kit/scene/scene.ts';

const LEADER = 'test/kit/processes/meeting-leader.ts';

async function come(box: Scene, meet: Meet, onPeer: (follower: Channel) => void = () => undefined): Promise<Met> {
  const met = await meet((follower) => {
    box.owns(follower);
    onPeer(follower);
  });
  if (met.kind === 'lead') box.owns({ close: () => met.leave() });
  if (met.kind === 'follow') box.owns(met.leader);
  return met;
}

async function followed(box: Scene, meet: Meet): Promise<Channel> {
  const met = await come(box, meet);
  if (met.kind !== 'follow') throw new Error(`met as ${met.kind}`);
  return met.leader;
}

/** Somebody who is none of ours, at the first place. @returns how often it was connected to */
async function stranger(box: Scene, onConnection: (socket: Socket) => void): Promise<() => number> {
  let count = 0;
  const server = createServer((socket) => {
    count++;
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  box.owns(server);
  await new Promise<void>((resolve) => server.listen(box.path('s.sock'), resolve));
  return () => count;
}

const over = (channel: Channel): Promise<void> => new Promise((resolve) => channel.onClose(resolve));

describe('a meeting', () => {
  it('has one that leads and many that follow, and messages arrive in order both ways', async () => {
    await using box = await scene();
    const heard: unknown[] = [];
    const leading = await come(box, meetIn(box.root), (follower) => {
      void follower.send({ welcome: 1 });
      follower.onMessage((message) => {
        heard.push(message);
        void follower.send({ echo: message });
      });
    });
    expect(leading.kind).toBe('lead');
    for (const name of ['a', 'b']) {
      const leader = await followed(box, meetIn(box.root));
      for (const number of [1, 2]) void leader.send({ name, number });
      const answers: unknown[] = [];
      await new Promise<void>((resolve) => {
        leader.onMessage((message) => {
          if (answers.push(message) === 3) resolve();
        });
      });
      expect(answers).toEqual([{ welcome: 1 }, { echo: { name, number: 1 } }, { echo: { name, number: 2 } }]);
    }
    expect(heard).toHaveLength(4);
  });

  it('goes on when the one that leads leaves, and channels that are open stay open', async () => {
    await using box = await scene();
    const first = await come(box, meetIn(box.root), (follower) =>
      follower.onMessage(() => void follower.send({ late: true })),
    );
    const leader = await followed(box, meetIn(box.root));
    if (first.kind === 'lead') first.leave();
    expect((await come(box, meetIn(box.root))).kind).toBe('lead');
    const answer = new Promise((resolve) => leader.onMessage(resolve));
    void leader.send({});
    expect(await answer).toEqual({ late: true });
  });

  it('takes no more than the process has files for; the others meet elsewhere', async () => {
    await using box = await scene();
    const few = spawn(
      'sh',
      ['-c', `ulimit -n 100; exec "${process.execPath}" "${await programOf(LEADER, box.root)}" "${box.root}"`],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    try {
      await once(few.stdout, 'data');
      const all = Array.from({ length: 60 }, () => meetIn(box.root));
      const answered: Channel[] = [];
      let led = 0;
      for (const meet of all) {
        const answering = (follower: Channel): void => follower.onMessage(() => void follower.send({}));
        let met = await come(box, meet, answering);
        for (let isOver = true; met.kind === 'follow' && isOver; ) {
          const { leader } = met;
          const answer = new Promise<boolean>((resolve) => {
            leader.onMessage(() => resolve(false));
            leader.onClose(() => resolve(true));
          });
          void leader.send({});
          isOver = await answer;
          if (isOver) met = await come(box, meet, answering);
          else answered.push(leader);
        }
        if (met.kind === 'lead') led++;
      }
      expect(led).toBe(1);
      expect(answered).toHaveLength(59);
    } finally {
      few.kill('SIGKILL');
      await once(few, 'exit');
    }
  });

  it('is with nobody where there is no folder', async () => {
    await using box = await scene();
    expect(await come(box, meetIn(undefined))).toMatchObject({ kind: 'alone' });
    expect(await come(box, meetIn(box.path('missing')))).toMatchObject({ kind: 'alone' });
  });

  it('tells at once of a channel that is over already', async () => {
    await using box = await scene();
    await come(box, meetIn(box.root));
    const leader = await followed(box, meetIn(box.root));
    leader.close();
    leader.close();
    await over(leader);
    expect(await leader.send({})).toBe('gone');
    await leader.leave();
  });
});

describe('how many peers a process may have', () => {
  it.each([
    ['Max open files            256                  256                  files', 120],
    ['Max open files            unlimited            unlimited            files', Number.POSITIVE_INFINITY],
    ['Max open files            10                   10                   files', 1],
    ['', 504],
  ])('is read off what the system tells: %s', (line, most) => {
    expect(mostPeers(`Max processes  63205  63205  processes\n${line}\n`)).toBe(most);
  });
});

describe('a leader that is none of ours', () => {
  /** Comes again and again, as somebody does who wants an answer, until it is not sent there any more. */
  async function insist(box: Scene, meet: Meet): Promise<{ tries: number; met: Met }> {
    for (let tries = 1; ; tries++) {
      const met = await come(box, meet);
      if (met.kind !== 'follow') return { tries, met };
      met.leader.onMessage(() => met.leader.avoid());
      void met.leader.send({ want: tries });
      await over(met.leader);
    }
  }

  it.each<[string, (socket: Socket) => void, number]>([
    ['answers with what is no JSON', (socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 1],
    ['says what is not understood', (socket) => void socket.write('{"kind":"novelty"}\n'), 1],
    ['sends a line without an end', (socket) => void socket.write('x'.repeat(9 * 1024 * 1024)), 1],
    ['accepts, and ends it without a word', (socket) => socket.destroy(), 3],
    ['reads, and ends it without a word', (socket) => socket.once('data', () => socket.destroy()), 3],
  ])('is left alone when it %s', async (_what, act, most) => {
    await using box = await scene();
    const count = await stranger(box, act);
    const meet = meetIn(box.root);
    const { met } = await insist(box, meet);
    expect(met.kind).toBe('lead');
    expect(count()).toBe(most);
  });

  it('makes nobody go alone: who avoids it meets others who do', async () => {
    await using box = await scene();
    await stranger(box, (socket) => socket.write('what?\n'));
    expect((await insist(box, meetIn(box.root))).met.kind).toBe('lead');
    const meet = meetIn(box.root);
    await over(await followed(box, meet));
    const second = await followed(box, meet);
    expect(await second.send({})).toBe('sent');
  });

  it('is tried again after a while', async () => {
    await using box = await scene();
    const count = await stranger(box, (socket) => socket.write('what?\n'));
    const clock = new TestClock();
    const { meet } = socketMeeting({ folder: box.root, clock, random: { next: () => 0.5, id: () => 'a' } });
    const at: Meet = (onPeer) => meet('s', onPeer);
    const { met } = await insist(box, at);
    if (met.kind === 'lead') met.leave();
    const again = await insist(box, at);
    expect(count()).toBe(1);
    if (again.met.kind === 'lead') again.met.leave();
    clock.advance(60_001);
    await insist(box, at);
    expect(count()).toBe(2);
  });

  it('leaves each to itself where all places are taken by such', async () => {
    await using box = await scene();
    for (const name of ['s.sock', 's.1.sock', 's.2.sock']) {
      const server = createServer((socket) => socket.write('what?\n'));
      box.owns(server);
      await new Promise<void>((resolve) => server.listen(box.path(name), resolve));
    }
    const { met, tries } = await insist(box, meetIn(box.root));
    expect(met.kind).toBe('alone');
    expect(tries).toBe(4);
  });
});

describe('a channel', () => {
  /** Both ends of a connection, the far one as it is. */
  async function pair(
    box: Scene,
    clock = new TestClock('standing'),
  ): Promise<{ near: Channel; far: Socket; endings: string[] }> {
    const endings: string[] = [];
    const server = createServer();
    box.owns(server);
    await new Promise<void>((resolve) => server.listen(box.path('pair.sock'), resolve));
    const far = createConnection(box.path('pair.sock'));
    far.on('error', () => undefined);
    const [socket] = (await once(server, 'connection')) as [Socket];
    const near = new SocketChannel(socket, clock, {
      onBytes: () => undefined,
      onEnd: (how, heard) => void endings.push(`${how}, ${heard ? 'heard' : 'unheard'}`),
    });
    for (const channel of [near, channelOver(far)]) box.owns(channel);
    far.pause();
    return { near, far, endings };
  }

  it('hands over what came before anybody listened, and only then that it is over', async () => {
    await using box = await scene();
    const { near, far } = await pair(box);
    far.end('{"n":1}\n{"n":2}\n{"half');
    await over(near);
    const order: unknown[] = [];
    near.onMessage((message) => order.push(message));
    near.onClose(() => order.push('over'));
    await nextTurn();
    expect(order).toEqual([{ n: 1 }, { n: 2 }, 'over']);
  });

  it('reads a message that comes in many pieces', async () => {
    await using box = await scene();
    const { near, far } = await pair(box);
    const message = new Promise((resolve) => near.onMessage(resolve));
    for (const piece of ['{"a', '":"', 'ü'.repeat(300_000), '"}', '\n']) far.write(piece);
    expect(await message).toEqual({ a: 'ü'.repeat(300_000) });
  });

  it('is over when more comes than anybody asks for', async () => {
    await using box = await scene();
    const { near, far, endings } = await pair(box);
    const line = `${JSON.stringify('x'.repeat(1024 * 1024))}\n`;
    for (let count = 0; count < 12; count++) far.write(line);
    await over(near);
    expect(endings).toEqual(['avoided, heard']);
  });

  it('ends rather than to keep without limit what the other end does not read', async () => {
    await using box = await scene();
    const { near, endings } = await pair(box);
    const sent: Promise<string>[] = [];
    for (let count = 0; count < 30 && endings.length === 0; count++)
      sent.push(near.send({ x: 'x'.repeat(1024 * 1024) }));
    expect(endings).toEqual(['avoided, unheard']);
    expect(sent.length).toBeLessThan(20);
    expect((await Promise.all(sent)).filter((one) => one === 'sent')).toEqual([]);
  });

  it('ends when the other end reads nothing for ten seconds of what it was sent', async () => {
    await using box = await scene();
    const clock = new TestClock('standing');
    const { near } = await pair(box, clock);
    const sent = near.send({ x: 'x'.repeat(1024 * 1024) });
    while (clock.sleeps.length === 0) await nextTurn();
    clock.advance(10_000);
    expect(await sent).toBe('gone');
    await over(near);
  });

  it('lets a reader that is slow go on', async () => {
    await using box = await scene();
    const clock = new TestClock('standing');
    const { near, far } = await pair(box, clock);
    const sent = near.send({ x: 'x'.repeat(1024 * 1024) });
    while (clock.sleeps.length === 0) await nextTurn();
    far.resume();
    expect(await sent).toBe('sent');
  });

  it('ends, and does not end the process, when a message is more than its receiver can take', async () => {
    await using box = await scene();
    const { near, far, endings } = await pair(box);
    near.onMessage(() => {
      throw new Error('a defect');
    });
    far.write('{}\n');
    await over(near);
    expect(endings).toEqual(['avoided, heard']);
  });
});
