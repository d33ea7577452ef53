import { beforeEach, describe, expect, it } from 'vitest';
import { systemClock, systemRandomness } from '../../../src/cli/command/system.ts';
import { type MeetingUrl, parseMeeting } from '../../../src/domain/meeting/meeting-url.ts';
import { meetAt } from '../../../src/machine/meet-server/meet-at.ts';
import type { MeetServer, MeetServerFailure, Term } from '../../../src/machine/meet-server/meet-server.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';
import { MEETING_SERVERS, type MeetingServer, type MeetingServerOptions } from '../../kit/servers/meeting-servers.ts';
import { isTested, MEETING_FAMILIES, type MeetingFamily } from '../../kit/servers/server.ts';

/** What a server must do at which machines meet, the same for each kind, against real ones. */

const LEASE_MS = 3_000;

/** What somebody may write who wants the line `f` to stand still. */
const FORGED: Readonly<Record<MeetingFamily, readonly (readonly string[])[]>> = {
  redis: [
    ['zadd', 'agentq:{f}:line', '1', 'for-ever', '2', 'timeless'],
    ['zadd', 'agentq:{f}:line-times', '9999999999999', 'for-ever', 'inf', 'infinite'],
  ],
  etcd: [['put', 'agentq/line/f/for-ever', '']],
};

interface Place {
  readonly box: Scene;
  readonly running: MeetingServer;
  open(change?: Partial<MeetingUrl>): Promise<MeetServer>;
  [Symbol.asyncDispose](): Promise<void>;
}

async function place(kind: MeetingFamily, options?: MeetingServerOptions): Promise<Place> {
  const box = await scene();
  const running = await MEETING_SERVERS[kind](box, options);
  const choice = parseMeeting(running.url);
  if (choice.kind !== 'url') throw new Error(choice.kind);
  const opened: MeetServer[] = [];
  return {
    box,
    running,
    async open(change) {
      const options = { clock: systemClock, random: systemRandomness, tls: { ca: running.ca } };
      const server = await meetAt({ ...choice.url, ...change }, options).open();
      opened.push(server);
      return server;
    },
    async [Symbol.asyncDispose]() {
      for (const server of opened) await server.close();
      await box[Symbol.asyncDispose]();
    },
  };
}

/** What is handed over, to be waited for. */
class Told<T> {
  readonly all: T[] = [];
  #wake: () => void = () => undefined;
  readonly take = (one: T): void => {
    this.all.push(one);
    this.#wake();
  };

  async until(enough: (all: readonly T[]) => boolean): Promise<readonly T[]> {
    while (!enough(this.all)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.all;
  }
}

describe.each(MEETING_FAMILIES)('%s', (kind) => {
  beforeEach(({ skip }) => skip(!isTested(kind)));

  it('elects one of 25, numbers its terms, and lets nobody but the holder renew or resign', async () => {
    await using at = await place(kind);
    const servers = await Promise.all(Array.from({ length: 25 }, () => at.open()));
    const elections = await Promise.all(servers.map((server, index) => server.elect('p', `h${index}`, LEASE_MS)));
    const [won, ...more] = elections.filter((election) => election.kind === 'elected');
    expect(more).toEqual([]);
    const { term } = won as { term: Term };
    expect(new Set(elections.map((election) => JSON.stringify(election.term)))).toEqual(
      new Set([JSON.stringify(term)]),
    );
    const [one, other] = servers as [MeetServer, MeetServer];
    expect(await one.renew('p', term, LEASE_MS)).toBe('held');
    expect(await other.renew('p', { ...term, token: term.token + 1 }, LEASE_MS)).toBe('lost');
    await other.resign('p', { token: term.token - 1, holder: 'somebody' });
    expect(await one.renew('p', term, LEASE_MS)).toBe('held');
    await other.resign('p', term);
    expect(await one.renew('p', term, LEASE_MS)).toBe('lost');
    const next = await other.elect('p', 'again', LEASE_MS);
    expect(next).toMatchObject({ kind: 'elected' });
    expect(next.term.token).toBeGreaterThan(term.token);
    expect(await one.elect('q', 'another', LEASE_MS)).toMatchObject({ kind: 'elected' });
  });

  it('tells who holds a place, at once and after every change', async () => {
    await using at = await place(kind);
    const [one, other] = [await at.open(), await at.open()];
    const holders = new Told<string | undefined>();
    const stop = other.watch('p', (term) => holders.take(term?.holder));
    await holders.until((all) => all.length === 1);
    const { term } = await one.elect('p', 'first', LEASE_MS);
    await holders.until((all) => all.at(-1) === 'first');
    await one.resign('p', term);
    await holders.until((all) => all.length >= 3 && all.at(-1) === undefined);
    await one.elect('p', 'second', LEASE_MS);
    await holders.until((all) => all.at(-1) === 'second');
    const late = new Told<string | undefined>();
    other.watch('p', (now) => late.take(now?.holder));
    await late.until((all) => all.at(-1) === 'second');
    stop();
    await at.running.wipe();
    await late.until((all) => all.at(-1) === undefined);
    expect(holders.all.at(-1)).toBe('second');
  });

  it('keeps a line, first come, first served, and counts nobody who is gone or in another form', async () => {
    await using at = await place(kind);
    const [one, other, third] = [await at.open(), await at.open(), await at.open()];
    expect(await one.stand('l', 'first', 1, LEASE_MS)).toBe('turn');
    expect(await other.stand('l', 'second', 1, LEASE_MS)).toBe('wait');
    expect(await third.stand('l', 'third', 2, LEASE_MS)).toBe('wait');
    expect(await one.stand('l', 'first', 1, LEASE_MS)).toBe('turn');
    expect(await third.stand('l', 'third', 3, LEASE_MS)).toBe('turn');
    expect(await third.stand('another', 'third', 1, LEASE_MS)).toBe('turn');
    await one.leaveLine('l', 'first');
    expect(await other.stand('l', 'second', 1, LEASE_MS)).toBe('turn');
    expect(await third.stand('l', 'third', 1, LEASE_MS)).toBe('wait');
    // Who comes again is the last.
    expect(await one.stand('l', 'first', 2, LEASE_MS)).toBe('wait');

    expect(await other.stand('g', 'gone', 1, 50)).toBe('turn');
    await other.close();
    await expect.poll(() => third.stand('g', 'me', 1, LEASE_MS)).toBe('turn');

    for (const words of FORGED[kind]) await at.running.ask(...words);
    await expect.poll(() => third.stand('f', 'me', 1, LEASE_MS)).toBe('turn');
  });

  it('passes texts on, in order and whole, to those who listen', async () => {
    await using at = await place(kind);
    const [one, other, third] = [await at.open(), await at.open(), await at.open()];
    expect(await one.publish('t', 'nobody')).toBe('unheard');
    const [heard, too] = [new Told<string>(), new Told<string>()];
    const stop = await other.subscribe('t', heard.take);
    await third.subscribe('t', too.take);
    const texts = [...Array.from({ length: 50 }, (_, index) => `${index}`), '', 'ä\u0000\n"', 'x'.repeat(256 * 1024)];
    expect(await Promise.all(texts.map((text) => one.publish('t', text)))).toEqual(texts.map(() => 'sent'));
    expect(await heard.until((all) => all.length === texts.length)).toEqual(texts);
    expect(await too.until((all) => all.length === texts.length)).toEqual(texts);
    await expect(one.publish('t', 'ä'.repeat(130 * 1024))).rejects.toMatchObject({ kind: 'unusable' });
    expect(await one.publish('t2', 'nobody')).toBe('unheard');
    stop();
    await third.close();
    await expect.poll(() => one.publish('t', 'nobody')).toBe('unheard');
    expect(heard.all).toHaveLength(texts.length);
  });

  it('frees at once what a process held that has said goodbye', async () => {
    await using at = await place(kind);
    const [one, other] = [await at.open(), await at.open()];
    const { term } = await one.elect('p', 'one', LEASE_MS);
    await one.resign('p', term);
    await one.close();
    expect(await other.elect('p', 'other', LEASE_MS)).toMatchObject({ kind: 'elected' });
    await one.close();
  });

  it('tells when it is lost, and does nothing more', async () => {
    await using at = await place(kind);
    const [one, other] = [await at.open(), await at.open()];
    const lost = new Promise<MeetServerFailure>((resolve) => one.onLost(resolve));
    await at.running.kill();
    const failure = await lost;
    expect(failure).toMatchObject({ kind: 'away', message: expect.stringContaining(one.name) });
    await expect(one.elect('p', 'h', LEASE_MS)).rejects.toBe(failure);
    await expect(other.publish('t', 'x')).rejects.toMatchObject({ kind: 'away' });
    expect(await new Promise((resolve) => one.onLost(resolve))).toBe(failure);
    await expect(at.open()).rejects.toMatchObject({ kind: 'away' });
    await at.running.restart();
    expect(await (await at.open()).elect('p', 'h', LEASE_MS)).toMatchObject({ kind: 'elected' });
  });

  it('is lost within a second when it answers nothing any more', async () => {
    await using at = await place(kind);
    const one = await at.open();
    at.running.pause();
    // It may answer a few more before it stands still.
    const asking = async (): Promise<never> => {
      for (let place = 0; ; place++) await one.elect(`p${place}`, 'h', LEASE_MS);
    };
    await expect(asking()).rejects.toMatchObject({
      kind: 'away',
      message: expect.stringMatching(/no answer within/),
    });
    await expect(at.open()).rejects.toMatchObject({ kind: 'away', message: expect.stringMatching(/no answer within/) });
    at.running.resume();
    expect(await (await at.open()).elect('p', 'h', LEASE_MS)).toMatchObject({ kind: 'elected' });
  });

  it('asks for a password, over TLS, and never repeats it', async () => {
    await using at = await place(kind, { password: 's3cret', tls: true });
    const one = await at.open();
    expect(await one.elect('p', 'h', LEASE_MS)).toMatchObject({ kind: 'elected' });
    const choice = parseMeeting(at.running.url);
    const login = choice.kind === 'url' ? choice.url.login : undefined;
    const wrong = { user: login?.user, password: 'wr0ng' };
    for (const change of [{ login: wrong }, { login: undefined }, { secrecy: 'plain' as const }]) {
      const failure = await at
        .open(change)
        .then(async (server) => server.elect('p', 'h', LEASE_MS))
        .then(String, (error: MeetServerFailure) => error);
      expect(failure).toMatchObject({ name: 'MeetServerFailure' });
      expect(JSON.stringify([failure, String(failure)])).not.toMatch(/s3cret|wr0ng/);
    }
  });
});
