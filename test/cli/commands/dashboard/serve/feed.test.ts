import { describe, expect, it } from 'vitest';
import { Feed } from '../../../../../src/cli/commands/dashboard/serve/feed.ts';
import type { PageMessage } from '../../../../../src/cli/commands/dashboard/serve/page.ts';
import { Failure } from '../../../../../src/domain/base/failure.ts';
import type { Board } from '../../../../../src/domain/dashboard/board.ts';
import type { Tip, Tips } from '../../../../../src/engine/queue/tips.ts';
import { TestClock } from '../../../../kit/engine/test-clock.ts';
import { turn } from '../../../../kit/engine/tip-branch.ts';
import { aBoard } from '../../../../kit/queues/boards.ts';

/** A queue whose branch the test moves. */
class Moving implements Tips {
  tip = '0';
  reads = 0;
  looks = 0;
  /** Where each read was told that the branch is. */
  readonly seen: Tip[] = [];
  failure: Failure | undefined;
  #waiting: (() => void)[] = [];

  async look(): Promise<Tip> {
    this.looks += 1;
    return this.tip;
  }

  lookAlone(): Promise<Tip> {
    return this.look();
  }

  async changed(known: Tip, signal?: AbortSignal): Promise<Tip> {
    while (this.tip === known) {
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push(resolve);
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    }
    return this.tip;
  }

  move(): void {
    this.tip = String(Number(this.tip) + 1);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async read(seen: Tip): Promise<Board> {
    this.reads += 1;
    this.seen.push(seen);
    if (this.failure !== undefined) throw this.failure;
    return aBoard({ tip: this.tip });
  }
}

function setUp() {
  const queue = new Moving();
  const clock = new TestClock('standing');
  const over = new AbortController();
  const notices: (string | null)[] = [];
  const boards = { read: (_: AbortSignal, seen?: Tip) => queue.read(seen), details: async () => undefined };
  const onNotice = (message: string | null): void => void notices.push(message);
  const feed = new Feed({ boards, tips: queue, clock, signal: over.signal, onNotice });
  return { queue, clock, feed, notices, [Symbol.dispose]: () => over.abort() };
}

/** What is done without any time passing. */
async function settle(): Promise<void> {
  for (let count = 0; count < 20; count++) await turn();
}

const read = (message: PageMessage | undefined): unknown =>
  message === undefined || message === 'alive' ? message : [message.event, JSON.parse(message.data)];

describe('the feed', () => {
  it('reads nothing before somebody asks, and once for all who do', async () => {
    using box = setUp();
    const { queue, feed } = box;
    await settle();
    expect([queue.looks, queue.reads]).toEqual([0, 0]);
    const boards = await Promise.all([feed.current(), feed.current(), feed.current()]);
    expect(new Set(boards.map(({ revision }) => revision)).size).toBe(1);
    expect([queue.looks, queue.reads]).toEqual([1, 1]);
  });

  it('reads where the branch was seen, and looks no second time', async () => {
    using box = setUp();
    const { queue, clock, feed } = box;
    await feed.current();
    feed.open();
    for (let count = 0; count < 3; count++) {
      queue.move();
      clock.advance(300);
      await settle();
    }
    expect([queue.looks, queue.seen]).toEqual([1, ['0', '1', '2', '3']]);
  });

  it('reads at most once in 300 ms, and once more for what came meanwhile', async () => {
    using box = setUp();
    const { queue, clock, feed } = box;
    await feed.current();
    feed.open();
    for (let ms = 0; ms < 1_000; ms += 50) {
      queue.move();
      clock.advance(50);
      await settle();
    }
    expect(queue.reads).toBeGreaterThanOrEqual(3);
    expect(queue.reads).toBeLessThanOrEqual(5);
    clock.advance(300);
    await settle();
    expect(feed.last?.board.tip).toBe('20');
  });

  it('reads nothing while no page is open, and at once when one comes', async () => {
    using box = setUp();
    const { queue, clock, feed } = box;
    await feed.current();
    const page = feed.open();
    page.close();
    for (let ms = 0; ms < 20_000; ms += 1_000) {
      clock.advance(1_000);
      await settle();
    }
    const { reads, looks } = queue;
    queue.move();
    clock.advance(3_600_000);
    await settle();
    expect([queue.reads, queue.looks]).toEqual([reads, looks]);
    expect((await feed.current()).board.tip).toBe('1');
  });

  it('keeps only the last change for a page that reads slowly, and has it read the board anew', async () => {
    using box = setUp();
    const { queue, clock, feed } = box;
    const { revision } = await feed.current();
    const page = feed.open();
    expect(read(await page.next())).toEqual(['hello', { revision }]);
    for (let count = 0; count < 5; count++) {
      queue.move();
      clock.advance(300);
      await settle();
    }
    const last = feed.last?.revision;
    expect(read(await page.next())).toMatchObject(['change', { to: last, change: { tip: '5' } }]);
    const next = page.next();
    clock.advance(15_000);
    expect(await next).toBe('alive');
    page.close();
    expect(await page.next()).toBeUndefined();
  });

  it('tells of a queue that cannot be read, goes on with the last board, and tries again', async () => {
    using box = setUp();
    const { queue, clock, feed, notices } = box;
    const { revision } = await feed.current();
    const page = feed.open();
    await page.next();
    queue.failure = new Failure('remote-unreachable', 'the remote is away');
    queue.move();
    clock.advance(300);
    await settle();
    expect(read(await page.next())).toEqual(['notice', { message: 'the remote is away' }]);
    expect((await feed.current()).revision).toBe(revision);
    // Who comes meanwhile hears of it, too.
    const other = feed.open();
    expect([read(await other.next()), read(await other.next())]).toMatchObject([
      ['hello', {}],
      ['notice', {}],
    ]);
    queue.failure = undefined;
    clock.advance(1_000);
    await settle();
    expect(read(await page.next())).toEqual(['notice', { message: null }]);
    expect(read(await page.next())).toMatchObject(['change', { from: revision, change: { tip: '1' } }]);
    expect(notices).toEqual(['the remote is away', null]);
  });

  it('fails where nothing could be read yet, and reads for whoever asks again', async () => {
    using box = setUp();
    const { queue, clock, feed, notices } = box;
    queue.failure = new Failure('remote-unreachable', 'the remote is away');
    await expect(feed.current()).rejects.toThrow('the remote is away');
    queue.failure = undefined;
    clock.advance(1_000);
    await settle();
    expect((await feed.current()).board.tip).toBe('0');
    expect(notices).toEqual([]);
  });
});
