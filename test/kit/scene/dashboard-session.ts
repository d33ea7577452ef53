import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { Board, BoardChange } from '../../../src/domain/dashboard/board.ts';
import type { RunningAgentq, RunOptions } from '../processes/run-agentq.ts';
import { said } from '../processes/said.ts';
import type { Scene } from './scene.ts';

/** What the server answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** How something is asked for. */
export interface Asking {
  readonly method?: string;
  /** Absent: those that a page of the server sends. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What the page is told, by the name of the event. */
interface ToldData {
  readonly hello: { readonly revision: string };
  readonly change: { readonly from: string; readonly to: string; readonly change: BoardChange };
  readonly notice: { readonly message: string | null };
}

export interface Told {
  readonly event: keyof ToldData;
  readonly data: ToldData[keyof ToldData];
}

/** `agentq dashboard`, and whoever talks to it without a browser. */
export class DashboardSession {
  readonly running: RunningAgentq;
  /** As it was printed. */
  readonly url: URL;
  /** Sent with every request; a page of a server that may act has one. */
  cookie: string | undefined;

  private constructor(running: RunningAgentq, url: string) {
    this.running = running;
    this.url = new URL(url);
  }

  /** Starts it in a folder of the scene, and waits until it can be asked. */
  static async start(
    box: Scene,
    dir: string,
    args: readonly string[] = [],
    options: RunOptions = {},
  ): Promise<DashboardSession> {
    const running = box.start(dir, ['dashboard', ...args], options);
    const printed = await said(running, 'stdout', /\n/);
    return new DashboardSession(running, printed.trim());
  }

  /** `http://127.0.0.1:<port>` */
  get origin(): string {
    return this.url.origin;
  }

  /** Opens the page with its token, and keeps the cookie. */
  async open(): Promise<HttpAnswer> {
    const answer = await this.ask(`${this.url.pathname}${this.url.search}`);
    this.cookie = answer.headers['set-cookie']?.[0]?.split(';')[0];
    return answer;
  }

  /** Asks for a path. */
  async ask(path: string, asking: Asking = {}): Promise<HttpAnswer> {
    const response = await this.#send(path, asking);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() };
  }

  /** The board as the page gets it. */
  async board(): Promise<{ readonly revision: string; readonly board: Board }> {
    return JSON.parse((await this.ask('/api/board')).text);
  }

  /** Does what a button of the page does. */
  act(action: object, headers: Readonly<Record<string, string>> = {}): Promise<HttpAnswer> {
    return this.ask('/api/actions', {
      method: 'POST',
      body: JSON.stringify(action),
      headers: { origin: this.origin, 'content-type': 'application/json', ...headers },
    });
  }

  /** What a page is told, from now on. Leave the loop to close the page. */
  async *events(): AsyncGenerator<Told, void, void> {
    const response = await this.#send('/api/events', {});
    let rest = '';
    for await (const chunk of response) {
      const parts = `${rest}${chunk}`.split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(part) ?? [];
        if (event !== undefined && data !== undefined) yield { event, data: JSON.parse(data) } as Told;
      }
    }
  }

  #send(path: string, { method = 'GET', headers = {}, body }: Asking): Promise<IncomingMessage> {
    const cookie = this.cookie === undefined ? {} : { cookie: this.cookie };
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port: this.url.port, path, method, headers: { ...cookie, ...headers } },
        resolve,
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

/** The next thing that fits of what a page is told. */
export async function nextOf<Event extends keyof ToldData>(
  events: AsyncGenerator<Told, void, void>,
  event: Event,
  fits: (data: ToldData[Event]) => boolean = () => true,
): Promise<ToldData[Event]> {
  for (;;) {
    const { value, done } = await events.next();
    if (done === true || value === undefined) throw new Error(`the page was closed before a ${event}`);
    const data = value.data as ToldData[Event];
    if (value.event === event && fits(data)) return data;
  }
}
