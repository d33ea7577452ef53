import type { Board, BoardTaskDetails } from '../../../../domain/dashboard/board.ts';

/** Where the server has what it shows. */
export interface Boards {
  /** The queue as it is now. @throws Failure of the remote or the repository; the signal's reason */
  read(signal: AbortSignal): Promise<Board>;
  /** A task of the last board; undefined: it has none of that name. */
  details(name: { readonly project: string; readonly task: string }): Promise<BoardTaskDetails | undefined>;
}
