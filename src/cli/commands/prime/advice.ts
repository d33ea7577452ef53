import type { PrimedTask, PrimeResult } from './result.ts';

/**
 * The commands that the agent needs now.
 * @param task the one that it is to work on
 */
export function commandsFor(
  agent: string | undefined,
  task: Pick<PrimedTask, 'project' | 'task'> | undefined,
  worker: PrimeResult['worker'],
): PrimeResult['commands'] {
  if (worker !== null) {
    return [
      { command: 'agentq show', does: 'what there is to do' },
      { command: 'agentq note "<text>"', does: 'leaves a note for whoever comes next' },
      { command: 'agentq ask "<question>"', does: 'asks a person, and gives the task back until then: end after it' },
      { command: 'agentq release --reason "<why>"', does: 'gives the task back' },
    ];
  }
  const who = agent ?? '<agent-id>';
  const what = task === undefined ? '<task>' : `${task.project}/${task.task}`;
  const ends = [
    { command: `agentq complete ${what} ${who} [pr-url]`, does: 'when all is done' },
    {
      command: `agentq release ${what} ${who} --reason "<why>"`,
      does: 'if you cannot; or `ask`',
    },
  ];
  if (task === undefined) {
    return [
      { command: `agentq claim ${who}`, does: 'prints project/TASK-ID; `agentq show <task>` prints the task' },
      ...ends,
    ];
  }
  return [{ command: `agentq heartbeat ${what} ${who}`, does: 'renews the claim' }, ...ends];
}
