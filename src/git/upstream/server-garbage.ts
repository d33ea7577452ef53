import { Conversation } from '../process/conversation.ts';
import type { GitClient } from '../process/git-client.ts';

/** How long (ms) the answer may take. What git collects, it collects by itself in the background. */
const LONGEST_MS = 60_000;

/**
 * Lets git look for garbage in the folder of a remote, as its server does after a push, unless its settings forbid that.
 * Never throws: git, too, only warns.
 */
export async function collectGarbage(git: GitClient, folder: string): Promise<void> {
  try {
    const isWanted = ['config', '--type=bool', '--default=true', '--get', 'receive.autogc'];
    if ((await said(git, folder, isWanted)) === 'true\n')
      await said(git, folder, ['maintenance', 'run', '--auto', '--quiet']);
  } catch {
    // Another push will.
  }
}

/** Runs git as the server would. @returns what it printed */
async function said(git: GitClient, folder: string, args: readonly string[]): Promise<string> {
  const conversation = new Conversation(git, () => git.spawnServer(['-C', folder, ...args]));
  const { text } = await conversation.ask('', () => false, { silenceMs: LONGEST_MS });
  return text;
}
