import type { Queue } from '../queue/queue.ts';
import type { Reader } from '../queue/reader.ts';

/** The part of a queue that a worker uses. */
export interface WorkQueue extends Pick<Queue, 'submit' | 'renew' | 'tips'>, Partial<Pick<Queue, 'waitingFor'>> {
  read(): Promise<Pick<Reader, 'rehearse' | 'standing'>>;
}
