import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Answer, Words } from '../../../src/git/process/collected.ts';
import { runProcess } from '../../../src/git/process/git-process.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { lookAtRemote } from '../../../src/git/upstream/remote.ts';
import { scene } from '../../kit/scene/scene.ts';

const BRANCH = 'refs/heads/develop';
const REQUESTS = 'refs/agentq/requests/';
const ANSWERS = 'refs/agentq/answers/';
const MB = 1024 * 1024;

describe('what a process prints for people', () => {
  it('is kept whole up to the limit, and then its beginning and its end, in bounded memory', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 40 });
    fc.assert(
      fc.property(chunks, fc.integer({ min: 2, max: 64 }), (given, most) => {
        const words = new Words(most);
        const letters = given.map((chunk) => Buffer.from(chunk.map((byte) => 97 + (byte % 26))));
        for (const chunk of letters) {
          words.add(chunk);
          expect(words.size).toBeLessThanOrEqual(2 * most + 2);
        }
        const whole = Buffer.concat(letters).toString('utf8');
        const half = Math.ceil(most / 2);
        const kept = words.text();
        expect(kept.startsWith(whole.slice(0, half))).toBe(true);
        expect(kept.endsWith(whole.slice(-Math.min(half, Math.max(0, whole.length - half))))).toBe(true);
        if (whole.length <= most) expect(kept).toBe(whole);
        else if (kept !== whole) expect(kept).toContain('\n...\n');
      }),
    );
  });

  it('does not fill our memory where a server prints 100 MB during a push', async () => {
    await using box = await scene();
    const remote = await box.bareRemote({ 'q/T.toon': 'one\n' }, { name: 'loud.git' });
    const clone = await box.clone(remote, 'loud');
    await box.hook(
      remote,
      'pre-receive',
      "echo first >&2; yes 'a line of a very talkative server, and then some more of it' | head -c 100000000 >&2; echo; echo last >&2; exit 1",
    );
    const tip = await box.git(remote, 'rev-parse', BRANCH);
    const next = await box.git(clone, 'commit-tree', `${tip}^{tree}`, '-p', tip, '-m', 'next');
    const upstream = openUpstream(await box.open(clone), 'origin');
    const before = process.memoryUsage().rss;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 20);
    const outcome = await upstream.push([{ ref: BRANCH, expected: tip, to: next }]);
    clearInterval(watch);
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'declined', words: expect.stringContaining('first') });
    expect((most - before) / MB).toBeLessThan(70);
  }, 120_000);
});

describe('an answer', () => {
  it('is cut at its limit', () => {
    const answer = new Answer(5);
    expect(answer.add(Buffer.from('abc'))).toBe(true);
    expect(answer.add(Buffer.from('de'))).toBe(true);
    expect(answer.isCut).toBe(false);
    expect(answer.add(Buffer.from('f'))).toBe(false);
    expect(answer.bytes().toString()).toBe('abcde');
  });

  it('that goes on for ever ends the process, and its beginning is there', async () => {
    await using box = await scene();
    await box.git('.', 'init', '-q', 'endless');
    await box.git('endless', 'config', 'alias.endless', '!yes');
    const answer = await runProcess(box.client('endless'), ['endless'], { mostBytes: 100_000 });
    expect(answer).toMatchObject({ ended: 'full' });
    expect(answer.stdout).toHaveLength(100_000);
  });
});

describe('a look at a remote with more refs than are read at once', () => {
  it('finds the branch, and the first of each kind of ref', async () => {
    await using box = await scene();
    const remote = await box.bareRemote({ 'q/T.toon': 'one\n' }, { name: 'flooded.git' });
    const clone = await box.clone(remote, 'flooded');
    const tip = await box.git(remote, 'rev-parse', BRANCH);
    const names = Array.from({ length: 300 }, (_, index) => `${REQUESTS}${String(index).padStart(5, '0')}`);
    const create = [...names, `${ANSWERS}one`].map((ref) => `create ${ref} ${tip}\n`).join('');
    expect((await box.run(box.path(remote), 'git', ['update-ref', '--stdin'], create)).exitCode).toBe(0);
    const git = box.client(clone);
    const limits = { mostBytes: 10_000 };
    const look = await lookAtRemote(git, 'origin', BRANCH, [ANSWERS, REQUESTS], {}, limits);
    expect(look.tip).toBe(tip);
    const [first, ...requests] = look.refs.keys();
    expect(first).toBe(`${ANSWERS}one`);
    expect(requests).toEqual(names.slice(0, requests.length));
    expect(requests.length).toBeGreaterThan(100);
    expect(look.unread).toEqual(new Map([[REQUESTS, requests.at(-1)]]));
    const whole = await lookAtRemote(git, 'origin', BRANCH, [ANSWERS, REQUESTS]);
    expect(whole.refs.size).toBe(301);
    expect(whole.unread).toBeUndefined();
  });
});
