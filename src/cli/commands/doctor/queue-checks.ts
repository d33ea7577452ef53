import { Failure } from '../../../domain/base/failure.ts';
import { measure } from '../../../domain/figures/metrics.ts';
import { adviceFor } from '../../../domain/figures/metrics-advice.ts';
import { note, ok, undone, type Verdict, wrong } from '../../../domain/health/check.ts';
import { judgeRelease } from '../../../domain/health/machine.ts';
import {
  judgeCi,
  judgeClock,
  judgeContention,
  judgeDefects,
  judgeOldRefs,
  judgeProtection,
  type OldRef,
} from '../../../domain/health/queue.ts';
import type { Health, Looked, RecentCommit } from '../../../engine/queue/health.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import { recordedEvents } from '../../../engine/queue/recorded-events.ts';
import type { CommandContext } from '../../command/context.ts';
import { ownVersion } from '../../presence/own-presence.ts';
import { validateQueue } from '../validate/run.ts';
import type { Checkup } from './checkup.ts';

/** What is looked at, and with what. */
export interface QueueUnderTest {
  readonly queue: Queue;
  readonly health: Health;
  readonly checkup: Checkup;
  readonly doing: 'look' | 'fix';
  readonly context: CommandContext;
}

const DAY_MS = 24 * 3_600_000;

/** How many commits are checked for their clock and their pusher. */
const RECENT = 200;

/** Nothing is listed and nothing fails: only counted. */
const VALIDATION = {
  project: undefined,
  ref: undefined,
  format: 'text',
  read: 'open-tasks',
  notes: 'count',
  failOn: [],
} as const;

/**
 * Checks what the remote, or without one the local branch, says about the queue.
 * @returns `away` if the remote does not answer
 */
export async function checkQueue(test: QueueUnderTest): Promise<'away' | 'answered'> {
  const { queue, health, checkup } = test;
  let tip: string | undefined;
  if (health.remote === undefined) {
    checkup.note('reachable', ok('no remote: the local branch is the queue'));
    tip = await queue.tips.look().catch(() => undefined);
  } else {
    const looked = await checkup.attempt((signal) => lookedAt(health, signal));
    if (typeof looked === 'string' || 'failure' in looked) {
      checkup.note('reachable', away(health, looked));
      return 'away';
    }
    checkup.note('reachable', ok(`${health.remote.name} answers`), looked.tookMs);
    tip = looked.tip;
    await checkTip(test, tip);
    await checkOldRefs(test, looked);
    return 'answered';
  }
  await checkTip(test, tip);
  checkup.note('old-refs', undone('the queue has no remote'));
  return 'answered';
}

async function lookedAt(health: Health, signal: AbortSignal): Promise<Looked | { readonly failure: Failure }> {
  try {
    return await health.look(signal);
  } catch (error) {
    if (error instanceof Failure && error.code !== 'interrupted') return { failure: error };
    throw error;
  }
}

function away({ remote }: Health, why: string | { readonly failure: Failure }): Verdict {
  if (typeof why === 'string') return wrong(`${remote?.name} does not answer: ${why}`, 'check the network and the URL');
  const { message, hint } = why.failure;
  return wrong(message, hint ?? 'check the network, the URL (`git remote -v`) and the credentials');
}

/** What the branch holds. */
async function checkTip({ queue, health, checkup, context }: QueueUnderTest, tip: string | undefined): Promise<void> {
  const { branch } = queue.place;
  if (tip === undefined) {
    checkup.note(
      'branch',
      wrong(`there is no branch ${branch}`, '`agentq init` makes it, or name another with --branch'),
    );
    for (const id of ['validate', 'release', 'ci', 'clock', 'protection', 'contention'] as const) {
      checkup.note(id, undone(`there is no branch ${branch}`));
    }
    return;
  }
  checkup.note('branch', ok(`the queue is on ${branch}`));
  // This fetches the tip, which the others read.
  await checkup.check('validate', async () => judgeDefects(await validateQueue(queue, VALIDATION, context)));
  const own = ownVersion() === 'unreleased' ? undefined : ownVersion();
  await checkup.check('release', async () => judgeRelease(own, await health.program(tip)));
  await checkup.check('ci', async () => {
    const files = await health.pipelines(tip);
    if (files.length === 0) return judgeCi([], branch, 'run');
    const { settings } = await (await queue.read()).snapshot({ read: new Set() }, { unreadable: 'leave' });
    return judgeCi(files, branch, settings.ci);
  });
  const now = context.clock.now();
  const recent = await checkup.attempt(() => health.recent(tip, RECENT));
  await checkup.check('clock', () => judgeClock(known(recent), now));
  await checkup.check('protection', () => {
    const ofQueue = known(recent).filter(({ isOfQueue }) => isOfQueue);
    const newest = (commits: readonly RecentCommit[]): number | undefined => {
      const [first] = commits;
      return first === undefined ? undefined : Math.max(0, now - first.timeMs);
    };
    const ownPushMs = newest(ofQueue.filter(({ isOwn }) => isOwn));
    return judgeProtection({
      branch,
      host: health.remote?.host,
      ownPushMs,
      anyPushMs: newest(ofQueue),
      refused: health.refusal(),
    });
  });
  await checkup.check('contention', async () => {
    const from = now - DAY_MS;
    const { events } = await recordedEvents(await queue.read(), from);
    const metrics = measure(events, { from, to: now, queue: 'older' });
    const { claims, conflictRate, failures, stalls } = metrics.all;
    const ownRejections = await health.rejectionRate();
    return judgeContention({ claims, conflictRate, failures, stalls, advice: adviceFor(metrics), ownRejections });
  });
}

function known(recent: readonly RecentCommit[] | string): readonly RecentCommit[] {
  if (typeof recent === 'string') throw new Error(recent);
  return recent;
}

async function checkOldRefs({ health, checkup, doing }: QueueUnderTest, looked: Looked): Promise<void> {
  const all = looked.refs.size;
  const found = await checkup.attempt(async (signal) => {
    const [newest] = looked.tip === undefined ? [] : await health.recent(looked.tip, 1);
    // Without a commit there is no second clock, so nothing is judged that takes two.
    const refs = await health.oldRefs(looked, newest?.timeMs ?? 0, signal);
    return { refs };
  });
  await checkup.check('old-refs', () => {
    if (typeof found === 'string') throw new Error(found);
    return judgeOldRefs(found.refs, all);
  });
  if (doing === 'look' || typeof found === 'string' || found.refs.length === 0) return;
  const removed = await checkup.attempt((signal) => health.removeRefs(found.refs, signal));
  checkup.note('old-refs', ...afterRemoval(found.refs, removed, all));
}

function afterRemoval(
  old: readonly OldRef[],
  removed: readonly OldRef[] | string,
  all: number,
): [Verdict, number, readonly string[]] {
  if (typeof removed === 'string') return [note(`old refs could not be removed: ${removed}`), 0, []];
  const gone = new Set(removed.map(({ ref }) => ref));
  const left = old.filter(({ ref }) => !gone.has(ref));
  const verdict =
    left.length === 0
      ? judgeOldRefs([], all - gone.size)
      : note(
          `${left.length} old refs could not be removed`,
          'somebody may have renewed them, or the server does not delete refs',
        );
  return [verdict, 0, [...gone]];
}
