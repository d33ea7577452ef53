import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { systemClock, systemRandomness } from '../../../src/cli/command/system.ts';
import type { Clock } from '../../../src/domain/base/clock.ts';
import type { QueueEvent } from '../../../src/domain/base/event.ts';
import { given } from '../../../src/domain/base/given.ts';
import type { ClaimIntent, Intent } from '../../../src/domain/intents/intent.ts';
import { CriticalSection } from '../../../src/engine/base/critical-section.ts';
import type { Engine, Settled } from '../../../src/engine/base/engine.ts';
import { help } from '../../../src/engine/helping/helping.ts';
import { requestRef } from '../../../src/engine/helping/request-ref.ts';
import { startGitEarly } from '../../../src/engine/open/early-git.ts';
import { openQueue } from '../../../src/engine/open/open-queue.ts';
import { openSession } from '../../../src/engine/open/session.ts';
import type { OpenQueueOptions, Queue } from '../../../src/engine/queue/queue.ts';
import type { RemoteAbilities } from '../../../src/engine/transaction/abilities.ts';
import { fixedSource, type IntentSource } from '../../../src/engine/transaction/intent-source.ts';
import { REQUESTS } from '../../../src/engine/transaction/requests.ts';
import { transact } from '../../../src/engine/transaction/transaction.ts';
import type { PushOutcome, RefUpdate } from '../../../src/git/answers/push-outcome.ts';
import type { QueueStore } from '../../../src/store/queue-store.ts';
import type { GitSandbox } from '../scene/git-sandbox.ts';

/** Machines of a pool within one test process: each with a runtime folder of its own, real git and a real remote. */

export interface MachineOptions extends Partial<Omit<OpenQueueOptions, 'dir'>> {
  /** Processes with the same machine meet; the default is the clone's name. */
  readonly machine?: string;
}

/** What the engine pushes, and how it goes on. */
export type PushInterposed = (updates: readonly RefUpdate[], push: () => Promise<PushOutcome>) => Promise<PushOutcome>;

export interface Interposed {
  /** `seen`: a race of this clone was lost just now. */
  readonly rivals?: 'seen';
  /** Stands between the engine and the remote; what is pushed is pushed by real git. */
  readonly push?: PushInterposed;
  /** Awaited before each look. */
  readonly look?: () => Promise<void>;
}

/** The options of a machine of the pool. */
export function optionsFor(box: GitSandbox, clone: string, options: MachineOptions): OpenQueueOptions {
  const { machine = clone, env, ...rest } = options;
  return {
    dir: box.path(clone),
    env: { ...box.env, XDG_RUNTIME_DIR: box.path(`run-${machine}`), ...env },
    remote: undefined,
    branch: 'develop',
    signal: new AbortController().signal,
    clock: systemClock,
    random: systemRandomness,
    maxRetries: 50,
    backoff: { schedule: 'full-jitter', baseMs: 20 },
    pushLimit: 20,
    ssh: 'apart',
    combine: 'all',
    host: 'free',
    timeoutMs: undefined,
    timeoutOf: 'everything',
    sync: false,
    onEvent: () => undefined,
    onGitProcess: () => undefined,
    ...rest,
  };
}

/** The queue as commands have it, and what happened in it. */
export interface OpenedQueue extends AsyncDisposable {
  readonly queue: Queue;
  readonly events: readonly QueueEvent[];
}

export async function openedQueue(box: GitSandbox, clone: string, options: MachineOptions = {}): Promise<OpenedQueue> {
  const events: QueueEvent[] = [];
  await box.write('.', { [`run-${options.machine ?? clone}/.keep`]: '' });
  const queue = await openQueue({
    ...optionsFor(box, clone, options),
    onEvent: (event) => events.push(event),
  });
  return { queue, events, [Symbol.asyncDispose]: () => queue.close() };
}

/** The layer below: the protocol between machines, with a hand on every push. */
export interface Machine extends AsyncDisposable {
  readonly engine: Engine;
  readonly abilities: RemoteAbilities;
  /** As one of many: publishes, waits, leads. */
  help(...intents: readonly Intent[]): Promise<readonly Settled[]>;
  helpAll(intake: IntentSource): Promise<readonly Settled[]>;
  /** Pushes to the branch and to nothing else, as a leader whose deletion of the requests never arrived. */
  onlyBranch(...intents: readonly Intent[]): Promise<readonly Settled[]>;
}

export async function openMachine(
  box: GitSandbox,
  clone: string,
  options: MachineOptions & Interposed = {},
): Promise<Machine> {
  const { push, look, rivals, ...rest } = options;
  const all = optionsFor(box, clone, rest);
  const critical = new CriticalSection(all.signal, all.clock);
  const session = await openSession(
    all,
    startGitEarly(all, critical, { use: 'other', remote: undefined, url: undefined }),
  );
  const { clock, random, signal, backoff, host, maxRetries, onEvent } = all;
  if (rivals === 'seen') await session.rejections.note('rejected', clock.now());
  const engine: Engine = {
    store: interposed(session.store, { ...(push ? { push } : {}), ...(look ? { look } : {}) }),
    clock,
    random,
    signal,
    cut: new AbortController().signal,
    critical,
    backoff,
    host,
    rejections: session.rejections,
    maxRetries,
    onEvent,
  };
  const intake = (intents: readonly Intent[]): IntentSource =>
    fixedSource(intents.map((intent) => ({ intent, base: undefined })));
  return {
    engine,
    abilities: session.abilities,
    help: async (...intents) => (await help(engine, session.abilities, intake(intents))).settled,
    helpAll: async (given) => (await help(engine, session.abilities, given)).settled,
    onlyBranch: async (...intents) => (await transact(engine, intake(intents))).settled,
    async [Symbol.asyncDispose]() {
      await session.close();
      critical.close();
    },
  };
}

function interposed(store: QueueStore, { push, look }: Interposed): QueueStore {
  return {
    name: store.name,
    branchRef: store.branchRef,
    ...given({ looking: store.looking }),
    async look(prefixes) {
      await look?.();
      return store.look(prefixes);
    },
    snapshot: (tip, scope) => store.snapshot(tip, scope),
    build: (snapshot, plans, now) => store.build(snapshot, plans, now),
    push: (updates, options) =>
      push ? push(updates, () => store.push(updates, options)) : store.push(updates, options),
    history: (from, limit) => store.history(from, limit),
    marker: () => store.marker(),
    storeBlob: (bytes) => store.storeBlob(bytes),
    readBlobs: (oids, ending) => store.readBlobs(oids, ending),
    carriedOut: (tip, bases, requests) => store.carriedOut(tip, bases, requests),
  };
}

/** Whether a push is one that only publishes requests. */
export function isPublication(updates: readonly RefUpdate[]): boolean {
  // The first one tries whether the server deletes, too, with a ref that is not there.
  const isPart = ({ ref, expected, to }: RefUpdate): boolean =>
    ref.startsWith(REQUESTS) && (to !== undefined || expected === undefined);
  return updates.every(isPart) && updates.some(({ to }) => to !== undefined);
}

/** Whether a push changes the branch. */
export function movesBranch(updates: readonly RefUpdate[]): boolean {
  return updates.some(({ ref }) => ref.startsWith('refs/heads/'));
}

export function claimIntent(agent: string, fields: Partial<ClaimIntent> = {}): ClaimIntent {
  const request = systemRandomness.id();
  return { kind: 'claim', request, agent, filter: {}, attempt: 1, waitedMs: 0, ...fields };
}

/** Of a repository with SHA-1. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Puts a request on the remote that somebody else published. @returns its ref */
export async function publishAs(
  box: GitSandbox,
  remote: string,
  intents: readonly Intent[],
  options: { readonly base?: string; readonly at?: number } = {},
): Promise<string> {
  const base = options.base ?? (await tipOf(box, remote));
  const place = { branchRef: 'refs/heads/develop', base, at: options.at ?? Date.now() };
  const { ref, content } = requestRef(intents, place, systemRandomness.id());
  // As files, not by git: some tests publish fifty, and two processes for each were most of their set-up.
  const oid = content === 'known' ? await emptyTree(box, remote) : await blobOf(box, remote, intents);
  await box.write(remote, { [ref]: `${oid}\n` });
  return ref;
}

async function blobOf(box: GitSandbox, dir: string, intents: readonly Intent[]): Promise<string> {
  await box.write('.', { 'request.json': JSON.stringify(intents) });
  const args = ['hash-object', '-w', '-t', 'blob', box.path('request.json')];
  return (await box.run(box.path(dir), 'git', args)).stdout.trim();
}

/** The empty tree, which a repository has from now on. @returns its id */
async function emptyTree(box: GitSandbox, dir: string): Promise<string> {
  const [, folder = '', name = ''] = /^(..)(.*)$/.exec(EMPTY_TREE) ?? [];
  if (existsSync(box.path(dir, 'objects', folder, name))) return EMPTY_TREE;
  return (await box.run(box.path(dir), 'git', ['hash-object', '-t', 'tree', '-w', '--stdin'])).stdout.trim();
}

/** A clock that is wrong by this much (ms). */
export function wrongBy(ms: number): Clock {
  return { ...systemClock, now: () => systemClock.now() + ms };
}

/** A time that puts a request behind those that are published now: its owner's clock is a second ahead. */
export function behindUs(): number {
  return Date.now() + 1000;
}

export function tipOf(box: GitSandbox, remote: string): Promise<string> {
  return box.git(remote, 'rev-parse', 'develop');
}

/** Request refs that are on the remote. */
export async function requestsOn(box: GitSandbox, remote: string): Promise<string[]> {
  return Object.keys(await box.refs(remote)).filter((ref) => ref.startsWith('refs/agentq/'));
}

/** Ids of the requests that the branch's commits carry out, oldest first. */
export async function requestsIn(box: GitSandbox, remote: string): Promise<string[]> {
  const format = '--format=%(trailers:key=Agentq-Request,valueonly)';
  const log = await box.git(remote, 'log', '--reverse', format, 'develop', '--');
  return log.split('\n').filter((line) => line !== '');
}

/** Each of the requests was carried out by one commit, and no other was. */
export async function expectCarriedOut(box: GitSandbox, remote: string, ...intents: readonly Intent[]): Promise<void> {
  expect((await requestsIn(box, remote)).sort()).toEqual(intents.map(({ request }) => request).sort());
}

/** `project/TASK-ID` of a claim that was carried out; undefined: it was refused. */
export function taskOf(settled: Settled | undefined): string | undefined {
  if (settled?.kind !== 'done' || settled.outcome.kind !== 'claimed') return undefined;
  return `${settled.outcome.key.project}/${settled.outcome.key.id}`;
}
