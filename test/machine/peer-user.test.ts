import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { userOfPeer } from '../../src/machine/peer-user.ts';

it.skipIf(process.platform !== 'linux')('knows whose process is at the other end of a connection', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const arriving = once(server, 'connection');
  const client = connect(port, '127.0.0.1');
  const [socket] = (await arriving) as [Socket];
  expect(userOfPeer(socket)).toBe(process.getuid?.());
  expect(userOfPeer({ ...endsOf(socket), remotePort: port })).toBeUndefined();
  client.destroy();
  socket.destroy();
  server.close();
});

it('knows nothing of what is no connection by IPv4', () => {
  expect(userOfPeer({})).toBeUndefined();
  expect(userOfPeer({ remoteAddress: '::1', remotePort: 1, localAddress: '::1', localPort: 2 })).toBeUndefined();
});

function endsOf({ remoteAddress, localAddress, localPort }: Socket) {
  return { remoteAddress, localAddress, localPort };
}
