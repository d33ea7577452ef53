import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningAgentq, startAgentq } from '../../kit/processes/run-agentq.ts';

/** A remote that never answers: what is interrupted is a git process that waits for it. */
let clone = '';
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'agentq-signals-'));
  execFileSync('git', ['init', '-q', clone]);
  execFileSync('git', ['-C', clone, 'remote', 'add', 'origin', 'ssh://example.invalid/queue.git']);
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends a command that waits for the remote, with exit %d', async (signal, exit) => {
  const running = waitingForTheRemote();
  await untilItWaits(running);
  const startedAt = Date.now();
  running.child.kill(signal);
  const { code, stdout, stderr } = await running.done;
  expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
  expect(stderr).toContain(`interrupted by ${signal}`);
  expect(Date.now() - startedAt).toBeLessThan(20_000);
});

it('answers with a JSON document when it is interrupted', async () => {
  const running = waitingForTheRemote('--json');
  await untilItWaits(running);
  running.child.kill('SIGTERM');
  const { code, stdout } = await running.done;
  expect(code).toBe(143);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'interrupted', signal: 'SIGTERM' } });
});

function waitingForTheRemote(...options: string[]): RunningAgentq {
  // `cat` says nothing, and ends with the git that started it.
  const env = { GIT_SSH_COMMAND: 'cat #', GIT_SSH_VARIANT: 'simple' };
  return startAgentq(['-C', clone, 'claim', 'a1', '-v', ...options], { env });
}

/** The debug lines say when git is started. */
function untilItWaits({ child, done }: RunningAgentq): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      text += String(chunk);
      if (/git (?:ls-remote|upload-pack)/.test(text)) resolve();
    });
    done.then(({ stderr }) => reject(new Error(`ended before it waited: ${stderr}`)), reject);
  });
}
