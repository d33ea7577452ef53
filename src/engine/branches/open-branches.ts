import type { HeartbeatIntent, Intent } from '../../domain/intents/intent.ts';
import { locate } from '../../git/repository/locate.ts';
import { shortKey } from '../../machine/runtime-folder.ts';
import { BranchMemory } from '../../store/branch-memory.ts';
import { openQueue } from '../open/open-queue.ts';
import type { OpenedQueue } from '../open/opened-queue.ts';
import type { OpenQueueOptions, Queue, QueuePlace, SubmitOptions } from '../queue/queue.ts';
import type { Renewal } from '../queue/renewal.ts';
import type { Submitted } from '../queue/submitted.ts';
import type { Tips } from '../queue/tips.ts';
import { BranchMap, concernsOthers } from './branch-map.ts';
import type { BranchedQueue } from './branched-queue.ts';

/**
 * Opens the queue that the options name, with the branches of its projects. As long as nothing is known of such
 * branches, it is the queue of the one branch.
 * @throws Failure `not-a-repository`, `git-unusable` or `remote-missing`
 */
export async function openBranches(options: OpenQueueOptions): Promise<Queue> {
  const located = locate(options.dir);
  // What the clone has learnt under one name of the remote holds for the others, too, or is found to be wrong.
  const key = shortKey([options.remote ?? 'origin', options.branch]);
  const memory = located && new BranchMemory(located.commonDir, key, options.branch);
  const map = new BranchMap(options.branch, memory);
  const main = await openQueue(map.others.length === 0 ? options : { ...options, alsoShown: map.others }, located);
  return new QueueOfBranches(main, map);
}

/** Loads what several branches need when the first sign of them is seen, or when something is read. */
class QueueOfBranches implements Queue {
  readonly tips: Tips;
  readonly #main: OpenedQueue;
  readonly #map: BranchMap;
  #all: Promise<BranchedQueue> | undefined;
  #loaded: BranchedQueue | undefined;

  constructor(main: OpenedQueue, map: BranchMap) {
    this.#main = main;
    this.#map = map;
    const current = (): Tips => (this.#loaded ?? main).tips;
    this.tips = {
      look: (signal) => current().look(signal),
      lookAlone: (signal) => current().lookAlone(signal),
      changed: (known, signal) => current().changed(known, signal),
    };
  }

  get place(): QueuePlace {
    return this.#main.place;
  }

  async submit(intent: Intent, options?: SubmitOptions): Promise<Submitted> {
    // A request that is looked up may have been carried out in parts.
    if (!this.#hasOne || options?.again) return (await this.#every()).submit(intent, options);
    try {
      return await this.#main.submit(intent, options);
    } catch (error) {
      if (!concernsOthers(error)) throw error;
      return (await this.#every()).submit(intent, options);
    }
  }

  async renew(intents: readonly HeartbeatIntent[], options?: SubmitOptions): Promise<readonly Renewal[]> {
    if (!this.#hasOne) return (await this.#every()).renew(intents, options);
    const renewals = await this.#main.renew(intents, options);
    const isAnyElsewhere = renewals.some((one) => one.kind === 'failed' && concernsOthers(one.error));
    return isAnyElsewhere ? (await this.#every()).renew(intents, options) : renewals;
  }

  async read(...args: Parameters<Queue['read']>): ReturnType<Queue['read']> {
    // The remote is asked while the rest is loaded.
    if (this.#hasOne) void this.#main.read(...args).catch(() => undefined);
    return (await this.#every()).read(...args);
  }

  install(...args: Parameters<Queue['install']>): ReturnType<Queue['install']> {
    return this.#main.install(...args);
  }

  installWorkflows(...args: Parameters<Queue['installWorkflows']>): ReturnType<Queue['installWorkflows']> {
    return this.#main.installWorkflows(...args);
  }

  mergeBranches(...args: Parameters<Queue['mergeBranches']>): ReturnType<Queue['mergeBranches']> {
    return this.#main.mergeBranches(...args);
  }

  moveProject(...args: Parameters<Queue['moveProject']>): ReturnType<Queue['moveProject']> {
    return this.#main.moveProject(...args);
  }

  registry(): ReturnType<Queue['registry']> {
    return this.#main.registry();
  }

  health(): ReturnType<Queue['health']> {
    return this.#main.health();
  }

  userName(): ReturnType<Queue['userName']> {
    return this.#main.userName();
  }

  follow(...args: Parameters<Queue['follow']>): ReturnType<Queue['follow']> {
    return (this.#loaded ?? this.#main).follow(...args);
  }

  waitingFor(): ReturnType<Queue['waitingFor']> {
    return (this.#loaded ?? this.#main).waitingFor();
  }

  forgetHeartbeats(): Promise<void> {
    return (this.#loaded ?? this.#main).forgetHeartbeats();
  }

  close(interrupt?: AbortSignal): Promise<void> {
    return (this.#loaded ?? this.#main).close(interrupt);
  }

  /** Whether there is only one branch, as far as is known. */
  get #hasOne(): boolean {
    return this.#loaded === undefined && this.#map.known === undefined;
  }

  #every(): Promise<BranchedQueue> {
    this.#all ??= import('./branched-queue.ts').then(({ BranchedQueue }) => {
      this.#loaded = new BranchedQueue(this.#main, this.#map);
      return this.#loaded;
    });
    return this.#all;
  }
}
