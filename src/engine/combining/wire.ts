import type { Socket } from 'node:net';
import type { Answer } from './ticket.ts';

/** What a follower sends to its leader. */
export type FollowerMessage =
  | { readonly kind: 'submit'; readonly pending: unknown }
  /** The caller was interrupted or ran out of time: leave the intent undone, if that is still possible. */
  | { readonly kind: 'cancel' };

/** What a leader sends back. */
export type LeaderMessage =
  /** From here on the intent may be carried out; at `base` it had not been. */
  | { readonly kind: 'taken'; readonly base: string }
  | ({ readonly kind: 'answer' } & Answer)
  /** The intent was cancelled, and has not been carried out. */
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly failure: WireFailure }
  /** The leader stops leading: submit to the next one. */
  | { readonly kind: 'moved' };

export interface WireFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}

/** Longest line that is read; an intent is far shorter, and a peer that sends more is none of ours. */
const MAX_LINE = 8 * 1024 * 1024;

/** Sends one message; resolves when the kernel has it, so that it survives the death of this process. */
export function send(socket: Socket, message: FollowerMessage | LeaderMessage): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.write(`${JSON.stringify(message)}\n`, () => resolve());
  });
}

/** Calls back for each line that is JSON; a line that is not ends the connection. */
export function onMessage(socket: Socket, receive: (message: unknown) => void): void {
  let buffered = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    buffered += chunk;
    if (buffered.length > MAX_LINE) socket.destroy();
    const lines = buffered.split('\n');
    buffered = lines.pop() ?? '';
    for (const line of lines) {
      try {
        receive(JSON.parse(line));
      } catch {
        socket.destroy();
        return;
      }
    }
  });
  // Errors end in 'close', which is what the callers listen to.
  socket.on('error', () => undefined);
}
