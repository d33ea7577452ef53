import { batch } from '@preact/signals';
import type { Board } from '../../domain/dashboard/board.ts';
import { applyChange } from '../../domain/dashboard/change.ts';
import { board, isLoaded, now } from '../state/board-state.ts';
import { changedAt, config, connection, notice, type PageConfig } from '../state/connection.ts';
import { embedded } from './embedded.ts';
import type { Told } from './event-messages.ts';
import { followEvents } from './shared-events.ts';

/** How often what is shown of times is brought up to date. */
const TICK_MS = 10_000;

/** Time (ms) after which the board is asked for again, when the server could not be asked. */
const AGAIN_MS = 2_000;

interface Answer {
  readonly revision: string;
  readonly board: Board;
}

/** The revision of the board that is shown; undefined: none is. */
let revision: string | undefined;
let isReading = false;
/** Whether something changed while the board was read: what was read may be older. */
let isOutdated = false;
/** What the server had when it was heard of while the board was read. */
let heard: string | undefined;

/** Reads the board: once from a report, or from the server and then whatever changes. */
export function start(): void {
  const found = embedded<PageConfig>('agentq-config');
  if (found !== undefined) config.value = found;
  const report = embedded<Board>('agentq-board');
  if (report !== undefined) {
    show(report);
    connection.value = 'report';
    now.value = Date.parse(report.time);
    return;
  }
  setInterval(tick, TICK_MS);
  void read();
  followEvents(hear);
}

function hear(told: Told): void {
  switch (told.kind) {
    case 'hello':
      connection.value = 'live';
      if (isReading) heard = told.revision;
      else if (told.revision !== revision) void read();
      break;
    case 'change':
      change(told);
      break;
    case 'notice':
      notice.value = told.message;
      break;
    case 'away':
      connection.value = 'away';
  }
}

function change({ from, to, change: changed }: Told & { readonly kind: 'change' }): void {
  if (to === revision) return;
  if (from !== revision || isReading) {
    isOutdated = isReading;
    void read();
    return;
  }
  try {
    show(applyChange(board.peek(), changed));
    revision = to;
  } catch {
    // It was made from another board than this one.
    void read();
  }
}

async function read(): Promise<void> {
  if (isReading) return;
  isReading = true;
  try {
    const response = await fetch('/api/board');
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    const answer = (await response.json()) as Answer;
    revision = answer.revision;
    connection.value = 'live';
    show(answer.board);
  } catch {
    connection.value = 'away';
    isOutdated = false;
    setTimeout(() => void read(), AGAIN_MS);
  }
  isReading = false;
  const isOther = heard !== undefined && heard !== revision;
  heard = undefined;
  if (!isOutdated && (!isOther || connection.peek() === 'away')) return;
  isOutdated = false;
  void read();
}

function show(next: Board): void {
  batch(() => {
    if (isLoaded.peek() && next.tip !== board.peek().tip) changedAt.value = next.time;
    board.value = next;
    isLoaded.value = true;
    if (config.value.mode === 'live') now.value = Date.now();
  });
}

function tick(): void {
  now.value = Date.now();
}
