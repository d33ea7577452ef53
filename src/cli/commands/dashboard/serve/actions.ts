import * as z from 'zod/mini';
import type { Board } from '../../../../domain/dashboard/board.ts';
import { taskName } from '../../../../domain/queue/task.ts';
import type { Queue } from '../../../../engine/queue/queue.ts';
import type { CommandContext } from '../../../command/context.ts';
import { usage } from '../../../command/usage.ts';
import { answerDeclaration } from '../../answer/declare.ts';
import { editDeclaration } from '../../edit/declare.ts';
import type { CommandCall } from '../../mcp/tools/tool.ts';
import { pauseDeclaration } from '../../pause/declare.ts';
import { releaseDeclaration } from '../../release/declare.ts';
import { resumeDeclaration } from '../../resume/declare.ts';
import { unblockDeclaration } from '../../unblock/declare.ts';

/** Most actions under way. */
const MOST_ACTIONS = 16;

const task = z.string().check(z.regex(/^[^/]+\/[^/]+$/, 'task must be project/TASK-ID'));
const project = z.nullable(z.string());

const ACTION = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('answer'), task, text: z.string() }),
  z.strictObject({ action: z.literal('unblock'), task }),
  z.strictObject({ action: z.literal('release'), task, reason: z.string() }),
  z.strictObject({ action: z.literal('priority'), task, priority: z.int() }),
  z.strictObject({ action: z.literal('pause'), project, reason: z.string() }),
  z.strictObject({ action: z.literal('resume'), project }),
]);

type Action = z.infer<typeof ACTION>;

/** What actions work with. */
export interface ActionOptions {
  readonly queue: Queue;
  readonly context: CommandContext;
  /** What the page shows: a claim is given back by whoever holds it there. */
  board(): Board | undefined;
}

/**
 * Carries out what a person asks for on the page. Each action is a command, with its checks, its work and its refusals.
 * It is the command of the user who has started the dashboard.
 */
export class Actions {
  readonly #options: ActionOptions;
  #count = 0;

  constructor(options: ActionOptions) {
    this.#options = options;
  }

  /**
   * @param text the action as JSON
   * @returns what was done, in the command's words
   * @throws Failure of the command; `usage` if it is not an action
   */
  async carryOut(text: string): Promise<string> {
    const action = actionIn(text);
    if (this.#count >= MOST_ACTIONS) throw usage(`${MOST_ACTIONS} actions are under way already`, 'wait for them');
    this.#count += 1;
    try {
      return await this.#run(this.#callOf(action));
    } finally {
      this.#count -= 1;
    }
  }

  async #run(call: CommandCall): Promise<string> {
    const { queue, context } = this.#options;
    const { runCommand } = await import('../../mcp/run-command.ts');
    const said: string[] = [];
    // The variables of a worker are about the worker's own task.
    const env = Object.fromEntries(Object.entries(context.env).filter(([name]) => !name.startsWith('AGENTQ_')));
    const terms = { queue, signal: context.signal, onLine: (_: string, line: string) => said.push(line) };
    await runCommand(call, { ...context, env }, terms);
    return said.filter((line) => !line.startsWith('the checkout was not updated')).join('; ') || 'done';
  }

  #callOf(action: Action): CommandCall {
    switch (action.action) {
      case 'answer':
        return { declaration: answerDeclaration, args: { task: action.task, text: action.text }, flags: {} };
      case 'unblock':
        return { declaration: unblockDeclaration, args: {}, flags: { task: [action.task] } };
      case 'release': {
        const agent = this.#holderOf(action.task);
        const flags = { reason: action.reason };
        return { declaration: releaseDeclaration, args: { 'task-id': action.task, 'agent-id': agent }, flags };
      }
      case 'priority': {
        const flags = { priority: String(action.priority) };
        return { declaration: editDeclaration, args: {}, rest: [action.task], flags };
      }
      case 'pause':
        return { declaration: pauseDeclaration, args: ofProject(action.project), flags: { reason: action.reason } };
      case 'resume':
        return { declaration: resumeDeclaration, args: ofProject(action.project), flags: {} };
    }
  }

  #holderOf(name: string): string {
    const shown = this.#options.board()?.tasks.find((one) => taskName(one) === name);
    if (shown?.agent != null && (shown.state === 'claimed' || shown.state === 'review')) return shown.agent;
    throw usage(`nobody holds ${name.slice(0, 200)}`, 'only a task that is claimed can be released');
  }
}

function ofProject(project: string | null): Readonly<Record<string, string>> {
  return project === null ? {} : { project };
}

function actionIn(text: string): Action {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw usage('the action is not JSON');
  }
  const parsed = ACTION.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw usage(`this is not an action: ${where === '' ? '' : `${where}: `}${issue?.message ?? 'unknown'}`.slice(0, 300));
}
