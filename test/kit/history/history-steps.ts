import fc from 'fast-check';
import { taskText } from '../queues/queue-files.ts';
import type { HistoryScene } from './history-scene.ts';
import { filesOf, type TreeTask } from './tree-figures.ts';

/** What agents, older scripts and people do to a queue. */
const KINDS = [
  'add',
  'claim',
  'claim',
  'claim',
  'heartbeat',
  'complete',
  'complete',
  'review',
  'release',
  'fail',
  'ask',
  'answer',
  'take',
  'stall',
  'block',
  'unblock',
  'cancel',
  'reopen',
  'note',
  'pause',
  'resume',
  'old-claim',
  'old-complete',
  'old-release',
  'old-heartbeat',
  'hand-complete',
  'hand-back',
  'hand-remove',
  'hand-edit',
  'code',
  'merge',
  'recut',
] as const;

export type StepKind = (typeof KINDS)[number];

/** A step of a history; numbers choose among what there is then. */
export interface HistoryStep {
  readonly kind: StepKind;
  readonly agent: string;
  readonly task: number;
  readonly minutes: number;
}

/** Steps of these kinds; absent: of all. */
export function historySteps(
  most: number,
  wanted: (kind: StepKind) => boolean = () => true,
): fc.Arbitrary<readonly HistoryStep[]> {
  return fc.array(
    fc.record({
      kind: fc.constantFrom(...KINDS.filter(wanted)),
      agent: fc.constantFrom('a1', 'a2', 'a3'),
      task: fc.nat(20),
      minutes: fc.integer({ min: 1, max: 20 }),
    }),
    { minLength: Math.ceil(most / 2), maxLength: most },
  );
}

/**
 * A short history that has what random ones seldom have: a take, a review after which its agent is seen again, and a task
 * that is cancelled for a while.
 */
export const SHORT_HISTORY: readonly HistoryStep[] = (
  [
    ['claim', 'a1', 0],
    ['take', 'a2', 0],
    ['review', 'a2', 0],
    ['cancel', 'a3', 2],
    ['claim', 'a3', 0],
    ['note', 'a1', 4],
    ['note', 'a2', 4],
    ['reopen', 'a1', 2],
    ['note', 'a2', 4],
  ] as const
).map(([kind, agent, task]) => ({ kind, agent, task, minutes: 8 }));

export const PROJECTS = ['auth', 'pay'] as const;

/** Does it, if it can be done. */
export async function doStep(world: HistoryScene, { kind, agent, task: number, minutes }: HistoryStep): Promise<void> {
  world.clock.advance(minutes * 60_000);
  const tasks = await tasksOf(world);
  const pick = (some: readonly TreeTask[]): TreeTask | undefined => some[number % Math.max(1, some.length)];
  const held = pick(tasks.filter(({ state }) => state === 'claimed'));
  // Older scripts leave what is cancelled alone.
  const ready = pick(tasks.filter(({ state, isCancelled }) => state === 'ready' && !isCancelled));
  const any = pick(tasks);
  const project = PROJECTS[number % PROJECTS.length] ?? 'auth';
  switch (kind) {
    case 'add': {
      const requires = any?.project === project ? ['--requires', any.id] : [];
      await world.run('add', '--title', `Task ${number}`, '--project', project, ...requires);
      return;
    }
    case 'claim':
      await world.run('claim', agent);
      return;
    case 'stall':
      world.clock.advance(45 * 60_000);
      await world.run('release-stalled');
      return;
    case 'pause':
      await world.run('pause', project, '--reason', 'not now', '--agent', agent);
      return;
    case 'resume':
      await world.run('resume', project, '--agent', agent);
      return;
    case 'unblock':
      await world.run('unblock');
      return;
    case 'code':
      await world.commit(
        'develop',
        { [`src/part-${number}.ts`]: `export const part = ${number};\n` },
        'Add a part',
        'ada',
      );
      return;
    case 'merge':
      await merge(world, number);
      return;
    case 'recut':
      await cutAnew(world);
      return;
    case 'heartbeat':
    case 'complete':
    case 'review':
    case 'release':
    case 'fail':
    case 'ask':
    case 'take':
    case 'old-complete':
    case 'old-release':
    case 'old-heartbeat':
    case 'hand-back':
      if (held !== undefined) await withHeld(world, kind, held, agent);
      return;
    case 'old-claim':
      if (ready !== undefined)
        await move(world, ready, 'claimed', `[AGENT-CLAIM] ${agent} claimed ${ready.id} from ${ready.project}`, agent);
      return;
    default:
      if (any !== undefined) await withAny(world, kind, any, agent);
  }
}

async function withHeld(world: HistoryScene, kind: StepKind, held: TreeTask, other: string): Promise<void> {
  const { project, id, owner = 'nobody' } = held;
  const name = `${project}/${id}`;
  const url = `https://example.com/pull/${id}`;
  switch (kind) {
    case 'heartbeat':
      await world.run('heartbeat', id, owner, project);
      return;
    case 'complete':
      await world.run('complete', id, owner, url, project);
      return;
    case 'review':
      await world.run('review', id, owner, url, project);
      return;
    case 'release':
      await world.run('release', id, owner, project, '--reason', 'out of time');
      return;
    case 'fail': {
      const intent = { kind: 'release', request: world.request(), agent: owner, task: { project, id } } as const;
      await world.queue.submit({ ...intent, because: 'failed', reason: 'exit 1' }).catch(() => undefined);
      return;
    }
    case 'ask':
      await world.run('ask', name, owner, 'which of the two?');
      return;
    case 'take':
      await world.run('take', name, other, '--from', owner);
      return;
    case 'old-complete':
      await move(world, held, 'completed', `[AGENT-COMPLETE] ${owner} completed ${id} from ${project}`, owner);
      return;
    case 'old-release':
      await move(world, held, 'tasks', `[AGENT-RELEASE] ${owner} released ${id} from ${project}`, owner);
      return;
    case 'old-heartbeat':
      await move(world, held, 'claimed', `[AGENT-HEARTBEAT] ${owner} still working on ${id}`, owner);
      return;
    default:
      await move(world, held, 'tasks', 'Put it back', 'ada');
  }
}

async function withAny(world: HistoryScene, kind: StepKind, task: TreeTask, agent: string): Promise<void> {
  const name = `${task.project}/${task.id}`;
  switch (kind) {
    case 'answer':
      await world.run('answer', name, 'the second one', '--agent', agent);
      return;
    case 'block':
      await world.run('block', name, '--reason', 'not yet', '--agent', agent);
      return;
    case 'cancel':
      await world.run('cancel', name, '--reason', 'no more', '--cascade', '--agent', agent);
      return;
    case 'reopen':
      await world.run('reopen', name, '--agent', agent);
      return;
    case 'note':
      await world.run('note', name, 'it is in the vault', '--agent', agent);
      return;
    case 'hand-complete':
      await move(world, task, 'completed', 'It was done long ago', 'ada');
      return;
    case 'hand-remove':
      await world.commit(world.branchOf(task.project), { [task.path]: null }, 'Nobody wants it', 'ada');
      return;
    default: {
      const edited = task.text.replace(/^( title: .*)$/m, '$1, again');
      await world.commit(world.branchOf(task.project), { [task.path]: edited }, 'Say it again', 'ada');
    }
  }
}

/** Moves the file as older scripts and people do: with a claim of its own where it is claimed. */
async function move(
  world: HistoryScene,
  { project, id, path, text }: TreeTask,
  folder: 'tasks' | 'claimed' | 'completed',
  message: string,
  by: string,
): Promise<void> {
  const time = `${new Date(world.clock.now()).toISOString().slice(0, 19)}Z`;
  const bare = text.replace(/^claim:\n(?: .*\n)*/m, '');
  const claim = `claim:\n claimed_by: ${by}\n claimed_at: ${time}\n last_heartbeat: ${time}\n`;
  const to = `.agents/${project}/${folder}/${id}.toon`;
  const content = folder === 'claimed' ? `${bare}${claim}` : folder === 'tasks' ? bare : text;
  await world.commit(world.branchOf(project), { ...(path === to ? {} : { [path]: null }), [to]: content }, message, by);
}

/** Merges what somebody has built on an earlier commit. */
async function merge(world: HistoryScene, number: number): Promise<void> {
  const { box } = world;
  const { exitCode, stdout } = await box.tryGit(box.remote, 'rev-parse', '--verify', 'develop~1');
  if (exitCode !== 0) return;
  const tip = await box.git(box.remote, 'rev-parse', 'develop');
  await world.commit('side', { [`src/side-${number}.ts`]: 'export {};\n' }, 'Work aside', 'ada', stdout.trim());
  const side = await box.git(box.remote, 'rev-parse', 'side');
  await world.commit(
    'develop',
    { [`src/side-${number}.ts`]: 'export {};\n' },
    'Merge the side',
    'ada',
    `${tip}\nmerge ${side}`,
  );
}

/** Somebody takes the last commit back, by force. */
async function cutAnew({ box }: HistoryScene): Promise<void> {
  const { exitCode, stdout } = await box.tryGit(box.remote, 'rev-parse', '--verify', 'develop~1');
  if (exitCode === 0) await box.git(box.remote, 'update-ref', 'refs/heads/develop', stdout.trim());
}

async function tasksOf(world: HistoryScene): Promise<readonly TreeTask[]> {
  const all = await Promise.all(
    world.branches.map(async (branch) =>
      filesOf(await world.files(branch)).filter(({ project }) => world.branchOf(project) === branch),
    ),
  );
  return all.flat();
}

/** The queue that histories begin with. */
export function firstFiles(): Record<string, string> {
  return Object.fromEntries(
    PROJECTS.flatMap((project) =>
      [1, 2, 3].map((number) => [
        `.agents/${project}/tasks/TASK-${number}.toon`,
        taskText(`TASK-${number}`, { priority: number }),
      ]),
    ),
  );
}
