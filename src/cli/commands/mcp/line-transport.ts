import type { Readable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { type JSONRPCMessage, JSONRPCMessageSchema, type RequestId } from '@modelcontextprotocol/sdk/types.js';

/** Longest message (bytes): a plan for `add` may have 3 MiB. */
const LONGEST_LINE = 4 * 1024 * 1024;

const [PARSE_ERROR, INVALID_REQUEST] = [-32700, -32600];
const LINE_FEED = 0x0a;

/** Writes one message to stdout. @returns whether stdout is still being read */
export type Write = (message: object) => Promise<boolean>;

/**
 * The protocol over stdin and stdout, one message per line. The SDK's own transport stops for good at a line that is
 * too long, and does not answer what is not a message, so that its sender waits forever.
 */
export class LineTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** A request was cancelled; also called for one that has been answered. */
  onCancelled?: (request: RequestId) => void;
  /** Resolves when no more messages come. What has come may still be answered. */
  readonly ended: Promise<void>;
  readonly #stdin: Readable;
  readonly #write: Write;
  #end: () => void = () => undefined;
  #line: Buffer[] = [];
  #length = 0;

  constructor(stdin: Readable, write: Write) {
    this.#stdin = stdin;
    this.#write = write;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  async start(): Promise<void> {
    this.#stdin.on('data', this.#onData);
    for (const event of ['end', 'close', 'error']) this.#stdin.on(event, this.#end);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (!(await this.#write(message))) this.#end();
  }

  async close(): Promise<void> {
    this.#stdin.off('data', this.#onData);
    this.#stdin.pause();
    this.#end();
    this.onclose?.();
  }

  #onData = (chunk: Buffer | string): void => {
    let rest = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED)) {
      this.#collect(rest.subarray(0, end));
      const [line, length] = [this.#line, this.#length];
      [this.#line, this.#length] = [[], 0];
      if (length > LONGEST_LINE) this.#refuse(INVALID_REQUEST, `a message may have ${LONGEST_LINE} bytes at most`);
      else this.#receive(Buffer.concat(line).toString('utf8'));
      rest = rest.subarray(end + 1);
    }
    this.#collect(rest);
  };

  /** Of a line that is too long, only the length is kept. */
  #collect(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > LONGEST_LINE) this.#line = [];
    else if (part.length > 0) this.#line.push(part);
  }

  #receive(line: string): void {
    if (line.trim() === '') return;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      this.#refuse(PARSE_ERROR, 'this is not JSON');
      return;
    }
    const parsed = JSONRPCMessageSchema.safeParse(value);
    if (!parsed.success) {
      this.#refuse(INVALID_REQUEST, 'this is not a message of JSON-RPC 2.0', idOf(value));
      return;
    }
    this.onmessage?.(parsed.data);
    const cancelled = cancelledBy(parsed.data);
    if (cancelled !== undefined) this.onCancelled?.(cancelled);
  }

  #refuse(code: number, message: string, id?: RequestId): void {
    this.onerror?.(new Error(message));
    void this.#write({ jsonrpc: '2.0', ...(id === undefined ? {} : { id }), error: { code, message } });
  }
}

/** The id in something that is not a message, if it has one: its sender waits for the answer. */
function idOf(value: unknown): RequestId | undefined {
  if (typeof value !== 'object' || value === null || !('id' in value) || !('method' in value)) return undefined;
  const { id } = value;
  return typeof id === 'string' || Number.isSafeInteger(id) ? (id as RequestId) : undefined;
}

function cancelledBy(message: JSONRPCMessage): RequestId | undefined {
  if (!('method' in message) || message.method !== 'notifications/cancelled') return undefined;
  const id = message.params?.requestId;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}
