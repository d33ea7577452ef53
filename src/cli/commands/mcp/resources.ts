import type { ReadResourceResult, Resource, ResourceTemplate } from '@modelcontextprotocol/sdk/types.js';
import { Failure } from '../../../domain/base/failure.ts';
import { quote } from '../../../domain/base/names.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { sanitizeText } from '../../output/sanitize.ts';
import { PLAIN } from '../../output/style.ts';
import { showDeclaration } from '../show/declare.ts';
import { statusDeclaration } from '../status/declare.ts';
import { documentOf } from './run-command.ts';
import type { Session } from './session.ts';

const TASKS = 'agentq://tasks/';

/** The queue at a glance. */
export const BOARD = 'agentq://board';

/** Of any task, by its name. */
export const TEMPLATES: readonly ResourceTemplate[] = [
  { uriTemplate: `${TASKS}{project}/{task}`, name: 'task', description: 'the file of a task', mimeType: 'text/plain' },
];

/** The board, and each task that is held. */
export function resourcesOf({ jobs }: Session): Resource[] {
  const board = { uri: BOARD, name: 'board', description: 'counts by project, and what happened lately' };
  return [
    { ...board, mimeType: 'application/json' },
    ...jobs.map(({ task, title }) => ({
      uri: `${TASKS}${encodeURIComponent(task.project)}/${encodeURIComponent(task.id)}`,
      name: formatKey(task),
      description: `the task that you hold${title === undefined ? '' : `: ${title}`}`,
      mimeType: 'text/plain',
    })),
  ];
}

/**
 * Reads a resource from the tip of the queue.
 * @throws Failure `usage` if there is no such resource, or what the command for it throws
 */
export async function readResource(uri: string, session: Session, signal: AbortSignal): Promise<ReadResourceResult> {
  if (uri === BOARD) {
    const args = session.project === undefined ? {} : { project: session.project };
    const read = await session.read({ declaration: statusDeclaration, args, flags: {} }, signal);
    return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(documentOf(read)) }] };
  }
  const read = await session.read({ declaration: showDeclaration, args: { task: taskIn(uri) }, flags: {} }, signal);
  const bytes = read.render({ answer: 'text', isTerminal: false, columns: undefined, style: PLAIN });
  const text = typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes);
  return { contents: [{ uri, mimeType: 'text/plain', text: sanitizeText(text) }] };
}

function taskIn(uri: string): string {
  const parts = uri.startsWith(TASKS) ? uri.slice(TASKS.length).split('/') : [];
  const [project = '', task = ''] = parts.map(decoded);
  if (parts.length === 2 && project !== '' && task !== '') return `${project}/${task}`;
  throw new Failure('usage', `there is no resource ${quote(uri)}`, { hint: `there are ${BOARD} and ${TASKS}...` });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
