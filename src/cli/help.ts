import type { ArgumentDeclaration, CommandDeclaration, Example } from './command/declaration.ts';
import { ENVIRONMENT } from './command/environment.ts';
import { GLOBAL_OPTIONS } from './command/shared-options.ts';
import { COMMAND_GROUPS } from './commands.ts';
import { hanging } from './reference/hanging.ts';
import { HELP_TOPICS } from './reference/topic.ts';

/** What `agentq` without arguments prints: the commands, and where to read more. */
export function shortHelp(): string {
  const width = Math.max(...COMMAND_GROUPS.map(({ who }) => who.length));
  const rows = COMMAND_GROUPS.flatMap(({ who, commands }) =>
    hanging(`  for ${who.padEnd(width)}  `, commands.map(({ name }) => name).join(', '), 80),
  );
  return [
    'agentq: a task queue for pools of coding agents, on a branch of a git remote.',
    '',
    ...rows,
    '',
    'A queue begins with `agentq init`, in a clone, and `agentq add --title "..."`.',
    '`agentq --help` says more, and `agentq help <command>` explains one command.',
    '',
  ].join('\n');
}

/** What comes after the command's name in its usage. */
export function usageLine({ name, args, tail }: CommandDeclaration, width: number): string {
  const heading = `Usage: agentq ${name} `;
  const words = ['[options]', ...args.map(argumentTerm), ...tailTerm(tail)];
  return hanging(heading, words.join(' '), width).join('\n').slice(heading.length);
}

/** An argument as usage shows it. */
export function argumentTerm({ name, need }: ArgumentDeclaration): string {
  if (need === 'many') return `[${name}...]`;
  return need === 'required' ? `<${name}>` : `[${name}]`;
}

/** What follows the lists of commands and options in the help of agentq itself. */
export function rootEpilogue(width: number): string {
  const nameWidth = Math.max(...ENVIRONMENT.map((variable) => variable.name.length));
  const flagWidth = Math.max(...ENVIRONMENT.map((variable) => variable.flag?.length ?? 0));
  const variables = ENVIRONMENT.flatMap(({ name, flag, meaning }) =>
    hanging(`  ${name.padEnd(nameWidth)}  ${(flag ?? '').padEnd(flagWidth)}  `, meaning, width),
  );
  return [
    '',
    ...examples(
      [
        { command: 'agentq claim agent-1', does: 'claim the best task' },
        { command: 'agentq heartbeat TASK-7 agent-1', does: 'renew the claim' },
        { command: 'agentq complete TASK-7 agent-1', does: 'finish it' },
        { command: 'agentq release TASK-7 agent-1', does: 'give it back' },
        { command: 'agentq help claim', does: 'help on one command' },
      ],
      width,
    ),
    '',
    'Environment (options override it, and it overrides the settings file',
    '.agents-core/config/agentq.toon):',
    ...variables,
    '',
    'Exit codes:',
    '  0 done · 1 nothing to claim · 2 gave up after retries',
    '  3 not yours, or no such task · 4 remote unreachable or refused',
    '  5 repository, configuration or task file unusable · 6 a command failed',
    '  64 wrong usage · 130, 143 interrupted',
    '',
    `More: ${HELP_TOPICS.map((topic) => `agentq help ${topic}`).join(', ')}`,
  ].join('\n');
}

/** What follows the options in the help of a command. */
export function commandEpilogue({ examples: list, prints, page }: CommandDeclaration, width: number): string {
  const names = GLOBAL_OPTIONS.map(({ flags }) => flags.split(' <', 1)[0]);
  const shared = hanging('', `Options of every command (see \`agentq --help\`): ${names.join(', ')}`, width);
  return [
    '',
    ...hanging('On stdout: ', prints, width),
    `More: ${page}`,
    '',
    ...shared,
    '',
    ...examples(list, width),
  ].join('\n');
}

/** Command and comment on one line if all of them fit, otherwise on two. */
function examples(list: readonly Example[], width: number): string[] {
  const longest = Math.max(...list.map(({ command }) => command.length));
  const beside = list.map(({ command, does }) => `  ${command.padEnd(longest)}  # ${does}`);
  if (beside.every((line) => line.length <= width)) return ['Examples:', ...beside];
  return ['Examples:', ...list.flatMap(({ command, does }) => [`  # ${does}`, `  ${command}`])];
}

function tailTerm(tail: CommandDeclaration['tail']): readonly string[] {
  if (tail === undefined) return [];
  return [tail === 'command' ? '-- <command...>' : '[-- <command...>]'];
}
