import { type CommandDeclaration, runnable } from '../../command/declaration.ts';

export const demoDeclaration: CommandDeclaration = {
  name: 'demo',
  summary: 'show what agentq does, in a temporary folder',
  description:
    'Makes a queue in a temporary repository, lets several agents work on it, and shows every command with what it answers: claims at once, a stalled claim, a lost one, a dependency. Touches nothing else, needs no network, takes a few seconds and removes the folder again.',
  args: [],
  options: [{ flags: '--keep', description: 'leave the folder there, to try the commands in it' }],
  examples: [
    { command: 'agentq demo', does: 'see it once' },
    { command: 'agentq demo --keep', does: 'and play with it afterwards' },
  ],
  load: () => runnable(import('./run.ts'), import('./render.ts')),
};
