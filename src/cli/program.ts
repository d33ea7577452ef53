import { Command, CommanderError, Option } from 'commander';
import { quote } from '../domain/base/names.ts';

import type { CommandDeclaration, OptionDeclaration } from './command/declaration.ts';
import type { Invocation } from './command/input.ts';
import { GLOBAL_OPTIONS } from './command/shared-options.ts';
import { usage } from './command/usage.ts';
import { isFilled, placedArguments } from './command/worker-arguments.ts';
import { commandAt, commandFirst } from './command-first.ts';
import { COMMAND_GROUPS, COMMANDS } from './commands.ts';
import { argumentTerm, commandEpilogue, rootEpilogue, shortHelp, usageLine } from './help.ts';
import { meantCommands, meantOptions } from './meant.ts';
import type { Environment } from './output/io.ts';

/** What a command line asks for. */
export type CommandLine =
  /** Help or version, already written. */
  | { readonly kind: 'shown' }
  | { readonly kind: 'invocation'; readonly invocation: Invocation; readonly declaration: CommandDeclaration };

export interface ParseOptions {
  readonly version: string;
  /** Width of the help, in columns. */
  readonly columns: number | undefined;
  /** Absent: nothing comes from there. */
  readonly env?: Environment;
  write(text: string): void;
}

/**
 * Parses the command line. Of each command, only its declaration is loaded.
 * @throws Failure `usage`
 */
export function parseCommandLine(argv: readonly string[], options: ParseOptions): CommandLine {
  if (argv.length === 0) {
    options.write(shortHelp());
    return { kind: 'shown' };
  }
  const { head, tail } = splitTail(argv);
  const asked = withoutStolenArguments(withoutHelpCommand(commandFirst(head)));
  let parsed: CommandLine = { kind: 'shown' };
  const declarations = declarationsFor(asked);
  const program = buildProgram(options, declarations, asked, (declaration, invocation) => {
    parsed = { kind: 'invocation', invocation: tail === undefined ? invocation : { ...invocation, tail }, declaration };
  });
  try {
    program.parse([...asked], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'shown' };
    throw toUsage(error, commandIn(asked));
  }
  return parsed;
}

type Take = (declaration: CommandDeclaration, invocation: Invocation) => void;

const EVERY_COMMAND = 'Options of every command, before or after its name:';

/** Anything but a terminal gets the usual width. */
function widthOf({ columns }: ParseOptions): number {
  return Math.min(columns ?? 80, 100);
}

function buildProgram(
  options: ParseOptions,
  declarations: readonly CommandDeclaration[],
  asked: readonly string[],
  take: Take,
): Command {
  const program = new Command('agentq')
    .description('A task queue for pools of coding agents, on a branch of a git remote.')
    .usage('<command> [options]')
    .version(options.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    // Options before the command belong to the program, those after it to the command. Both accept the global ones.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => options.write(text),
      writeErr: () => {},
      getOutHelpWidth: () => widthOf(options),
      getOutHasColors: () => false,
    })
    .showSuggestionAfterError(false)
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText('after', () => rootEpilogue(widthOf(options)));
  for (const option of GLOBAL_OPTIONS) program.addOption(toOption(option).helpGroup(EVERY_COMMAND));
  for (const { who, commands } of COMMAND_GROUPS) {
    for (const declaration of commands) {
      if (declarations.includes(declaration)) {
        addCommand(program, declaration, { who, take, width: widthOf(options), env: options.env ?? {}, asked });
      }
    }
  }
  return program;
}

/**
 * Only the command that comes first, if there is one: each has about twenty options, and building all of them added 8
 * ms to every start. Anything else may need all commands, for help and suggestions.
 */
function declarationsFor(argv: readonly string[]): readonly CommandDeclaration[] {
  const named = COMMANDS.find((command) => command.name === argv[0]);
  return named ? [named] : COMMANDS;
}

interface Adding {
  readonly who: string;
  readonly width: number;
  readonly env: Environment;
  readonly asked: readonly string[];
  readonly take: Take;
}

function addCommand(program: Command, declaration: CommandDeclaration, { who, width, env, asked, take }: Adding): void {
  const command = program
    .command(declaration.name)
    .summary(declaration.summary)
    .description(declaration.description)
    .helpGroup(`For ${who}:`)
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', () => commandEpilogue(declaration, width));
  const standsIn = ({ flags, standsFor }: OptionDeclaration) => {
    const name = flags.split(' ', 1)[0] ?? '';
    return standsFor === 'arguments' && asked.some((word) => word === name || word.startsWith(`${name}=`));
  };
  const isFilledIn = declaration.args.some((argument) => isFilled(argument, env)) || declaration.options.some(standsIn);
  for (const argument of declaration.args) {
    // Under a worker they may be missing; anything still missing is found out later.
    const need = isFilledIn && argument.need === 'required' ? 'optional' : argument.need;
    command.argument(argumentTerm({ ...argument, need }), argument.description);
  }
  for (const option of declaration.options) command.addOption(toOption(option));
  command.usage(usageLine(declaration, width));
  // They are listed in one place, the help of agentq itself.
  for (const option of GLOBAL_OPTIONS) command.addOption(toOption(option).hideHelp());
  command.action(() => {
    take(declaration, {
      command: declaration.name,
      args: givenArguments(declaration, placedArguments(declaration, command.args, env)),
      rest: declaration.args.at(-1)?.need === 'many' ? command.args.slice(declaration.args.length - 1) : [],
      flags: { ...givenFlags(program), ...givenFlags(command) },
    });
  });
}

function toOption(declaration: OptionDeclaration): Option {
  const option = new Option(declaration.flags, declaration.description);
  if (declaration.repeat === 'many') {
    option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
  }
  return option;
}

/** `""` is what scripts pass for "not given". */
function givenArguments(declaration: CommandDeclaration, values: readonly string[]): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [index, argument] of declaration.args.entries()) {
    const value = values[index];
    if (argument.need !== 'many' && value !== undefined && value !== '') given[argument.name] = value;
  }
  return given;
}

function givenFlags(command: Command): Record<string, string | boolean | readonly string[]> {
  const given: Record<string, string | boolean | readonly string[]> = {};
  for (const option of command.options) {
    const name = option.attributeName();
    // Commander adds defaults (`--no-x` makes x true): only what was typed counts.
    if (command.getOptionValueSource(name) !== 'cli') continue;
    given[option.name().replace(/^no-/, '')] = command.getOptionValue(name);
  }
  return given;
}

/**
 * `claim --wait agent-1`: commander would take the agent for the duration. An optional value is always a duration or a
 * number, and begins with a digit; anything else is an argument.
 */
function withoutStolenArguments(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  const names = new Set(
    COMMANDS.flatMap(({ options }) => options.flatMap(({ flags }) => /^(--\S+) \[/.exec(flags)?.[1] ?? [])),
  );
  return argv.map((word, index) => {
    const isPlain = names.has(word) && (end < 0 || index < end) && !/^\d/.test(argv[index + 1] ?? '');
    return isPlain ? `${word}=` : word;
  });
}

/** `agentq help claim` is `agentq claim --help`. */
function withoutHelpCommand(argv: readonly string[]): readonly string[] {
  const [first, name] = argv;
  if (first !== 'help') return argv;
  if (name === undefined || name.startsWith('-')) return ['--help'];
  const names = COMMANDS.map((command) => command.name);
  if (names.includes(name)) return [name, '--help'];
  const meant = meantCommands(name);
  const hint = meant.length === 0 ? 'see `agentq --help`' : `did you mean \`agentq help ${meant.join(' or ')}\`?`;
  throw usage(`there is no command ${quote(name)}`, hint);
}

/** Cuts off the command line that a command is to run: commander would take it for arguments of agentq. */
function splitTail(argv: readonly string[]): { head: readonly string[]; tail: readonly string[] | undefined } {
  const at = argv.indexOf('--');
  const whole = { head: argv, tail: undefined };
  if (at < 0) return whole;
  const head = argv.slice(0, at);
  const first = head[commandAt(head)];
  const command = COMMANDS.find(({ name }) => name === first);
  return command?.tail === undefined ? whole : { head, tail: argv.slice(at + 1) };
}

/** Commander's message, without its prefix, its line breaks and its exit code. */
function toUsage(error: CommanderError, command: string | undefined): Error {
  const see = `see \`agentq ${command === undefined ? '' : `${command} `}--help\``;
  if (error.code === 'commander.help') {
    const names = COMMANDS.map((known) => known.name).join(', ');
    return usage('no command is given', `usage: agentq <command> [options], with one of ${names}; ${see}`);
  }
  // It repeats what was typed, which may be a misspelt --meet with a password.
  const text = error.message.replace(/^error: /, '').replace(/:\/\/[^\s@]{0,500}@/g, '://***@');
  const [, what, typed = ''] = /^unknown (command|option) '(.*)'$/.exec(text) ?? [];
  const meant = what === 'command' ? meantCommands(typed) : what === 'option' ? meantOptions(typed, command) : [];
  return usage(text, meant.length === 0 ? see : `did you mean ${meant.join(' or ')}? ${see}`);
}

function commandIn(argv: readonly string[]): string | undefined {
  return COMMANDS.find((command) => argv.includes(command.name))?.name;
}
