import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import type { SignedIn, SignIn } from '../../../src/domain/leases/sign-in.ts';
import type { Registry } from '../../../src/engine/queue/registry.ts';
import { Presence } from '../../../src/engine/registry/presence.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';
import { signInOf } from '../../kit/queues/sign-ins.ts';

const MINUTE = 60_000;

/** A process that signs in at a registry which a test controls. */
function signingIn(clock = new TestClock('standing')) {
  const others: SignedIn[] = [];
  const said: string[] = [];
  let current: SignIn | undefined;
  let answer: () => Awaited<ReturnType<Registry['write']>> = () => ({ kind: 'written' });
  let reads = 0;
  const written: number[] = [];
  const registry: Registry = {
    async read() {
      reads++;
      return others;
    },
    async write(signIn) {
      written.push(signIn.seen);
      const answered = answer();
      current = signIn;
      return answered;
    },
    async remove() {
      current = undefined;
    },
  };
  const { since, seen, validMs, ...who } = signInOf(['a1', 'a2'], 0, { machineId: 'here' });
  const presence = new Presence({
    registry: async () => registry,
    clock,
    who,
    onNotice: ({ kind, message }) => said.push(`${kind}: ${message}`),
  });
  return {
    presence,
    clock,
    others,
    said,
    written,
    reads: () => reads,
    signedIn: () => current,
    answers: (next: typeof answer) => {
      answer = next;
    },
    /** Lets everything happen that needs no more time. */
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

const other = (agent: string, pid: number): SignedIn => ({
  isFresh: true,
  signIn: signInOf([agent], Date.UTC(2030, 0, 1), { machine: 'elsewhere', machineId: 'there', pid }),
});

describe('a worker that starts', () => {
  it('is refused under a name that another machine uses, and told where', async () => {
    const { presence, others, signedIn } = signingIn();
    others.push(other('a2', 4711));
    const refused = await presence.enter('refuse').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Failure);
    expect(refused).toMatchObject({
      code: 'agent-in-use',
      message: 'a2 is at work on another machine: elsewhere, process 4711 (agentq work), since 2030-01-01T00:00:00Z',
      hint: expect.stringMatching(/--force.* 15m after/),
      details: { agent: 'a2', machine: 'elsewhere', pid: 4711 },
    });
    await presence.leave();
    expect(signedIn()).toBeUndefined();
  });

  it('may take it over, is told of it once, and of those that come later', async () => {
    const { presence, clock, others, said, settle } = signingIn();
    others.push(other('a2', 4711));
    await presence.enter('take-over');
    expect(said).toEqual([
      expect.stringMatching(/^warning: a2 is taken over: .* elsewhere, process 4711 .* keeps what/),
    ]);
    presence.appear();
    await settle();
    others.push(other('a1', 4712));
    for (let renewal = 0; renewal < 2; renewal++) {
      clock.advance(5 * MINUTE);
      await settle();
    }
    expect(said.slice(1)).toEqual([expect.stringMatching(/^warning: a1 is at work on another machine, too: .* 4712/)]);
    await presence.leave();
  });

  it('begins where nobody can tell who is at work: its first claim says what is wrong', async () => {
    const { clock, said } = signingIn();
    const { since, seen, validMs, ...who } = signInOf(['a1'], 0);
    const presence = new Presence({
      registry: () => Promise.reject(new Failure('remote-unreachable', 'no route')),
      clock,
      who,
      onNotice: ({ kind, message }) => said.push(`${kind}: ${message}`),
    });
    await presence.enter('refuse');
    expect(said).toEqual(['detail: who is at work could not be read: no route']);
  });
});

describe('a process that has signed in', () => {
  it('renews that every five minutes, whatever went wrong the last time, and is gone when it leaves', async () => {
    const { presence, clock, written, signedIn, said, answers, settle } = signingIn();
    const start = clock.now();
    presence.appear();
    presence.appear();
    await settle();
    answers(() => {
      throw new Failure('remote-unreachable', 'no route');
    });
    clock.advance(5 * MINUTE - 1);
    await settle();
    clock.advance(1);
    await settle();
    answers(() => ({ kind: 'written' }));
    clock.advance(5 * MINUTE);
    await settle();
    expect(written.map((at) => (at - start) / MINUTE)).toEqual([0, 5, 10]);
    expect(said).toEqual(['detail: could not sign in: no route']);
    expect(signedIn()).toMatchObject({ since: start, seen: start + 10 * MINUTE, validMs: 15 * MINUTE });
    await presence.leave();
    clock.advance(60 * MINUTE);
    await settle();
    expect([signedIn(), written.length]).toEqual([undefined, 3]);
  });

  it('does not try again where the remote takes no such refs, and says so once', async () => {
    const { presence, clock, written, said, answers, settle } = signingIn();
    answers(() => ({ kind: 'refused', why: 'no such refs here' }));
    presence.appear();
    for (let wait = 0; wait < 3; wait++) {
      await settle();
      clock.advance(60 * MINUTE);
    }
    expect([written.length, said]).toEqual([1, ['detail: not signed in: no such refs here']]);
    await presence.leave();
  });

  it('asks for nothing before it appears', async () => {
    const { presence, reads, written } = signingIn();
    await presence.leave();
    expect([reads(), written]).toEqual([0, []]);
  });

  it('ends although the remote does not answer', async () => {
    const { presence, answers, settle } = signingIn(new TestClock('leaping'));
    const never = new Promise<never>(() => undefined);
    answers(() => never as never);
    presence.appear();
    await settle();
    await presence.leave();
  });
});
