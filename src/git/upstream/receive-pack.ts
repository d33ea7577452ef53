import type { RefUpdate } from '../answers/push-outcome.ts';
import { Conversation, type Reply } from '../process/conversation.ts';
import type { GitClient } from '../process/git-client.ts';
import type { ProcessLimits } from '../process/git-process.ts';
import { type Advertised, AdvertisementReader } from '../wire/advertisement.ts';
import { FLUSH, packet } from '../wire/packets.ts';
import { ReportReader } from '../wire/report-reader.ts';
import { WITHOUT_COLLECTING } from './remote.ts';

/** How long (ms) the server may take to end once everything was said. */
const FAREWELL_MS = 10_000;

/** Without these, we would not know what became of a push. */
const NEEDED = ['report-status', 'side-band-64k'];

/** What the server advertises, or why it does not. */
export type Advertising =
  | { readonly kind: 'advertised'; readonly advertised: Advertised }
  | { readonly kind: 'failed'; readonly ended: Reply['ended'] };

/** What became of a push. */
export type Received =
  /** `report` has the server's lines; `words` is what it and its hooks have printed. */
  | { readonly kind: 'answered'; readonly report: readonly string[]; readonly words: string }
  /** It was sent, and there is no whole answer. */
  | { readonly kind: 'broken-off'; readonly ended: Reply['ended']; readonly words: string };

/**
 * Git's own server for pushes to a folder, `git receive-pack`, which `git push` starts. It names its refs, waits for
 * commands and a pack, and says what became of each. It judges each command by the value of the ref that the command
 * names: that is the lease.
 */
export class ReceivePack {
  readonly #conversation: Conversation;
  /** Says that no command comes. */
  #farewell = FLUSH;

  /** Starts the server. @throws Failure `interrupted` or `machine-unusable` */
  constructor(git: GitClient, folder: string) {
    this.#conversation = new Conversation(git, () => git.spawnServer(['receive-pack', folder], [WITHOUT_COLLECTING]));
  }

  /** Whether it has ended, as after a signal to all processes of a service. */
  get hasEnded(): boolean {
    return this.#conversation.hasEnded;
  }

  /** Reads what it advertises: once, and first. @throws Failure `interrupted` */
  async advertise(limits: ProcessLimits): Promise<Advertising> {
    const reader = new AdvertisementReader();
    const ended = await this.#conversation.converse([], (piece) => reader.take(piece), limits);
    const advertised = ended === undefined ? reader.result() : undefined;
    if (advertised === undefined || !NEEDED.every((each) => advertised.capabilities.has(each))) {
      return { kind: 'failed', ended };
    }
    return { kind: 'advertised', advertised };
  }

  /**
   * Pushes: once, and last.
   * @param pack undefined if nothing but deletions is pushed
   * @throws Failure `interrupted`
   */
  async push(
    updates: readonly RefUpdate[],
    atomic: boolean,
    pack: Uint8Array | undefined,
    { capabilities }: Advertised,
    limits: ProcessLimits,
  ): Promise<Received> {
    const reader = new ReportReader();
    const commands = commandsOf(updates, wantedOf(capabilities, atomic));
    const input = pack === undefined ? [commands] : [commands, pack];
    this.#farewell = '';
    const ended = await this.#conversation.converse(input, (piece) => reader.take(piece), limits);
    const report = ended === undefined ? reader.report() : undefined;
    if (report?.every(isGood) === true) {
      // Its end would tell nothing more.
      this.close();
      return { kind: 'answered', report, words: reader.words() };
    }
    const words = `${reader.words()}${await this.end()}`;
    return report === undefined ? { kind: 'broken-off', ended, words } : { kind: 'answered', report, words };
  }

  /** Waits for its end. @returns what it printed for whoever started it */
  async end(): Promise<string> {
    return (await this.#conversation.farewell(FAREWELL_MS, this.#farewell)).stderr;
  }

  /** Ends it, and does not wait for that. */
  close(): void {
    this.#conversation.hangUp(this.#farewell);
  }
}

/** What we ask for of what the server offers. */
function wantedOf(offered: ReadonlySet<string>, atomic: boolean): readonly string[] {
  const status = offered.has('report-status-v2') ? 'report-status-v2' : 'report-status';
  const others = ['quiet', 'object-format=sha1'].filter((each) => offered.has(each));
  return [status, 'side-band-64k', ...(atomic ? ['atomic'] : []), ...others];
}

/** The commands: the value that the ref must have, the value that it gets, its name. */
function commandsOf(updates: readonly RefUpdate[], wanted: readonly string[]): string {
  const none = '0'.repeat(40);
  const lines = updates.map(({ ref, expected = none, to = none }) => `${expected} ${to} ${ref}`);
  const [first = '', ...others] = lines;
  return `${[`${first}\0 ${wanted.join(' ')}`, ...others].map(packet).join('')}${FLUSH}`;
}

function isGood(line: string): boolean {
  return line === 'unpack ok' || line.startsWith('ok ') || line.startsWith('option ');
}
