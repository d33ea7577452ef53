import { GLOBAL_OPTIONS } from './command/shared-options.ts';
import { COMMANDS } from './commands.ts';

/**
 * The command line with its command first, since every option may stand before it, too. Only the declaration of that
 * one command is then built.
 */
export function commandFirst(argv: readonly string[]): readonly string[] {
  const at = commandAt(argv);
  const command = argv[at];
  if (at === 0 || command === undefined) return argv;
  const [before, after] = [argv.slice(0, at), argv.slice(at + 1)];
  if (command === 'help') return [command, ...after, ...before];
  return COMMANDS.some(({ name }) => name === command) ? [command, ...before, ...after] : argv;
}

/** Where the first word is that is neither an option nor the value of one. */
export function commandAt(argv: readonly string[]): number {
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return argv.length;
    if (!word.startsWith('-')) {
      // `--wait 10m`: an optional value is a duration or a number.
      if (at > 0 && /^\d/.test(word)) continue;
      return at;
    }
    if (takesValue(word)) at++;
  }
  return argv.length;
}

/** The value might be the name of a command. */
function takesValue(word: string): boolean {
  const options = [...GLOBAL_OPTIONS, ...COMMANDS.flatMap((command) => command.options)];
  return options.some(({ flags }) => flags.includes('<') && flags.split(/[ ,]+/).includes(word));
}
