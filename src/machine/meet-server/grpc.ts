import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { MeetingHost } from '../../domain/meeting/meeting-url.ts';
import type { Tls } from './tls.ts';

/** Where a gRPC server is, and how it is reached. */
export interface GrpcTarget {
  readonly host: MeetingHost;
  /** undefined: without TLS. */
  readonly tls: Tls | undefined;
}

/** What the server says about a call that it did not do. Numbers of gRPC. */
export class GrpcStatus extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** A conversation of messages in both directions. */
export interface GrpcStream {
  send(message: Uint8Array): void;
  close(): void;
}

/** What a stream calls back. */
export interface StreamEvents {
  onMessage(message: Uint8Array): void;
  /** Called once, unless we ended it. */
  onEnd(why: Error): void;
}

/** Largest message (bytes) that is taken. etcd sends 2 MB at most, by its defaults. */
const LARGEST = 8 * 1024 * 1024;
/** Longest words (characters) of a server that are passed on. */
const MOST_WORDS = 300;
const UNAVAILABLE = 14;

/**
 * One connection to a gRPC server, over node's own HTTP/2: all calls and streams share it. Messages are bytes.
 */
export class GrpcConnection {
  readonly #session: ClientHttp2Session;
  /** What is sent with every call. */
  readonly #headers: Record<string, string> = {
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': 'agentq',
  };
  #why: Error | undefined;
  #onLost: ((why: Error) => void) | undefined;
  #isClosed = false;

  private constructor(session: ClientHttp2Session) {
    this.#session = session;
    session.on('error', (error) => {
      this.#why ??= error;
    });
    session.on('close', () => {
      const lost = this.#onLost;
      this.#onLost = undefined;
      lost?.(this.#why ?? new Error('it closed the connection'));
    });
  }

  /** @throws Error in the system's words. Abort the signal to give up. */
  static open({ host, tls }: GrpcTarget, signal: AbortSignal): Promise<GrpcConnection> {
    const name = host.name.includes(':') ? `[${host.name}]` : host.name;
    const session = connect(`${tls ? 'https' : 'http'}://${name}:${host.port}`, {
      ...tls,
      settings: { enablePush: false },
    });
    const connection = new GrpcConnection(session);
    return new Promise((resolve, reject) => {
      const giveUp = (): void => connection.close();
      signal.addEventListener('abort', giveUp, { once: true });
      connection.#onLost = reject;
      // The first frame of the server: a port that takes connections may belong to something else.
      session.once('remoteSettings', () => {
        signal.removeEventListener('abort', giveUp);
        connection.#onLost = undefined;
        resolve(connection);
      });
      if (signal.aborted) giveUp();
    });
  }

  /** What every call sends from now on besides its message; undefined: nothing. */
  authorize(token: string | undefined): void {
    if (token === undefined) delete this.#headers.token;
    else this.#headers.token = token;
  }

  /** Calls back once when the connection is lost, unless we closed it. */
  onLost(lost: (why: Error) => void): void {
    this.#onLost = lost;
    if (this.#session.closed || this.#session.destroyed) lost(this.#why ?? new Error('it closed the connection'));
  }

  /** One question and its answer. @throws GrpcStatus, or Error if the connection ends before the answer */
  call(path: string, message: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      let answer: Uint8Array | undefined;
      const stream = this.#begin(path, {
        onMessage: (bytes) => {
          answer = bytes;
        },
        onEnd: (why) =>
          why instanceof GrpcStatus && why.code === 0 && answer !== undefined ? resolve(answer) : reject(why),
      });
      stream?.end(frame(message));
    });
  }

  stream(path: string, events: StreamEvents): GrpcStream {
    let isOurs = false;
    const stream = this.#begin(path, {
      onMessage: events.onMessage,
      onEnd: (why) => {
        if (!isOurs) events.onEnd(why);
      },
    });
    return {
      send: (message) => void stream?.write(frame(message)),
      close() {
        isOurs = true;
        stream?.close();
      },
    };
  }

  /**
   * Ends the connection, and everything on it: nothing is sent or handed over from now on. node ends it a moment later.
   * Ended while node still hands over what has come, in any of our callbacks, it may send empty frames for ever, until
   * there is no memory left (20.20, also nodejs/node#52952), or damage its heap.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#why ??= new Error('it was closed on our side');
    setImmediate(() => this.#session.destroy());
  }

  /** @returns undefined if the connection has ended: `onEnd` is called soon */
  #begin(path: string, { onMessage, onEnd }: StreamEvents): ClientHttp2Stream | undefined {
    let stream: ClientHttp2Stream;
    try {
      if (this.#isClosed) throw this.#why;
      stream = this.#session.request({ ...this.#headers, [constants.HTTP2_HEADER_PATH]: path });
    } catch (error) {
      queueMicrotask(() => onEnd(this.#why ?? (error as Error)));
      return undefined;
    }
    let status: Error | undefined;
    const take = (headers: Readonly<Record<string, unknown>>): void => {
      status = statusIn(headers) ?? status;
    };
    stream.on('response', take);
    stream.on('trailers', take);
    const frames = new Frames((message) => {
      if (!this.#isClosed) onMessage(message);
    });
    stream.on('data', (chunk: Buffer) => {
      try {
        frames.take(chunk);
      } catch (error) {
        status = error as Error;
        stream.close(constants.NGHTTP2_CANCEL);
      }
    });
    stream.on('error', (error) => {
      status ??= error;
    });
    stream.on('close', () => onEnd(status ?? this.#why ?? new GrpcStatus(UNAVAILABLE, 'the answer ended too early')));
    return stream;
  }
}

/** A message with its header: not compressed, and its length. */
function frame(message: Uint8Array): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** Cuts what comes into messages. */
class Frames {
  readonly #onMessage: (message: Uint8Array) => void;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(onMessage: (message: Uint8Array) => void) {
    this.#onMessage = onMessage;
  }

  /** @throws Error if a message is too large, or compressed */
  take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    for (;;) {
      const wanted = this.#wanted();
      if (this.#length < wanted) return;
      const whole = this.#joined();
      this.#chunks = [whole.subarray(wanted)];
      this.#length -= wanted;
      this.#onMessage(whole.subarray(5, wanted));
    }
  }

  /** How long the first message is, with its header; or the header, if that is not here yet. */
  #wanted(): number {
    if (this.#length < 5) return 5;
    const first = this.#chunks[0] ?? Buffer.alloc(0);
    const header = first.length >= 5 ? first : this.#joined();
    if (header[0] !== 0) throw new Error('a message is compressed');
    const length = header.readUInt32BE(1);
    if (length > LARGEST) throw new Error(`a message has ${length} bytes`);
    return 5 + length;
  }

  #joined(): Buffer {
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }
}

/** What headers or trailers say about a call; undefined: nothing yet. */
function statusIn(headers: Readonly<Record<string, unknown>>): Error | undefined {
  const code = headers['grpc-status'];
  if (code !== undefined)
    return new GrpcStatus(
      /^\d{1,3}$/.test(String(code)) ? Number(code) : UNAVAILABLE,
      wordsIn(headers['grpc-message']),
    );
  const http = headers[constants.HTTP2_HEADER_STATUS];
  return http === undefined || http === 200
    ? undefined
    : new Error(`it answers ${String(http)}, and is no gRPC server`);
}

function wordsIn(message: unknown): string {
  const text = String(message ?? '').slice(0, MOST_WORDS);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
