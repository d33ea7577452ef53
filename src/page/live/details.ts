import type { BoardTaskDetails } from '../../domain/dashboard/board.ts';
import { connection } from '../state/connection.ts';
import { embedded } from './embedded.ts';

let ofReport: Readonly<Record<string, BoardTaskDetails>> | undefined;

/**
 * What is known about a task besides its card.
 * @param name `project/TASK-ID`
 * @returns undefined if there is no such task, or if the report has no more about it
 * @throws if the server cannot be asked
 */
export async function readDetails(name: string, signal: AbortSignal): Promise<BoardTaskDetails | undefined> {
  if (connection.peek() === 'report') {
    ofReport ??= embedded('agentq-details') ?? {};
    return Object.hasOwn(ofReport, name) ? ofReport[name] : undefined;
  }
  const at = name.indexOf('/');
  const [project, task] = [name.slice(0, at), name.slice(at + 1)].map(encodeURIComponent);
  const response = await fetch(`/api/tasks/${project}/${task}`, { signal });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  return (await response.json()) as BoardTaskDetails;
}
