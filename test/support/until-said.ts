import type { RunningAgentq } from './run-agentq.ts';

/** Resolves when a process that was started just now has said the words on stderr; rejects where it ends without. */
export function untilSaid({ child, done }: RunningAgentq, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      text += String(chunk);
      if (text.includes(words)) resolve();
    });
    done.then(({ stderr }) => reject(new Error(`ended before it said "${words}": ${stderr}`)), reject);
  });
}
