import { type CommandDeclaration, runnable } from '../../command/declaration.ts';

export const demoDeclaration: CommandDeclaration = {
  name: 'demo',
  summary: 'show what agentq does, in a temporary folder',
  description:
    'Makes a queue in a temporary repository, lets several agents work on it, and shows every command with its output: simultaneous claims, a stalled claim, a lost claim, a dependency. Touches nothing else, needs no network, takes a few seconds, and removes the folder at the end.',
  prints: 'the story',
  page: 'docs/getting-started.md',
  args: [],
  options: [{ flags: '--keep', description: 'keep the folder, to try the commands in it' }],
  examples: [
    { command: 'agentq demo', does: 'watch it' },
    { command: 'agentq demo --keep', does: 'watch it, then play with the queue' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
