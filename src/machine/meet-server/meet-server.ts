/**
 * A server at which processes of many machines meet: Redis or etcd. It keeps terms of office (who leads at a place,
 * for how long) and passes on texts to whoever listens. It knows nothing of queues: the election of leaders, the
 * conversations and what they promise are in `server-meeting.ts`, once for both.
 *
 * The server is only ever an optimisation. Git is the lock, so nothing here must be right for a claim to be right.
 *
 * Every call answers within {@link CALL_MS}, or rejects with a {@link MeetServerFailure}, and with nothing else. After a
 * failed call the connection may still be good: a full server refuses some commands and takes others.
 */
export interface MeetServer {
  /** Its URL without secrets, for messages: `redis://host:6379/0`. */
  readonly name: string;
  /**
   * Takes the place if nobody holds it, for `ttlMs` from now. One round trip.
   * @param holder who takes it: unique to this try, of letters, digits, `-` and `_`
   */
  elect(place: string, holder: string, ttlMs: number): Promise<Election>;
  /** Keeps the place for another `ttlMs`. @returns `lost` if it has another holder, or none: it is not taken again */
  renew(place: string, term: Term, ttlMs: number): Promise<'held' | 'lost'>;
  /** Leaves the place to the next one, if this term still holds it. */
  resign(place: string, term: Term): Promise<void>;
  /**
   * Tells who holds the place: soon after the call, and soon after every change (within a second after a term has run
   * out). Undefined: nobody. Never rejects: if the server cannot tell, `onLost` says so.
   */
  watch(place: string, onHolder: (term: Term | undefined) => void): Stop;
  /**
   * Passes the text on to everybody who listens to the topic now. Texts of one sender come in order. A text of more
   * than {@link MOST_BYTES} is the caller's mistake, and rejects.
   * @returns `unheard` if the server knows that nobody listens; `sent` otherwise: it would arrive even if this process
   *   died now
   */
  publish(topic: string, text: string): Promise<'sent' | 'unheard'>;
  /** Resolves when every text that is sent from now on is handed over, in order. Texts come from anybody. */
  subscribe(topic: string, onText: (text: string) => void): Promise<Stop>;
  /**
   * Stands in a line, or stays there: who does not ask again within `ttlMs` is no longer in it. First come, first served.
   * Others can be there in a form that none of us makes, or with more time than that: they do not count.
   * @param who stands there: unique, of letters, digits, `-` and `_`
   * @returns `turn`: fewer than `most` are before
   */
  stand(line: string, who: string, most: number, ttlMs: number): Promise<'turn' | 'wait'>;
  /** Leaves the line. */
  leaveLine(line: string, who: string): Promise<void>;
  /**
   * Calls back once when the connection is lost, on either side but by `close`; soon, if it is lost already. Nothing
   * works from then on: texts may be missing, so there is no going on. May be called again.
   */
  onLost(lost: (failure: MeetServerFailure) => void): Stop;
  /**
   * Ends the connection; only after that does nothing keep the process alive. What was sent before has gone out. Never
   * rejects.
   */
  close(): Promise<void>;
}

/** Ends what was begun. May be called again. */
export type Stop = () => void;

/** A time in office. */
export interface Term {
  /** Fencing token: larger than those of all terms before at this place, as long as the server forgets nothing. */
  readonly token: number;
  /** Who holds the place. Unique, also when the server has forgotten everything. */
  readonly holder: string;
}

/** The result of trying to take a place: `taken` names who holds it. */
export type Election =
  | { readonly kind: 'elected'; readonly term: Term }
  | { readonly kind: 'taken'; readonly term: Term };

/** Where machines meet, and how to get there. */
export interface MeetAt {
  /** The URL without secrets. */
  readonly name: string;
  /** Loads the client and connects. @throws MeetServerFailure within {@link CONNECT_MS} */
  open(): Promise<MeetServer>;
}

/**
 * Limits (ms) for connecting and for one call. Together with the election they are within the second after which agentq
 * goes on without the server.
 */
export const CONNECT_MS = 600;
export const CALL_MS = 400;

/** Longest text (bytes) that is passed on. etcd takes 1.5 MB by default, and Redis keeps 32 MB for a slow reader. */
export const MOST_BYTES = 256 * 1024;

/** Why a server is of no use now. The message says it in the server's own words, without secrets. */
export class MeetServerFailure extends Error {
  override readonly name = 'MeetServerFailure';
  /**
   * `away`: not reached, or no answer in time. `refused`: it answers, and does not do it (a password, a right, no
   * memory left, a replica). `unusable`: it can never be done from here (no client installed, a wrong address).
   */
  readonly kind: 'away' | 'refused' | 'unusable';

  constructor(kind: MeetServerFailure['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
