import { createHash } from 'node:crypto';
import type { Intent } from '../../domain/intents/intent.ts';
import { MEANT_FOR_MS, REQUESTS } from '../transaction/requests.ts';
import { parseIntent } from '../wire/intent-schema.ts';

/** Longest name of a ref in bytes, as a whole: GitHub takes 255, and a file system as many per part. */
export const MAX_NAME = 200;

/** The last part of a name whose intents are in the blob that the ref points to. */
const IN_BLOB = 'b';

/** For which branch, since which tip and since when intents wait. */
export interface RequestPlace {
  /** The coordination branch: a remote may have several. */
  readonly branchRef: string;
  /** A tip of the branch at which none of the intents had been carried out. */
  readonly base: string;
  /** Milliseconds since the epoch, by the clock of the owner. It gives the order of arrival. */
  readonly at: number;
}

/** Intents that wait for a leader to carry them out, published as one ref. */
export interface Request extends Omit<RequestPlace, 'branchRef'> {
  /** Full name of the ref. */
  readonly ref: string;
  /** Hash of the branch's name, see {@link isFor}. */
  readonly branch: string;
  /** Whether its intents are still to be read from the blob that the ref points to. */
  readonly content: 'known' | 'in-blob';
  /**
   * Undefined if this version cannot read them: such a request is left to others until it has expired. They are decoded
   * on first use: of a hundred waiting machines, only the leader needs more than the first few.
   */
  readonly intents: readonly Intent[] | undefined;
}

/**
 * The name of a ref for the intents: `refs/agentq/requests/<time36>-<random>-<branch>-<base>/<content>`. A single claim
 * that is short enough is in the name, so that one `ls-remote` reads it, and the ref points at the empty tree. (A first
 * prototype pointed it at the base. Then git sends the whole history of the base whenever the branch has moved on
 * meanwhile, since the server advertises nothing that this clone knows.) Any other intents are in a blob that the ref
 * points to, see `request-blob.ts`.
 */
export function requestRef(intents: readonly Intent[], place: RequestPlace, id: string): NamedRequest {
  const head = `${REQUESTS}${timeText(place.at)}-${id}-${branchKey(place.branchRef)}-${place.base}/`;
  const [only, second] = intents;
  const text = only === undefined || second !== undefined ? undefined : nameOfIntent(only);
  return text === undefined || head.length + text.length > MAX_NAME
    ? { ref: head + IN_BLOB, content: 'in-blob' }
    : { ref: head + text, content: 'known' };
}

/** The name of a request, and whether its intents are in it or go into a blob. */
export type NamedRequest = Pick<Request, 'ref' | 'content'>;

/** The name of a ref that never exists, next to the requests: its deletion tells whether the server deletes refs. */
export function probeRef(at: number, id: string): string {
  return `${REQUESTS}${timeText(at)}-probe-${id}`;
}

/**
 * Names that were read before. A waiting process sees the same ones in every look, and reading them is most of its
 * cost.
 */
const known = new Map<string, Request | undefined>();
const MOST_KNOWN = 20_000;

/** Reads the name of a ref; undefined if it is not a request at all. */
export function parseRequestRef(ref: string): Request | undefined {
  const before = known.get(ref);
  if (before !== undefined || known.has(ref)) return before;
  const request = readName(ref);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(ref, request);
  return request;
}

function readName(ref: string): Request | undefined {
  if (!ref.startsWith(REQUESTS)) return undefined;
  const name = /^([0-9a-z]{9})-[0-9a-z]+-([0-9a-f]{12})-([0-9a-f]{40}(?:[0-9a-f]{24})?)\/(.*)$/.exec(
    ref.slice(REQUESTS.length),
  );
  const [, time, branch, base, text] = name ?? [];
  if (time === undefined || branch === undefined || base === undefined || text === undefined) return undefined;
  const place = { ref, branch, base, at: Number.parseInt(time, 36) };
  if (text === IN_BLOB) return { ...place, content: 'in-blob', intents: undefined };
  let intents: readonly Intent[] | undefined;
  let isDecoded = false;
  return {
    ...place,
    content: 'known',
    get intents() {
      if (!isDecoded) intents = intentsInName(text);
      isDecoded = true;
      return intents;
    },
  };
}

/** The request with what its blob holds; undefined: nothing that this version can read. */
export function withContent(request: Request, intents: readonly Intent[] | undefined): Request {
  return { ...request, content: 'known', intents };
}

/**
 * Tells whether a request is for this branch. Its base does not tell: a branch that was cut from another holds the
 * commits of the other, and a leader once claimed tasks on it for agents that had asked on the other.
 */
export function isFor(branchRef: string): (request: Request) => boolean {
  const key = branchKey(branchRef);
  return ({ branch }) => branch === key;
}

/** Whether this version can read all intents of the request, as far as is known without reading its blob. */
export function isReadable({ content, intents }: Request): boolean {
  return content === 'in-blob' || intents !== undefined;
}

/** A short hash: names of branches may be long, and may contain the separators of a request's name. */
export function branchKey(branchRef: string): string {
  return createHash('sha256').update(branchRef).digest('hex').slice(0, 12);
}

/** A request whose clock is further ahead than this (ms) is ignored: it would never expire. */
const MOST_AHEAD_MS = 24 * 3_600_000;

/**
 * Tells by its name alone whether the owner of a request may still want it. Names begin with the time, padded so that
 * they sort by time: dead requests, which may be very many, need not be read.
 */
export function mayBeMeant(now: number): (ref: string) => boolean {
  const oldest = REQUESTS + timeText(Math.max(0, Math.ceil(now - MEANT_FOR_MS)));
  const tooFarAhead = REQUESTS + timeText(Math.floor(now + MOST_AHEAD_MS) + 1);
  return (ref) => ref >= oldest && ref < tooFarAhead;
}

/**
 * Tells by its name alone whether anybody may delete a ref among the requests: it has expired, or it is not a request
 * of any version, since all of them begin with the time. A request that this version cannot read is left alone until it
 * expires.
 */
export function isRubbish(now: number): (ref: string) => boolean {
  const isMeant = mayBeMeant(now);
  return (ref) => !isMeant(ref) || !/^[0-9a-z]{9}-/.test(ref.slice(REQUESTS.length));
}

function timeText(at: number): string {
  return at.toString(36).padStart(9, '0');
}

/**
 * A plain claim as a part of a name: `c,<agent>,<project>,<attempt36>,<waited36>,<request>`. Undefined if it holds
 * more, or something that git does not allow there.
 */
function nameOfIntent(intent: Intent): string | undefined {
  if (intent.kind !== 'claim') return undefined;
  const { kind, request, agent, filter, attempt, waitedMs, ...more } = intent;
  const { project = '', ...otherFilters } = filter;
  if (Object.keys(more).length > 0 || Object.keys(otherFilters).length > 0 || !Number.isInteger(waitedMs))
    return undefined;
  const text = ['c', agent, project, attempt.toString(36), waitedMs.toString(36), request].join(',');
  return /^[\w.,@+-]+$/.test(text) && !text.includes('..') ? text : undefined;
}

function intentsInName(text: string): readonly Intent[] | undefined {
  const [kind, agent, project, attempt = '', waited = '', request, ...more] = text.split(',');
  if (kind !== 'c' || more.length > 0) return undefined;
  const claim = parseIntent({
    kind: 'claim',
    request,
    agent,
    filter: project === '' ? {} : { project },
    attempt: Number.parseInt(attempt, 36),
    waitedMs: Number.parseInt(waited, 36),
  });
  return claim === undefined ? undefined : [claim];
}
