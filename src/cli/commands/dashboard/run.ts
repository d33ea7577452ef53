import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import { readWindow } from '../../command/filter.ts';
import type { Input } from '../../command/input.ts';
import { oneLineProblem, usage } from '../../command/usage.ts';
import type { DashboardResult, Shown } from './result.ts';
import { BoardReader } from './sources.ts';

/** Options of `agentq dashboard`. */
export interface DashboardOptions extends CommonOptions {
  readonly project: string | undefined;
  /** undefined: all that is known. */
  readonly sinceMs: number | undefined;
  readonly answer: DashboardAnswer;
}

/** What becomes of the board. */
export type DashboardAnswer =
  | { readonly kind: 'document' }
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'page';
      /** 0: any that is free. */
      readonly port: number;
      readonly open: boolean;
      readonly allowActions: boolean;
    };

/** How long (ms) an action of the page may take, unless the user says it. */
const LONGEST_ACTION_MS = 120_000;

/** Reads and checks the options of `agentq dashboard`. */
export function parse(input: Input): DashboardOptions {
  return { project: input.project(), sinceMs: readWindow(input), answer: readAnswer(input) };
}

function readAnswer(input: Input): DashboardAnswer {
  const path = input.typed('export', oneLineProblem('--export'));
  const port = input.integer('port', 0, 65_535);
  const [open, allowActions] = [input.isOn('open'), input.isOn('allow-actions')];
  const isPage = port !== undefined || open || allowActions;
  if (input.isOn('json')) {
    if (isPage || path !== undefined)
      throw usage('--json prints what the page shows, and goes with neither a page nor --export');
    return { kind: 'document' };
  }
  if (path === undefined) return { kind: 'page', port: port ?? 0, open, allowActions };
  if (isPage) throw usage('--export writes a file and serves no page: leave out --port, --open and --allow-actions');
  return { kind: 'file', path };
}

/** The page of the queue: served until the user has seen enough, or once as a file or as its document. */
export function run(
  { project, sinceMs, answer }: DashboardOptions,
  context: CommandContext,
): Promise<DashboardResult | Shown> {
  const { config, signal, clock } = context;
  // The page has no end of its own: a limit is for each of its actions.
  const terms = { signal, timeoutMs: config.timeoutMs ?? LONGEST_ACTION_MS, timeoutOf: 'each-submit' } as const;
  return context.withQueue(
    async (queue) => {
      const reader = new BoardReader(queue, { project, sinceMs, clock });
      switch (answer.kind) {
        case 'document':
          return reader.read(signal);
        case 'file': {
          const { exportReport } = await import('./serve/export-report.ts');
          context.say(await exportReport(answer.path, reader, context));
          return { presentation: 'shown' };
        }
        case 'page': {
          const { serveBoard } = await import('./serve/serve.ts');
          await serveBoard(reader, queue, answer, context);
          return { presentation: 'shown' };
        }
      }
    },
    answer.kind === 'page' ? terms : undefined,
  );
}
