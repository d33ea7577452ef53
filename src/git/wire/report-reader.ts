import { Answer, Words } from '../process/collected.ts';
import { PacketReader } from './packets.ts';

/** Most bytes of a report: a line for each ref, with the server's reason. */
const MOST_BYTES = 8 * 1024 * 1024;

const REPORT = 1;
const WORDS = 2;
const FATAL = 3;

/**
 * Reads what a server answers to a push, in `side-band-64k`: the report (`report-status`), and besides it what the
 * server and its hooks print.
 */
export class ReportReader {
  readonly #outer = new PacketReader();
  readonly #inner = new PacketReader();
  readonly #lines = new Answer(MOST_BYTES);
  readonly #words = new Words();
  #isReported = false;
  #hasFailed = false;

  /** What to do with the next piece. */
  take(piece: Buffer): 'more' | 'whole' | 'full' {
    for (const packet of this.#outer.read(piece)) {
      if (packet === 'flush') return 'whole';
      const content = packet.subarray(1);
      if (packet[0] === REPORT) {
        if (!this.#noteReport(content)) return 'full';
      } else if (packet[0] === WORDS) this.#words.add(content);
      else if (packet[0] === FATAL) {
        this.#hasFailed = true;
        this.#words.add(Buffer.concat([Buffer.from('\nfatal: '), content, Buffer.from('\n')]));
      } else return 'full';
    }
    return this.#outer.isGarbled ? 'full' : 'more';
  }

  /** The lines of the report; undefined if it is not whole. */
  report(): readonly string[] | undefined {
    if (!this.#isReported || this.#hasFailed) return undefined;
    return this.#lines.bytes().toString('utf8').split('\n').slice(0, -1);
  }

  /** What the server printed, each line marked as git marks it. */
  words(): string {
    const lines = this.#words.text().split(/\r\n|[\r\n]/);
    return lines
      .filter((line) => line !== '')
      .map((line) => `remote: ${line}\n`)
      .join('');
  }

  /** @returns false if it is too long, or not understood */
  #noteReport(content: Buffer): boolean {
    for (const packet of this.#inner.read(content)) {
      if (packet === 'flush') {
        this.#isReported = true;
        return true;
      }
      const isLine = packet.at(-1) === LINE_FEED;
      if (!this.#lines.add(isLine ? packet : Buffer.concat([packet, Buffer.of(LINE_FEED)]))) return false;
    }
    return !this.#inner.isGarbled;
  }
}

const LINE_FEED = 0x0a;
