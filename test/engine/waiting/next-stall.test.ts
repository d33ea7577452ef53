import { expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import { untilNextStall } from '../../../src/engine/waiting/next-stall.ts';

const refusal = (why: object) => new Failure('nothing-claimable', 'nothing to claim', { details: { why } });

it.each([
  ['nothing is known', {}, undefined],
  ['a claim stalls', { nextStallMs: 90_000 }, 90_000],
  ['a task is offered again to the agent that failed at it', { failedBefore: { tasks: 1, nextMs: 55_000 } }, 55_000],
  ['the one comes before the other', { nextStallMs: 90_000, failedBefore: { tasks: 2, nextMs: 55_000 } }, 55_000],
  ['it is soon: each question takes a look', { failedBefore: { tasks: 1, nextMs: 10 } }, 5_000],
])('whoever waits asks again when %s', (_when, why, ms) => {
  expect(untilNextStall(refusal(why))).toBe(ms);
});
