import type { TaskEventKind } from '../../../domain/past/task-event.ts';

/** How an event is told. */
export interface EventLook {
  /** What happened, as in: `anna completed shop/T-1`. */
  readonly verb: string;
  /** Name of a state whose colours it has. */
  readonly tone:
    | 'ready'
    | 'waiting'
    | 'asking'
    | 'claimed'
    | 'review'
    | 'completed'
    | 'blocked'
    | 'stalled'
    | 'cancelled'
    | 'accent';
  /** Of a picture of 16 by 16 pixels, drawn with a line: for the attribute `d` of a path. */
  readonly icon: string;
}

const PLUS = 'M8 3.5v9M3.5 8h9';
const PLAY = 'M5.5 3.5v9l7-4.5z';
const TICK = 'M3 8.5l3.2 3.2L13 4.8';
const BACK = 'M6.5 4L3 7.5 6.5 11M3.4 7.5H10a3 3 0 0 1 0 6H8';
const CLOCK = 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11zM8 5v3.2l2.2 1.4';
const EYE =
  'M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8zM8 6.4a1.6 1.6 0 1 0 0 3.2a1.6 1.6 0 0 0 0-3.2z';
const STOP = 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11zM4.2 4.2l7.6 7.6';
const OPEN = 'M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 4.8-1';
const CROSS = 'M4 4l8 8M12 4l-8 8';
const PEN = 'M10.8 3l2.2 2.2-7.6 7.6L2.8 13.2l.4-2.6z';
const ASK = 'M5.4 6a2.6 2.6 0 1 1 3.7 2.4c-.7.4-1.1.8-1.1 1.6M8 12.6v.2';
const TALK = 'M2.5 3.5h11v7.5H7.6L4.5 13.5V11h-2z';
const SWAP = 'M3 5.5h9.5L10 3M13 10.5H3.5L6 13';
const PAUSE = 'M5.5 3.5v9M10.5 3.5v9';
const RELOAD = 'M12.8 6.2A5.2 5.2 0 1 0 13.2 8.6M13.2 2.8v3.6H9.6';

/** Of each kind of event. */
export const EVENT_LOOKS: Readonly<Record<TaskEventKind, EventLook>> = {
  'task.added': { verb: 'added', tone: 'accent', icon: PLUS },
  'task.claimed': { verb: 'claimed', tone: 'claimed', icon: PLAY },
  'task.renewed': { verb: 'is at work on', tone: 'waiting', icon: CLOCK },
  'task.review': { verb: 'put up for review', tone: 'review', icon: EYE },
  'task.released': { verb: 'gave back', tone: 'waiting', icon: BACK },
  'task.stalled': { verb: 'stalled on', tone: 'stalled', icon: CLOCK },
  'task.completed': { verb: 'completed', tone: 'completed', icon: TICK },
  'task.unblocked': { verb: 'opened', tone: 'ready', icon: OPEN },
  'task.blocked': { verb: 'blocked', tone: 'blocked', icon: STOP },
  'task.cancelled': { verb: 'cancelled', tone: 'cancelled', icon: CROSS },
  'task.reopened': { verb: 'reopened', tone: 'ready', icon: RELOAD },
  'task.updated': { verb: 'changed', tone: 'waiting', icon: PEN },
  'task.noted': { verb: 'noted on', tone: 'waiting', icon: PEN },
  'task.taken': { verb: 'took over', tone: 'claimed', icon: SWAP },
  'task.asked': { verb: 'asked about', tone: 'asking', icon: ASK },
  'task.answered': { verb: 'answered on', tone: 'ready', icon: TALK },
  'task.removed': { verb: 'removed', tone: 'cancelled', icon: CROSS },
  'queue.paused': { verb: 'paused', tone: 'asking', icon: PAUSE },
  'queue.resumed': { verb: 'resumed', tone: 'ready', icon: PLAY },
};

/** Groups that the stream can be narrowed down to. */
export const EVENT_GROUPS = {
  all: undefined,
  progress: ['task.claimed', 'task.taken', 'task.review', 'task.completed'],
  trouble: ['task.stalled', 'task.released', 'task.blocked', 'task.asked', 'queue.paused'],
  people: ['task.answered', 'task.unblocked', 'task.cancelled', 'task.reopened', 'queue.paused', 'queue.resumed'],
  tasks: ['task.added', 'task.updated', 'task.noted', 'task.removed'],
} as const satisfies Readonly<Record<string, readonly TaskEventKind[] | undefined>>;

export type EventGroup = keyof typeof EVENT_GROUPS;
