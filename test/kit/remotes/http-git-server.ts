import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Reword, reworded } from './push-reports.ts';

/** What to do with a request instead of answering it. */
export type Fault =
  /** Answers with this status; `headers` and `body` as given. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** Resets the connection without passing the request on. */
  | { readonly kind: 'reset' }
  /** Never answers; with `after`, once git has carried the request out. */
  | { readonly kind: 'hang'; readonly after?: boolean }
  /** Lets git carry the request out, then resets the connection: the answer is lost. */
  | { readonly kind: 'reset-after' }
  /** Lets git carry the request out, then sends only the first `bytes` of the answer. */
  | { readonly kind: 'truncate'; readonly bytes: number };

/** `info-push` and `info-fetch` are the ref advertisements, `push` and `fetch` what follows. */
export type RequestKind = 'info-push' | 'info-fetch' | 'push' | 'fetch' | 'other';

/** A request that came in. */
export interface SeenRequest {
  readonly kind: RequestKind;
  readonly url: string;
  /** Number of the connection over which it came, from 1. */
  readonly connection: number;
}

/** Serves the bare repositories of a folder over HTTP on loopback, through `git http-backend`. `await using` stops it. */
export class HttpGitServer {
  readonly seen: SeenRequest[] = [];
  /** Asked for each request; a fault replaces the answer. */
  fault: (request: SeenRequest) => Fault | undefined = () => undefined;
  /** Says what became of each ref of a push in other words than git's. */
  reword: Reword | undefined;
  /** How far away it is, ms: what each answer takes longer, and twice as much each connection before its first one. */
  roundTripMs = 0;
  private readonly server: Server;
  private readonly connections = new WeakMap<Socket, number>();
  private readonly greeted = new WeakSet<Socket>();
  private readonly root: string;
  private readonly env: Readonly<Record<string, string>>;

  private constructor(root: string, env: Readonly<Record<string, string>>) {
    this.root = root;
    this.env = env;
    this.server = createServer((request, response) => {
      this.handle(request, response).catch(() => request.socket.destroy());
    });
    let count = 0;
    this.server.on('connection', (socket: Socket) => this.connections.set(socket, ++count));
  }

  /** @param root folder of the repositories. @param env environment for git. */
  static async start(root: string, env: Readonly<Record<string, string>>): Promise<HttpGitServer> {
    const server = new HttpGitServer(root, env);
    await new Promise<void>((resolve) => server.server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** `http://127.0.0.1:<port>/<repository>` */
  url(repository: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${repository}`;
  }

  /** The next request of this kind gets the fault, the others are served. */
  failNext(kind: RequestKind, fault: Fault): void {
    this.fault = (request) => {
      if (request.kind !== kind) return undefined;
      this.fault = () => undefined;
      return fault;
    };
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const connection = this.connections.get(request.socket) ?? 0;
    const seen = { kind: kindOf(request), url: request.url ?? '', connection };
    this.seen.push(seen);
    const fault = this.fault(seen);
    const body = await readAll(request);
    if (this.roundTripMs > 0) await new Promise((resolve) => setTimeout(resolve, this.awayMs(request.socket)));
    if (fault?.kind === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    if (fault?.kind === 'status') {
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
      return;
    }
    if (fault?.kind === 'hang' && !fault.after) return;
    const answer = await this.backend(request, body);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'reset-after') {
      request.socket.resetAndDestroy();
      return;
    }
    const end = answer.indexOf('\r\n\r\n');
    const words = answer.subarray(end + 4);
    const content = seen.kind === 'push' && this.reword !== undefined ? reworded(words, this.reword) : words;
    const headers: Record<string, string> = {};
    let status = 200;
    for (const line of answer.subarray(0, end).toString('latin1').split('\r\n')) {
      const [name = '', value = ''] = line.split(/:\s*/, 2);
      if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
      else headers[name] = value;
    }
    response.writeHead(status, { ...headers, 'Content-Length': String(content.length) });
    if (fault?.kind !== 'truncate') {
      response.end(content);
      return;
    }
    response.write(content.subarray(0, fault.bytes), () => request.socket.destroy());
  }

  /** One round trip for the exchange, and one each for TCP and TLS where the connection is new. */
  private awayMs(socket: Socket): number {
    const trips = this.greeted.has(socket) ? 1 : 3;
    this.greeted.add(socket);
    return trips * this.roundTripMs;
  }

  /** Runs `git http-backend` as CGI. */
  private backend(request: IncomingMessage, body: Buffer): Promise<Buffer> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const child = spawn('git', ['http-backend'], {
      env: {
        ...this.env,
        GIT_PROJECT_ROOT: this.root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: decodeURIComponent(url.pathname),
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        CONTENT_LENGTH: String(body.length),
        REMOTE_ADDR: '127.0.0.1',
        ...(request.headers['content-encoding'] === undefined
          ? {}
          : { HTTP_CONTENT_ENCODING: request.headers['content-encoding'] }),
        ...(request.headers['git-protocol'] === undefined
          ? {}
          : { GIT_PROTOCOL: String(request.headers['git-protocol']) }),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => {});
    child.stdin.end(body);
    return readAll(child.stdout);
  }
}

function kindOf(request: IncomingMessage): RequestKind {
  const url = request.url ?? '';
  if (url.includes('/info/refs?service=git-receive-pack')) return 'info-push';
  if (url.includes('/info/refs?service=git-upload-pack')) return 'info-fetch';
  if (url.endsWith('/git-receive-pack')) return 'push';
  return url.endsWith('/git-upload-pack') ? 'fetch' : 'other';
}

async function readAll(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
