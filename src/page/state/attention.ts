import type { BoardPause, BoardTask } from '../../domain/dashboard/board.ts';
import { isOpen } from '../../domain/queue/task.ts';

/** Something that goes on only if a person does something. */
export type Attention =
  | { readonly kind: 'paused'; readonly pause: BoardPause }
  | { readonly kind: 'asking' | 'stalled' | 'blocked' | 'failing'; readonly task: BoardTask };

export type AttentionKind = Attention['kind'];

export const ATTENTION_KINDS: readonly AttentionKind[] = ['paused', 'asking', 'stalled', 'blocked', 'failing'];

/** Failed commands of an open task from which on somebody should look at it. */
const FAILING = 2;

/**
 * What needs people, the most urgent first: pauses, then tasks that ask, that stalled, that are blocked, and that fail
 * again and again. A task is in it once.
 * @param project only its pauses; null: all
 */
export function attentionOf(
  tasks: readonly BoardTask[],
  paused: readonly BoardPause[],
  project: string | null,
): readonly Attention[] {
  const pauses = paused.filter((pause) => project === null || pause.project === null || pause.project === project);
  const found = tasks.flatMap((task): Attention[] => {
    const kind = kindOf(task);
    return kind === undefined ? [] : [{ kind, task }];
  });
  const rank = ({ kind }: Attention): number => ATTENTION_KINDS.indexOf(kind);
  // Sorting is stable: within a kind the order of the board stays.
  return [...pauses.map((pause): Attention => ({ kind: 'paused', pause })), ...found].sort((a, b) => rank(a) - rank(b));
}

function kindOf(task: BoardTask): Exclude<AttentionKind, 'paused'> | undefined {
  const { state, isStalled, failures } = task;
  if (state === 'asking' || state === 'blocked') return state;
  if (isStalled) return 'stalled';
  return isOpen(task) && failures >= FAILING ? 'failing' : undefined;
}
