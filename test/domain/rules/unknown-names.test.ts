import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const QUEUE: readonly TaskSpec[] = [
  { id: 'TASK-001', project: 'auth' },
  { id: 'TASK-002', project: 'auth', state: 'claimed', claim: { claimedBy: 'a' } },
  { id: 'TASK-007', project: 'auth', state: 'completed' },
  { id: 'UI-1', project: 'web' },
];

const BASE = { request: 'r', agent: 'a' };

function refusalOf(intent: Intent, queue = QUEUE): string {
  const [decision] = decide(snapshotOf(queue), [intent], 0).decisions;
  if (decision?.kind !== 'refused') return decision?.kind ?? '';
  const { code, message, ...rest } = decision.refusal;
  return `${code}: ${message} (${'hint' in rest ? rest.hint : ''})`;
}

const claim = (parts: object): Intent => ({ ...BASE, kind: 'claim', filter: {}, attempt: 1, waitedMs: 0, ...parts });

describe('a project that is not there', () => {
  const task = { project: 'auht', id: 'TASK-002' };
  it.each<readonly [string, Intent]>([
    ['claim', claim({ filter: { project: 'auht' } })],
    ['claim --task', claim({ task, filter: { project: 'auht' } })],
    ['claim --prefer', claim({ prefer: 'auht' })],
    ['heartbeat', { ...BASE, kind: 'heartbeat', task }],
    ['complete', { ...BASE, kind: 'complete', task }],
    ['release', { ...BASE, kind: 'release', task }],
    ['release-stalled', { ...BASE, kind: 'release-stalled', project: 'auht' }],
    ['unblock', { ...BASE, kind: 'unblock', project: 'auht' }],
    ['unblock --task', { ...BASE, kind: 'unblock', task }],
  ])('is the same mistake for %s', (_, intent) => {
    expect(refusalOf(intent)).toBe('unknown-project: there is no project auht in this queue (did you mean auth?)');
  });

  it.each([
    ['Auth', [], 'did you mean auth?'],
    ['nothing-like-it', [], 'the projects are auth, web'],
    [
      'apps',
      [
        { id: 'A', project: 'app1' },
        { id: 'A', project: 'app2' },
      ],
      'did you mean app1 or app2?',
    ],
    [
      'unheard-of',
      [...'abcdefghi'].map((name) => ({ id: 'A', project: name })),
      'the projects are a, auth, b, c, d, e, f, g and 3 more',
    ],
  ])('%s: the nearest names are told', (project, more, hint) => {
    expect(refusalOf(claim({ filter: { project } }), [...QUEUE, ...more])).toContain(`(${hint})`);
  });

  it('is not one without tasks, nor one that the same batch makes', () => {
    const snapshot = snapshotOf(QUEUE);
    const auth = snapshot.projects.get('auth');
    if (!auth) throw new Error('no project');
    const projects = new Map([['empty', { ...auth, name: 'empty', entries: [] }]]);
    const [decision] = decide({ ...snapshot, projects }, [claim({ filter: { project: 'empty' } })], 0).decisions;
    expect(decision).toMatchObject({ refusal: { code: 'nothing-claimable' } });
    const tasks = [{ title: 't', criteria: [], required: [], blocks: [], labels: {}, rest: {} }];
    const add: Intent = { ...BASE, kind: 'add', project: 'new', tasks };
    const plan = decide(snapshot, [claim({ filter: { project: 'new' } }), add], 0);
    expect(plan.decisions).toMatchObject([
      { kind: 'change', outcome: { key: { project: 'new' } } },
      { kind: 'change' },
    ]);
  });
});

describe('a task that is not there', () => {
  it.each([
    ['TASK-7', undefined, 'there is no task TASK-7 in any project of this queue (did you mean auth/TASK-007?)'],
    ['TASK-7', 'auth', 'there is no task TASK-7 in project auth (did you mean TASK-007?)'],
    ['TASK-001', 'web', 'there is no task TASK-001 in project web (did you mean auth/TASK-001?)'],
    ['UI1', 'web', 'there is no task UI1 in project web (did you mean UI-1?)'],
    ['TAKS-002', undefined, '(did you mean auth/TASK-002?)'],
    ['TASK-9', 'auth', '(the nearest names are TASK-001, TASK-002, TASK-007)'],
    ['something-else', 'web', '(the nearest names are UI-1)'],
  ])('%s in %s: the nearest names are told', (id, project, words) => {
    const task = project === undefined ? { id } : { project, id };
    const refusal = refusalOf({ ...BASE, kind: 'release', task });
    expect(refusal).toContain('unknown-task: there is no task');
    expect(refusal).toContain(words);
  });

  it('in a queue without tasks has no names near it', () => {
    expect(refusalOf({ ...BASE, kind: 'release', task: { id: 'A' } }, [])).toContain('(there are no tasks yet)');
  });

  it('is told at once, also in a large queue', () => {
    const large = Array.from({ length: 20_000 }, (_, n) => ({ id: `TASK-${n}`, project: 'auth' }));
    expect(refusalOf({ ...BASE, kind: 'release', task: { id: 'TASK-0123' } }, large)).toContain(
      'did you mean auth/TASK-123?',
    );
  });
});
