import type { Intent } from '../../domain/intents/intent.ts';
import type { Engine } from '../base/engine.ts';
import { RetryableFailure, retryable } from '../base/retryable.ts';
import { endingOf, type LookAtTip } from '../transaction/tip.ts';
import { parseIntent } from '../wire/intent-schema.ts';
import { type Request, withContent } from './request-ref.ts';

/** Largest blob of a request, in bytes. What is longer is pushed by leased retries. */
const MAX_BYTES = 256_000;

/** The bytes that the ref of a request points to if its name does not hold the intents; undefined if they are too many. */
export function blobOfIntents(intents: readonly Intent[]): Uint8Array | undefined {
  const bytes = Buffer.from(JSON.stringify(intents), 'utf8');
  return bytes.length > MAX_BYTES ? undefined : bytes;
}

/** What the blobs of requests hold that were read from a store: a waiting process sees the same ones in every look. */
const contents = new WeakMap<object, Map<string, Request>>();

/** Most contents that are kept, as there are names. */
const MOST_KEPT = 2_000;

/** The requests with the content of their blobs, as far as that was read from this store before. */
export function readIn({ store }: Pick<Engine, 'store'>, requests: readonly Request[]): readonly Request[] {
  const kept = contents.get(store);
  return kept === undefined ? requests : requests.map((request) => kept.get(request.ref) ?? request);
}

function keep(store: object, request: Request): Request {
  const kept = contents.get(store) ?? new Map<string, Request>();
  if (kept.size >= MOST_KEPT) kept.clear();
  contents.set(store, kept.set(request.ref, request));
  return request;
}

/**
 * The requests with the content of their blobs, all fetched in one connection. Those whose blob the remote does not give are
 * left out: their owner can carry them out, or publishes them again.
 */
export async function withContents(
  { store, ...engine }: Engine,
  look: LookAtTip,
  requests: readonly Request[],
): Promise<readonly Request[]> {
  const unread = requests.filter(({ content }) => content === 'in-blob');
  if (unread.length === 0) return requests;
  const oids = unread.flatMap(({ ref }) => look.refs.get(ref) ?? []);
  const blobs = await retryable(() => store.readBlobs(oids, endingOf({ store, ...engine }))).catch((error: unknown) => {
    if (error instanceof RetryableFailure) return new Map<string, Uint8Array>();
    throw error;
  });
  return requests.flatMap((request) => {
    if (request.content === 'known') return [request];
    const bytes = blobs.get(look.refs.get(request.ref) ?? '');
    return bytes === undefined ? [] : [keep(store, withContent(request, intentsInBlob(bytes)))];
  });
}

function intentsInBlob(bytes: Uint8Array): readonly Intent[] | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  try {
    const values: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    const intents = Array.isArray(values) ? values.map(parseIntent) : [];
    return intents.length > 0 && intents.every((intent) => intent !== undefined) ? intents : undefined;
  } catch {
    return undefined;
  }
}
