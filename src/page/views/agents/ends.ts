import type { BoardSpan } from '../../../domain/dashboard/board.ts';

/** How the end of a span is told and drawn. */
export interface EndLook {
  readonly label: string;
  /** Name of a state whose colours it has. */
  readonly colour: string;
}

/** In the order of the legend. */
export const END_LOOKS: Readonly<Record<BoardSpan['end'], EndLook>> = {
  open: { label: 'at work', colour: 'claimed' },
  completed: { label: 'completed', colour: 'completed' },
  review: { label: 'in review', colour: 'review' },
  asked: { label: 'asked', colour: 'asking' },
  released: { label: 'given back', colour: 'waiting' },
  failed: { label: 'failed', colour: 'blocked' },
  stalled: { label: 'stalled', colour: 'stalled' },
  taken: { label: 'taken over', colour: 'cancelled' },
  other: { label: 'ended otherwise', colour: 'cancelled' },
};

export const ENDS = Object.keys(END_LOOKS) as readonly BoardSpan['end'][];
