import { createServer, type Server } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { Failure } from '../../../../domain/base/failure.ts';
import type { ServerEnv } from './guard.ts';

/** Only this machine reaches it. */
const ADDRESS = '127.0.0.1';

/** Most connections: a page has a few. */
const MOST_CONNECTIONS = 1_000;

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Ends all connections. */
  close(): void;
}

/**
 * Listens on this machine's own address.
 * @param port 0: any that is free
 * @throws Failure `machine-unusable` if the port is in use, or not for this user
 */
export async function listen(
  port: number,
  appOf: (port: () => number) => Hono<ServerEnv>,
  onConnection: (socket: HttpBindings['incoming']['socket']) => void,
): Promise<Listening> {
  let bound = port;
  const app = appOf(() => bound);
  const server = createServer(
    getRequestListener((request, bindings) => app.fetch(request, bindings), {
      hostname: ADDRESS,
      overrideGlobalObjects: false,
    }),
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.on('connection', onConnection);
  bound = await bind(server, port);
  return {
    port: bound,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(port, error)));
    server.listen(port, ADDRESS, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function cannotListen(port: number, cause: Error & { readonly code?: string }): Failure {
  const why =
    cause.code === 'EADDRINUSE'
      ? `port ${port} is in use`
      : cause.code === 'EACCES'
        ? `this user has no permission to use port ${port}`
        : `port ${port} cannot be used: ${cause.message}`;
  return new Failure('machine-unusable', why, {
    hint: 'name another with --port, or let one be found with --port 0',
    cause,
  });
}
