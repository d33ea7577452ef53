import type { Board, BoardTaskDetails } from '../../../../domain/dashboard/board.ts';
import type { Tip } from '../../../../engine/queue/tips.ts';

/** Where the server has what it shows. */
export interface Boards {
  /**
   * The queue as it is now.
   * @param seen where `Queue.tips` has just seen it: that need not be asked again
   * @throws Failure of the remote or the repository; the signal's reason
   */
  read(signal: AbortSignal, seen?: Tip): Promise<Board>;
  /** A task of the last board; undefined: it has none of that name. */
  details(name: { readonly project: string; readonly task: string }): Promise<BoardTaskDetails | undefined>;
}
