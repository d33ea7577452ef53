import { renderDocument } from '../output/document.ts';
import type { Rendering } from '../output/rendering.ts';
import type { CommandContext } from './context.ts';
import type { Input } from './input.ts';

/** What help says about a command, and what it takes. Cheap: the command's code is loaded only when it runs. */
export interface CommandDeclaration {
  readonly name: string;
  readonly summary: string;
  /** The text between usage and options. */
  readonly description: string;
  /** What stdout has after a success, in a few words. */
  readonly prints: string;
  /** The page that says most about it, with its heading: `docs/pools.md#pausing`. */
  readonly page: string;
  readonly args: readonly ArgumentDeclaration[];
  readonly options: readonly OptionDeclaration[];
  /** What comes after `--`: the command line of another program, which agentq does not parse. */
  readonly tail?: 'command' | 'command, if any';
  readonly examples: readonly Example[];
  load(): Promise<Runnable>;
}

export interface ArgumentDeclaration {
  readonly name: string;
  /** `many`: all remaining arguments. */
  readonly need: 'required' | 'optional' | 'many';
  /** The variable of a worker that stands in for it. */
  readonly variable?: 'AGENTQ_TASK_ID' | 'AGENTQ_AGENT';
  /** How it can be told apart from the arguments before it, if those are left out. */
  readonly takes?: 'url';
  readonly description: string;
}

export interface OptionDeclaration {
  /** In commander's notation: `-q, --quiet` or `--timeout <duration>`. */
  readonly flags: string;
  readonly description: string;
  /** Whether it may be given several times. */
  readonly repeat?: 'many';
  /** With it, the command's arguments may be left out. */
  readonly standsFor?: 'arguments';
}

export interface Example {
  readonly command: string;
  readonly does: string;
}

/** Options that every command has. */
export interface CommonOptions {
  /** The agent named in log lines. */
  readonly agent?: string;
}

/** What `run.ts` of a command exports. */
export interface CommandRun<Options extends CommonOptions, Result extends object> {
  /** Reads and checks all input before anything is done. */
  parse(input: Input): Options;
  /**
   * Answers before the settings are read and anything is opened, if that is possible: undefined if it is not. For what
   * others call with each of their steps: settings alone cost as much as starting node.
   */
  early?(options: Options, context: EarlyContext): Promise<Result | undefined>;
  run(options: Options, context: CommandContext): Promise<Result>;
}

/** What a command has before the settings are read. */
export interface EarlyContext extends Pick<CommandContext, 'clock' | 'stdin' | 'signal'> {
  /** Absolute. */
  readonly dir: string;
}

/** What `render.ts` of a command exports. */
export interface CommandRender<Result extends object> {
  /** The result as text for stdout; empty if everything was printed as it happened. */
  render(result: Result, rendering: Rendering): string | Uint8Array;
  /**
   * The document for `--json`. Absent: the result without its `presentation`, if it has one. Returns undefined if the
   * documents were already printed line by line.
   */
  toDocument?(result: Result): object | undefined;
  /** Absent: 0. Not every result is a success. */
  exitCode?(result: Result): number;
}

/** A command without the type of its options. */
export interface Runnable {
  prepare(input: Input): Prepared;
}

export interface Prepared {
  readonly agent: string | undefined;
  /** undefined: it has to run. */
  early(context: EarlyContext): Promise<Finished | undefined>;
  run(context: CommandContext): Promise<Finished>;
}

/** A command that has run, with its result. */
export interface Finished {
  readonly exitCode: number;
  /** What goes to stdout. */
  render(rendering: Rendering): string | Uint8Array;
}

/** Hides the types of a command's options and result, so that commands of all types fit one list. */
export async function runnable<Options extends CommonOptions, Result extends object>(
  running: Promise<CommandRun<Options, Result>>,
  rendering: Promise<CommandRender<Result>>,
): Promise<Runnable> {
  const [command, renderer] = await Promise.all([running, rendering]);
  return {
    prepare(input) {
      const options = command.parse(input);
      return {
        agent: options.agent,
        async early(context) {
          const result = await command.early?.(options, context);
          return result && finished(result, renderer);
        },
        run: async (context) => finished(await command.run(options, context), renderer),
      };
    },
  };
}

/** A result together with its renderer. */
export function finished<Result extends object>(result: Result, renderer: CommandRender<Result>): Finished {
  return {
    exitCode: renderer.exitCode?.(result) ?? 0,
    render(rendering) {
      if (rendering.answer === 'text') return renderer.render(result, rendering);
      const document = renderer.toDocument === undefined ? withoutPresentation(result) : renderer.toDocument(result);
      return document === undefined ? '' : renderDocument(document, rendering);
    },
  };
}

/** In every result, `presentation` is only about how text shows it. */
function withoutPresentation({ presentation: _, ...document }: { readonly presentation?: unknown }): object {
  return document;
}
