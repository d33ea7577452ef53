import { createHash } from 'node:crypto';
import type { Intent } from '../../domain/queue/intent.ts';
import { MEANT_FOR_MS, REQUESTS } from '../transaction/requests.ts';
import { parseIntent } from '../wire/intent-schema.ts';

/**
 * Longest name in bytes. On many servers a ref is a file, with at most 255 bytes per part and 4,096 for the whole path.
 * An intent that does not fit is not published, but pushed by leased retries.
 */
const MAX_NAME = 2_000;
const PART = 200;

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
  /**
   * Undefined if this version cannot read them: such a request is left to others until it has expired. They are decoded
   * on first use: of a hundred waiting machines, only the leader needs more than the first few.
   */
  readonly intents: readonly Intent[] | undefined;
}

/**
 * The name of a ref for the intents: `refs/agentq/requests/<time36>-<random>-<branch>-<base>/<base64url of the
 * intents>`, the last in parts. The name holds everything, so one `ls-remote` reads all requests.
 *
 * The ref points at the empty tree. A first prototype pointed it at the base itself. Then git sends the whole history
 * of the base whenever the branch has moved on meanwhile, since the server advertises nothing that this clone knows.
 *
 * @returns undefined if the intents do not fit into a name
 */
export function requestRef(intents: readonly Intent[], place: RequestPlace, id: string): string | undefined {
  const text = Buffer.from(JSON.stringify(intents), 'utf8').toString('base64url');
  if (text.length > MAX_NAME) return undefined;
  return `${REQUESTS}${timeText(place.at)}-${id}-${branchKey(place.branchRef)}-${place.base}/${partsOf(text)}`;
}

/** The name of a ref that never exists, beside the requests: its deletion tells whether the server deletes refs. */
export function probeRef(at: number, id: string): string {
  return `${REQUESTS}${timeText(at)}-probe-${id}`;
}

/** Splits a long text into parts of a name, none longer than file systems allow. */
export function partsOf(text: string): string {
  return (text.match(new RegExp(`.{1,${PART}}`, 'g')) ?? []).join('/');
}

/** Packs intents into as few requests as their names allow; undefined if one alone is too long. */
export function packIntents(intents: readonly Intent[]): readonly (readonly Intent[])[] | undefined {
  const packs: Intent[][] = [];
  let size = 0;
  for (const intent of intents) {
    const length = Math.ceil((JSON.stringify(intent).length + 1) * 1.5);
    if (length > MAX_NAME) return undefined;
    const last = packs.at(-1);
    if (last && size + length <= MAX_NAME) {
      last.push(intent);
      size += length;
    } else {
      packs.push([intent]);
      size = length;
    }
  }
  return packs;
}

/**
 * Names that were read before. A waiting process sees the same ones in every look, and reading them is most of its
 * cost.
 */
const known = new Map<string, Request | undefined>();
const MOST_KNOWN = 20_000;

/** Reads the name of a ref; undefined if it is no request at all. */
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
  let intents: readonly Intent[] | undefined;
  let isDecoded = false;
  return {
    ref,
    branch,
    base,
    at: Number.parseInt(time, 36),
    get intents() {
      if (!isDecoded) intents = decodeIntents(text.replaceAll('/', ''));
      isDecoded = true;
      return intents;
    },
  };
}

/**
 * Tells whether a request is for this branch. Its base does not tell: a branch that was cut from another holds the
 * commits of the other, and a leader once claimed tasks on it for agents that had asked on the other.
 */
export function isFor(branchRef: string): (request: Request) => boolean {
  const key = branchKey(branchRef);
  return ({ branch }) => branch === key;
}

/** Whether this version can read all intents of the request. */
export function isReadable({ intents }: Request): boolean {
  return intents !== undefined;
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
 * Tells by its name alone whether anybody may delete a ref among the requests: it has expired, or it is no request of
 * any version, since all of them begin with the time. A request that this version cannot read is left alone until it
 * expires.
 */
export function isRubbish(now: number): (ref: string) => boolean {
  const isMeant = mayBeMeant(now);
  return (ref) => !isMeant(ref) || !/^[0-9a-z]{9}-/.test(ref.slice(REQUESTS.length));
}

function timeText(at: number): string {
  return at.toString(36).padStart(9, '0');
}

function decodeIntents(text: string): readonly Intent[] | undefined {
  try {
    const values: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const intents = Array.isArray(values) ? values.map(parseIntent) : [];
    return intents.length > 0 && intents.every((intent) => intent !== undefined) ? intents : undefined;
  } catch {
    return undefined;
  }
}
