import { Redis } from 'ioredis';
import type { Clock } from '../../domain/base/clock.ts';
import { given } from '../../domain/base/given.ts';
import { type MeetingUrl, showMeeting } from '../../domain/meeting/meeting-url.ts';
import { inTime } from './in-time.ts';
import {
  CALL_MS,
  CONNECT_MS,
  type Election,
  type MeetServer,
  MeetServerFailure,
  MOST_BYTES,
  type Stop,
  type Term,
} from './meet-server.ts';
import type { Tls } from './tls.ts';

/** What besides the URL decides how Redis is reached. */
export interface RedisOptions {
  readonly clock: Clock;
  /** Only looked at if the URL asks for TLS. */
  readonly tls: Tls;
}

/** How long (ms) the number of the last term is kept. Holders are unique, so nothing breaks when it starts again. */
const COUNT_LIVES_MS = 7 * 24 * 3_600_000;

/** Pause (ms) between two looks at who holds a place: Redis tells nobody that a key has run out, unless told to. */
const WATCH_MS = 700;

/** Takes the place if it is free, and answers with its holder. Both keys are in one slot. */
const ELECT = `
local held = redis.call('get', KEYS[1])
if held then return held end
local term = redis.call('incr', KEYS[2]) .. ' ' .. ARGV[1]
redis.call('pexpire', KEYS[2], ARGV[3])
redis.call('set', KEYS[1], term, 'NX', 'PX', ARGV[2])
return term`;

/** Compare and prolong, compare and delete: a term that has run out must not touch the next one. */
const RENEW = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0`;
const RESIGN = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;

/**
 * A line is a sorted set of who stands there, by when they came, and one by until when (ms, Redis's own clock) each
 * place is kept. Whoever is out of time leaves both, and so does a place that is kept for longer than anybody may ask.
 * The first ones of the line that have no time at all are not ours. Both keys are in one slot.
 */
const STAND = `
local clock = redis.call('time')
local now, ttl = clock[1] * 1000 + math.floor(clock[2] / 1000), tonumber(ARGV[3])
local function drop(from, to)
  for _, gone in ipairs(redis.call('zrangebyscore', KEYS[2], from, to, 'LIMIT', 0, 1000)) do
    redis.call('zrem', KEYS[1], gone)
    redis.call('zrem', KEYS[2], gone)
  end
end
drop('-inf', now)
drop(string.format('(%.0f', now + ttl), '+inf')
redis.call('zadd', KEYS[1], 'NX', string.format('%.0f', clock[1] * 1000000 + clock[2]), ARGV[1])
redis.call('zadd', KEYS[2], now + ttl, ARGV[1])
redis.call('pexpire', KEYS[1], ttl)
redis.call('pexpire', KEYS[2], ttl)
for _, who in ipairs(redis.call('zrange', KEYS[1], 0, ARGV[2] - 1)) do
  if who == ARGV[1] then return 1 end
  if not redis.call('zscore', KEYS[2], who) then redis.call('zrem', KEYS[1], who) end
end
return 0`;
const LEAVE = `redis.call('zrem', KEYS[1], ARGV[1]) return redis.call('zrem', KEYS[2], ARGV[1])`;

/**
 * Connects to a Redis (6.2 or later, with or without Sentinel or replicas; no cluster): one connection for commands and
 * messages.
 * @throws MeetServerFailure within {@link CONNECT_MS}
 */
export async function openRedis(url: MeetingUrl, { clock, tls }: RedisOptions): Promise<MeetServer> {
  const { hosts, secrecy, login, database } = url;
  const [{ name: host, port } = { name: 'localhost', port: 6379 }] = hosts;
  const redis = new Redis({
    host,
    port,
    db: database,
    ...given({ username: login?.user, password: login?.password }),
    ...(secrecy === 'tls' ? { tls: { ...tls, servername: isAddress(host) ? '' : host } } : {}),
    // Commands and messages over one connection.
    protocol: 3,
    connectTimeout: CONNECT_MS,
    // A connection that is lost has lost messages: whoever wants another one opens it.
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResubscribe: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    lazyConnect: true,
  });
  let cause: Error | undefined;
  redis.on('error', (error: Error) => {
    cause ??= error;
  });
  try {
    await inTime(redis.connect(), CONNECT_MS, clock);
    return new RedisServer(redis, url, clock);
  } catch (error) {
    redis.disconnect();
    throw failureOf(cause ?? error, showMeeting(url));
  }
}

class RedisServer implements MeetServer {
  readonly name: string;
  readonly #redis: Redis;
  readonly #clock: Clock;
  readonly #keys: string;
  readonly #channels: string;
  readonly #listeners = new Map<string, Set<(text: string) => void>>();
  #lost: MeetServerFailure | undefined;
  readonly #onLost = new Set<(failure: MeetServerFailure) => void>();
  #isClosed = false;
  readonly #over = new AbortController();

  constructor(redis: Redis, url: MeetingUrl, clock: Clock) {
    this.#redis = redis;
    this.name = showMeeting(url);
    this.#clock = clock;
    this.#keys = `${url.prefix}:`;
    // The databases of a Redis share their channels.
    this.#channels = `${url.prefix}:${url.database}:`;
    let cause: Error | undefined;
    redis.on('error', (error: Error) => {
      cause = error;
    });
    redis.on('end', () => this.#lose(failureOf(cause ?? new Error('it closed the connection'), this.name)));
    redis.on('message', (channel: string, text: string) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener(text);
    });
  }

  async elect(place: string, holder: string, ttlMs: number): Promise<Election> {
    const keys = this.#keysOf(place);
    const held = await this.#call(() => this.#redis.eval(ELECT, 2, ...keys, holder, ttlMs, COUNT_LIVES_MS));
    const term = termIn(held);
    if (term === undefined) throw new MeetServerFailure('refused', `${this.name}: ${keys[0]} holds something else`);
    return { kind: term.holder === holder ? 'elected' : 'taken', term };
  }

  async renew(place: string, term: Term, ttlMs: number): Promise<'held' | 'lost'> {
    const [key] = this.#keysOf(place);
    const renewed = await this.#call(() => this.#redis.eval(RENEW, 1, key, textOf(term), ttlMs));
    return renewed === 1 ? 'held' : 'lost';
  }

  async resign(place: string, term: Term): Promise<void> {
    const [key] = this.#keysOf(place);
    await this.#call(() => this.#redis.eval(RESIGN, 1, key, textOf(term)));
  }

  watch(place: string, onHolder: (term: Term | undefined) => void): Stop {
    const over = new AbortController();
    const [key] = this.#keysOf(place);
    const look = async (): Promise<void> => {
      for (let known: string | undefined; !over.signal.aborted; ) {
        const held = (await this.#call(() => this.#redis.get(key))) ?? '';
        if (held !== known && !over.signal.aborted) onHolder(termIn(held));
        known = held;
        await this.#clock.sleep(WATCH_MS, AbortSignal.any([over.signal, this.#over.signal]));
      }
    };
    look().catch((error: unknown) => {
      // Who cannot see who leads must not go on trusting that somebody does.
      if (error instanceof MeetServerFailure) this.#lose(error);
    });
    return () => over.abort();
  }

  async publish(topic: string, text: string): Promise<'sent' | 'unheard'> {
    if (Buffer.byteLength(text) > MOST_BYTES)
      throw new MeetServerFailure('unusable', 'the text is too long to be sent');
    const heard = await this.#call(() => this.#redis.publish(this.#channels + topic, text));
    return heard === 0 ? 'unheard' : 'sent';
  }

  async subscribe(topic: string, onText: (text: string) => void): Promise<Stop> {
    const channel = this.#channels + topic;
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(onText));
    const stop = (): void => {
      if (!listeners.delete(onText) || listeners.size > 0 || this.#listeners.get(channel) !== listeners) return;
      this.#listeners.delete(channel);
      if (this.#isOver) return;
      this.#call(() => this.#redis.unsubscribe(channel)).catch(() => undefined);
    };
    try {
      await this.#call(() => this.#redis.subscribe(channel));
    } catch (error) {
      listeners.delete(onText);
      throw error;
    }
    return stop;
  }

  async stand(line: string, who: string, most: number, ttlMs: number): Promise<'turn' | 'wait'> {
    const keys = this.#keysOfLine(line);
    return (await this.#call(() => this.#redis.eval(STAND, 2, ...keys, who, most, ttlMs))) === 1 ? 'turn' : 'wait';
  }

  async leaveLine(line: string, who: string): Promise<void> {
    await this.#call(() => this.#redis.eval(LEAVE, 2, ...this.#keysOfLine(line), who));
  }

  onLost(lost: (failure: MeetServerFailure) => void): Stop {
    const known = this.#lost;
    if (known === undefined) this.#onLost.add(lost);
    else queueMicrotask(() => lost(known));
    return () => this.#onLost.delete(lost);
  }

  async close(): Promise<void> {
    if (this.#isOver) return;
    this.#isClosed = true;
    this.#over.abort();
    // Waits for what was sent before.
    await this.#redis.quit().catch(() => undefined);
    this.#redis.disconnect();
  }

  get #isOver(): boolean {
    return this.#isClosed || this.#lost !== undefined;
  }

  /** The key of a place, and the one that counts its terms. The braces keep both in one slot. */
  #keysOf(place: string): [place: string, count: string] {
    return [`${this.#keys}{${place}}`, `${this.#keys}{${place}}:terms`];
  }

  #keysOfLine(line: string): [arrivals: string, times: string] {
    return [`${this.#keys}{${line}}:line`, `${this.#keys}{${line}}:line-times`];
  }

  async #call<T>(command: () => Promise<T>): Promise<T> {
    if (this.#lost !== undefined) throw this.#lost;
    try {
      return await inTime(command(), CALL_MS, this.#clock);
    } catch (error) {
      const failure = this.#lost ?? failureOf(error, this.name);
      // A server that is suspended or behind a broken network keeps connections open, and answers nothing.
      if (failure.kind === 'away') this.#lose(failure);
      throw failure;
    }
  }

  #lose(failure: MeetServerFailure): void {
    if (this.#isOver) return;
    this.#lost = failure;
    this.#over.abort();
    this.#redis.disconnect();
    for (const lost of this.#onLost) queueMicrotask(() => lost(failure));
    this.#onLost.clear();
  }
}

function textOf({ token, holder }: Term): string {
  return `${token} ${holder}`;
}

function termIn(text: unknown): Term | undefined {
  const found = typeof text === 'string' ? /^([1-9]\d{0,15}) ([\w-]{1,64})$/.exec(text) : null;
  return found === null ? undefined : { token: Number(found[1]), holder: found[2] ?? '' };
}

/** Words of Redis, which name nothing secret. A password is never among them. */
function failureOf(error: unknown, name: string): MeetServerFailure {
  if (error instanceof MeetServerFailure) return error;
  const { message, code } = error instanceof Error ? (error as Error & { code?: string }) : { message: String(error) };
  const isAnswer = error instanceof Error && error.name === 'ReplyError';
  // What follows are remarks on the script, and advice to whoever writes clients.
  const words = (message.trim() === '' ? (code ?? 'no answer') : message).replace(
    /(?:\.? script: |, otherwise |\.$).*/s,
    '',
  );
  return new MeetServerFailure(isAnswer ? 'refused' : 'away', `${name}: ${words}`, { cause: error });
}

/** TLS asks for a name, which an address is not. */
function isAddress(host: string): boolean {
  return /^[\d.]+$|:/.test(host);
}
