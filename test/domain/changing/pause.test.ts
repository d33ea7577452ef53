import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { formatPauses, PAUSES_FILE, type Pause, parsePauses } from '../../../src/domain/pausing/pauses.ts';
import type { QueueSnapshot } from '../../../src/domain/queue/snapshot.ts';
import { parseIntent } from '../../../src/engine/wire/intent-schema.ts';
import { claim, complete, heartbeat, held, NOW, only, release } from '../../kit/queues/intents.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const QUEUE: Pause = { at: '2026-03-01T11:00:00Z', by: 'Ada', reason: 'the tree is red' };
const AUTH: Pause = { project: 'auth', at: '2026-03-01T11:00:00Z', by: 'Ada', reason: 'the schema moves' };

const SPECS: readonly TaskSpec[] = [
  { id: 'T-1' },
  { id: 'T-2', ...held('a2') },
  { project: 'pay', id: 'P-1', priority: 1 },
];

function paused(...pauses: readonly Pause[]): QueueSnapshot {
  return { ...snapshotOf(SPECS), ...(pauses.length === 0 ? {} : { pauses }) };
}

const pause = (reason: string, project?: string): Intent => ({
  kind: 'pause',
  request: 'aaaaaa',
  agent: 'Ada',
  reason,
  ...(project === undefined ? {} : { project }),
});
const resume = (project?: string): Intent => ({
  kind: 'resume',
  request: 'bbbbbb',
  agent: 'Ada',
  ...(project === undefined ? {} : { project }),
});

describe('while the whole queue is paused', () => {
  it('nothing is claimed, and each claim says why', () => {
    const message = 'nothing to claim: the queue is paused by Ada since 2026-03-01T11:00:00Z: the tree is red';
    for (const filter of [{}, { project: 'pay' }]) {
      expect(only(decide(paused(QUEUE), [claim('a1', filter)], NOW))).toMatchObject({
        kind: 'refused',
        refusal: { code: 'nothing-claimable', message, why: { paused: { whole: true } } },
      });
    }
    const named = only(decide(paused(QUEUE), [claim('a1', {}, { task: { id: 'T-1' } })], NOW));
    expect(named).toMatchObject({ refusal: { message: expect.stringContaining('the queue is paused by Ada') } });
  });

  it('what is claimed goes on, and is taken back when it stalls', () => {
    const LATER = NOW + 3_600_000;
    const kinds = (intent: Intent, now = NOW): string => only(decide(paused(QUEUE), [intent], now)).kind;
    expect(kinds(heartbeat('a2', 'T-2'))).toBe('change');
    expect(kinds(complete('a2', 'T-2'))).toBe('change');
    expect(kinds(release('a2', 'T-2'))).toBe('change');
    const stalled: Intent = { kind: 'release-stalled', request: 'r', agent: 'orchestrator' };
    expect(kinds(stalled, LATER)).toBe('change');
    const silent = { ...paused(QUEUE), stalls: 'witnessed' as const };
    expect(decide(silent, [claim('a1')], LATER).commits).toEqual([]);
  });
});

it('a paused project is left out, and named where nothing else is left', () => {
  expect(only(decide(paused(AUTH), [claim('a1')], NOW))).toMatchObject({ outcome: { key: { id: 'P-1' } } });
  const plan = decide(paused(AUTH), [claim('a1'), claim('a2'), claim('a3', {}, { prefer: 'auth' })], NOW);
  expect(plan.decisions[1]).toMatchObject({
    refusal: {
      message:
        'nothing to claim: 1 in what is paused (auth is paused by Ada since 2026-03-01T11:00:00Z: the schema moves), 2 claimed',
    },
  });
});

describe('pause and resume', () => {
  it('are one commit each, of a file beside the settings', () => {
    const { commits, decisions } = decide(paused(AUTH), [pause('the tree is red')], NOW);
    expect(commits).toMatchObject([
      {
        subject: '[AGENT-PAUSE] Ada paused the queue',
        body: 'the tree is red',
        author: 'Ada',
        tasks: [],
        files: [{ path: PAUSES_FILE, content: formatPauses([{ ...QUEUE, at: '2026-03-01T12:00:00Z' }, AUTH]) }],
      },
    ]);
    expect(decisions).toMatchObject([{ outcome: { kind: 'paused', pause: { by: 'Ada' } } }]);
    const ended = decide(paused(QUEUE, AUTH), [resume('auth'), resume()], NOW);
    expect(ended.commits.map(({ subject, files }) => [subject, files[0]?.content])).toEqual([
      ['[AGENT-RESUME] Ada resumed auth', formatPauses([QUEUE])],
      ['[AGENT-RESUME] Ada resumed the queue', undefined],
    ]);
    expect(ended.decisions[0]).toMatchObject({ outcome: { kind: 'resumed', ended: AUTH, left: [QUEUE] } });
  });

  it('replace another reason, and change nothing where it is so already', () => {
    expect(only(decide(paused(AUTH), [pause('the schema moves', 'auth')], NOW)).kind).toBe('unchanged');
    expect(only(decide(paused(AUTH), [resume()], NOW)).kind).toBe('unchanged');
    const [commit] = decide(paused(AUTH), [pause('something else', 'auth')], NOW).commits;
    expect(parsePauses(commit?.files[0]?.content ?? '')).toMatchObject([{ project: 'auth', reason: 'something else' }]);
  });

  it.each([pause('x', 'nope'), resume('nope')])(
    'know only projects of the queue, or of its other branches: %j',
    (intent) => {
      expect(only(decide(paused(), [intent], NOW))).toMatchObject({ refusal: { code: 'unknown-project' } });
      const split = {
        ...paused(),
        otherBranch: (project: string) => (project === 'nope' ? 'develop-nope' : undefined),
      };
      expect(only(decide(split, [intent], NOW)).kind).not.toBe('refused');
    },
  );

  it('hold for the claims of their own group, whatever the order', () => {
    const stopped = decide(paused(), [claim('a1'), heartbeat('a2', 'T-2'), pause('red')], NOW);
    expect(stopped.decisions.map(({ kind }) => kind)).toEqual(['refused', 'change', 'change']);
    const going = decide(paused(QUEUE), [claim('a1'), resume()], NOW);
    expect(going.decisions.map(({ kind }) => kind)).toEqual(['change', 'change']);
    expect(going.commits.map(({ subject }) => subject)).toEqual([
      '[AGENT-RESUME] Ada resumed the queue',
      '[AGENT-CLAIM] a1 claimed T-1 from auth',
    ]);
  });

  it('come from other processes only as one line about a project that can exist', () => {
    expect(parseIntent(pause('red', 'auth'))).toEqual(pause('red', 'auth'));
    expect(parseIntent(resume())).toEqual(resume());
    for (const bad of [pause('a\nb'), pause('x', '../x'), pause(''), resume('a b')])
      expect(parseIntent(bad)).toBe(undefined);
  });
});

it('a file of pauses that somebody damaged holds what can be read of it', () => {
  const text = `${formatPauses([QUEUE, AUTH])}not json\n[1]\n{"project":"../x","reason":"y"}\n{"project":"pay"}\n`;
  expect(parsePauses(text)).toEqual([
    QUEUE,
    AUTH,
    { project: 'pay', at: 'an unknown time', by: 'somebody', reason: 'no reason is given' },
  ]);
  expect(parsePauses('{"reason":"a\\nb\\u001b[31m"}')).toMatchObject([{ reason: 'a b [31m' }]);
  expect(formatPauses([])).toBe(undefined);
});
