import { execFile } from 'node:child_process';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { GrpcConnection } from '../../../src/machine/meet-server/grpc.ts';
import { programOf } from '../../kit/processes/program.ts';
import { scene } from '../../kit/scene/scene.ts';

const run = promisify(execFile);

describe('a gRPC connection', () => {
  // 0: no error, as etcd ends a stream that we have not ended; 8: cancelled. It takes no time unless it never ends.
  it.each([0, 8])('ends although the server has reset a stream with code %d', async (code) => {
    await using box = await scene();
    const program = await programOf('test/kit/processes/reset-streams.ts', box.root);
    const { stdout } = await run(process.execPath, ['--max-old-space-size=200', program, `${code}`], {
      timeout: 20_000,
      killSignal: 'SIGKILL',
    });
    expect(stdout).toBe('done');
  });

  it('sends and hands over nothing once it is closed', async () => {
    const server = createServer();
    const asked: string[] = [];
    server.on('stream', (stream, headers) => {
      asked.push(String(headers[':path']));
      stream.on('error', () => undefined);
      stream.respond({ ':status': 200 });
      // Two messages in one frame: both come before anything that the first one starts.
      stream.write(Buffer.from([0, 0, 0, 0, 1, 65, 0, 0, 0, 0, 1, 66]));
      stream.write(Buffer.from([0, 0, 0, 0, 1, 67]));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const target = { host: { name: '127.0.0.1', port }, tls: undefined };
    const connection = await GrpcConnection.open(target, new AbortController().signal);
    const heard: string[] = [];
    let asking: Promise<unknown> = Promise.resolve();
    await new Promise<Error>((resolve) => {
      connection.stream('/stream', {
        onMessage: (message) => {
          heard.push(String(message));
          connection.close();
          asking = expect(connection.call('/call', new Uint8Array())).rejects.toThrow('closed on our side');
        },
        onEnd: resolve,
      });
    });
    await asking;
    await new Promise((resolve) => server.close(resolve));
    expect([heard, asked]).toEqual([['A'], ['/stream']]);
  });
});
