import { type Argument, Command, CommanderError, Option } from 'commander';
import { quote } from '../domain/base/names.ts';
import { closest } from '../domain/base/suggest.ts';
import type { ArgumentDeclaration, CommandDeclaration, Example, OptionDeclaration } from './command/declaration.ts';
import { ENVIRONMENT } from './command/environment.ts';
import type { Invocation } from './command/input.ts';
import { GLOBAL_OPTIONS } from './command/shared-options.ts';
import { usage } from './command/usage.ts';
import { COMMANDS } from './commands.ts';

/** What a command line asks for. */
export type CommandLine =
  /** Help or version, already written. */
  | { readonly kind: 'shown' }
  | { readonly kind: 'invocation'; readonly invocation: Invocation; readonly declaration: CommandDeclaration };

export interface ParseOptions {
  readonly version: string;
  /** Width of the help, in columns. */
  readonly columns: number | undefined;
  write(text: string): void;
}

/**
 * Parses the command line. Of each command, only its declaration is loaded.
 * @throws Failure `usage`
 */
export function parseCommandLine(argv: readonly string[], options: ParseOptions): CommandLine {
  const { head, tail } = splitTail(withoutHelpCommand(argv));
  const asked = withoutStolenArguments(head);
  let parsed: CommandLine = { kind: 'shown' };
  const declarations = declarationsFor(asked);
  const program = buildProgram(options, declarations, (declaration, invocation) => {
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

function buildProgram(options: ParseOptions, declarations: readonly CommandDeclaration[], take: Take): Command {
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
      getOutHelpWidth: () => Math.min(options.columns ?? 100, 100),
      getOutHasColors: () => false,
    })
    .configureHelp({
      subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(termOf)].join(' '),
    })
    .addHelpText('after', rootEpilogue);
  for (const option of GLOBAL_OPTIONS) program.addOption(toOption(option));
  for (const declaration of declarations) addCommand(program, declaration, take);
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

function addCommand(program: Command, declaration: CommandDeclaration, take: Take): void {
  const command = program
    .command(declaration.name)
    .summary(declaration.summary)
    .description(declaration.description)
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', () => `\n${examples(declaration.examples)}`);
  for (const argument of declaration.args) command.argument(usageOf(argument), argument.description);
  for (const option of declaration.options) command.addOption(toOption(option));
  if (declaration.tail !== undefined) {
    const names = declaration.args.map(usageOf).join(' ');
    command.usage(`[options] ${names} -- <${declaration.tail}...>`);
  }
  command.optionsGroup('Global options:');
  for (const option of GLOBAL_OPTIONS) command.addOption(toOption(option).helpGroup('Global options:'));
  command.action(() => {
    take(declaration, {
      command: declaration.name,
      args: givenArguments(declaration, command.args),
      rest: declaration.args.at(-1)?.need === 'many' ? command.args.slice(declaration.args.length - 1) : [],
      flags: { ...givenFlags(program), ...givenFlags(command) },
    });
  });
}

function termOf(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function usageOf(argument: ArgumentDeclaration): string {
  if (argument.need === 'many') return `[${argument.name}...]`;
  return argument.need === 'required' ? `<${argument.name}>` : `[${argument.name}]`;
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
  const meant = closest(
    name,
    names.filter((candidate) => !isOpposite(name, candidate)),
  );
  const hint = meant === undefined ? 'see `agentq --help`' : `did you mean \`agentq help ${meant}\`?`;
  throw usage(`there is no command ${quote(name)}`, hint);
}

/** Cuts off the command line that a command is to run: commander would take it for arguments of agentq. */
function splitTail(argv: readonly string[]): { head: readonly string[]; tail: readonly string[] | undefined } {
  const at = argv.indexOf('--');
  const whole = { head: argv, tail: undefined };
  if (at < 0) return whole;
  const head = argv.slice(0, at);
  const named = head.filter((_, index) => !TAKES_VALUE.has(head[index - 1] ?? ''));
  const command = named.flatMap((word) => COMMANDS.find(({ name }) => name === word) ?? [])[0];
  return command?.tail === undefined ? whole : { head, tail: argv.slice(at + 1) };
}

/** Global options with a value, which might be the name of a command. */
const TAKES_VALUE: ReadonlySet<string> = new Set(['-C', '--remote', '--branch', '--log-format']);

/** Commander's message, without its prefix, its line breaks and its exit code. */
function toUsage(error: CommanderError, command: string | undefined): Error {
  const see = `see \`agentq ${command === undefined ? '' : `${command} `}--help\``;
  if (error.code === 'commander.help') {
    const names = COMMANDS.map((known) => known.name).join(', ');
    return usage('no command is given', `usage: agentq <command> [options], with one of ${names}; ${see}`);
  }
  const text = error.message.replace(/^error: /, '');
  const at = text.lastIndexOf('\n(Did you mean ');
  if (at < 0) return usage(text, see);
  const meant = text.slice(at + '\n(Did you mean '.length).replace(/\?\)$/, '');
  const typed = /^unknown command '(.*)'$/.exec(text.slice(0, at))?.[1];
  if (typed !== undefined && isOpposite(typed, meant)) return usage(text.slice(0, at), see);
  return usage(text.slice(0, at), `did you mean ${meant}? ${see}`);
}

/** Whoever types `block` does not mean `unblock`, however alike they are. */
function isOpposite(typed: string, candidate: string): boolean {
  return typed.startsWith('un') !== candidate.startsWith('un');
}

function commandIn(argv: readonly string[]): string | undefined {
  return COMMANDS.find((command) => argv.includes(command.name))?.name;
}

function examples(list: readonly Example[]): string {
  const width = Math.max(...list.map((example) => example.command.length));
  const lines = list.map((example) => `  ${example.command.padEnd(width)}  # ${example.does}`);
  return ['Examples:', ...lines].join('\n');
}

function rootEpilogue(): string {
  const width = Math.max(...ENVIRONMENT.map((variable) => variable.name.length));
  const flagWidth = Math.max(...ENVIRONMENT.map((variable) => variable.flag?.length ?? 0));
  const variables = ENVIRONMENT.map(
    ({ name, flag, meaning }) => `  ${name.padEnd(width)}  ${(flag ?? '').padEnd(flagWidth)}  ${meaning}`,
  );
  return [
    '',
    examples([
      { command: 'agentq claim agent-1', does: 'claim the best task' },
      { command: 'agentq heartbeat TASK-7 agent-1', does: 'renew the claim' },
      { command: 'agentq complete TASK-7 agent-1', does: 'finish it' },
      { command: 'agentq release TASK-7 agent-1', does: 'give it back' },
      { command: 'agentq help claim', does: 'help on one command' },
    ]),
    '',
    'Environment (options override it; it overrides .agents-core/config/agentq.toon):',
    ...variables,
    '',
    'Exit codes:',
    '  0 done · 1 nothing to claim · 2 gave up after retries · 3 not yours, or no such task',
    '  4 remote unreachable or refused · 5 repository, configuration or task file unusable',
    '  6 a command failed · 64 wrong usage · 130, 143 interrupted',
  ].join('\n');
}
