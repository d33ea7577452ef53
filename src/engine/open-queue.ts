import type { QueueEvent } from '../domain/event.ts';
import { Failure } from '../domain/failure.ts';
import { type FollowOutcome, followCheckout } from '../git/checkout.ts';
import { createGitClient } from '../git/git-client.ts';
import { openObjects } from '../git/objects.ts';
import { openRepository, type Repository } from '../git/repository.ts';
import { openUpstream } from '../git/upstream.ts';
import { GitQueueStore } from '../store/git-queue-store.ts';
import { CriticalSection } from './critical-section.ts';
import type { Engine } from './engine.ts';
import type { FollowNotice, OpenQueueOptions, Queue } from './queue.ts';
import { failureOf } from './refusal.ts';
import { submitIntent } from './submit.ts';
import { readTip, rehearse } from './tip.ts';

/**
 * Opens the queue that the options name. Nothing is fetched yet.
 * @throws Failure `not-a-repository`, `git-unusable` or `remote-missing`.
 */
export async function openQueue(options: OpenQueueOptions): Promise<Queue> {
  const critical = new CriticalSection(options.signal, options.clock);
  const git = createGitClient({
    dir: options.dir,
    env: options.env,
    signal: critical.signal,
    onProcess: options.onGitProcess,
  });
  const repository = await openRepository(git);
  const remote = chooseRemote(repository, options.remote);
  const upstream = openUpstream(repository, remote);
  const objects = openObjects(repository);
  const store = new GitQueueStore(repository, upstream, objects, options.branch);
  const engine: Engine = {
    store,
    clock: options.clock,
    random: options.random,
    signal: options.signal,
    critical,
    backoff: options.backoff,
    maxRetries: options.maxRetries,
    onEvent: onceAFile(options.onEvent),
  };
  /** Where the branch was before our commit: a local checkout of it must be moved along from there. */
  const bases = new Map<string, string>();

  return {
    remote,
    branch: options.branch,
    async submit(intent) {
      const { submitted, base } = await submitIntent(engine, intent, options.timeoutMs);
      if (submitted.commit !== undefined) bases.set(submitted.commit, base);
      return submitted;
    },
    async plan(intent) {
      const startedAt = options.clock.now();
      const [decision] = (await rehearse(engine, [intent])).decisions;
      if (!decision) throw new Error('one intent, no decision');
      if (decision.kind === 'refused') throw failureOf(decision.refusal);
      const elapsedMs = options.clock.now() - startedAt;
      return { outcome: decision.outcome, commit: undefined, attempts: 1, rejectedPushes: 0, elapsedMs };
    },
    snapshot: (scope) => readTip(engine, scope),
    taskBytes: (entry) => store.taskBytes(entry),
    async follow(commit, paths) {
      const base = remote === undefined ? bases.get(commit) : undefined;
      const outcome = await followCheckout(repository, {
        branchRef: store.branchRef,
        to: commit,
        paths,
        sync: options.sync,
        ...(base === undefined ? {} : { movedFrom: base }),
      });
      return toNotice(outcome);
    },
    async close() {
      await objects.close();
      critical.close();
    },
  };
}

/** `origin` unless another is named; a repository without any remote is its own queue (CONTRACT 4). */
function chooseRemote(repository: Repository, named: string | undefined): string | undefined {
  const names = [...repository.remotes.keys()];
  if (named !== undefined) {
    if (names.includes(named)) return named;
    const there = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
    throw new Failure('remote-missing', `this repository has no remote ${named}: ${there}`, {
      hint: `\`git remote add ${named} <url>\`, or name another with --remote`,
    });
  }
  if (names.length === 0) return undefined;
  if (names.includes('origin')) return 'origin';
  throw new Failure('remote-missing', `this repository has no remote origin: it has ${names.join(', ')}`, {
    hint: `name the one that holds the queue, for example --remote ${names[0]}`,
  });
}

function toNotice(outcome: FollowOutcome): FollowNotice {
  switch (outcome.kind) {
    case 'followed':
    case 'up-to-date':
      return { kind: 'followed' };
    case 'not-on-branch':
    case 'bare':
    case 'off':
      return { kind: 'skipped' };
    case 'diverged':
    case 'dirty':
    case 'busy':
    case 'failed':
      return { kind: 'skipped', reason: outcome.reason };
  }
}

/** Every attempt reads the same unreadable files again; the user hears of each once. */
function onceAFile(onEvent: (event: QueueEvent) => void): (event: QueueEvent) => void {
  const reported = new Set<string>();
  return (event) => {
    if (event.kind === 'unreadable-task') {
      if (reported.has(event.file)) return;
      reported.add(event.file);
    }
    onEvent(event);
  };
}
