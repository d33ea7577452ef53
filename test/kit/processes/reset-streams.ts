import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { GrpcConnection } from '../../../src/machine/meet-server/grpc.ts';

/**
 * Ends its connection to a server when that has reset a stream, again and again. Prints `done`, if it gets there. In a
 * process of its own: where it does not, it takes all memory that there is.
 */

const ROUNDS = 10;
const code = Number(process.argv[2]);

const server = createServer();
server.on('stream', (stream, headers) => {
  stream.on('error', () => undefined);
  stream.respond({ ':status': 200 });
  if (headers[':path'] === '/reset') stream.on('data', () => stream.close(code));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;

for (let round = 0; round < ROUNDS; round++) {
  const target = { host: { name: '127.0.0.1', port }, tls: undefined };
  const connection = await GrpcConnection.open(target, new AbortController().signal);
  const other = connection.stream('/other', { onMessage: () => undefined, onEnd: () => undefined });
  other.send(Buffer.from([1]));
  await new Promise<void>((resolve) => {
    const onEnd = (): void => {
      connection.close();
      resolve();
    };
    connection.stream('/reset', { onMessage: () => undefined, onEnd }).send(Buffer.from([1]));
  });
}
process.stdout.write('done');
process.exit();
