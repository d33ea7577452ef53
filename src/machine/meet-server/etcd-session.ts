import type { Clock, Randomness } from '../../domain/base/clock.ts';
import { type MeetingHost, type MeetingUrl, showMeeting } from '../../domain/meeting/meeting-url.ts';
import { authenticate, grant, keepAlive, METHODS, readLease, readToken, revoke } from './etcd-messages.ts';
import { GrpcConnection, GrpcStatus, type GrpcStream } from './grpc.ts';
import { inTime, Late } from './in-time.ts';
import { CALL_MS, CONNECT_MS, MeetServerFailure, type Stop } from './meet-server.ts';
import { ProtobufError } from './protobuf.ts';
import type { Tls } from './tls.ts';

/** What besides the URL decides how etcd is reached. */
export interface EtcdOptions {
  readonly clock: Clock;
  readonly random: Randomness;
  /** Only looked at if the URL asks for TLS. */
  readonly tls: Tls;
}

/**
 * How long (s) what others wait for outlives us: a place, and a turn in a line. etcd makes it longer if its members take
 * longer to elect a leader: at least one and a half election time-outs, 2 s by default.
 */
const TERM_S = 3;
/**
 * How long (s) everything else outlives us: where we listen. Nobody waits for it to go, and a process among a hundred on
 * two cores may not run for many seconds, which must not end its conversations.
 */
const SESSION_S = 30;
const KEEP_ALIVE_MS = (TERM_S * 1_000) / 3;

/** The code of gRPC with which etcd says that there is no such lease. */
const NOT_FOUND = 5;

/** How long (ms) one member of a cluster may take before we ask the next one, too. */
const NEXT_MEMBER_MS = 150;

/** The codes of gRPC with which etcd says that somebody else must answer, or nobody can. */
const AWAY: ReadonlySet<number> = new Set([1, 4, 14]);

/**
 * The words with which etcd asks us to log in again: a token lasts five minutes, or until somebody changes users or
 * roles.
 */
const LOGIN_IS_OVER = /invalid auth token|revision .{0,30}\bold\b/;

/**
 * One connection to a cluster, and a lease that lives as long as it: everything that is made with it is removed half a
 * minute after the process has died, or lost its connection. What is made with the lease of a term goes after three
 * seconds.
 */
export class EtcdSession {
  /** The URL without secrets. */
  readonly name: string;
  readonly lease: bigint;
  readonly #connection: GrpcConnection;
  readonly #url: MeetingUrl;
  readonly #clock: Clock;
  readonly #over = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  #login: Promise<void> | undefined;
  /** The lease for terms, from when one was first wanted, until etcd says that it has run out. */
  #term: Promise<bigint> | undefined;
  #lost: MeetServerFailure | undefined;
  readonly #onLost = new Set<(failure: MeetServerFailure) => void>();
  #isClosed = false;

  private constructor(connection: GrpcConnection, lease: bigint, url: MeetingUrl, clock: Clock) {
    this.name = showMeeting(url);
    this.lease = lease;
    this.#connection = connection;
    this.#url = url;
    this.#clock = clock;
    connection.onLost((why) => this.lose(failureOf(why, this.name)));
    this.#stayAlive();
  }

  /**
   * Connects to the first member that answers, logs in, and gets a lease.
   * @throws MeetServerFailure within {@link CONNECT_MS}
   */
  static async open(url: MeetingUrl, options: EtcdOptions): Promise<EtcdSession> {
    const over = new AbortController();
    try {
      const { connection, lease } = await inTime(firstOf(url, options, over.signal), CONNECT_MS, options.clock);
      return new EtcdSession(connection, lease, url, options.clock);
    } catch (error) {
      throw failureOf(error, showMeeting(url));
    } finally {
      over.abort();
    }
  }

  /** One question. @throws MeetServerFailure within {@link CALL_MS}; later only if we must log in again */
  async call<T>(method: string, message: Uint8Array, read: (answer: Uint8Array) => T): Promise<T> {
    if (this.#lost !== undefined) throw this.#lost;
    const asked = this.#orFail(this.#ask(method, message).then(read));
    this.#underWay.add(asked);
    try {
      return await asked;
    } finally {
      this.#underWay.delete(asked);
    }
  }

  /** Makes something that is gone three seconds after this process. The work may be called twice. */
  async forTerm<T>(work: (lease: bigint) => Promise<T>): Promise<T> {
    const lease = this.#leaseForTerm();
    try {
      return await work(await lease);
    } catch (error) {
      const cause = error instanceof MeetServerFailure ? error.cause : undefined;
      if (!(cause instanceof GrpcStatus) || cause.code !== NOT_FOUND) throw error;
      // This process did not run for so long that the lease has gone, and has not been told of it yet.
      if (this.#term === lease) this.#term = undefined;
      return work(await this.#leaseForTerm());
    }
  }

  #leaseForTerm(): Promise<bigint> {
    if (this.#term !== undefined) return this.#term;
    const asked = this.call(METHODS.grant, grant(TERM_S), readLease).then(({ lease }) => lease);
    this.#term = asked;
    asked.catch(() => {
      if (this.#term === asked) this.#term = undefined;
    });
    return asked;
  }

  /** Waits for what etcd is to do. @throws MeetServerFailure if it does not come in time, or the session is lost */
  within<T>(work: Promise<T>, ms: number): Promise<T> {
    return this.#orFail(inTime(work, ms, this.#clock));
  }

  async #orFail<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      const failure = this.#lost ?? failureOf(error, this.name);
      // A server that is suspended, or without a leader, keeps connections open and answers nothing.
      if (failure.kind === 'away') this.lose(failure);
      throw failure;
    }
  }

  /** A conversation that lasts as long as the session: its end is the session's. */
  stream(method: string, onMessage: (message: Uint8Array) => void): GrpcStream {
    return this.#connection.stream(method, { onMessage, onEnd: (why) => this.lose(failureOf(why, this.name)) });
  }

  onLost(lost: (failure: MeetServerFailure) => void): Stop {
    const known = this.#lost;
    if (known === undefined) this.#onLost.add(lost);
    else queueMicrotask(() => lost(known));
    return () => this.#onLost.delete(lost);
  }

  /** Ends the session with this reason, unless it has ended. */
  lose(failure: MeetServerFailure): void {
    if (this.#lost !== undefined || this.#isClosed) return;
    this.#lost = failure;
    this.#over.abort();
    this.#connection.close();
    for (const lost of this.#onLost) queueMicrotask(() => lost(failure));
    this.#onLost.clear();
  }

  /** Waits for what is under way, removes what was made with the lease, and ends the connection. Never rejects. */
  async close(): Promise<void> {
    if (this.#lost !== undefined || this.#isClosed) return;
    this.#over.abort();
    await Promise.allSettled(this.#underWay);
    const term = await this.#term?.catch(() => undefined);
    const leases = term === undefined ? [this.lease] : [this.lease, term];
    await Promise.allSettled(leases.map((lease) => this.call(METHODS.revoke, revoke(lease), () => undefined)));
    this.#isClosed = true;
    this.#connection.close();
  }

  async #ask(method: string, message: Uint8Array): Promise<Uint8Array> {
    const once = (): Promise<Uint8Array> => inTime(this.#connection.call(method, message), CALL_MS, this.#clock);
    try {
      return await once();
    } catch (error) {
      const { login } = this.#url;
      if (login === undefined || !(error instanceof GrpcStatus) || !LOGIN_IS_OVER.test(error.message)) throw error;
      // Many calls may be told so at once. etcd takes its time to check a password.
      this.#login ??= inTime(logIn(this.#connection, login), CONNECT_MS, this.#clock).finally(() => {
        this.#login = undefined;
      });
      await this.#login;
      return once();
    }
  }

  #stayAlive(): void {
    const asked = new Map<bigint, () => void>();
    let term: bigint | undefined;
    const stream = this.stream(METHODS.keepAlive, (message) => {
      const { lease, seconds } = readLease(message);
      if (seconds <= 0) {
        // This process was suspended for longer than that, or somebody has removed the lease.
        if (lease === this.lease) this.lose(new MeetServerFailure('away', `${this.name}: its lease has run out`));
        else if (lease === term) this.#term = undefined;
      }
      asked.get(lease)?.();
    });
    const keep = async (lease: bigint): Promise<void> => {
      const answer = new Promise<void>((resolve) => asked.set(lease, resolve));
      stream.send(keepAlive(lease));
      await inTime(answer, KEEP_ALIVE_MS, this.#clock);
      asked.delete(lease);
    };
    const beat = async (): Promise<void> => {
      for (;;) {
        await this.#clock.sleep(KEEP_ALIVE_MS, this.#over.signal);
        term = await this.#term?.catch(() => undefined);
        await Promise.all(term === undefined ? [keep(this.lease)] : [keep(term), keep(this.lease)]);
      }
    };
    beat().catch((error: unknown) => {
      if (!this.#over.signal.aborted) this.lose(failureOf(error, this.name));
    });
  }
}

interface Joined {
  readonly connection: GrpcConnection;
  readonly lease: bigint;
}

/** The first member that lets us in. The others are asked in a random order, so that not all machines have the same. */
async function firstOf(url: MeetingUrl, { clock, random, tls }: EtcdOptions, over: AbortSignal): Promise<Joined> {
  const hosts = url.hosts.map((host) => ({ host, at: random.next() })).sort((one, other) => one.at - other.at);
  const given = url.secrecy === 'tls' ? tls : undefined;
  let best: Joined | undefined;
  const tries = hosts.map(async ({ host }, index) => {
    if (index > 0) await clock.sleep(index * NEXT_MEMBER_MS, over);
    const joined = await join(host, given, url, over);
    // Another one was faster. Its lease runs out by itself.
    if (best !== undefined || over.aborted) joined.connection.close();
    best ??= joined;
    return joined;
  });
  try {
    return await Promise.any(tries);
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

async function join(
  host: MeetingHost,
  tls: Tls | undefined,
  { login }: MeetingUrl,
  over: AbortSignal,
): Promise<Joined> {
  const connection = await GrpcConnection.open({ host, tls }, over);
  const giveUp = (): void => connection.close();
  over.addEventListener('abort', giveUp, { once: true });
  try {
    if (login !== undefined) await logIn(connection, login);
    const { lease } = readLease(await connection.call(METHODS.grant, grant(SESSION_S)));
    return { connection, lease };
  } catch (error) {
    connection.close();
    throw error;
  } finally {
    over.removeEventListener('abort', giveUp);
  }
}

async function logIn(
  connection: GrpcConnection,
  { user = '', password }: NonNullable<MeetingUrl['login']>,
): Promise<void> {
  // etcd refuses even this with a token that is no longer valid.
  connection.authorize(undefined);
  connection.authorize(readToken(await connection.call(METHODS.authenticate, authenticate(user, password))));
}

/** In etcd's words, or the system's. Neither has a password in it. */
export function failureOf(error: unknown, name: string): MeetServerFailure {
  if (error instanceof MeetServerFailure) return error;
  const words = error instanceof Error ? error.message || String((error as { code?: unknown }).code) : String(error);
  if (error instanceof GrpcStatus)
    return new MeetServerFailure(AWAY.has(error.code) ? 'away' : 'refused', `${name}: ${words}`, { cause: error });
  const isNone =
    error instanceof ProtobufError || /HTTP2|HPE_|ERR_SSL/.test(String((error as { code?: unknown }).code));
  const what =
    error instanceof Late || !isNone ? words : `${words} (does an etcd listen there, with TLS as the URL says?)`;
  return new MeetServerFailure('away', `${name}: ${what}`, { cause: error });
}
