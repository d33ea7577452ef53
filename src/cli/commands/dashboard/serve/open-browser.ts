import open from 'open';
import { wordsOf } from '../../../../engine/work/faults.ts';
import type { Log } from '../../../output/log.ts';

/** Opens the URL in the user's browser, if there is one: it is a courtesy, and never fails. */
export async function openBrowser(url: string, log: Log): Promise<void> {
  try {
    const opener = await open(url);
    opener.on('error', (error) => log.debug(`the browser: ${error.message}`));
  } catch (error) {
    log.warning(`no browser could be opened (${wordsOf(error)}): open the URL yourself`);
  }
}
