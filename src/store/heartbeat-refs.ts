import { Failure } from '../domain/failure.ts';
import { type Beat, claimName, formatBeats, HEARTBEATS, heartbeatRef, parseBeats } from '../domain/ref-heartbeat.ts';
import { parseTime } from '../domain/staleness.ts';
import type { ObjectReader } from '../git/objects.ts';
import type { PushOutcome } from '../git/push-outcome.ts';
import type { Repository } from '../git/repository.ts';
import { storeBlob } from '../git/store-blob.ts';
import type { Upstream } from '../git/upstream.ts';

/** Largest blob that is read. */
const MAX_BYTES = 1_000_000;

/** How long (ms) what an agent said of its other claims is carried on. */
const KEPT_MS = 24 * 3_600_000;

/** An agent's ref may be overwritten between the look and the fetch: then the next look tells. */
const READ_ATTEMPTS = 3;

/**
 * Heartbeats as refs: one an agent, overwritten in place, each pointing at a small blob. The time has to come from
 * somewhere, and a commit or a name with the time in it would cost more: one blob does for all agents of a process, it is
 * pushed without any history, and what it replaces is left for the server's own upkeep.
 */
export class HeartbeatRefs {
  readonly #repository: Repository;
  readonly #upstream: Upstream;
  readonly #objects: ObjectReader;
  readonly #branchRef: string;
  /** Blobs that were read or written, as long as a ref points at them. */
  #known: ReadonlyMap<string, readonly Beat[]> = new Map();

  constructor(repository: Repository, upstream: Upstream, objects: ObjectReader, branchRef: string) {
    this.#repository = repository;
    this.#upstream = upstream;
    this.#objects = objects;
    this.#branchRef = branchRef;
  }

  /** Every heartbeat on the remote. @throws Failure of the remote */
  async read(): Promise<readonly Beat[]> {
    const { refs } = await this.#upstream.look(this.#branchRef, [HEARTBEATS]);
    return (await this.#beatsAt(refs)).flatMap(([, beats]) => beats);
  }

  /** Writes the heartbeats, in one push; each agent's ref is swapped from what it is now. */
  async write(beats: readonly Beat[], now: number): Promise<PushOutcome> {
    const mine = new Set(beats.map(({ agent }) => heartbeatRef(agent)));
    const look = await this.#upstream.look(this.#branchRef, [HEARTBEATS]);
    const before = new Map([...look.refs].filter(([ref]) => mine.has(ref)));
    const said = (await this.#beatsAt(before)).flatMap(([ref, old]) =>
      old.filter((beat) => heartbeatRef(beat.agent) === ref),
    );
    const all = [...beats, ...stillMeant(said, beats, now)];
    const blob = await storeBlob(this.#repository, Buffer.from(formatBeats(all), 'utf8'));
    this.#known = new Map([...this.#known, [blob, all]]);
    const updates = [...mine]
      .filter((ref) => before.get(ref) !== blob)
      .map((ref) => ({ ref, expected: before.get(ref), to: blob }));
    return updates.length === 0 ? { kind: 'landed' } : this.#upstream.push(updates);
  }

  /** Removes the refs of agents that have ended, as far as they are still what they were. */
  async remove(agents: readonly string[]): Promise<void> {
    const { refs } = await this.#upstream.look(this.#branchRef, [HEARTBEATS]);
    const updates = agents.map(heartbeatRef).flatMap((ref) => {
      const expected = refs.get(ref);
      return expected === undefined ? [] : [{ ref, expected, to: undefined }];
    });
    if (updates.length > 0) await this.#upstream.push(updates);
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

/** What the same agents said of other claims of theirs, while it may still matter. */
function stillMeant(said: readonly Beat[], now: readonly Beat[], time: number): Beat[] {
  const renewed = new Set(now.map(({ agent, task, claimId }) => claimName(agent, task, claimId)));
  const kept = new Map<string, Beat>();
  for (const beat of said) {
    const name = claimName(beat.agent, beat.task, beat.claimId);
    if (!renewed.has(name) && (parseTime(beat.at) ?? 0) > time - KEPT_MS) kept.set(name, beat);
  }
  return [...kept.values()];
}
