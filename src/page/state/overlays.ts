import { signal } from '@preact/signals';

/** Whether the list of keys is shown. */
export const showsHelp = signal(false);

/** A question to the reader, whose answer something needs. */
export interface Asking {
  readonly title: string;
  readonly label: string;
  readonly button: string;
  readonly onSay: (text: string) => void;
}

/** What is asked now. */
export const asking = signal<Asking | null>(null);

/** A short message at the edge of the page. */
export interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly message: string;
  readonly hint: string | null;
}

/** How long (ms) a toast stays; one that failed stays until it is closed. */
const STAYS_MS = 6_000;

export const toasts = signal<readonly Toast[]>([]);

let last = 0;

/** Shows a message, and reads it out to whoever cannot see it. */
export function toast(kind: Toast['kind'], message: string, hint: string | null = null): void {
  const id = ++last;
  toasts.value = [...toasts.value, { id, kind, message, hint }];
  if (kind === 'done') setTimeout(() => closeToast(id), STAYS_MS);
}

/** Takes a message away. */
export function closeToast(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}
