import type { PrimedTask, PrimeResult } from './result.ts';

/** What an exit code asks of an agent; the README has them all. */
export const EXIT_CODES_SAID: PrimeResult['exitCodes'] = [
  { codes: [0], means: 'done' },
  { codes: [1], means: 'nothing to claim: end, or use `--wait`' },
  { codes: [2], means: 'run it again' },
  { codes: [3], means: 'not your task any more: stop working on it' },
  { codes: [4, 5], means: 'tell a person what stderr says' },
  { codes: [64], means: 'wrong command: read stderr' },
];

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
      { command: 'agentq release --reason "<why>"', does: 'gives the task back' },
    ];
  }
  const who = agent ?? '<agent-id>';
  const what = task === undefined ? '<task>' : `${task.project}/${task.task}`;
  const ends = [
    { command: `agentq complete ${what} ${who} [pr-url]`, does: 'when all of it is done' },
    { command: `agentq release ${what} ${who} --reason "<why>"`, does: 'when you cannot' },
  ];
  if (task === undefined) {
    return [
      { command: `agentq claim ${who}`, does: 'prints project/TASK-ID; `agentq show <task>` prints the task' },
      ...ends,
    ];
  }
  return [{ command: `agentq heartbeat ${what} ${who}`, does: 'renews the claim' }, ...ends];
}
