import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { systemClock, systemRandomness } from '../../../src/cli/command/system.ts';
import { type MeetingUrl, parseMeeting } from '../../../src/domain/meeting/meeting-url.ts';
import { openEtcd } from '../../../src/machine/meet-server/etcd.ts';
import { EtcdSession } from '../../../src/machine/meet-server/etcd-session.ts';
import { Watches } from '../../../src/machine/meet-server/etcd-watches.ts';
import { type MeetServer, MeetServerFailure, MOST_BYTES } from '../../../src/machine/meet-server/meet-server.ts';
import { scene } from '../../kit/scene/scene.ts';
import { startEtcd } from '../../kit/servers/meeting-servers.ts';
import { freePort, isTested } from '../../kit/servers/server.ts';

/** What only etcd does, or what only an etcd could be taken for. */

const OPTIONS = { clock: systemClock, random: systemRandomness, tls: {} };

function urlOf(text: string): MeetingUrl {
  const choice = parseMeeting(text);
  if (choice.kind !== 'url') throw new Error(text);
  return choice.url;
}

async function failureOf(work: Promise<unknown>): Promise<MeetServerFailure> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof MeetServerFailure) return failure;
  throw new Error(`no failure: ${failure}`);
}

const lossOf = (server: Pick<MeetServer, 'onLost'>): Promise<MeetServerFailure> =>
  new Promise((resolve) => server.onLost(resolve));

describe.runIf(isTested('etcd'))('an etcd', () => {
  it('is reached by any of its members', async () => {
    await using box = await scene();
    const { port } = await startEtcd(box);
    const gone = await freePort();
    await using silent = await listening(() => undefined);
    const server = await openEtcd(
      urlOf(`etcd://127.0.0.1:${gone},127.0.0.1:${silent.port},127.0.0.1:${port}`),
      OPTIONS,
    );
    expect(await server.elect('p', 'h', 3_000)).toMatchObject({ kind: 'elected' });
    await server.close();
  });

  it('is told again who we are when it has forgotten, by many calls at once', async () => {
    await using box = await scene();
    const running = await startEtcd(box, { password: 's3cret' });
    const server = await openEtcd(urlOf(running.url), OPTIONS);
    // The same password again: etcd forgets who had logged in with it.
    const login = ['--endpoints', `http://127.0.0.1:${running.port}`, '--user', 'root:s3cret'];
    const change = ['ETCDCTL_API=3', 'etcdctl', ...login, 'user', 'passwd', 'root', '--interactive=false'];
    expect(await box.run(box.root, 'env', change, 's3cret\n')).toMatchObject({ exitCode: 0 });
    const places = Array.from({ length: 5 }, (_, index) => `p${index}`);
    const elections = await Promise.all(places.map((place) => server.elect(place, 'h', 3_000)));
    expect(elections.map(({ kind }) => kind)).toEqual(places.map(() => 'elected'));
    await server.close();
  });

  it('says what a user may not do', async () => {
    await using box = await scene();
    const running = await startEtcd(box, { password: 's3cret' });
    await running.ask('user', 'add', 'guest:guest');
    const server = await openEtcd(urlOf(running.url.replace('root:s3cret', 'guest:guest')), OPTIONS);
    const failure = await failureOf(server.elect('p', 'h', 3_000));
    expect(failure).toMatchObject({ kind: 'refused', message: expect.stringMatching(/permission denied/) });
    await server.close();
  });

  it('ends the session when its lease is gone, as after a suspension of minutes', async () => {
    await using box = await scene();
    const running = await startEtcd(box);
    const server = await openEtcd(urlOf(running.url), OPTIONS);
    const lost = lossOf(server);
    const [, lease = ''] = (await running.ask('lease', 'list')).trim().split('\n');
    await running.ask('lease', 'revoke', lease);
    expect(await lost).toMatchObject({ kind: 'away', message: expect.stringMatching(/lease has run out/) });
  });

  it('goes on when the lease of its terms is gone, as after a suspension of seconds, and gets another one', async () => {
    await using box = await scene();
    const running = await startEtcd(box);
    const server = await openEtcd(urlOf(running.url), OPTIONS);
    const { term } = await server.elect('p', 'h', 3_000);
    expect(await server.stand('l', 'first', 1, 3_000)).toBe('turn');
    const heard = new Promise((resolve) => server.subscribe('t', resolve));
    await expect.poll(() => running.ask('get', 'agentq/ears', '--prefix', '--keys-only')).toContain('agentq/ears/t/');
    const [, lease = '0'] = /"lease":(\d+)/.exec(await running.ask('get', 'agentq/place/p', '-w', 'json')) ?? [];
    await running.ask('lease', 'revoke', BigInt(lease).toString(16));

    expect(await server.renew('p', term, 3_000)).toBe('lost');
    expect(await server.publish('t', 'still there')).toBe('sent');
    expect(await heard).toBe('still there');
    const next = await server.elect('p', 'again', 3_000);
    expect(next).toMatchObject({ kind: 'elected' });
    expect(next.term.token).toBeGreaterThan(term.token);
    expect(await server.stand('l', 'first', 1, 3_000)).toBe('turn');
    await server.close();
    const left = await running.ask('get', 'agentq', '--prefix', '--keys-only');
    expect(left.trim()).toBe('');
  });

  it('ends the session when news are missing', async () => {
    await using box = await scene();
    const running = await startEtcd(box);
    for (const value of ['1', '2', '3']) await running.ask('put', 'k', value);
    await running.ask('compact', '3');
    const session = await EtcdSession.open(urlOf(running.url), OPTIONS);
    const lost = lossOf(session);
    new Watches(session)
      .begin({ key: 'k', from: 1, tells: 'everything' }, () => undefined)
      .begun.catch(() => undefined);
    expect(await lost).toMatchObject({ kind: 'refused', message: expect.stringMatching(/compacted/) });
  });

  it('says that it is full, and still takes what frees something', async () => {
    await using box = await scene();
    const running = await startEtcd(box, { args: ['--quota-backend-bytes', `${2 * 1024 * 1024}`] });
    const server = await openEtcd(urlOf(running.url), OPTIONS);
    await server.subscribe('t', () => undefined);
    const { term } = await server.elect('p', 'h', 3_000);
    const fill = async (): Promise<void> => {
      for (let text = 0; text < 40; text++) await server.publish('t', 'x'.repeat(MOST_BYTES));
    };
    expect(await failureOf(fill())).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/space exceeded/),
    });
    await server.resign('p', term);
    expect(await server.renew('p', term, 3_000)).toBe('lost');
    await server.close();
  });
});

/** A server of the test's own, which ends with its block. */
async function listening(onConnection: Parameters<typeof createServer>[1]) {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection?.(socket);
  });
  return { ...(await started(server)), sockets };
}

async function started(server: ReturnType<typeof createServer> | Http2Server) {
  const open = new Set<{ destroy(): void }>();
  server.on('connection', (socket: { destroy(): void }) => open.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('what is no etcd', () => {
  it.each([
    ['says nothing', undefined],
    ['speaks HTTP/1', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['speaks as Redis does', "-ERR unknown command 'PRI'\r\n"],
    ['closes the connection', ''],
  ])('%s, and is given up within a second', async (_, words) => {
    await using place = await listening((socket) => {
      if (words === '') socket.destroy();
      else if (words !== undefined) socket.write(words);
    });
    const failure = await failureOf(openEtcd(urlOf(`etcd://127.0.0.1:${place.port}`), OPTIONS));
    expect(failure).toMatchObject({
      kind: 'away',
      message: expect.stringContaining(`etcd://127.0.0.1:${place.port}: `),
    });
    const overTls = await failureOf(openEtcd(urlOf(`etcds://127.0.0.1:${place.port}`), OPTIONS));
    expect(overTls.kind).toBe('away');
  });

  const header = (length: number, flag = 0): Buffer =>
    Buffer.from([flag, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255]);

  it.each<[string, Record<string, string | number>, Buffer]>([
    ['answers with a page', { ':status': 404 }, Buffer.from('<html>')],
    ['says nothing that is a message', { ':status': 200 }, Buffer.concat([header(3), Buffer.from([255, 255, 255])])],
    ['sends messages without end', { ':status': 200 }, header(0xffff_ffff)],
    ['compresses its messages', { ':status': 200 }, Buffer.concat([header(1, 1), Buffer.from([0])])],
    ['says only half of a message', { ':status': 200 }, Buffer.concat([header(9), Buffer.from([0])])],
    [
      'refuses in words without end',
      { ':status': 200, 'grpc-status': 7, 'grpc-message': `%${'a%0a'.repeat(3_000)}` },
      Buffer.alloc(0),
    ],
    ['has a status that is no number', { ':status': 200, 'grpc-status': 'ok' }, Buffer.alloc(0)],
  ])('%s', async (_, headers, body) => {
    const server = createHttp2Server();
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      stream.respond(headers);
      stream.end(body);
    });
    await using place = await started(server);
    const failure = await failureOf(openEtcd(urlOf(`etcd://127.0.0.1:${place.port}`), OPTIONS));
    expect(failure.message.length).toBeLessThan(500);
  });
});
