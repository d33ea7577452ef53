import { signal } from '@preact/signals';

/** How the page and the queue are connected. `report`: not at all, the page is a file. */
export type Connection = 'loading' | 'live' | 'away' | 'report';

export const connection = signal<Connection>('loading');

/** What the server says about its own connection, such as that the remote cannot be reached. */
export const notice = signal<string | null>(null);

/** What the document says about itself. */
export interface PageConfig {
  readonly mode: 'live' | 'report';
  /** What the queue is called. */
  readonly name: string;
  /** Whether the server carries out actions. */
  readonly actions: boolean;
  readonly version: string;
}

export const config = signal<PageConfig>({ mode: 'live', name: '', actions: false, version: '' });

/** When something last changed that the page was told about; null: nothing yet. ISO 8601. */
export const changedAt = signal<string | null>(null);
