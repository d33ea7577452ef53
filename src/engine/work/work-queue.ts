import type { Queue } from '../queue/queue.ts';
import type { Reader } from '../queue/reader.ts';

/** What of a queue a worker uses. */
export interface WorkQueue extends Pick<Queue, 'submit' | 'renew' | 'tips'>, Partial<Pick<Queue, 'waitingFor'>> {
  read(): Promise<Pick<Reader, 'rehearse'>>;
}
