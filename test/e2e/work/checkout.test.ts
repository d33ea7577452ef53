import { expect, it } from 'vitest';
import { said } from '../../kit/processes/said.ts';
import { holdCheckout } from '../../kit/remotes/gate.ts';
import { WorkSession } from '../../kit/scene/work-session.ts';

const SIX = Array.from({ length: 6 }, (_, index) => ({ id: `T-${index + 1}` }));

/** How often the branch was moved here, the clone included. */
async function moves({ box }: WorkSession): Promise<number> {
  return (await box.git('clone', 'reflog', 'show', '--format=%h', 'develop')).split('\n').length;
}

async function expectUpToDate({ box }: WorkSession): Promise<void> {
  expect(await box.git('clone', 'rev-parse', 'HEAD')).toBe(await box.tip());
  expect(await box.git('clone', 'status', '--porcelain')).toBe('');
}

it('no command waits for the checkout, and in the end it shows the newest commit', async () => {
  await using session = await WorkSession.create(SIX);
  const gate = session.box.owns(await holdCheckout(session.box, 'clone', 'checkout'));
  const running = session.work(['pool', '--concurrency', '3'], 'cat > /dev/null');
  await gate.reached();
  // All of it while git stands still at the first of twelve commits.
  await said(running, 'stdout', (text) => text.split('\n').length > SIX.length);
  expect(await moves(session)).toBe(1);
  await gate.open();
  const { code, stderr } = await running.done;
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('not updated') });
  await expectUpToDate(session);
  // The one that was held, and the newest.
  expect(await moves(session)).toBe(3);
});

it('the command of a lone agent finds its task in the checkout, and no git at work there', async () => {
  await using session = await WorkSession.create(SIX.slice(0, 3));
  const script = [
    'cat "$(git ls-files ".agents/*/claimed/$AGENTQ_TASK_ID.toon")"',
    'git switch -q -c "mine-$AGENTQ_TASK_ID"',
    'git switch -q develop',
  ].join(' && ');
  const { code, stderr } = await session.work(['a1'], script).done;
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('not updated') });
  for (const { id } of SIX.slice(0, 3)) expect(stderr).toContain(`[a1]   id: ${id}\n`);
  expect(stderr.match(/claim_id: /g)).toHaveLength(3);
  await expectUpToDate(session);
});

it('says once why the checkout was not updated, however many commits it concerns', async () => {
  await using session = await WorkSession.create(SIX);
  const edits = SIX.map(({ id }) => [`.agents/shop/tasks/${id}.toon`, `edited ${id}\n`]);
  await session.box.write('clone', Object.fromEntries(edits));
  const { code, stderr } = await session.work(['pool', '--concurrency', '2'], 'cat > /dev/null').done;
  expect(code).toBe(0);
  expect(stderr.match(/the checkout was not updated: uncommitted changes are in the way/g)).toHaveLength(1);
  expect(await moves(session)).toBe(1);
});
