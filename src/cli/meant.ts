import { allClosest } from '../domain/base/suggest.ts';
import { GLOBAL_OPTIONS } from './command/shared-options.ts';
import { COMMANDS } from './commands.ts';

/** The commands that a mistyped one may mean; never one that does the opposite. */
export function meantCommands(typed: string): string[] {
  const names = COMMANDS.map(({ name }) => name);
  return allClosest(
    typed,
    names.filter((name) => !isOpposite(typed, name)),
  );
}

/** The same for an option of a command; without a command, for those that stand before it. */
export function meantOptions(typed: string, command: string | undefined): string[] {
  const own = COMMANDS.find(({ name }) => name === command)?.options ?? [];
  const flags = [...own, ...GLOBAL_OPTIONS].flatMap(({ flags }) => /--[\w-]+/.exec(flags) ?? []);
  const name = typed.replace(/^--?/, '');
  const names = ['help', 'version', ...flags.map((flag) => flag.slice(2))].filter((flag) => !isOpposite(name, flag));
  return allClosest(name, names).map((flag) => `--${flag}`);
}

const NEGATIONS = ['un', 'no-'];

/** Whoever types `block` does not mean `unblock`, and `--sync` does not mean `--no-sync`, however alike they are. */
function isOpposite(typed: string, candidate: string): boolean {
  return NEGATIONS.some((negation) => typed.startsWith(negation) !== candidate.startsWith(negation));
}
