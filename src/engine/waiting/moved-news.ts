import type { QueueEvent } from '../../domain/base/event.ts';
import type { TipHints } from './tip-poller.ts';

/** How those who push tell others that the branch has moved. It is only a hint: whoever hears it looks. */
export interface MovedNews {
  tell(commit: string): void;
  /** @returns a function that ends it */
  listen(onHint: () => void): () => void;
}

/** Passes events on, and tells the others of each push. */
export function tellingPushes(
  onEvent: (event: QueueEvent) => void,
  news: readonly MovedNews[],
): (event: QueueEvent) => void {
  if (news.length === 0) return onEvent;
  return (event) => {
    if (event.kind === 'pushed') for (const one of news) one.tell(event.commit);
    onEvent(event);
  };
}

/** What files show, plus what others tell. Not everybody who pushes tells: only files can be relied on. */
export async function withNews(
  watching: Promise<TipHints | undefined>,
  news: readonly MovedNews[],
  onHint: () => void,
): Promise<TipHints | undefined> {
  if (news.length === 0) return watching;
  const stops = news.map((one) => one.listen(onHint));
  const hints = await watching.catch(() => undefined);
  return {
    rearm: () => hints?.rearm() === true,
    close() {
      hints?.close();
      for (const stop of stops) stop();
    },
  };
}
