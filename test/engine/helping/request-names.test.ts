import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { isReadable, parseRequestRef, requestRef, withContent } from '../../../src/engine/helping/request-ref.ts';
import { claimIntent, openMachine, publishAs, requestsOn } from '../../kit/engine/machine.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { scene } from '../../kit/scene/scene.ts';

/** Names of requests: what every server takes, GitHub's limit of 255 bytes for a whole name included. */

const LONGEST = 200;
const name = (length: number): fc.Arbitrary<string> =>
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/).map((text) => text.slice(0, length));
const oid = fc.stringMatching(/^[0-9a-f]{40}([0-9a-f]{24})?$/);

const claims = fc.record({
  kind: fc.constant('claim' as const),
  request: fc.stringMatching(/^[a-z][a-z2-7]{15}$/),
  agent: name(64),
  filter: fc.oneof(
    fc.constant({}),
    fc.record({ project: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/) }),
    fc.record({ minPriority: fc.nat(10) }),
  ),
  attempt: fc.integer({ min: 1, max: 1_000_000 }),
  waitedMs: fc.nat(10_000_000),
});

it('has at most 200 bytes for any agent and project, and holds a plain claim if it fits', () => {
  fc.assert(
    fc.property(claims, oid, fc.integer({ min: 0, max: 4e12 }), (claim, base, at) => {
      const { ref, content } = requestRef([claim], { branchRef: 'refs/heads/develop', base, at }, 'abcdefghijklmnop');
      expect(ref.length).toBeLessThanOrEqual(LONGEST);
      expect(ref).toMatch(/^[\w./,@+-]+$/);
      expect(ref).not.toMatch(/\.\.|\.lock(\/|$)|\/\./);
      const read = parseRequestRef(ref);
      expect(read).toMatchObject({ ref, base, at, content });
      if (content === 'known' && isAccepted(claim)) expect(read?.intents).toEqual([claim]);
    }),
  );
});

it('holds the claims of usual pools', () => {
  const claim = { ...claimIntent('agent-07+auth@build.example'), filter: { project: 'auth-service' } };
  expect(requestRef([claim], { branchRef: 'refs/heads/develop', base: 'a'.repeat(40), at: 0 }, 'a'.repeat(16))).toEqual(
    {
      ref: expect.stringMatching(/^.{20,199}$/),
      content: 'known',
    },
  );
});

it('counts as readable until its blob has been read', () => {
  const place = { branchRef: 'refs/heads/develop', base: 'a'.repeat(40), at: 1 };
  const request = parseRequestRef(requestRef([claimIntent('a'), claimIntent('b')], place, 'two').ref);
  if (request === undefined) throw new Error('no request');
  expect([request.content, isReadable(request)]).toEqual(['in-blob', true]);
  expect(isReadable(withContent(request, undefined))).toBe(false);
  // What one queue has read from its remote says nothing about what another would find.
  expect(parseRequestRef(request.ref)?.content).toBe('in-blob');
});

/** Agents whose claims do not fit into a name. */
const longAgent = (index: number): string => `${'agent-with-a-name-of-sixty-four-bytes-'.padEnd(62, 'x')}${index}`;
const longClaim = (index: number): Intent => ({ ...claimIntent(longAgent(index)), filter: { minPriority: 1 } });

it('is carried out from its blob by a leader on another machine, in one push with the others', async () => {
  await using box = await scene({ tasks: 4, clones: ['one'] });
  const { remote } = box;
  const at = Date.now() - 1_000;
  const waiting = [longClaim(1), longClaim(2), claimIntent('short')];
  for (const [index, intent] of waiting.entries()) await publishAs(box, remote, [intent], { at: at + index });
  await using machine = await openMachine(box, 'one');
  const [own] = await machine.help(longClaim(3));
  expect(own?.kind).toBe('done');
  expect(await requestsOn(box, remote)).toEqual([]);
  const subjects = (await box.git(remote, 'log', '--format=%s', 'develop')).split('\n');
  expect(subjects.filter((subject) => subject.startsWith('[AGENT-CLAIM]'))).toHaveLength(4);
  expect((await auditQueue(box.path(remote))).violations).toEqual([]);
});

it('is enough on a server that takes no name beyond 200 bytes: whoever loses a race is helped there too', async () => {
  await using box = await scene({ tasks: 6, clones: ['m1', 'm2', 'm3', 'm4', 'm5', 'm6'] });
  const { remote } = box;
  await box.hook(remote, 'update', `[ $(expr length "$1") -le ${LONGEST} ] || { echo "name too long" >&2; exit 1; }`);
  const answers = await Promise.all(
    ['m1', 'm2', 'm3', 'm4', 'm5', 'm6'].map(async (clone, index) => {
      await using machine = await openMachine(box, clone);
      return await machine.help(longClaim(index));
    }),
  );
  expect(answers.flat().map(({ kind }) => kind)).toEqual(Array.from({ length: 6 }, () => 'done'));
  expect((await auditQueue(box.path(remote))).violations).toEqual([]);
  expect(await requestsOn(box, remote)).toEqual([]);
});

function isAccepted({ agent }: { readonly agent: string }): boolean {
  return agent.length <= 64;
}
