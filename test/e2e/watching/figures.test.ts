import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoardReader } from '../../../src/cli/commands/dashboard/sources.ts';
import type { Board } from '../../../src/domain/dashboard/board.ts';
import { applyChange, changeBetween } from '../../../src/domain/dashboard/change.ts';
import { HistoryScene } from '../../kit/history/history-scene.ts';
import {
  doStep,
  firstFiles,
  type HistoryStep,
  historySteps,
  PROJECTS,
  SHORT_HISTORY,
} from '../../kit/history/history-steps.ts';
import {
  type Ask,
  answersOf,
  expectSameBurnUp,
  expectSameEvents,
  expectSameFigures,
  expectSameIdleness,
  expectSameTree,
  treeOf,
} from '../../kit/history/same-figures.ts';
import { sized } from '../../kit/sample.ts';
import { placing, SETTINGS } from '../../kit/scene/branch-scene.ts';

const START = Date.now() - 20 * 3_600_000;

/** What it is called, where projects live, and how claims are renewed. */
type QueueKind = readonly [string, Readonly<Record<string, string>>, 'commit' | 'ref'];

const ONE_BRANCH: QueueKind = ['one branch', {}, 'commit'];
const QUEUES: readonly QueueKind[] = [
  ONE_BRANCH,
  ['two branches', { pay: 'develop-pay' }, 'commit'],
  ['one branch with heartbeats as refs', {}, 'ref'],
];

const never = new AbortController().signal;

/** Lets a history happen, and looks at it again and again with one reader. */
async function live(
  [, branches, heartbeat]: QueueKind,
  steps: readonly HistoryStep[],
  check: (world: HistoryScene, boards: readonly Board[]) => Promise<void>,
): Promise<void> {
  const settings = { [SETTINGS]: placing(branches, 'stalled_after: 30m', `heartbeat: ${heartbeat}`) };
  await using world = await HistoryScene.open({ ...firstFiles(), ...settings }, branches, START);
  const reader = new BoardReader(world.queue, { project: undefined, sinceMs: 24 * 3_600_000, clock: world.clock });
  const boards: Board[] = [];
  for (const [index, step] of steps.entries()) {
    await doStep(world, step);
    if (index % 4 === 0) boards.push(await reader.read(never));
  }
  boards.push(await reader.read(never));
  await check(world, boards);
}

describe('all that tell of a queue', () => {
  it.each(QUEUES)(
    'agree with each other and with the tree, whatever has happened on %s',
    { timeout: 1_200_000 },
    async (...queue) => {
      await fc.assert(
        fc.asyncProperty(historySteps(24), async (steps) => {
          await live(queue, steps, async (world, boards) => {
            const ask: Ask = (...argv) => world.answer(...argv);
            const whole = await answersOf(ask);
            expectSameFigures(whole);
            await expectSameEvents(world, whole);
            await expectSameIdleness(world, whole);
            expectSameTree(await treeOf(world), whole);
            // What was read bit by bit is what is read at once, and a page that was told only of changes has the same.
            expect(boards.at(-1)).toEqual(whole.board);
            for (const [index, board] of boards.entries()) {
              const before = boards[index - 1];
              if (before !== undefined) expect(applyChange(before, changeBetween(before, board))).toEqual(board);
            }
            for (const project of PROJECTS) expectSameFigures(await answersOf(ask, { project }));
            expectSameFigures(await answersOf(ask, { since: '2h' }));
          });
        }),
        { numRuns: sized(30, 2), examples: [[SHORT_HISTORY]], endOnFailure: true },
      );
    },
  );

  it('know how much there was to do at any time, as far as commits tell', { timeout: 1_200_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...QUEUES),
        historySteps(24, (kind) => !kind.startsWith('hand-')),
        async (queue, steps) => {
          await live(queue, steps, async (world, boards) => {
            const board = boards.at(-1);
            if (board !== undefined) await expectSameBurnUp(world, board);
          });
        },
      ),
      { numRuns: sized(30, 3), examples: [[ONE_BRANCH, SHORT_HISTORY]], endOnFailure: true },
    );
  });

  it('agree as the real binary, also in a shallow clone', { timeout: 1_200_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(historySteps(12), async (steps) => {
        await live(ONE_BRANCH, steps, async (world) => {
          await world.box.clone(world.box.remote, 'shallow', '--depth', '4');
          for (const clone of ['clone', 'shallow']) {
            const answers = await answersOf(async (...argv) => {
              const { code, stdout, stderr } = await world.box.agentq(clone, ...argv, '--json');
              expect(code, stderr).toBe(0);
              return JSON.parse(stdout);
            });
            expectSameFigures(answers);
            expect(answers.board.knownFrom).toBe(answers.metrics.knownFrom);
            if (clone === 'clone') expectSameTree(await treeOf(world), answers);
          }
        });
      }),
      { numRuns: sized(5, 1), endOnFailure: true },
    );
  });
});
