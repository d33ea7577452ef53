import type { BoardTask } from '../../src/domain/dashboard/board.ts';
import type { Scalar, TaskCondition } from '../../src/domain/queue/task.ts';

/** Chance between 0 and 1, 1 left out. */
export type Chance = () => number;

export const PROJECTS: readonly string[] = ['checkout', 'search', 'mobile-app', 'billing', 'infra'];
export const AGENTS: readonly string[] = [
  ...['claude-1', 'claude-2', 'claude-3', 'claude-4', 'codex-1', 'codex-2', 'codex-3'],
  ...['gemini-1', 'aider-7', 'cursor-bg-2', 'nightly-review', 'anna', 'claude-17'],
];

const VERBS = ['Add', 'Fix', 'Move', 'Cache', 'Retry', 'Validate', 'Document', 'Speed up', 'Remove', 'Test', 'Split'];
const THINGS = [
  ...['idempotency keys of payments', 'the rounding of refunds', 'the cart merge after sign-in', 'search suggestions'],
  ...['the index rebuild', 'typo tolerance', 'push notifications', 'the offline queue', 'biometric sign-in'],
  ...['invoices in two currencies', 'the dunning schedule', 'proration of upgrades', 'the nightly backup'],
  ...[
    'log retention',
    'the canary deployment',
    'rate limits per tenant',
    'the feature flag service',
    'webhook delivery',
  ],
  ...['the address form', 'session expiry', 'the audit log export', 'the GDPR deletion job', 'flaky e2e tests'],
];
/** Texts that must stay texts, and ones that take room. */
const HOSTILE = [
  '<img src=x onerror="alert(1)"> </script><script>alert(2)</script>',
  'Émojis 👩‍💻🚀 und ein sehr langer Titel, der über mehrere Zeilen geht, weil jemand die ganze Beschreibung in den Titel geschrieben hat',
  'ACannotBreakAnywhereBecauseItIsOneWordWithoutSpacesLikeAVeryLongIdentifierOfSomeEnterpriseFactoryBean',
  '{{constructor.constructor("alert(3)")()}} javascript:alert(4) & "quotes" \'single\' `ticks`',
];
const ASKED = [
  'The spec says 30 days, the tests expect 14. Which one is right?',
  'May I add a dependency on libphonenumber (550 kB), or write the check for the six countries that we ship to?',
  'Staging has no fixtures for cancelled subscriptions. Can somebody add one, or shall I mock it?',
];
const BLOCKED = [
  'waits for legal to approve the wording',
  'stalled 3 times: out of memory in the integration suite',
  'needs the new API key of the payment provider',
];
const STATES: readonly [TaskCondition, number][] = [
  ['completed', 0.54],
  ['cancelled', 0.03],
  ['review', 0.06],
  ['claimed', 0.06],
  ['ready', 0.14],
  ['waiting', 0.17],
];

/** The order of the states on a board. */
const ORDER: readonly TaskCondition[] = [
  ...(['ready', 'claimed', 'asking', 'review', 'waiting', 'blocked', 'cancelled', 'completed'] as const),
];

/** Tasks as a queue in the middle of its work has them. */
export function inventTasks(count: number, now: number, chance: Chance): BoardTask[] {
  const tasks = Array.from({ length: count }, (_, at) => inventTask(at, count, now, chance));
  const byName = new Map(tasks.map((task) => [`${task.project}/${task.task}`, task]));
  const finished = tasks.map((task): BoardTask => {
    const open = task.requires.filter((name) => byName.get(name)?.state !== 'completed');
    if (task.state === 'waiting' && open.length === 0) return { ...task, state: 'ready' };
    return { ...task, waitingFor: task.state === 'waiting' ? open : [] };
  });
  const rank = (task: BoardTask): number => ORDER.indexOf(task.state);
  return finished.sort((a, b) => rank(a) - rank(b) || (b.priority ?? 0) - (a.priority ?? 0) || newest(b, a));
}

function newest(a: BoardTask, b: BoardTask): number {
  return Date.parse(a.since ?? '1970-01-01') - Date.parse(b.since ?? '1970-01-01');
}

function inventTask(at: number, count: number, now: number, chance: Chance): BoardTask {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;
  const state = stateOf(at, count, chance);
  const project = PROJECTS[at % PROJECTS.length] ?? 'checkout';
  const isHeld = state === 'claimed' || state === 'review';
  const stalled = state === 'claimed' && chance() < 0.12;
  const hostile = at % 41 === 7 ? HOSTILE[Math.floor(at / 41) % HOSTILE.length] : undefined;
  const labels: Record<string, Scalar> = {};
  if (chance() < 0.6) labels.area = pick(['api', 'ui', 'data', 'ops']);
  if (chance() < 0.2) labels.urgent = true;
  if (chance() < 0.15) labels.size = pick(['S', 'M', 'L']);
  const requires = Array.from({ length: state === 'waiting' ? 1 + Math.floor(chance() * 3) : chance() < 0.3 ? 1 : 0 })
    .map(() => at - PROJECTS.length * (1 + Math.floor(chance() * 8)))
    .filter((other) => other >= 0)
    .map((other) => `${project}/${idOf(other)}`);
  const ageMs = (state === 'completed' ? 26 * 3_600_000 : isHeld ? 5_400_000 : 90_000_000) * chance() ** 2;
  return {
    project,
    task: idOf(at),
    title: hostile ?? (at % 97 === 50 ? null : `${pick(VERBS)} ${pick(THINGS)}`),
    state,
    isStalled: stalled,
    type: pick(['feature', 'bug', 'chore', null]),
    priority: at % 31 === 3 ? null : 1 + Math.floor(chance() * 10),
    labels,
    batch: chance() < 0.3 ? pick(['wave-1', 'wave-2', 'hardening']) : null,
    requires: [...new Set(requires)],
    waitingFor: [],
    agent: isHeld || state === 'completed' || state === 'asking' ? pick(AGENTS) : null,
    since: state === 'ready' && chance() < 0.4 ? null : iso(now - ageMs - (stalled ? 4_000_000 : 5_000)),
    about: state === 'asking' ? pick(ASKED) : state === 'blocked' ? pick(BLOCKED) : null,
    prUrl: state === 'review' || (state === 'completed' && chance() < 0.7) ? prOf(at, project) : null,
    failures: chance() < 0.05 ? 1 + Math.floor(chance() * 3) : 0,
    stalls: chance() < 0.04 ? 1 : 0,
  };
}

/** Early tasks are done, late ones wait; what needs people is anywhere. */
function stateOf(at: number, count: number, chance: Chance): TaskCondition {
  const rest = Math.min(0.999, Math.max(0, (at / count) * 0.7 + chance() * 0.3));
  if (chance() < 0.025) return chance() < 0.5 ? 'asking' : 'blocked';
  let left = rest;
  for (const [state, share] of STATES) {
    if (left < share) return state;
    left -= share;
  }
  return 'ready';
}

function prOf(at: number, project: string): string {
  return at % 53 === 9 ? 'javascript:alert(5)' : `https://github.com/acme/${project}/pull/${200 + at}`;
}

function idOf(at: number): string {
  return `TASK-${String(at + 1).padStart(3, '0')}`;
}

/** ISO 8601 in whole seconds. */
export function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
