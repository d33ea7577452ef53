import type { BoardChange } from '../../domain/dashboard/board.ts';

/** What the server tells a page, and whether it can be reached. */
export type Told =
  | { readonly kind: 'hello'; readonly revision: string }
  | { readonly kind: 'change'; readonly from: string; readonly to: string; readonly change: BoardChange }
  | { readonly kind: 'notice'; readonly message: string | null }
  | { readonly kind: 'away' };

/** After the server has refused (ms), as another server on this port does: the browser does not try again by itself. */
const AGAIN_MS = 2_000;

/** One connection to the server's events, which comes back by itself. */
export class EventConnection {
  readonly #tell: (told: Told) => void;
  #source: EventSource | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(tell: (told: Told) => void) {
    this.#tell = tell;
    this.#open();
  }

  close(): void {
    clearTimeout(this.#again);
    this.#source?.close();
  }

  #open(): void {
    const source = new EventSource('/api/events');
    this.#source = source;
    for (const kind of ['hello', 'change', 'notice'] as const) {
      source.addEventListener(kind, (event: MessageEvent<string>) => this.#tell({ kind, ...JSON.parse(event.data) }));
    }
    source.addEventListener('error', () => {
      this.#tell({ kind: 'away' });
      if (source.readyState === EventSource.CLOSED) this.#again = setTimeout(() => this.#open(), AGAIN_MS);
    });
  }
}
