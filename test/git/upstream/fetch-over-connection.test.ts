import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import type { Fetching, FetchingMemory, Silences, Upstream } from '../../../src/git/upstream/upstream.ts';
import { pushing, traffic } from '../../kit/scene/http-scene.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';
import { BRANCH, localCommit } from '../../kit/scene/upstream-scene.ts';

/** Fetching the tip over the connection of the look, in a clone that usually has to fetch. */

const toPush = { toPush: true };

function remembering(first: Fetching): FetchingMemory & { readonly noted: readonly Fetching[] } {
  const noted: Fetching[] = [first];
  return {
    noted,
    fetching: () => noted.at(-1) ?? first,
    rememberFetching: async (fetching) => void (noted.at(-1) !== fetching && noted.push(fetching)),
  };
}

interface Behind {
  readonly box: Scene;
  readonly clone: string;
  readonly remote: string;
  readonly upstream: Upstream;
  readonly noted: readonly Fetching[];
  /** Somebody else pushes these files. @returns the tip */
  news(files?: Readonly<Record<string, string>>): Promise<string>;
  isHere(oid: string): Promise<boolean>;
}

/** A clone that expects news, unless it is said otherwise. */
async function behind(box: Scene, first: Fetching = 'usually', silences?: Silences): Promise<Behind> {
  const { clone, remote } = await pushing(box);
  const memory = remembering(first);
  let count = 0;
  return {
    box,
    clone,
    remote,
    upstream: openUpstream(await box.open(clone), 'origin', silences, memory),
    noted: memory.noted,
    news: (files = { [`news-${count++}`]: 'News\n' }) => box.commitTo(remote, BRANCH, files),
    isHere: async (oid) => (await box.tryGit(clone, 'rev-list', '--objects', oid)).exitCode === 0,
  };
}

const ONE = [['info-fetch', 'fetch', 'info-push', 'push'], 1];

describe('look, fetch and push', () => {
  it('are four requests over one connection, again and again', async () => {
    await using box = await scene();
    const { upstream, clone, news, noted, isHere } = await behind(box);
    const connections = new Set<number>();
    for (const _ of ['first', 'second']) {
      const tip = await news();
      expect(await upstream.look(BRANCH, [], toPush)).toEqual({ tip, refs: new Map() });
      expect(await upstream.fetchCommit(BRANCH, tip)).toEqual({ kind: 'present' });
      expect(await isHere(tip)).toBe(true);
      const to = await localCommit(box, clone, tip, 'on top');
      expect(await upstream.push([{ ref: BRANCH, expected: tip, to }])).toEqual({ kind: 'landed' });
      for (const { connection } of (await box.http()).seen) connections.add(connection);
      expect(await traffic(box)).toEqual(ONE);
    }
    expect(connections.size).toBe(1);
    expect(noted).toEqual(['usually']);
  });

  it('that end before the push are followed by a look that asks the server again', async () => {
    await using box = await scene();
    const { upstream, news } = await behind(box);
    for (const _ of ['first', 'second', 'third']) {
      const tip = await news();
      expect(await upstream.look(BRANCH, [], toPush)).toEqual({ tip, refs: new Map() });
      expect(await upstream.fetchCommit(BRANCH, tip)).toEqual({ kind: 'present' });
      expect(await traffic(box)).toEqual([['info-fetch', 'fetch'], 1]);
    }
  });

  it('of which the fetch brings a pack leave nothing that keeps it', async () => {
    await using box = await scene();
    const { upstream, clone, news, isHere } = await behind(box);
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`many/${index}`, `${index}\n`]));
    const tip = await news(many);
    await upstream.look(BRANCH, [], toPush);
    expect(await upstream.fetchCommit(BRANCH, tip)).toEqual({ kind: 'present' });
    expect(await isHere(tip)).toBe(true);
    const packs = await readdir(box.path(clone, '.git', 'objects', 'pack'));
    expect(packs.filter((name) => name.endsWith('.keep'))).toEqual([]);
    expect(packs.filter((name) => name.endsWith('.pack'))).not.toEqual([]);
    expect((await traffic(box))[1]).toBe(1);
  });

  it('of a branch that moves in between fetch what was seen, and lose the race', async () => {
    await using box = await scene();
    const { upstream, clone, remote, news, isHere } = await behind(box);
    const tip = await news();
    await upstream.look(BRANCH, [], toPush);
    const newer = await news();
    expect(await upstream.fetchCommit(BRANCH, tip)).toEqual({ kind: 'present' });
    expect(await isHere(tip)).toBe(true);
    const to = await localCommit(box, clone, tip, 'too late');
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to }])).toMatchObject({ kind: 'rejected' });
    expect((await box.refs(remote))[BRANCH]).toBe(newer);
  });

  it('of a branch that is rewritten in between fetch what was seen, as git does', async () => {
    await using box = await scene();
    const { upstream, remote, news, isHere } = await behind(box);
    const before = (await box.refs(remote))[BRANCH] ?? '';
    const tip = await news();
    await upstream.look(BRANCH, [], toPush);
    await box.git(remote, 'update-ref', BRANCH, before);
    expect(await upstream.fetchCommit(BRANCH, tip)).toEqual({ kind: 'present' });
    expect(await isHere(tip)).toBe(true);
  });

  it('where the fetch over it fails take the other way', async () => {
    await using box = await scene();
    const http = await box.http();
    const { upstream, news, isHere } = await behind(box);
    const tip = await news();
    await upstream.look(BRANCH, [], toPush);
    http.failNext('fetch', { kind: 'status', status: 503 });
    expect(await upstream.fetchCommit(BRANCH, tip)).toEqual({ kind: 'present' });
    expect(await isHere(tip)).toBe(true);
    await upstream.look(BRANCH, [], toPush);
    http.fault = ({ kind }) => (kind === 'fetch' ? { kind: 'status', status: 503 } : undefined);
    const newer = await news();
    await upstream.look(BRANCH, [], toPush);
    await expect(upstream.fetchCommit(BRANCH, newer)).rejects.toMatchObject({ code: 'remote-unreachable' });
  });

  it('end with the signal, and after a silence', async () => {
    await using box = await scene();
    const http = await box.http();
    const { upstream, news } = await behind(box, 'usually', { look: 10_000, fetch: 100, push: 10_000 });
    const tip = await news();
    http.fault = ({ kind }) => (kind === 'fetch' ? { kind: 'hang' } : undefined);
    await upstream.look(BRANCH, [], toPush);
    await expect(upstream.fetchCommit(BRANCH, tip)).rejects.toMatchObject({ code: 'remote-unreachable' });
    await upstream.look(BRANCH, [], toPush);
    const reason = new Error('enough');
    const ending = new AbortController();
    const fetched = upstream.fetchCommit(BRANCH, tip, { signal: ending.signal });
    ending.abort(reason);
    await expect(fetched).rejects.toBe(reason);
  });
});

describe('how tips are fetched', () => {
  it('is learnt: a clone that had to fetch expects it, until it need not', async () => {
    await using box = await scene();
    const { upstream, clone, news, noted } = await behind(box, 'seldom');
    let tip = await news();
    await upstream.look(BRANCH, [], toPush);
    await upstream.fetchCommit(BRANCH, tip);
    for (const _ of ['to a tip that was fetched', 'to our own']) {
      const to = await localCommit(box, clone, tip, 'on top');
      expect(await upstream.push([{ ref: BRANCH, expected: tip, to }])).toEqual({ kind: 'landed' });
      tip = to;
      await upstream.look(BRANCH, [], toPush);
    }
    expect(noted).toEqual(['seldom', 'usually', 'seldom']);
  });

  it('is apart where a server has very many refs', async () => {
    await using box = await scene();
    const { upstream, remote, news, noted } = await behind(box);
    const tip = await news();
    const refs = Array.from({ length: 2_000 }, (_, index) => `${tip} refs/pull/${index}/head`);
    await box.write(remote, { 'packed-refs': `# pack-refs with: sorted \n${refs.sort().join('\n')}\n` });
    await upstream.look(BRANCH, [], toPush);
    expect(noted).toEqual(['usually', 'apart']);
    const newer = await news();
    await traffic(box);
    await upstream.look(BRANCH, [], toPush);
    await upstream.fetchCommit(BRANCH, newer);
    expect(await traffic(box)).toEqual([['info-push', 'info-fetch', 'fetch'], 2]);
  });

  it.each([['--depth=1'], ['--filter=blob:none']])('is git’s matter in a clone with %s', async (option) => {
    await using box = await scene();
    const http = await box.http();
    const { remote, news } = await behind(box);
    await box.git(remote, 'config', 'uploadpack.allowFilter', 'true');
    await box.git('.', 'clone', '-q', option, http.url(remote), 'special');
    const special = openUpstream(await box.open('special'), 'origin', undefined, remembering('usually'));
    const tip = await news();
    await traffic(box);
    await special.look(BRANCH, [], toPush);
    await special.fetchCommit(BRANCH, tip);
    expect((await traffic(box))[0].slice(0, 2)).toEqual(['info-push', 'info-fetch']);
  });
});

describe('a look that announces a fetch, and that fetch', () => {
  const toFetch = { toFetch: true };
  const TWO = [['info-fetch', 'fetch'], 1];

  it('are two requests over one connection, each time anew', async () => {
    await using box = await scene();
    const { upstream, news, noted, isHere } = await behind(box, 'seldom');
    for (const _ of ['first', 'second']) {
      const tip = await news();
      expect(await upstream.look(BRANCH, [], toFetch)).toEqual({ tip, refs: new Map() });
      expect(await upstream.fetchCommit(BRANCH, tip)).toEqual({ kind: 'present' });
      expect(await isHere(tip)).toBe(true);
      expect(await traffic(box)).toEqual(TWO);
    }
    // It says nothing of what the clone needs before its pushes.
    expect(noted).toEqual(['seldom']);
  });

  it('take no connection from whoever looks and pushes at the same time', async () => {
    await using box = await scene();
    const { upstream, clone, remote, news } = await behind(box, 'seldom');
    const tip = await news();
    await upstream.look(BRANCH, [], toPush);
    await upstream.look(BRANCH, [], toFetch);
    expect(await upstream.fetchCommit(BRANCH, tip)).toEqual({ kind: 'present' });
    const to = await localCommit(box, clone, tip, 'on top');
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to }])).toEqual({ kind: 'landed' });
    expect(await traffic(box)).toEqual([['info-push', 'info-fetch', 'fetch', 'push'], 2]);
    expect((await box.refs(remote))[BRANCH]).toBe(to);
  });

  it('are apart where the clone knows that the server has very many refs', async () => {
    await using box = await scene();
    const { upstream, news } = await behind(box, 'apart');
    const tip = await news();
    expect((await upstream.look(BRANCH, [], toFetch)).tip).toBe(tip);
    expect(await upstream.fetchCommit(BRANCH, tip)).toEqual({ kind: 'present' });
    expect((await traffic(box))[1]).toBe(2);
  });
});
