import { once } from 'node:events';
import type { Queue } from '../../../../engine/queue/queue.ts';
import type { CommandContext } from '../../../command/context.ts';
import { checkoutName } from '../../../naming/checkout-name.ts';
import { ownVersion } from '../../../presence/own-presence.ts';
import { Actions } from './actions.ts';
import { appOf } from './app.ts';
import type { Boards } from './boards.ts';
import { Feed } from './feed.ts';
import type { GuardOptions } from './guard.ts';
import { type Listening, listen } from './listen.ts';
import { pageFiles } from './page-files.ts';
import { Secrets } from './secrets.ts';
import { Strangers } from './strangers.ts';

/** What the user has asked for. */
export interface ServeOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** Whether a browser is to be opened. */
  readonly open: boolean;
  /** Whether the page may act, and not only show. */
  readonly allowActions: boolean;
}

/**
 * Serves the page until a signal comes. The URL is said as soon as it can be opened.
 * @throws Failure `interrupted` at the end; before that, if the queue cannot be read or the port cannot be used
 */
export async function serveBoard(
  boards: Boards,
  queue: Queue,
  options: ServeOptions,
  context: CommandContext,
): Promise<void> {
  const { clock, config, signal, log } = context;
  const page = pageFiles();
  const feed = new Feed({
    boards,
    tips: queue.tips,
    clock,
    signal,
    onNotice: (message) => (message === null ? log.info('the queue can be read again') : log.warning(message)),
  });
  let server: Listening | undefined;
  try {
    // A queue that cannot be read is told here, and not on a page.
    await feed.current();
    const secrets = options.allowActions ? new Secrets(clock) : undefined;
    const actions = options.allowActions ? new Actions({ queue, context, board: () => feed.last?.board }) : undefined;
    const strangers = new Strangers((user) => {
      log.warning(`another user of this machine (uid ${user}) asked for the page, and was refused`);
    });
    const isOurs: GuardOptions['isOurs'] = ({ socket }) => !strangers.has(socket);
    const parts = {
      feed,
      boards,
      actions,
      page,
      name: checkoutName(config.dir),
      version: ownVersion(),
      log,
      secrets,
      isOurs,
    };
    server = await listen(
      options.port,
      (port) => appOf({ ...parts, port }),
      (socket) => strangers.meet(socket),
    );
    const url = `http://127.0.0.1:${server.port}/`;
    const withToken = (token: string | undefined): string => (token === undefined ? url : `${url}?token=${token}`);
    context.say(withToken(secrets?.token));
    log.info('Ctrl-C ends the dashboard');
    if (options.open) {
      const { openBrowser } = await import('./open-browser.ts');
      await openBrowser(withToken(secrets?.makeOnce()), log);
    }
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    feed.close();
    server?.close();
  }
  signal.throwIfAborted();
}
