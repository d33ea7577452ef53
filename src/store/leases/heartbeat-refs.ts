import { createHash } from 'node:crypto';
import { Failure } from '../../domain/base/failure.ts';
import { type Beat, formatBeats, HEARTBEATS, parseBeats } from '../../domain/leases/ref-heartbeat.ts';
import { parseTime } from '../../domain/leases/staleness.ts';
import { formatKey } from '../../domain/queue/task.ts';
import type { PushOutcome } from '../../git/answers/push-outcome.ts';
import type { ObjectReader } from '../../git/objects/objects.ts';
import type { Upstream } from '../../git/upstream/upstream.ts';

/** Largest blob that is read. */
const MAX_BYTES = 1_000_000;

/** After so long (ms) nobody needs a heartbeat any more. */
const NEEDED_MS = 24 * 3_600_000;

/** Most refs of dead processes that are deleted at once. */
const MOST_SWEPT = 100;

/** Names of refs stay below this, in bytes: GitHub takes 255 as a whole. */
const LONGEST_REF = 200;

/** A ref may be overwritten between the look and the fetch: then the next look tells. */
const READ_ATTEMPTS = 3;

/**
 * Heartbeats as refs: one a claim, overwritten in place, each pointing at a small blob. The time has to come from
 * somewhere, and a commit or a name with the time in it would cost more: one blob does for all claims of a process, it is
 * pushed without any history, and what it replaces is left for the server's own upkeep.
 *
 * A ref belongs to a claim on a branch, and not to a name: with one an agent, the first of two workers with one agent id
 * that ended took the other's heartbeats away, and its claim was taken.
 */
export class HeartbeatRefs {
  readonly #storeBlob: (bytes: Uint8Array) => Promise<string>;
  readonly #upstream: Pick<Upstream, 'look' | 'push' | 'fetchObjects'>;
  readonly #objects: Pick<ObjectReader, 'exists' | 'readBlobs'>;
  readonly #branchRef: string;
  /** Blobs that were read or written, as long as a ref points at them. */
  #known: ReadonlyMap<string, readonly Beat[]> = new Map();
  /** Refs that this process has written, with the blob that they are known to point at; undefined: that is not certain. */
  readonly #own = new Map<string, string | undefined>();
  /** Refs as they were last read, with what they said. */
  #read: readonly (readonly [string, string, readonly Beat[]])[] = [];

  /** @param storeBlob makes a blob that `objects` reads, see `store-blob.ts` */
  constructor(
    storeBlob: (bytes: Uint8Array) => Promise<string>,
    upstream: Pick<Upstream, 'look' | 'push' | 'fetchObjects'>,
    objects: Pick<ObjectReader, 'exists' | 'readBlobs'>,
    branchRef: string,
  ) {
    this.#storeBlob = storeBlob;
    this.#upstream = upstream;
    this.#objects = objects;
    this.#branchRef = branchRef;
  }

  /** Every heartbeat on the remote, of this branch and of agents that do not say which. @throws Failure of the remote */
  async read(): Promise<readonly Beat[]> {
    const { refs } = await this.#upstream.look(this.#branchRef, [HEARTBEATS]);
    const said = await this.#beatsAt(refs);
    this.#read = said.map(([ref, beats]) => [ref, refs.get(ref) ?? '', beats] as const);
    const elsewhere = new RegExp(`^${HEARTBEATS}_(?!${branchKey(this.#branchRef)}/)`);
    return said.flatMap(([ref, beats]) => (elsewhere.test(ref) ? [] : beats));
  }

  /**
   * Writes the heartbeats, in one push; each claim's ref is swapped from what it is now. A server that shows no ref that it
   * has taken hides them from everybody, and so renews nothing: that is `refused`.
   */
  async write(beats: readonly Beat[]): Promise<PushOutcome> {
    const mine = new Set(beats.map((beat) => heartbeatRef(this.#branchRef, beat)));
    const look = await this.#upstream.look(this.#branchRef, [HEARTBEATS]);
    const blob = await this.#storeBlob(Buffer.from(formatBeats(beats), 'utf8'));
    this.#known = new Map([...this.#known, [blob, beats]]);
    const updates = [...mine]
      .filter((ref) => look.refs.get(ref) !== blob)
      .map((ref) => ({ ref, expected: look.refs.get(ref), to: blob }));
    if ([...mine].some((ref) => this.#own.get(ref) !== undefined && !look.refs.has(ref))) {
      return { kind: 'refused', reason: 'hidden-ref', words: 'the remote takes heartbeats, and shows them to nobody' };
    }
    for (const ref of mine) this.#own.set(ref, look.refs.get(ref));
    const outcome: PushOutcome = updates.length === 0 ? { kind: 'landed' } : await this.#upstream.push(updates);
    if (outcome.kind === 'landed') for (const ref of mine) this.#own.set(ref, blob);
    return outcome;
  }

  /**
   * Removes the refs that this process has written, as far as they are still there.
   * @param except claims whose refs are still needed
   * @returns undefined where there is none
   */
  async remove(except: readonly Beat[] = []): Promise<PushOutcome | undefined> {
    const needed = new Set(except.map((beat) => heartbeatRef(this.#branchRef, beat)));
    const gone = [...this.#own].filter(([ref]) => !needed.has(ref));
    if (gone.length === 0) return undefined;
    const { refs } = await this.#upstream.look(this.#branchRef, [HEARTBEATS]);
    for (const [ref] of gone) this.#own.delete(ref);
    return this.#delete(gone.map(([ref, blob]) => [ref, refs.get(ref) ?? blob] as const));
  }

  /**
   * Removes refs that were read here and say nothing of the last day: their processes died. Only names of this form, which
   * nobody writes to again. Judged by the newest heartbeat as well as by our clock, which may be wrong.
   * @returns undefined where there is none
   */
  async sweep(now: number): Promise<PushOutcome | undefined> {
    const newest = newestOf(this.#read.flatMap(([, , beats]) => beats));
    const dead = this.#read.filter(
      ([ref, , beats]) => ref.startsWith(`${HEARTBEATS}_`) && newestOf(beats) < Math.min(now, newest) - NEEDED_MS,
    );
    this.#read = [];
    return this.#delete(dead.slice(0, MOST_SWEPT));
  }

  async #delete(
    refs: readonly (readonly [string, string | undefined, ...unknown[]])[],
  ): Promise<PushOutcome | undefined> {
    const updates = refs.flatMap(([ref, expected]) =>
      expected === undefined ? [] : [{ ref, expected, to: undefined }],
    );
    return updates.length === 0 ? undefined : this.#upstream.push(updates);
  }

  async #beatsAt(refs: ReadonlyMap<string, string>): Promise<[string, readonly Beat[]][]> {
    for (let attempt = 1, now = refs; ; attempt++) {
      const unknown = [...new Set(now.values())].filter((oid) => !this.#known.has(oid));
      if (await this.#fetch(unknown)) {
        const blobs = await this.#objects.readBlobs(unknown, { maxBytes: MAX_BYTES });
        const fresh = unknown.map((oid, index): [string, readonly Beat[]] => {
          const blob = blobs[index];
          return [oid, blob?.kind === 'content' ? parseBeats(blob.bytes.toString('utf8')) : []];
        });
        const oids = new Set(now.values());
        this.#known = new Map([...[...this.#known].filter(([oid]) => oids.has(oid)), ...fresh]);
        return [...now].map(([ref, oid]) => [ref, this.#known.get(oid) ?? []]);
      }
      if (attempt === READ_ATTEMPTS) {
        throw new Failure('remote-unreachable', 'the heartbeats changed while they were being read', {
          hint: 'try again',
        });
      }
      const look = await this.#upstream.look(this.#branchRef, [HEARTBEATS]);
      now = new Map([...look.refs].filter(([ref]) => refs.has(ref)));
    }
  }

  /** Makes the blobs available here. @returns false where one of them is on the remote no more */
  async #fetch(oids: readonly string[]): Promise<boolean> {
    const here = await Promise.all(oids.map((oid) => this.#objects.exists(oid)));
    const absent = oids.filter((_, index) => here[index] === false);
    return absent.length === 0 || this.#upstream.fetchObjects(absent);
  }
}

/** When the newest of them was (ms since the epoch). */
function newestOf(beats: readonly Beat[]): number {
  return beats.reduce((newest, { at }) => Math.max(newest, parseTime(at) ?? 0), 0);
}

/**
 * The ref of a claim: `refs/agentq/heartbeats/_<branch>/<agent>/<claim>`. No agent id begins with `_`, so none of the older
 * form, one an agent, is a folder of these. An id may end as no ref may (`.`, `.lock`); what would be too long, and a claim
 * without an id of its own, is hashed.
 */
export function heartbeatRef(branchRef: string, { agent, task, claimId }: Omit<Beat, 'at'>): string {
  const folder = `${HEARTBEATS}_${branchKey(branchRef)}/`;
  const isPlain = claimId !== undefined && /^[A-Za-z0-9-]{1,64}$/.test(claimId);
  const holder = isPlain ? claimId : `_${digest(`${formatKey(task)} ${claimId ?? ''}`)}`;
  const ref = `${folder}${agent.replace(/\.(lock)?$/i, '%2E$1')}/${holder}`;
  return Buffer.byteLength(ref) <= LONGEST_REF ? ref : `${folder}_${digest(agent)}/${holder}`;
}

function branchKey(branchRef: string): string {
  return digest(branchRef).slice(0, 11);
}

/** Lower case, for servers whose file system does not tell cases apart. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}
