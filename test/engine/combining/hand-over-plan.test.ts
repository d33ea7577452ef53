import { expect, it } from 'vitest';
import type { Settled } from '../../../src/engine/base/engine.ts';
import { handOverPlan } from '../../../src/engine/combining/hand-over-plan.ts';

/** An answer to the request, by this commit. */
function done(request: string, commit: string | undefined): Settled {
  const intent = { kind: 'heartbeat', request, agent: 'a1', task: { project: 'p', id: 'T' } } as const;
  return { kind: 'done', intent, outcome: { kind: 'unblocked', tasks: [] }, commit, base: 'base' };
}

it.each([
  ['nobody follows', { a: undefined, b: undefined }, undefined],
  ['all are at one commit', { a: 'h1', b: 'h1' }, 'h1'],
  ['most are at one commit', { a: 'h1', b: 'h2', c: 'h2' }, 'h2'],
  ['some are elsewhere', { a: undefined, b: 'h3' }, 'h3'],
])('one pack, if %s', (_, heads: Readonly<Record<string, string | undefined>>, from) => {
  const settled = Object.keys(heads).map((request) => done(request, `commit of ${request}`));
  const commits = Object.keys(heads).map((request) => `commit of ${request}`);
  const plan = handOverPlan(settled, (request) => heads[request]);
  expect(plan).toEqual(from === undefined ? undefined : { commits, base: 'base', from });
});

it('no pack for those whose intent made no commit', () => {
  const refused: Settled = {
    kind: 'refused',
    intent: done('r', undefined).intent,
    refusal: { code: 'claim-lost', message: '' },
  };
  expect(handOverPlan([done('a', undefined), refused], () => 'h1')).toBeUndefined();
});
