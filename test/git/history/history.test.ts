import { describe, expect, it } from 'vitest';
import { findRequests, type LogEntry, type LogRange, log, touchedAt } from '../../../src/git/history/history.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const BRANCH = 'refs/heads/develop';
const FILES = { 'q/T.toon': 'one\n' };

function message(subject: string, ...trailers: readonly string[]): string {
  return `${subject}\n\n${trailers.join('\n')}`;
}

function served(request: string, task = 'p/T'): string {
  return message(`claim ${request}`, `Agentq-Task: ${task}`, `Agentq-Request: ${request}`);
}

async function find(box: Scene, dir: string, tip: string, bases: readonly string[], requests: readonly string[]) {
  const repository = await box.open(dir);
  const upstream = openUpstream(repository, repository.remotes.has('origin') ? 'origin' : undefined);
  return await findRequests(repository, upstream, BRANCH, tip, bases, requests);
}

async function found(box: Scene, dir: string, tip: string, bases: readonly string[], requests: readonly string[]) {
  const lookup = await find(box, dir, tip, bases, requests);
  return lookup.kind === 'verdict' ? Object.fromEntries(lookup.carriedOut) : lookup.kind;
}

describe('findRequests', () => {
  it('finds requests after their base, and none that is not there', async () => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    const base = await box.git(dir, 'rev-parse', BRANCH);
    const one = await box.commitTo(dir, BRANCH, { 'q/T.toon': '1\n' }, served('r1'));
    const two = await box.commitTo(dir, BRANCH, { 'q/T.toon': '2\n' }, served('r2', 'p/U'));
    expect(await found(box, dir, two, [base], ['r1', 'r2', 'r3'])).toEqual({
      r1: { request: 'r1', commit: one, task: 'p/T' },
      r2: { request: 'r2', commit: two, task: 'p/U' },
    });
    expect(await found(box, dir, two, [two], ['r1'])).toEqual({});
    expect(await found(box, dir, base, [base], ['r1'])).toEqual({});
    expect(await found(box, dir, two, [], [])).toEqual({});
  });

  it('looks back to the oldest base in question', async () => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    const base = await box.git(dir, 'rev-parse', BRANCH);
    await box.commitTo(dir, BRANCH, { 'q/T.toon': '1\n' }, served('r1'));
    const later = await box.commitTo(dir, BRANCH, { 'q/T.toon': '2\n' }, 'other');
    const tip = await box.commitTo(dir, BRANCH, { 'q/T.toon': '3\n' }, 'other');
    expect(await found(box, dir, tip, [later], ['r1'])).toEqual({});
    expect(await found(box, dir, tip, [later, base, tip], ['r1'])).toHaveProperty('r1');
  });

  it('finds a request behind a foxtrot merge', async () => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    const base = await box.git(dir, 'rev-parse', BRANCH);
    const claim = await box.commitTo(dir, BRANCH, { 'q/T.toon': 'claimed\n' }, served('r1'));
    // A user merges the branch into local work and pushes: the claim is on the second parent.
    const mine = await box.git(dir, 'commit-tree', `${base}^{tree}`, '-p', base, '-m', 'mine');
    const merge = await box.git(dir, 'commit-tree', `${claim}^{tree}`, '-p', mine, '-p', claim, '-m', 'Merge');
    expect(await found(box, dir, merge, [base], ['r1'])).toMatchObject({ r1: { commit: claim } });
    expect(await found(box, dir, merge, [claim, mine], ['r1'])).toHaveProperty('r1');
  });

  it('tells apart the pairs of one commit', async () => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    const base = await box.git(dir, 'rev-parse', BRANCH);
    const trailers = ['1', '2', '3'].flatMap((n) => [
      `Agentq-Task: p/T-${n}`,
      `Agentq-Agent: a${n}`,
      `Agentq-Request: r${n}`,
    ]);
    const tip = await box.commitTo(dir, BRANCH, { x: '1' }, message('[AGENT-HEARTBEAT] 3 agents working', ...trailers));
    expect(await found(box, dir, tip, [base], ['r3', 'r1'])).toEqual({
      r1: { request: 'r1', commit: tip, task: 'p/T-1' },
      r3: { request: 'r3', commit: tip, task: 'p/T-3' },
    });
    const several = ['Agentq-Task: p/A', 'Agentq-Task: p/B', 'Agentq-Request: many'];
    const next = await box.commitTo(dir, BRANCH, { x: '2' }, message('[ORCHESTRATOR]', ...several));
    expect(await found(box, dir, next, [tip], ['many'])).toEqual({
      many: { request: 'many', commit: next, task: 'p/B' },
    });
  });

  it.each([
    ['all tasks before all requests', ['T p/1', 'T p/2', 'T p/3', 'R r1', 'R r2', 'R r3']],
    ['all requests before all tasks', ['R r1', 'R r2', 'R r3', 'T p/1', 'T p/2', 'T p/3']],
    ['each request before its task', ['R r1', 'T p/1', 'R r2', 'T p/2', 'R r3', 'T p/3']],
    ['in pairs that are turned round', ['T p/1', 'R r1', 'R r2', 'T p/2', 'T p/3', 'R r3']],
  ])('pairs as many tasks as requests by their place, with %s', async (_, names) => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    const base = await box.git(dir, 'rev-parse', BRANCH);
    const trailers = names.map((name) => name.replace(/^T /, 'Agentq-Task: ').replace(/^R /, 'Agentq-Request: '));
    const tip = await box.commitTo(dir, BRANCH, { x: '1' }, message('[AGENT-HEARTBEAT] 3 agents working', ...trailers));
    const served = await found(box, dir, tip, [base], ['r1', 'r2', 'r3']);
    expect(
      Object.values(served)
        .map(({ request, task }) => `${request} ${task}`)
        .sort(),
    ).toEqual(['r1 p/1', 'r2 p/2', 'r3 p/3']);
  });

  it('gives a request without tasks none, and one of several commits the newest', async () => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    const base = await box.git(dir, 'rev-parse', BRANCH);
    const tip = await box.commitTo(dir, BRANCH, { x: '1' }, message('[ORCHESTRATOR]', 'Agentq-Request: r1'));
    expect(await found(box, dir, tip, [base], ['r1'])).toEqual({ r1: { request: 'r1', commit: tip, task: undefined } });
    const uneven = ['Agentq-Request: r2', 'Agentq-Task: p/A', 'Agentq-Task: p/B'];
    const next = await box.commitTo(dir, BRANCH, { x: '2' }, message('[AGENT-COMPLETE]', ...uneven));
    expect(await found(box, dir, next, [tip], ['r2'])).toMatchObject({ r2: { commit: next, task: 'p/A' } });
  });

  it('takes only trailers, not what the text quotes', async () => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    const base = await box.git(dir, 'rev-parse', BRANCH);
    const text = 'Subject\n\nAgentq-Request: r1\n\nThis quotes it.\n\nAgentq-Task: p/T';
    const tip = await box.commitTo(dir, BRANCH, { x: '1' }, text);
    expect(await found(box, dir, tip, [base], ['r1'])).toEqual({});
  });

  it('gives no verdict on a base that is not in the history', async () => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    const base = await box.git(dir, 'rev-parse', BRANCH);
    const stray = await box.git(dir, 'commit-tree', `${base}^{tree}`, '-p', base, '-m', 'stray');
    const orphan = await box.git(dir, 'commit-tree', `${base}^{tree}`, '-m', 'orphan');
    const tip = await box.commitTo(dir, BRANCH, { x: '1' }, served('r1'));
    for (const bases of [[stray], [base, stray], [orphan], ['1'.repeat(40)], []]) {
      expect(await find(box, dir, tip, bases, ['r1'])).toMatchObject({
        kind: 'no-verdict',
        reason: expect.stringMatching(/\S/),
      });
    }
  });

  it('gets the history of a shallow clone where the base is beyond it', async () => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    const base = await box.git(dir, 'rev-parse', BRANCH);
    const claim = await box.commitTo(dir, BRANCH, { x: '1' }, served('r1'));
    const tip = await box.commitTo(dir, BRANCH, { x: '2' }, 'other');
    const clone = await box.clone(dir, `shallow-${dir}`, '--depth=1');
    expect(await found(box, clone, tip, [base], ['r1'])).toMatchObject({ r1: { commit: claim } });
    expect(await box.git(clone, 'rev-parse', '--is-shallow-repository')).toBe('false');
  });

  it('leaves a shallow clone as it is where the base is inside it', async () => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    const clone = await box.clone(dir, `shallow-${dir}`, '--depth=1');
    const base = await box.git(clone, 'rev-parse', 'HEAD');
    await box.commitTo(dir, BRANCH, { x: '1' }, served('r1'));
    const tip = await box.commitTo(dir, BRANCH, { x: '2' }, 'other');
    await openUpstream(await box.open(clone), 'origin').fetchCommit(BRANCH, tip);
    expect(await found(box, clone, tip, [base], ['r1', 'r2'])).toMatchObject({ r1: {} });
    expect(await box.git(clone, 'rev-parse', '--is-shallow-repository')).toBe('true');
  });

  it('gets the history where a side branch is cut off', async () => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    const base = await box.git(dir, 'rev-parse', BRANCH);
    const claim = await box.git(dir, 'commit-tree', `${base}^{tree}`, '-p', base, '-m', served('r1'));
    const side = await box.git(dir, 'commit-tree', `${base}^{tree}`, '-p', claim, '-m', 'side');
    const merge = await box.git(dir, 'commit-tree', `${base}^{tree}`, '-p', base, '-p', side, '-m', 'Merge');
    await box.git(dir, 'update-ref', BRANCH, merge);
    // Depth 2 has base (as a parent of the merge) and side, but not the claim behind it.
    const clone = await box.clone(dir, `cut-${dir}`, '--depth=2');
    expect((await box.tryGit(clone, 'cat-file', '-e', claim)).exitCode).not.toBe(0);
    expect(await found(box, clone, merge, [base], ['r1'])).toMatchObject({ r1: { commit: claim } });
  });

  it('is not impressed by what the user configured for logs', async () => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    const base = await box.git(dir, 'rev-parse', BRANCH);
    for (const [key, value] of [
      ['log.showSignature', 'true'],
      ['log.follow', 'true'],
      ['log.date', 'relative'],
      ['format.pretty', 'oneline'],
      ['trailer.separators', '#'],
      ['color.ui', 'always'],
      ['i18n.logOutputEncoding', 'ISO-8859-1'],
      ['diff.relative', 'true'],
    ] as const) {
      await box.git(dir, 'config', key, value);
    }
    const tip = await box.commitTo(dir, BRANCH, { x: '1' }, served('r1', 'prüfung/T'));
    expect(await found(box, dir, tip, [base], ['r1'])).toEqual({
      r1: { request: 'r1', commit: tip, task: 'prüfung/T' },
    });
    expect((await touchedAt(await box.open(dir), tip, ['x'])).size).toBe(1);
  });
});

describe('touchedAt', () => {
  it('gives the time of the last commit that touched each path', async () => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    const times: Record<string, number> = {};
    const commit = async (files: Record<string, string | null>) => {
      const oid = await box.commitTo(dir, BRANCH, files);
      for (const path of Object.keys(files))
        times[path] = Number(await box.git(dir, 'log', '-1', '--format=%ct', oid)) * 1000;
      return oid;
    };
    await commit({ 'q/a.toon': '1', 'q/b.toon': '1', root: '1', 'q/ümläut "x".toon': '1' });
    await commit({ 'q/b.toon': '2', 'r/c.toon': '1' });
    await commit({ 'other/x': '1', 'r/gone.toon': '1' });
    // Anybody may say something about a task: that is no sign of life of its owner.
    let tip = '';
    const remarks = ['AGENT-NOTE] b noted q/a', 'AGENT-EDIT] b edited 2 tasks', 'ORCHESTRATOR] Updated 1 task of q'];
    for (const [index, subject] of remarks.entries()) {
      tip = await box.commitTo(dir, BRANCH, { 'q/a.toon': `${index + 2}` }, `[${subject}`);
    }
    const paths = ['q/a.toon', 'q/b.toon', 'r/c.toon', 'q/ümläut "x".toon', 'root'];
    const expected = Object.fromEntries(paths.map((path) => [path, times[path]]));
    expect(Object.fromEntries(await touchedAt(await box.open(dir), tip, [...paths, 'q/none.toon']))).toEqual(expected);
    const repository = await box.open(dir);
    expect(await touchedAt(repository, tip, [])).toEqual(new Map());
    expect(repository.git.processes).toBe(2);
  });

  it('works in a subfolder of a working tree, and from the oldest commit of a shallow clone', async () => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    const tip = await box.commitTo(dir, BRANCH, { 'q/b.toon': '2' });
    const clone = await box.clone(dir, `times-${dir}`, '--depth=1');
    const newest = Number(await box.git(dir, 'log', '-1', '--format=%ct', tip)) * 1000;
    const times = await touchedAt(await box.open(`${clone}/q`), tip, ['q/T.toon', 'q/b.toon']);
    expect(Object.fromEntries(times)).toEqual({ 'q/T.toon': newest, 'q/b.toon': newest });
  });
});

describe('log', () => {
  async function collect(box: Scene, dir: string, range: LogRange): Promise<LogEntry[]> {
    const entries: LogEntry[] = [];
    for await (const entry of log(await box.open(dir), range)) entries.push(entry);
    return entries;
  }

  it('streams commits with their trailers', async () => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    const base = await box.git(dir, 'rev-parse', BRANCH);
    const folded = message('Sübject', 'Agentq-Task: p/T', 'Note: a\n b', 'Empty:');
    const one = await box.commitTo(dir, BRANCH, { 'q/T.toon': '1' }, folded);
    const two = await box.commitTo(dir, BRANCH, { 'x/y': '1' }, 'No trailers');
    const time = Number(await box.git(dir, 'log', '-1', '--format=%ct', one)) * 1000;
    expect(await collect(box, dir, { tip: two, since: [base] })).toEqual([
      expect.objectContaining({ oid: two, parents: [one], subject: 'No trailers', trailers: [] }),
      {
        oid: one,
        parents: [base],
        timeMs: time,
        authorName: 'Somebody',
        authorEmail: 'somebody@example.com',
        subject: 'Sübject',
        trailers: [
          { key: 'Agentq-Task', value: 'p/T' },
          { key: 'Note', value: 'a b' },
          { key: 'Empty', value: '' },
        ],
      },
    ]);
    expect((await collect(box, dir, { tip: two, limit: 1 })).map(({ oid }) => oid)).toEqual([two]);
    expect((await collect(box, dir, { tip: two, reverse: true })).map(({ oid }) => oid)).toEqual([base, one, two]);
    expect((await collect(box, dir, { tip: two, paths: ['q'] })).map(({ oid }) => oid)).toEqual([one, base]);
    expect((await collect(box, dir, { tip: two, newerThanMs: time })).map(({ oid }) => oid)).toEqual([two, one]);
    expect((await collect(box, dir, { tip: base })).map(({ parents }) => parents)).toEqual([[]]);
  });

  it('ends git when the loop is left', async () => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    const repository = await box.open(dir);
    for (let index = 0; index < 3; index += 1) await box.commitTo(dir, BRANCH, { x: `${index}` });
    for await (const { subject } of log(repository, { tip: await box.git(dir, 'rev-parse', BRANCH) })) {
      expect(subject).toBe('Change');
      break;
    }
  });

  it('throws where there is no such commit', async () => {
    await using box = await scene({ files: FILES });
    const dir = box.remote;
    await expect(collect(box, dir, { tip: '1'.repeat(40) })).rejects.toThrow('bad object');
  });
});
