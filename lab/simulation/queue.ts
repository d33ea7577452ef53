import { locationOf } from '../../src/domain/queue/layouts.ts';
import { encodeTask } from '../../src/store/codec/write-task.ts';
import type { SandboxCommit } from '../sandbox/sandbox.ts';

/** The branch that holds simulated queues. */
export const BRANCH = 'develop';

/** The first commit of a simulated queue, with this many claimable tasks dealt out to this many projects. */
export function simulatedQueue(tasks: number, projects: number, now: number): SandboxCommit {
  const files: Record<string, string> = {};
  for (let number = 1; number <= tasks; number++) {
    const project = `project-${((number - 1) % projects) + 1}`;
    const id = `TASK-${number}`;
    files[`${locationOf('agents', project).folders.ready}${id}.toon`] = encodeTask({
      task: {
        id,
        project,
        title: `Simulated task ${number}`,
        type: 'feature',
        priority: 1 + (number % 9),
        status: 'ready',
      },
      acceptance_criteria: ['It was claimed once'],
    });
  }
  return {
    message: `Add ${tasks} tasks`,
    author: { name: 'planner', email: 'planner@agentq.invalid' },
    timeSeconds: Math.floor(now / 1000) - 60,
    files,
  };
}
