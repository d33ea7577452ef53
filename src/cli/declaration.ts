import type { CommandContext } from './context.ts';
import type { Input } from './input.ts';
import type { Result } from './results.ts';

/** What help says about a command and what it takes. Cheap: its code is loaded only when it runs. */
export interface CommandDeclaration {
  readonly name: string;
  readonly summary: string;
  /** Paragraphs between usage and options. */
  readonly description: string;
  readonly args: readonly ArgumentDeclaration[];
  readonly options: readonly OptionDeclaration[];
  /** What stands behind `--`: a command line of somebody else, of which nothing is ours. */
  readonly tail?: 'command';
  readonly examples: readonly Example[];
  load(): Promise<Runnable>;
}

export interface ArgumentDeclaration {
  readonly name: string;
  /** `many`: as many as there are, at the end. */
  readonly need: 'required' | 'optional' | 'many';
  readonly description: string;
}

export interface OptionDeclaration {
  /** As commander reads it: `-q, --quiet` or `--timeout <duration>`. */
  readonly flags: string;
  readonly description: string;
  /** Whether it may be given several times. */
  readonly repeat?: 'many';
}

export interface Example {
  readonly command: string;
  readonly does: string;
}

/** What every command's options have in common. */
export interface CommonOptions {
  /** Whose log lines these are. */
  readonly agent?: string;
}

/** What a module in `commands/` exports. */
export interface CommandModule<Options extends CommonOptions> {
  /** Reads and checks all input before anything is done. */
  parse(input: Input): Options;
  run(options: Options, context: CommandContext): Promise<Result>;
}

/** A command whose own option type is nobody else's business. */
export interface Runnable {
  prepare(input: Input): Prepared;
}

export interface Prepared {
  readonly agent: string | undefined;
  run(context: CommandContext): Promise<Result>;
}

/** Hides the option type of a command, so that commands of all types fit one list. */
export function runnable<Options extends CommonOptions>(module: CommandModule<Options>): Runnable {
  return {
    prepare(input) {
      const options = module.parse(input);
      return { agent: options.agent, run: (context) => module.run(options, context) };
    },
  };
}
