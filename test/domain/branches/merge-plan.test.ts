import { describe, expect, it } from 'vitest';
import { lacksBase, type MergeBase, planMerge, type QueueFile } from '../../../src/domain/branches/merge-plan.ts';
import { Ownership } from '../../../src/domain/branches/ownership.ts';

const BRANCH = 'develop-auth';
const NOW = owned({ auth: BRANCH, pay: 'develop-pay' });

function owned(branches: Readonly<Record<string, string>>): Ownership {
  return new Ownership('develop', { branches: new Map(Object.entries(branches)) });
}

/** `auth/tasks/T-1=a` is the file of a task with the content `a`; `auth/tasks/.gitkeep=` is none. */
function filesFrom(texts: readonly string[]): QueueFile[] {
  return texts.map((text) => {
    const [path = '', blob = ''] = text.split('=');
    const [project = '', , name = ''] = path.split('/');
    const id = name.startsWith('.') ? undefined : name;
    return { path, project, id, mode: '100644', blob };
  });
}

interface Sides {
  readonly main?: readonly string[];
  readonly branch?: readonly string[];
  readonly base?: readonly string[];
  /** Where projects lived at the base. */
  readonly lived?: Ownership;
}

function plan({ main = [], branch = [], base = [], lived = NOW }: Sides) {
  const bases: MergeBase[] = [{ files: filesFrom(base), ownership: lived }];
  const planned = planMerge(NOW, BRANCH, filesFrom(main), filesFrom(branch), () => bases);
  const files = planned.files.map(({ path, blob }) => `${path}=${blob}`);
  return { ...planned, files, lacks: lacksBase(planned, bases) };
}

const T1 = ['auth/tasks/T-1=a'];

describe('what the main branch has of the queue after a merge', () => {
  it.each<[string, Sides, object]>([
    [
      "what a project's own branch has",
      { main: T1, branch: ['auth/claimed/T-1=b'], base: T1 },
      { files: ['auth/claimed/T-1=b'], moved: [], overruled: [], clashes: [] },
    ],
    [
      'tasks that were only on the main branch: they move',
      { main: [...T1, 'auth/claimed/T-2=x'], branch: T1, base: T1 },
      { files: ['auth/claimed/T-2=x', 'auth/tasks/T-1=a'], moved: ['auth/T-2'] },
    ],
    [
      'no copy of a task that its own branch has removed',
      { main: [...T1, 'auth/tasks/T-2=b'], branch: T1, base: [...T1, 'auth/tasks/T-2=b'] },
      { files: T1, moved: [], removed: ['auth/T-2'] },
    ],
    [
      'a task that its branch lacks but was not right about when they met',
      { main: [...T1, 'auth/tasks/T-2=b'], branch: T1, base: [...T1, 'auth/tasks/T-2=b'], lived: owned({}) },
      { files: ['auth/tasks/T-1=a', 'auth/tasks/T-2=b'], moved: ['auth/T-2'], removed: [] },
    ],
    [
      'not the copy that somebody has changed',
      { main: ['auth/claimed/T-1=stray'], branch: T1, base: T1 },
      { files: T1, overruled: ['auth/T-1'] },
    ],
    [
      'a whole project that its branch does not have yet, with what is beside its tasks',
      { main: [...T1, 'auth/tasks/.gitkeep=', 'auth/tasks/.agentq-stalls=1'], branch: [], base: T1 },
      { files: ['auth/tasks/.agentq-stalls=1', 'auth/tasks/.gitkeep=', 'auth/tasks/T-1=a'], moved: ['auth/T-1'] },
    ],
    [
      "the ledger of a project's own branch",
      { main: [...T1, 'auth/tasks/.agentq-stalls=1'], branch: [...T1, 'auth/tasks/.agentq-stalls=2'], base: T1 },
      { files: ['auth/tasks/.agentq-stalls=2', 'auth/tasks/T-1=a'] },
    ],
    [
      'tasks of its own projects that somebody added on the branch of others',
      { main: ['web/tasks/T-1=a'], branch: ['web/tasks/T-1=old', 'web/tasks/T-2=b'], base: ['web/tasks/T-1=old'] },
      { files: ['web/tasks/T-1=a', 'web/tasks/T-2=b'], moved: ['web/T-2'], overruled: [] },
    ],
    [
      'tasks of a third branch, which finds them there',
      { main: ['pay/tasks/T-1=a'], branch: ['pay/tasks/T-2=b'] },
      { files: ['pay/tasks/T-1=a', 'pay/tasks/T-2=b'], moved: ['pay/T-2'] },
    ],
    [
      'one task that both got from one plan',
      { main: T1, branch: ['auth/claimed/T-1=a'] },
      { files: ['auth/claimed/T-1=a'], clashes: [] },
    ],
    [
      'nothing that is certain, if both have added another task with the same id',
      { main: T1, branch: ['auth/tasks/T-1=b'], base: ['auth/tasks/T-0=c'] },
      { clashes: ['auth/T-1'], lacks: [] },
    ],
    [
      'nothing that is certain, if their last common commit says nothing about the project',
      { main: T1, branch: ['auth/tasks/T-1=b'], base: ['pay/tasks/T-0=c'] },
      { clashes: ['auth/T-1'], lacks: ['auth'] },
    ],
  ])('is %s', (_, sides, expected) => {
    expect(plan(sides)).toMatchObject(expected);
  });
});
