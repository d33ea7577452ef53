import { Failure } from '../../domain/base/failure.ts';
import { type Beat, formatBeats, HEARTBEATS, parseBeats } from '../../domain/leases/ref-heartbeat.ts';
import { parseTime } from '../../domain/leases/staleness.ts';
import type { PushOutcome, PushRefs, RefUpdate } from '../../git/answers/push-outcome.ts';
import { fetchAbsent } from '../../git/objects/fetch-absent.ts';
import type { ObjectReader } from '../../git/objects/objects.ts';
import type { Upstream } from '../../git/upstream/upstream.ts';
import { branchKey, heartbeatRef } from './heartbeat-names.ts';

/** Largest blob that is read. */
const MAX_BYTES = 1_000_000;

/** After this long (ms) nobody needs a heartbeat any more. */
const NEEDED_MS = 24 * 3_600_000;

/** Most refs of dead processes that are deleted at once. */
const MOST_SWEPT = 100;

/** A ref may be overwritten between the look and the fetch: then another look tells. */
const READ_ATTEMPTS = 3;

/**
 * Heartbeats as refs: one per claim, overwritten in place, each pointing at a small blob. The time has to come from
 * somewhere, and a commit or a ref name with the time in it would cost more: one blob does for all claims of a process,
 * it is pushed without any history, and what it replaces is left for the server to clean up.
 *
 * A ref belongs to a claim on a branch, not to a name. With one ref per agent, the first of two workers with one agent
 * id that ended removed the other's heartbeats, and the other's claim was taken.
 */
export class HeartbeatRefs {
  readonly #storeBlob: (bytes: Uint8Array) => Promise<string>;
  readonly #upstream: Pick<Upstream, 'look' | 'push' | 'fetchObjects'>;
  readonly #objects: Pick<ObjectReader, 'exists' | 'readBlobs'>;
  readonly #branchRef: string;
  /** Blobs that were read or written, for as long as a ref points at them. */
  #known: ReadonlyMap<string, readonly Beat[]> = new Map();
  /**
   * Refs that this process has written, with the blob that they are known to point at; undefined if that is not
   * certain.
   */
  readonly #own = new Map<string, string | undefined>();
  /** Whether a look has shown a ref that this process has written: then the server does not hide them. */
  #areShown = false;
  /** Refs as they were last read, with their blobs and heartbeats. */
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

  /** Every heartbeat on the remote, of this branch and of agents that name no branch. @throws Failure of the remote */
  async read(): Promise<readonly Beat[]> {
    const { refs } = await this.#upstream.look(this.#branchRef, [HEARTBEATS]);
    const said = await this.#beatsAt(refs);
    this.#read = said.map(([ref, beats]) => [ref, refs.get(ref) ?? '', beats] as const);
    const elsewhere = new RegExp(`^${HEARTBEATS}_(?!${branchKey(this.#branchRef)}/)`);
    return said.flatMap(([ref, beats]) => (elsewhere.test(ref) ? [] : beats));
  }

  /**
   * Writes the heartbeats in one push; each claim's ref is swapped from its current value. A server that does not show
   * a ref that it accepted hides heartbeats from everybody, and so renews nothing: that is `refused`.
   * @param making pushes updates that make refs, by the push that it gets
   */
  async write(
    beats: readonly Beat[],
    making: (updates: readonly RefUpdate[], push: PushRefs) => Promise<PushOutcome> = (updates, push) => push(updates),
  ): Promise<PushOutcome> {
    const mine = [...new Set(beats.map((beat) => heartbeatRef(this.#branchRef, beat)))];
    const look = await this.#upstream.look(this.#branchRef, [HEARTBEATS]);
    const blob = await this.#storeBlob(Buffer.from(formatBeats(beats), 'utf8'));
    this.#known = new Map([...this.#known, [blob, beats]]);
    const updates = mine
      .filter((ref) => look.refs.get(ref) !== blob)
      .map((ref) => ({ ref, expected: look.refs.get(ref), to: blob }));
    const missing = this.#missing(mine, look.refs);
    for (const ref of mine) this.#own.set(ref, look.refs.get(ref));
    const push: PushRefs = (all, options) => this.#upstream.push(all, options);
    const isMaking = updates.some(({ expected }) => expected === undefined);
    const outcome: PushOutcome =
      updates.length === 0 ? { kind: 'landed' } : await (isMaking ? making(updates, push) : push(updates));
    if (outcome.kind === 'landed') for (const ref of mine) this.#own.set(ref, blob);
    // It is there, and no look shows it. Of one that is gone with its claim, the server would have made another.
    const isHidden = missing.size > 0 && outcome.kind === 'rejected' && (await this.#areMissing(missing.keys()));
    for (const [ref, known] of isHidden ? missing : []) this.#own.set(ref, known);
    return isHidden ? HIDDEN : outcome;
  }

  /** Refs that this process has written, with what it wrote, that are not shown, if no look has ever shown one of them. */
  #missing(refs: readonly string[], shown: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const own = refs.flatMap((ref) => {
      const known = this.#own.get(ref);
      return known === undefined ? [] : [[ref, known] as const];
    });
    this.#areShown ||= own.some(([ref]) => shown.has(ref));
    return new Map(this.#areShown ? [] : own.filter(([ref]) => !shown.has(ref)));
  }

  async #areMissing(refs: Iterable<string>): Promise<boolean> {
    const { refs: shown } = await this.#upstream.look(this.#branchRef, [HEARTBEATS]);
    return [...refs].some((ref) => !shown.has(ref));
  }

  /**
   * Removes the refs that this process has written, if they are still there.
   * @param except claims whose refs are still needed
   * @returns undefined if there are none
   */
  async remove(except: readonly Beat[] = []): Promise<PushOutcome | undefined> {
    const needed = new Set(except.map((beat) => heartbeatRef(this.#branchRef, beat)));
    const gone = [...this.#own].filter(([ref]) => !needed.has(ref));
    if (gone.length === 0) return undefined;
    const { refs } = await this.#upstream.look(this.#branchRef, [HEARTBEATS]);
    this.#areShown ||= gone.some(([ref]) => refs.has(ref));
    for (const [ref] of gone) this.#own.delete(ref);
    // One that is not shown went with its claim, unless the server shows none.
    return this.#delete(
      gone.map(([ref, blob]) => [ref, refs.get(ref) ?? (this.#areShown ? undefined : blob)] as const),
    );
  }

  /**
   * Removes refs that were read here and have no heartbeat of the last day: their processes died. Only refs of the
   * current form, which nobody writes to again. The newest heartbeat is a second clock, since ours may be wrong.
   * @returns undefined if there are none
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
      if (await fetchAbsent(this.#objects, this.#upstream, unknown)) {
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
}

const HIDDEN = {
  kind: 'refused',
  reason: 'hidden-ref',
  words: 'the remote accepts heartbeats but shows them to nobody',
} as const;

/** The time of the newest one (ms since the epoch). */
function newestOf(beats: readonly Beat[]): number {
  return beats.reduce((newest, { at }) => Math.max(newest, parseTime(at) ?? 0), 0);
}
