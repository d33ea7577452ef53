import { chmod, rename } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { RunningAgentq } from '../../kit/processes/run-agentq.ts';
import { said } from '../../kit/processes/said.ts';
import { Gate } from '../../kit/remotes/gate.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const HOME = '.agents/auth';
const task = (id: string, status = 'ready', more = ''): string =>
  `task:\n id: ${id}\n title: Title of ${id}\n type: ${id.startsWith('B') ? 'backend' : 'docs'}\n priority: 5\n status: ${status}\n${more}`;

/** What of a printed event is the same in every run. */
interface Printed {
  readonly event: string;
  readonly project: string;
  readonly task: string;
  readonly agent: string;
  readonly commit: string;
  readonly cursor: string;
}

const QUEUE = { files: { 'README.md': 'code\n', [`${HOME}/tasks/B-1.toon`]: task('B-1') }, clones: ['clone'] };

describe('watch', () => {
  const watch = (box: Scene, ...args: readonly string[]): RunningAgentq =>
    box.start('clone', ['watch', '--json', ...args]);
  async function told(box: Scene, ...args: readonly string[]): Promise<Printed[]> {
    const { code, stdout, stderr } = await box.agentq('clone', 'watch', '--json', '--once', ...args);
    expect({ code, stderr: args.includes('-v') ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return parse(stdout);
  }
  const commit = (box: Scene, files: Readonly<Record<string, string | null>>, message: string): Promise<string> =>
    box.commitTo(box.remote, 'refs/heads/develop', files, message);
  const brief = ({ event, project, task: id, agent }: Printed): string => `${event} ${project}/${id} ${agent}`;

  /** The life of a queue in which agentq, older scripts and people take part. */
  async function live(box: Scene): Promise<void> {
    expect((await box.agentq('clone', 'claim', 'a1')).stdout).toBe('auth/B-1\n');
    await commit(
      box,
      { [`${HOME}/tasks/D-2.toon`]: task('D-2', 'blocked', 'dependencies:\n required[1]:\n  B-1\n') },
      '[ARCHITECT] Added D-2',
    );
    // Within the same second there is nothing to renew.
    const tip = await box.tip();
    while ((await box.tip()) === tip) {
      expect((await box.agentq('clone', 'heartbeat', 'B-1', 'a1')).code).toBe(0);
    }
    expect((await box.agentq('clone', 'complete', 'B-1', 'a1')).stdout).toBe('auth/B-1\nauth/D-2\n');
    // An older script, and then somebody with `git mv`.
    const claimed = task('D-2', 'ready', 'claim:\n claimed_by: old-1\n last_heartbeat: 2025-01-01T00:00:00Z\n');
    await commit(
      box,
      { [`${HOME}/tasks/D-2.toon`]: null, [`${HOME}/claimed/D-2.toon`]: claimed },
      '[AGENT-CLAIM] old-1 claimed D-2 from auth',
    );
    await commit(box, { [`${HOME}/claimed/D-2.toon`]: claimed.replace('00:00:00', '00:05:00') }, 'still on it');
    await commit(
      box,
      { [`${HOME}/claimed/D-2.toon`]: null, [`${HOME}/completed/D-2.toon`]: claimed },
      'I have moved this by hand',
    );
  }

  const LIFE = [
    'task.added auth/B-1 Somebody',
    'task.claimed auth/B-1 a1',
    'task.added auth/D-2 Somebody',
    'task.renewed auth/B-1 a1',
    'task.completed auth/B-1 a1',
    'task.unblocked auth/D-2 a1',
    'task.claimed auth/D-2 old-1',
    'task.renewed auth/D-2 old-1',
    'task.completed auth/D-2 old-1',
  ];

  it('tells what agentq, older scripts and people did, and goes on after any cursor', async () => {
    await using box = await scene(QUEUE);
    await live(box);
    const all = await told(box);
    expect(all.map(brief)).toEqual(LIFE);
    for (const [index, { cursor }] of all.entries()) {
      expect(await told(box, '--cursor', cursor), `after ${index}`).toEqual(all.slice(index + 1));
    }
    expect(await told(box, '--since', all[2]?.commit ?? '')).toEqual(all.slice(3));
    expect((await told(box, 'auth')).map(brief)).toEqual(LIFE);
    expect((await box.agentq('clone', 'watch', 'billing', '--once')).code).toBe(64);
    expect((await told(box, '--type', 'docs')).map((event) => event.task)).not.toContain('B-1');
    expect((await told(box, '--min-priority', '6')).length).toBe(0);
  });

  it('tells of the last days', async () => {
    await using box = await scene(QUEUE);
    // The commits of other hands are of 2023.
    await box.agentq('clone', 'claim', 'a1');
    expect((await told(box, '--since', '300d')).map(brief)).toEqual(['task.claimed auth/B-1 a1']);
  });

  it('prints lines', async () => {
    await using box = await scene(QUEUE);
    const { stdout } = await box.agentq('clone', 'watch', '--once');
    expect(stdout).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}task\.added {6}auth\/B-1 {2}Somebody {2}[0-9a-f]{10} {2}[0-9a-f]{40}\n$/,
    );
  });

  it('tells what happens as it happens, each event once', async () => {
    await using box = await scene(QUEUE);
    const watching = watch(box, '--since', 'HEAD~0', '-v');
    await said(watching, 'stderr', /git (?:ls-remote|upload-pack)/);
    const complete = said(watching, 'stdout', (text) => parse(text).length >= LIFE.length - 1);
    await live(box);
    const seen = parse(await complete);
    expect(seen.map(brief)).toEqual(LIFE.slice(1));
    watching.child.kill('SIGTERM');
    expect(await watching.done).toMatchObject({ code: 143 });
  });

  it('tells of both sides of a merge, once, and of what the merge itself moved', async () => {
    await using box = await scene(QUEUE);
    await box.git('clone', 'checkout', '-q', '-b', 'side');
    await box.commit('clone', { [`${HOME}/tasks/S-1.toon`]: task('S-1') }, 'Plan S-1');
    await box.commit('clone', { [`${HOME}/tasks/S-2.toon`]: task('S-2') }, 'Plan S-2');
    await box.agentq('clone', 'claim', 'a1');
    await box.git('clone', 'fetch', '-q');
    // A foxtrot: the branch of the remote becomes the second parent.
    await box.git('clone', 'merge', '-q', '--no-ff', '-m', 'Catch up', 'origin/develop');
    await box.write('clone', { [`${HOME}/tasks/M-1.toon`]: task('M-1') });
    await box.git('clone', 'add', '-A');
    await box.git('clone', 'commit', '-q', '--amend', '-m', 'Catch up, and one more');
    const before = await told(box);
    expect(before.map(brief)).toEqual(LIFE.slice(0, 2));
    await box.git('clone', 'push', '-q', 'origin', 'side:develop');
    const all = await told(box);
    expect(all.map(({ event, task: id }) => `${event} ${id}`).sort()).toEqual(
      ['task.added B-1', 'task.added M-1', 'task.added S-1', 'task.added S-2', 'task.claimed B-1'].sort(),
    );
    const since = await told(box, '--cursor', before.at(-1)?.cursor ?? '');
    expect(since.map(({ task: id }) => id)).toEqual(['S-1', 'S-2', 'M-1']);
    for (const [index, { cursor }] of all.entries()) {
      expect(await told(box, '--cursor', cursor), `after ${index}`).toEqual(all.slice(index + 1));
    }
  });

  it('says that the branch was re-cut, and goes on from its new tip', async () => {
    await using box = await scene(QUEUE);
    const [first] = await told(box);
    await box.agentq('clone', 'claim', 'a1');
    const watching = watch(box, '--cursor', first?.cursor ?? '');
    await said(watching, 'stdout', /task.claimed/);
    const warned = said(watching, 'stderr', /no longer continues from/);
    const renewed = said(watching, 'stdout', /"N-1"/);
    // At once, or the watch might be told about the move in two steps, and warn at the first.
    const anew = await box.commitTo(box.remote, 'refs/heads/anew', { [`${HOME}/tasks/O-1.toon`]: task('O-1') }, 'Anew');
    await box.git(box.remote, 'update-ref', '-d', 'refs/heads/develop');
    await box.git(box.remote, 'update-ref', 'refs/heads/develop', anew);
    await warned;
    await commit(box, { [`${HOME}/tasks/N-1.toon`]: task('N-1') }, 'And on');
    expect(parse(await renewed).map(({ task: id }) => id)).toEqual(['N-1']);
  });

  it('waits for a remote that is away, and misses nothing', async () => {
    await using box = await scene(QUEUE);
    const server = await box.http();
    await box.git('clone', 'remote', 'set-url', 'origin', server.url(box.remote));
    const watching = watch(box, '--cursor', '0');
    await said(watching, 'stdout', /"B-1"/);
    const warned = said(watching, 'stderr', /cannot be reached.*still waiting/);
    const back = said(watching, 'stdout', /"B-9"/);
    server.fault = () => ({ kind: 'reset' });
    await warned;
    await commit(box, { [`${HOME}/tasks/B-8.toon`]: task('B-8') }, 'While it was away');
    server.fault = () => undefined;
    await commit(box, { [`${HOME}/tasks/B-9.toon`]: task('B-9') }, 'And later');
    expect(parse(await back).map(({ task: id }) => id)).toEqual(['B-8', 'B-9']);
  });

  it('stops when nothing has happened for a while', async () => {
    await using box = await scene(QUEUE);
    const { code, stdout } = await box.agentq('clone', 'watch', '--json', '--cursor', '0', '--until-idle', '300ms');
    expect(code).toBe(0);
    expect(parse(stdout).map(brief)).toEqual(LIFE.slice(0, 1));
  });

  it('stops when nobody reads any more', async () => {
    await using box = await scene(QUEUE);
    const watching = watch(box, '--since', 'HEAD');
    watching.child.stdout?.destroy();
    let isOver = false;
    void watching.done.then(() => {
      isOver = true;
    });
    for (let id = 1; !isOver; id++) await commit(box, { [`${HOME}/tasks/N-${id}.toon`]: task(`N-${id}`) }, 'More');
    expect(await watching.done).toMatchObject({ code: 0 });
  });

  it('says from when on a shallow clone knows', async () => {
    await using box = await scene(QUEUE);
    await live(box);
    const shallow = await box.clone(box.remote, 'shallow', '--depth', '2');
    const run = await box.agentq(shallow, 'watch', '--json', '--once');
    expect(run.stderr).toContain('the history of this clone begins at');
    expect(parse(run.stdout).map(brief)).toEqual(LIFE.slice(-1));
  });

  it('works without a remote', async () => {
    await using box = await scene(QUEUE);
    await box.git('clone', 'remote', 'remove', 'origin');
    // By its id: the claim moves HEAD, and may do so before the watch has begun.
    const before = await box.git('clone', 'rev-parse', 'HEAD');
    const watching = watch(box, '--since', before);
    const heard = said(watching, 'stdout', /task.claimed/);
    expect(await box.agentq('clone', 'claim', 'a1', '--no-sync')).toMatchObject({ code: 0 });
    await heard;
  });

  it('begins where HEAD is before it looks: a claim that comes meanwhile moves it', async () => {
    await using box = await scene(QUEUE);
    await box.git('clone', 'remote', 'remove', 'origin');
    const gate = box.owns(await Gate.create(box, 'look'));
    const slow = `case " $* " in *" for-each-ref "*) ${gate.script} ;; esac\nPATH='${box.env.PATH}' exec git "$@"`;
    await box.write('.', { 'slow/git': `#!/bin/sh\n${slow}\n` });
    await chmod(box.path('slow', 'git'), 0o755);
    const env = { PATH: `${box.path('slow')}:${box.env.PATH}` };
    const watching = box.start('clone', ['watch', '--json', '--since', 'HEAD'], { env });
    const heard = said(watching, 'stdout', /task.claimed/);
    await Promise.race([gate.reached(), heard]);
    expect(await box.agentq('clone', 'claim', 'a1', '--no-sync')).toMatchObject({ code: 0 });
    await gate.open();
    expect(parse(await heard).map(brief)).toEqual(['task.claimed auth/B-1 a1']);
  });

  it.each([
    [['--since', 'nowhere'], 64, 'there is no commit "nowhere"'],
    [['--since=-x'], 64, 'neither a commit'],
    [['--since', '1000d'], 64, 'longer than 365 days'],
    [['--cursor', 'abc'], 64, 'is not a cursor'],
    [['--since', '1h', '--cursor', '0'], 64, '--since and --cursor exclude each other'],
    [['--once', '--until-idle', '1s'], 64, '--once'],
    [['--branch', 'none'], 5, 'there is no branch none'],
  ])('refuses %j', async (args, code, words) => {
    await using box = await scene(QUEUE);
    const run = await box.agentq('clone', 'watch', '--once', ...args);
    expect(run.code).toBe(code);
    expect(run.stderr).toContain(words);
  });

  it('fails at once where the remote was never there', async () => {
    await using box = await scene(QUEUE);
    await rename(box.path(box.remote), box.path('away.git'));
    expect((await box.agentq('clone', 'watch')).code).toBe(4);
  });
});

function parse(stdout: string): Printed[] {
  return stdout
    .slice(0, stdout.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Printed);
}
