import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { CRASH_POINTS } from '../../../src/engine/base/crash-points.ts';
import { requestsOn } from '../../kit/engine/machine.ts';
import { alone, ROLES, type Role, Stage, stepsIn } from '../../kit/processes/crash-roles.ts';
import type { AgentqRun } from '../../kit/processes/run-agentq.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { isFull, sampleOf } from '../../kit/sample.ts';

/**
 * A process is killed, as `kill -9` does it, at each step that it passes, in each role. After each: nobody else is kept from
 * its answer, the branch is whole, the same command works once more, another agent gets a task, and no request is left.
 *
 * `npm test` kills at a sample of the steps; `npm run test:full` at every step in every role, where it passes it several times at
 * the first and the second.
 */

/** Longest time (ms) that anybody may take in a scene: nobody waits for the dead longer than for a silent leader. */
const LONGEST_MS = 90_000;

const passed = new Set<string>();

/** The steps that the role passes where nobody is killed. */
async function stepsOf(role: Role): Promise<readonly string[]> {
  await using stage = await Stage.open(role.tasks ?? 8);
  const trace = stage.box.path('trace');
  await role.play(stage, { AGENTQ_TEST_STEPS: trace });
  return await stepsIn(trace);
}

/** `step` where it is passed once, `step:2` too where it is passed again. */
function pointsAmong(steps: readonly string[]): readonly string[] {
  return [...new Set(steps)].flatMap((step) =>
    steps.filter((other) => other === step).length > 1 ? [step, `${step}:2`] : [step],
  );
}

/** Kills at the point, and says which one it was where anything is not as it should be. */
async function killAt(role: Role, point: string): Promise<void> {
  await using stage = await Stage.open(role.tasks ?? 8);
  const over = new AbortController();
  const late = sleep(LONGEST_MS, undefined, { signal: over.signal }).then(() => {
    throw new Error(`somebody has been busy for ${LONGEST_MS} ms`);
  });
  try {
    await Promise.race([playAndJudge(stage, role, point), late]);
  } catch (error) {
    if (error instanceof Error) error.message = `at ${point}: ${error.message}`;
    throw error;
  } finally {
    over.abort();
    await late.catch(() => undefined);
  }
}

async function playAndJudge(stage: Stage, role: Role, point: string): Promise<void> {
  const victim = await role.play(stage, { AGENTQ_TEST_CRASH: point });
  // What chance alone leads to (a second try, a second look) may be passed in one run, and not in the next.
  const isCertain = role.steps.some((step) => step === point);
  if (isCertain || victim.signal !== null) expect(victim.signal, victim.stderr).toBe('SIGKILL');
  else expect(role.ends ?? [0], victim.stderr).toContain(victim.code);
  await stage.gate.close();
  await stage.ungate();
  await expectAllWell(stage, role, victim);
}

async function expectAllWell(stage: Stage, role: Role, victim: AgentqRun): Promise<void> {
  const { box, remote, answers } = stage;
  // It was not killed, and has its answer like the others.
  if (victim.code === 0 && role.command[0] === 'claim') answers.set('a1', victim);
  const again = await stage.run('one', role.command);
  expect(role.again, again.stderr).toContain(again.code);
  const other = await stage.run('two', ['claim', 'other']);
  for (const [agent, { code, stderr }] of [...answers, ['other', other] as const]) {
    expect({ agent, code }, stderr).toEqual({ agent, code: 0 });
  }
  const { moves, violations } = await auditQueue(box.path(remote));
  expect(violations).toEqual([]);
  const told = [...answers, ['other', other] as const].map(([agent, { stdout }]) => `${agent} ${stdout.trim()}`);
  if (role.command[0] === 'claim') told.push(`a1 ${again.stdout.trim()}`);
  const claimed = moves.filter(({ to }) => to === 'claimed').map(({ owner, task }) => `${owner} ${task}`);
  // Everybody was told the truth, and nobody but the dead holds what nobody was told.
  expect(claimed).toEqual(expect.arrayContaining(told));
  const living = [...answers.keys(), 'other'];
  const unknown = claimed.filter((claim) => !told.includes(claim) && living.includes(claim.split(' ')[0] ?? ''));
  expect(unknown).toEqual([]);
  // The dead take back neither their last heartbeat nor their sign-in. Both are swept when they are old.
  const left = /^refs\/agentq\/(?:heartbeats|agents)\//;
  expect((await requestsOn(box, remote)).filter((ref) => !left.test(ref))).toEqual([]);
}

// A role without steps of its own passes only those that others are killed at: it has a turn in `npm run test:full`.
const roles = Object.entries(ROLES).filter(([, { steps }]) => isFull || steps.length > 0);

describe.each(roles)('%s', (_, role) => {
  if (!isFull) {
    it.each(sampleOf(role.steps, 1))('is killed when it has reached: %s', async (step) => {
      passed.add(step);
      await killAt(role, step);
    });
    return;
  }
  it('is killed at every step that it passes', { timeout: 1_200_000 }, async () => {
    const steps = await stepsOf(role);
    for (const step of steps) passed.add(step);
    expect(steps).toEqual(expect.arrayContaining([...role.steps]));
    for (const point of pointsAmong(steps)) await killAt(role, point);
  });
});

describe('a step that is not reached', () => {
  // Nobody interrupts it, so it gives nothing back.
  const role = { ...alone, steps: [] };

  it('fails by its name where it belongs to the role', async () => {
    await expect(killAt({ ...role, steps: ['giving-back'] }, 'giving-back')).rejects.toThrow('at giving-back: ');
  });

  it('is left out where it does not, and all that follows is judged', async () => {
    await killAt(role, 'giving-back');
    await expect(killAt({ ...role, again: [] }, 'giving-back')).rejects.toThrow('at giving-back: ');
    await expect(killAt({ ...role, ends: [3] }, 'giving-back')).rejects.toThrow('at giving-back: ');
  });
});

describe('the list of steps', () => {
  it('is whole: each step is one that some role is killed at', () => {
    const listed = Object.values(ROLES).flatMap(({ steps }) => steps);
    expect([...listed].sort()).toEqual([...CRASH_POINTS].sort());
  });
});

afterAll(() => {
  if (isFull) expect([...passed].sort()).toEqual([...CRASH_POINTS].sort());
});
