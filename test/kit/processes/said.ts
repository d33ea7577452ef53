import type { RunningAgentq } from './run-agentq.ts';

/**
 * Resolves with what a running process has said so far as soon as that matches; rejects where it ends before.
 * Tests that need to know how far a process is wait for its words, never for some time.
 */
export function said(
  { child, done }: RunningAgentq,
  stream: 'stdout' | 'stderr',
  pattern: RegExp | ((text: string) => boolean),
): Promise<string> {
  const isIt = typeof pattern === 'function' ? pattern : (text: string): boolean => pattern.test(text);
  return new Promise((resolve, reject) => {
    let text = '';
    const source = child[stream];
    const listen = (chunk: Buffer): void => {
      text += chunk.toString();
      if (!isIt(text)) return;
      source?.off('data', listen);
      resolve(text);
    };
    source?.on('data', listen);
    done.then(({ code, stderr }) => reject(new Error(`ended with ${code} before it said so:\n${stderr}`)), reject);
  });
}
