import { expect, it } from 'vitest';
import { until, WorkSession, waitFor } from '../../kit/scene/work-session.ts';

/** Says what it is told, in the first run and in any after it. */
const READER = [
  `trap 'grep title "$AGENTQ_TASK_FILE" >> "$MEET/told"' USR1`,
  "trap 'exit 1' TERM",
  'grep title "$AGENTQ_TASK_FILE" >> "$MEET/titles"',
  waitFor('go'),
].join('; ');

it.each([
  ['restart', 'titles'],
  ['signal', 'told'],
])('an edit of its task reaches a command that runs, by --on-change %s', async (how, where) => {
  await using session = await WorkSession.create([{ id: 'T-1' }]);
  const running = session.work(['a1', '--on-change', how, '--json'], READER);
  await until(async () => (await session.met('titles')) !== undefined);
  expect((await session.agentq('edit', 'T-1', '--title', 'Another one', '--agent', 'Ada')).code).toBe(0);
  await until(async () => (await session.met(where))?.includes('Another one') === true);
  await session.meet('go');
  const { code, stdout, stderr } = await running.done;
  expect(stderr).toContain('shop/T-1 has changed: title');
  expect(code).toBe(0);
  // Neither a failure, nor another try.
  expect(JSON.parse(stdout).tasks).toMatchObject([{ outcome: 'completed', attempts: 1 }]);
  expect((await session.met('titles'))?.split('\n').filter(Boolean)).toHaveLength(how === 'restart' ? 2 : 1);
});

it('knows two ways to tell a command', async () => {
  await using session = await WorkSession.create([]);
  const { code, stderr } = await session.work(['a1', '--on-change', 'pray'], 'true').done;
  expect(code).toBe(64);
  expect(stderr).toContain('--on-change "pray" is neither restart nor signal');
});
