import { describe, expect, it } from 'vitest';
import { Doubts } from '../../../src/engine/transaction/doubts.ts';
import { claimOf } from '../../kit/engine/test-engine.ts';

const intent = claimOf('a');
const { request } = intent;
const tried = { intent, base: 'tip-1' };
const certain = { intent, base: undefined };

describe('an intent that was tried', () => {
  it('may have been carried out as long as nobody has looked', () => {
    const doubts = new Doubts();
    doubts.push(request, 'tip-1');
    expect(doubts.of(tried)).toEqual(tried);
  });

  it('may still be while the branch stands where the push was leased on', () => {
    const doubts = new Doubts();
    doubts.push(request, 'tip-1');
    doubts.lookedUp('tip-1', [request]);
    expect(doubts.of(tried)).toEqual(tried);
  });

  it('certainly is not when the branch has moved on without it', () => {
    const doubts = new Doubts();
    doubts.push(request, 'tip-1');
    doubts.lookedUp('tip-2', [request]);
    expect(doubts.of(tried)).toEqual(certain);
  });

  it('may be by a later push, though an earlier one is certain', () => {
    const doubts = new Doubts();
    doubts.push(request, 'tip-1');
    doubts.lookedUp('tip-2', [request]);
    doubts.push(request, 'tip-2');
    expect(doubts.of(tried)).toEqual(tried);
    doubts.lookedUp('tip-3', [request]);
    expect(doubts.of(tried)).toEqual(certain);
  });

  it('may be carried out by others while a ref asks for it, whatever history says', () => {
    const doubts = new Doubts();
    doubts.expose(request, 'ref-1');
    doubts.lookedUp('tip-2', [request]);
    expect(doubts.of(tried)).toEqual(tried);
  });

  it('is certain only by a look after the ref is gone: it may have been served just before', () => {
    const doubts = new Doubts();
    doubts.expose(request, 'ref-1');
    doubts.lookedUp('tip-2', [request]);
    doubts.conceal(request, 'ref-1', 'none');
    expect(doubts.of(tried)).toEqual(tried);
    doubts.lookedUp('tip-2', [request]);
    expect(doubts.of(tried)).toEqual(certain);
  });

  it('of others is not touched by what is known of it', () => {
    const doubts = new Doubts();
    const other = { intent: claimOf('b'), base: 'tip-1' };
    doubts.lookedUp('tip-2', [request]);
    expect(doubts.of(other)).toEqual(other);
  });
});

describe('a ref whose making was unclear', () => {
  it('is lost until it was there to be deleted', () => {
    const doubts = new Doubts();
    doubts.expose(request, 'ref-1');
    expect(doubts.isLost(request)).toBe(false);
    doubts.lose(request, 'ref-1');
    doubts.lookedUp('tip-2', [request]);
    expect(doubts.isLost(request)).toBe(true);
    expect(doubts.of(tried)).toEqual(tried);
    doubts.conceal(request, 'ref-1', 'none');
    expect(doubts.isLost(request)).toBe(false);
  });
});

describe('a ref that was taken back from a server that cannot push all or nothing', () => {
  it('leaves the intent to whoever has read it, as long as the branch stands still', () => {
    const doubts = new Doubts();
    doubts.expose(request, 'ref-1');
    doubts.conceal(request, 'ref-1', 'possible');
    doubts.lookedUp('tip-2', [request]);
    expect(doubts.of(tried)).toEqual(tried);
    doubts.lookedUp('tip-2', [request]);
    expect(doubts.of(tried)).toEqual(tried);
    doubts.lookedUp('tip-3', [request]);
    expect(doubts.of(tried)).toEqual(certain);
  });
});

describe('several refs that ask for one intent', () => {
  it('leave it open until the last is gone', () => {
    const doubts = new Doubts();
    doubts.expose(request, 'ref-1');
    doubts.expose(request, 'ref-2');
    doubts.conceal(request, 'ref-1', 'none');
    doubts.lookedUp('tip-2', [request]);
    expect(doubts.isExposed(request)).toBe(true);
    expect(doubts.of(tried)).toEqual(tried);
  });

  it('do not make up for one that is lost: it may arrive when the other has been served', () => {
    const doubts = new Doubts();
    doubts.expose(request, 'ref-1');
    doubts.lose(request, 'ref-1');
    doubts.expose(request, 'ref-2');
    doubts.conceal(request, 'ref-2', 'none');
    expect(doubts.isLost(request)).toBe(true);
  });
});

it('an intent that was never tried is certain', () => {
  expect(new Doubts().of(certain)).toEqual(certain);
});
