import { describe, expect, it } from 'vitest';
import { type DecidedIntent, decide } from '../../../src/domain/deciding/decide.ts';
import type { AddIntent, Intent } from '../../../src/domain/intents/intent.ts';
import type { AddedTask } from '../../../src/domain/intents/outcome.ts';
import type { NewTask } from '../../../src/domain/queue/new-task.ts';
import { addIntent, NOW } from '../../kit/queues/new-tasks.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const PLAN: readonly Partial<NewTask>[] = [
  { ref: 'cart', title: 'Cart', priority: 3 },
  { ref: 'pay', title: 'Pay', required: ['cart'], criteria: ['It works'], labels: { model: 'large' } },
];

const TWO = { project: 'shop' };

function again(tasks: readonly Partial<NewTask>[], fields: Partial<AddIntent> = {}): AddIntent {
  return addIntent(tasks, { ...TWO, request: 'again0001', upsert: true, ...fields });
}

/** What the last intent comes to, after the others. */
function last(
  ...intents: readonly Intent[]
): DecidedIntent & { readonly commits: ReturnType<typeof decide>['commits'] } {
  const { decisions, commits } = decide(snapshotOf([{ project: 'shop', id: 'TASK-001' }]), intents, NOW);
  const decision = decisions.at(-1);
  if (decision === undefined) throw new Error('no decision');
  return { ...decision, commits };
}

function outcome(decision: DecidedIntent): readonly AddedTask[] {
  if (decision.kind === 'refused' || decision.outcome.kind !== 'added') throw new Error(JSON.stringify(decision));
  return decision.outcome.tasks;
}

const first = addIntent(PLAN, TWO);

describe('a plan that is added again', () => {
  it('changes nothing where it says the same', () => {
    const decision = last(first, again(PLAN));
    expect(decision.commits).toHaveLength(1);
    expect(outcome(decision).map(({ key, ref, was }) => [key.id, ref, was])).toEqual([
      ['TASK-002', 'cart', 'same'],
      ['TASK-003', 'pay', 'same'],
    ]);
  });

  it('updates what differs, adds what is new, and links both by ref', () => {
    const changed = [
      { ref: 'cart', title: 'The cart', priority: 3 },
      { ref: 'pay', title: 'Pay', required: ['cart', 'tax'], labels: { model: 'small' } },
      { ref: 'tax', title: 'Tax' },
    ];
    const decision = last(first, again(changed));
    expect(outcome(decision).map(({ key, was, status }) => [key.id, was, status])).toEqual([
      ['TASK-002', 'updated', 'ready'],
      ['TASK-003', 'updated', 'blocked'],
      ['TASK-004', undefined, 'ready'],
    ]);
    const [, commit] = decision.commits;
    expect(commit?.subject).toBe('[ORCHESTRATOR] Added 1 task to shop, updated 2');
    expect(commit?.tasks.map(({ edits }) => edits)).toMatchObject([
      [{ section: 'task', key: 'title', value: 'The cart' }],
      [
        { section: 'dependencies', key: 'required', value: [{ id: 'TASK-002' }, { id: 'TASK-004' }] },
        { section: 'labels', key: 'model', value: 'small' },
      ],
    ]);
  });

  it('updates checks and the files that are touched, and names what it updated beside what it added', () => {
    const rest = (verify: string, touches: string) => ({ rest: { verify: [verify], task: { touches: [touches] } } });
    const plan = [{ ref: 'cart', title: 'Cart', priority: 3, ...rest('npm test', 'src/**') }];
    const decision = last(addIntent(plan, TWO), again([{ ...plan[0], ...rest('make', 'lib/**') }, { title: 'New' }]));
    const commit = decision.commits[1];
    expect(commit?.tasks.map(({ edits }) => edits)).toEqual([
      [
        { kind: 'set-field', section: 'verify', key: '', value: ['make'] },
        { kind: 'set-field', section: 'touches', key: '', value: ['lib/**'] },
      ],
    ]);
    expect(commit?.trailers).toContainEqual({ key: 'Agentq-Updated', value: 'shop/TASK-002' });
    // What the plan does not mention stays.
    const silent = last(addIntent(plan, TWO), again([{ ref: 'cart', title: 'Cart', priority: 3 }]));
    expect(outcome(silent).map(({ was }) => was)).toEqual(['same']);
  });

  it('knows tasks that give neither ref nor id by their title, each once', () => {
    const plan = [{ title: 'Clean up' }, { title: 'Clean up' }, { title: 'Title of TASK-001', priority: 7 }];
    const twice = last(addIntent(plan.slice(0, 2), TWO), again([...plan, { title: 'Clean up' }]));
    expect(outcome(twice).map(({ key, was }) => [key.id, was])).toEqual([
      ['TASK-002', 'same'],
      ['TASK-003', 'same'],
      ['TASK-001', 'updated'],
      ['TASK-004', undefined],
    ]);
    // A task with a ref is another one, whatever its title.
    expect(outcome(last(first, again([{ title: 'Cart' }]))).map(({ was }) => was)).toEqual([undefined]);
  });

  it('leaves alone what somebody works on, or has completed', () => {
    const changed = PLAN.map((task) => ({ ...task, title: `${task.title} again`, required: [] }));
    for (const state of ['claimed', 'completed'] as const) {
      const there: TaskSpec[] = [
        { project: 'shop', id: 'TASK-002', ref: 'cart', state },
        { project: 'shop', id: 'TASK-003', ref: 'pay', status: 'blocked', required: ['TASK-002'] },
      ];
      const { decisions, commits } = decide(snapshotOf(there), [again(changed)], NOW);
      expect(decisions[0]).toMatchObject({
        outcome: { tasks: [{ was: 'kept' }, { title: 'Pay again', was: 'updated', status: 'ready' }] },
      });
      expect(commits[0]?.tasks.map(({ key }) => key.id)).toEqual(['TASK-003']);
    }
  });

  it('opens what no longer requires anything, but not what a person blocked', () => {
    const free = [{ ref: 'pay', title: 'Pay' }];
    expect(outcome(last(first, again(free)))[0]).toMatchObject({ status: 'ready', was: 'updated' });
    const { decisions } = decide(
      snapshotOf([{ project: 'shop', id: 'P-1', status: 'blocked', required: ['P-0'], blockedReason: 'no budget' }]),
      [again([{ id: 'P-1', title: 'Pay', ref: 'pay' }])],
      NOW,
    );
    expect(decisions[0]).toMatchObject({ outcome: { tasks: [{ was: 'updated', status: 'blocked' }] } });
  });

  it('is refused without --upsert where an id exists, and where it is not clear which task is meant', () => {
    const by = (...tasks: readonly Partial<NewTask>[]) => {
      const decision = last(first, again(tasks));
      return decision.kind === 'refused' ? decision.refusal.message : decision.kind;
    };
    expect(last(first, addIntent([{ id: 'TASK-002' }], { ...TWO, request: 'other0001' })).kind).toBe('refused');
    expect(by({ ref: 'cart', id: 'CART-1' })).toContain('the ref cart is that of shop/TASK-002');
    expect(by({ ref: 'cart' }, { id: 'TASK-002' })).toContain('it is shop/TASK-002, as is the task at');
    const twice = addIntent([{ ref: 'cart', title: 'Cart' }], { ...TWO, request: 'twice0001' });
    const decision = last(first, twice, again([{ ref: 'cart' }]));
    expect(decision).toMatchObject({
      kind: 'refused',
      refusal: { message: expect.stringContaining('which is meant?') },
    });
  });

  it('still sees circles through what it changes', () => {
    const decision = last(first, again([{ ref: 'cart', title: 'Cart', required: ['pay'] }, ...PLAN.slice(1)]));
    expect(decision).toMatchObject({ kind: 'refused', refusal: { message: expect.stringContaining('cycle') } });
  });
});
