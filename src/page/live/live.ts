import { batch } from '@preact/signals';
import type { Board, BoardChange } from '../../domain/dashboard/board.ts';
import { applyChange } from '../../domain/dashboard/change.ts';
import { board, isLoaded, now } from '../state/board-state.ts';
import { changedAt, config, connection, notice, type PageConfig } from '../state/connection.ts';
import { embedded } from './embedded.ts';

/** How often what is shown of times is brought up to date. */
const TICK_MS = 10_000;

/** After the server could not be asked. EventSource comes back by itself, and then the board is read again. */
const AGAIN_MS = 2_000;

interface Answer {
  readonly revision: string;
  readonly board: Board;
}

interface ChangeMessage {
  readonly from: string;
  readonly to: string;
  readonly change: BoardChange;
}

/** The revision of the board that is shown; undefined: none is. */
let revision: string | undefined;
let isReading = false;
/** Whether something changed while the board was read: what was read may be older. */
let isOutdated = false;

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
  follow();
}

function follow(): void {
  const source = new EventSource('/api/events');
  on(source, 'hello', (message: { readonly revision: string }) => {
    connection.value = 'live';
    if (message.revision !== revision) void read();
  });
  on(source, 'change', change);
  on(source, 'notice', ({ message }: { readonly message: string | null }) => {
    notice.value = message;
  });
  source.addEventListener('error', () => {
    connection.value = 'away';
    // Refused, as by another server on this port: the browser does not try again by itself.
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, AGAIN_MS);
  });
}

function change({ from, to, change: changed }: ChangeMessage): void {
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

function on<T>(source: EventSource, name: string, handle: (message: T) => void): void {
  source.addEventListener(name, (event) => {
    handle(JSON.parse((event as MessageEvent<string>).data) as T);
  });
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
  if (!isOutdated) return;
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
