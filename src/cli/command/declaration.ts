import { renderDocument } from '../output/document.ts';
import type { Rendering } from '../output/rendering.ts';
import type { CommandContext } from './context.ts';
import type { Input } from './input.ts';

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

/** What `run.ts` of a command exports. */
export interface CommandRun<Options extends CommonOptions, Result extends object> {
  /** Reads and checks all input before anything is done. */
  parse(input: Input): Options;
  run(options: Options, context: CommandContext): Promise<Result>;
}

/** What `render.ts` of a command exports. */
export interface CommandRender<Result extends object> {
  /** The result as text for stdout; empty where everything was told while it happened. */
  render(result: Result, rendering: Rendering): string | Uint8Array;
  /**
   * The result as `--json` has it; absent: the result without its `presentation`, where it has one. undefined: there is
   * none, as it was told line by line.
   */
  toDocument?(result: Result): object | undefined;
  /** Absent: 0. Not every result is good news. */
  exitCode?(result: Result): number;
}

/** A command whose own option type is nobody else's business. */
export interface Runnable {
  prepare(input: Input): Prepared;
}

export interface Prepared {
  readonly agent: string | undefined;
  run(context: CommandContext): Promise<Finished>;
}

/** A command that has a result. */
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
        run: async (context) => finished(await command.run(options, context), renderer),
      };
    },
  };
}

/** A result with the way in which it is told. */
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

/** What is only about how text shows a result has this name in all of them. */
function withoutPresentation({ presentation: _, ...document }: { readonly presentation?: unknown }): object {
  return document;
}
