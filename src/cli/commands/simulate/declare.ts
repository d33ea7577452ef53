import { type CommandDeclaration, runnable } from '../../command/declaration.ts';

export const simulateDeclaration: CommandDeclaration = {
  name: 'simulate',
  summary: 'let a pool of agents race, and measure it',
  description:
    'Starts real agents that claim at the same time from a queue in a temporary repository, and reports what that cost: pushes as the server counted them, conflicts and times. It also checks that every task had one winner and was in exactly one folder in every commit, and exits with 5 if not. It leaves nothing behind. With --meet, the machines meet at that Redis or etcd. With --remote, the race runs on a remote of this repository, on a branch that is made for it and then removed.',
  prints: 'a table, JSON, CSV or SVG',
  page: 'docs/measurements.md#claims-at-once',
  args: [],
  options: [
    { flags: '--agents <n>', description: 'number of agents, each a process with its own clone (default 10)' },
    { flags: '--tasks <n>', description: 'number of tasks to claim (default: one per agent)' },
    {
      flags: '--machines <n>',
      description: 'number of machines that the agents run on; agents on one machine share pushes (default 1)',
    },
    { flags: '--projects <n>', description: 'number of projects that the tasks belong to (default 1)' },
    { flags: '--latency <duration>', description: 'delay added to every connection to the remote, such as 200ms' },
    {
      flags: '--work <duration>',
      description: 'work on each task for this long, complete it, and claim again until nothing is left',
    },
    { flags: '--crash <percent>', description: 'kill this share of the agents, such as 5%, each at a random moment' },
    {
      flags: '--seed <n>',
      description: 'seed of the random numbers that decide who is killed when, and of the model (default 1)',
    },
    { flags: '--compare <algorithm>', description: 'also run the scripts that agentq replaces; v2 is the only choice' },
    { flags: '--model [agents]', description: 'also model larger pools of agents (default 1000,10000)' },
    { flags: '--csv', description: 'print comma-separated values' },
    { flags: '--svg <file>', description: 'also draw the claims over time and their latencies into this file' },
  ],
  examples: [
    { command: 'agentq simulate --agents 20 --tasks 10', does: 'the race of the old scale guide' },
    { command: 'agentq simulate --agents 40 --machines 10 --latency 200ms', does: 'over a slow network' },
    { command: 'agentq simulate --machines 10 --meet redis://localhost', does: 'with machines that meet at a Redis' },
    { command: 'agentq simulate --agents 8 --tasks 40 --work 1s --crash 25%', does: 'until nothing is left' },
    { command: 'agentq simulate --compare v2 --svg plot.svg', does: 'compared with the old scripts, as a picture' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
