import { describe, expect, it } from 'vitest';
import { session } from '../../kit/scene/cli-session.ts';

/** Which tasks a command means that names some, and lives in a shell where AGENTQ_PROJECT is set. */

const ENV = { AGENTQ_PROJECT: 'auth' };

/** @returns the tasks of the intent that was submitted */
async function meant(line: readonly string[], env: Readonly<Record<string, string>> = ENV) {
  const { code, stderr, intents } = await session(line, {}, { env });
  const [intent] = intents as readonly { task?: object; more?: readonly object[]; tasks?: object }[];
  const named = intent?.task === undefined ? [] : [intent.task, ...(intent.more ?? [])];
  return { code, stderr, named };
}

const SEVERAL: readonly (readonly [string, (...tasks: readonly string[]) => readonly string[]])[] = [
  ['block', (...tasks) => ['block', ...tasks, '--reason', 'r', '--agent', 'a1']],
  ['cancel', (...tasks) => ['cancel', ...tasks, '--reason', 'r', '--agent', 'a1']],
  ['reopen', (...tasks) => ['reopen', ...tasks, '--agent', 'a1']],
  ['edit', (...tasks) => ['edit', ...tasks, '--priority', '3', '--agent', 'a1']],
  ['unblock --task', (...tasks) => ['unblock', ...tasks.flatMap((task) => ['--task', task])]],
];

const ONE: readonly (readonly [string, (task: string) => readonly string[]])[] = [
  ['answer', (task) => ['answer', task, 'words', '--agent', 'a1']],
  ['note', (task) => ['note', task, 'words', '--agent', 'a1']],
  ['ask', (task) => ['ask', task, 'a1', 'words']],
  ['release', (task) => ['release', task, 'a1']],
  ['review', (task) => ['review', task, 'a1', 'https://example.com/1']],
];

describe('tasks without a project', () => {
  it.each(SEVERAL)('are of AGENTQ_PROJECT for %s, and those with one are not', async (_, line) => {
    expect((await meant(line('T-1', 'pay/T-2'))).named).toEqual([
      { project: 'auth', id: 'T-1' },
      { project: 'pay', id: 'T-2' },
    ]);
  });

  it.each(ONE)('are of AGENTQ_PROJECT for %s', async (_, line) => {
    expect((await meant(line('T-1'))).named).toEqual([{ project: 'auth', id: 'T-1' }]);
    expect((await meant(line('pay/T-2'))).named).toEqual([{ project: 'pay', id: 'T-2' }]);
  });

  it.each([...SEVERAL, ...ONE])('are looked for in all projects by %s where nothing names one', async (_, line) => {
    expect((await meant(line('T-1'), {})).named).toEqual([{ id: 'T-1' }]);
  });

  it.each(SEVERAL)('and words that are no names are refused by %s', async (_, line) => {
    for (const wrong of ['a/b/c', 'T 1', 'au th/T-1']) {
      const { code, named } = await meant(line('T-1', wrong));
      expect([wrong, code, named]).toEqual([wrong, 64, []]);
    }
  });
});
