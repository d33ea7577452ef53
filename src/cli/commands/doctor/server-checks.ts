import type { CheckId, Verdict } from '../../../domain/health/check.ts';
import { ok } from '../../../domain/health/check.ts';
import {
  judgeAtomic,
  judgeCustomRefs,
  judgeDeletion,
  judgeLatency,
  judgeMemory,
  judgeNames,
  judgeSwap,
  judgeWritable,
  type ServerFacts,
  wrongMemory,
} from '../../../domain/health/server.ts';
import { CLEANING_MS, type Health } from '../../../engine/queue/health.ts';
import type { Checkup } from './checkup.ts';

/** Longest time (ms) of a probe: it is six connections. */
const PROBE_LIMIT_MS = 60_000;

/** How many looks are timed; the fastest counts. */
const LOOKS = 3;

const OF_THE_SERVER: readonly (readonly [CheckId, (facts: ServerFacts) => Verdict])[] = [
  ['writable', judgeWritable],
  ['custom-refs', judgeCustomRefs],
  ['deletion', judgeDeletion],
  ['atomic', judgeAtomic],
  ['ref-names', judgeNames],
  ['compare-and-swap', judgeSwap],
];

/** Tries what the server can do, and how fast it is. */
export async function checkServer({
  health,
  checkup,
  doing,
}: {
  readonly health: Health;
  readonly checkup: Checkup;
  readonly doing: 'look' | 'fix';
}): Promise<void> {
  const terms = { limitMs: PROBE_LIMIT_MS, ends: 'by-itself', reserveMs: CLEANING_MS } as const;
  const facts = await checkup.attempt((signal) => health.probe(signal), terms);
  for (const [id, judge] of OF_THE_SERVER) {
    await checkup.check(id, () => judge(expected(facts)));
  }
  const remembered = await health.remembered();
  await checkup.check('memory', () => judgeMemory(remembered, expected(facts)));
  if (doing === 'fix' && typeof facts !== 'string' && wrongMemory(remembered, facts)) {
    await health.forget();
    checkup.note('memory', ok('this clone has forgotten what it wrongly remembered about the server'), 0, [
      'memory of the server',
    ]);
  }
  await checkup.check('latency', async (signal) => {
    let lookMs = Number.POSITIVE_INFINITY;
    for (let count = 0; count < LOOKS; count++) lookMs = Math.min(lookMs, (await health.look(signal)).tookMs);
    return judgeLatency(lookMs, typeof facts === 'string' ? undefined : facts.pushMs);
  });
}

function expected(facts: ServerFacts | string): ServerFacts {
  if (typeof facts === 'string') throw new Error(facts);
  return facts;
}
