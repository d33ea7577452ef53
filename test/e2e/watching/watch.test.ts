import { chmod, rename } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AgentqRun, type RunningAgentq, runAgentq } from '../../kit/processes/run-agentq.ts';
import { said } from '../../kit/processes/said.ts';
import { Gate } from '../../kit/remotes/gate.ts';
import { HttpGitServer } from '../../kit/remotes/http-git-server.ts';
import type { GitSandbox } from '../../kit/scene/git-sandbox.ts';
import { startForTest, testSandbox } from '../../kit/scene/test-sandbox.ts';

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

describe('watch', () => {
  let sandbox: GitSandbox;
  let remote: string;
  let clone: string;
  beforeEach(async () => {
    sandbox = await testSandbox();
    remote = await sandbox.bareRemote({ 'README.md': 'code\n', [`${HOME}/tasks/B-1.toon`]: task('B-1') });
    clone = await sandbox.clone(remote, 'clone');
  });

  const options = (dir = clone, env = sandbox.env) => ({ cwd: sandbox.path(dir), env });
  const agentq = (...args: readonly string[]): Promise<AgentqRun> => runAgentq(args, options());
  const watch = (...args: readonly string[]): RunningAgentq => watchIn(sandbox.env, ...args);
  function watchIn(env: GitSandbox['env'], ...args: readonly string[]): RunningAgentq {
    return startForTest(['watch', '--json', ...args], options(clone, env));
  }
  async function told(...args: readonly string[]): Promise<Printed[]> {
    const { code, stdout, stderr } = await agentq('watch', '--json', '--once', ...args);
    expect({ code, stderr: args.includes('-v') ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return parse(stdout);
  }
  const commit = (files: Readonly<Record<string, string | null>>, message: string): Promise<string> =>
    sandbox.commitTo(remote, 'refs/heads/develop', files, message);
  const brief = ({ event, project, task: id, agent }: Printed): string => `${event} ${project}/${id} ${agent}`;

  /** The life of a queue in which agentq, older scripts and people take part. */
  async function live(): Promise<void> {
    expect((await agentq('claim', 'a1')).stdout).toBe('auth/B-1\n');
    await commit(
      { [`${HOME}/tasks/D-2.toon`]: task('D-2', 'blocked', 'dependencies:\n required[1]:\n  B-1\n') },
      '[ARCHITECT] Added D-2',
    );
    // Within the same second there is nothing to renew.
    const tip = await sandbox.git(remote, 'rev-parse', 'develop');
    while ((await sandbox.git(remote, 'rev-parse', 'develop')) === tip) {
      expect((await agentq('heartbeat', 'B-1', 'a1')).code).toBe(0);
    }
    expect((await agentq('complete', 'B-1', 'a1')).stdout).toBe('auth/B-1\nauth/D-2\n');
    // An older script, and then somebody with `git mv`.
    const claimed = task('D-2', 'ready', 'claim:\n claimed_by: old-1\n last_heartbeat: 2025-01-01T00:00:00Z\n');
    await commit(
      { [`${HOME}/tasks/D-2.toon`]: null, [`${HOME}/claimed/D-2.toon`]: claimed },
      '[AGENT-CLAIM] old-1 claimed D-2 from auth',
    );
    await commit({ [`${HOME}/claimed/D-2.toon`]: claimed.replace('00:00:00', '00:05:00') }, 'still on it');
    await commit(
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
    await live();
    const all = await told();
    expect(all.map(brief)).toEqual(LIFE);
    for (const [index, { cursor }] of all.entries()) {
      expect(await told('--cursor', cursor), `after ${index}`).toEqual(all.slice(index + 1));
    }
    expect(await told('--since', all[2]?.commit ?? '')).toEqual(all.slice(3));
    expect((await told('auth')).map(brief)).toEqual(LIFE);
    expect((await agentq('watch', 'billing', '--once')).code).toBe(64);
    expect((await told('--type', 'docs')).map((event) => event.task)).not.toContain('B-1');
    expect((await told('--min-priority', '6')).length).toBe(0);
  });

  it('tells of the last days', async () => {
    // The commits of other hands are of 2023.
    await agentq('claim', 'a1');
    expect((await told('--since', '300d')).map(brief)).toEqual(['task.claimed auth/B-1 a1']);
  });

  it('prints lines', async () => {
    const { stdout } = await agentq('watch', '--once');
    expect(stdout).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}task\.added {6}auth\/B-1 {2}Somebody {2}[0-9a-f]{10} {2}[0-9a-f]{40}\n$/,
    );
  });

  it('tells what happens as it happens, each event once', async () => {
    const watching = watch('--since', 'HEAD~0', '-v');
    await said(watching, 'stderr', /git ls-remote/);
    const complete = said(watching, 'stdout', (text) => parse(text).length >= LIFE.length - 1);
    await live();
    const seen = parse(await complete);
    expect(seen.map(brief)).toEqual(LIFE.slice(1));
    watching.child.kill('SIGTERM');
    expect(await watching.done).toMatchObject({ code: 143 });
  });

  it('tells of both sides of a merge, once, and of what the merge itself moved', async () => {
    await sandbox.git(clone, 'checkout', '-q', '-b', 'side');
    await sandbox.commit(clone, { [`${HOME}/tasks/S-1.toon`]: task('S-1') }, 'Plan S-1');
    await sandbox.commit(clone, { [`${HOME}/tasks/S-2.toon`]: task('S-2') }, 'Plan S-2');
    await agentq('claim', 'a1');
    await sandbox.git(clone, 'fetch', '-q');
    // A foxtrot: the branch of the remote becomes the second parent.
    await sandbox.git(clone, 'merge', '-q', '--no-ff', '-m', 'Catch up', 'origin/develop');
    await sandbox.write(clone, { [`${HOME}/tasks/M-1.toon`]: task('M-1') });
    await sandbox.git(clone, 'add', '-A');
    await sandbox.git(clone, 'commit', '-q', '--amend', '-m', 'Catch up, and one more');
    const before = await told();
    expect(before.map(brief)).toEqual(LIFE.slice(0, 2));
    await sandbox.git(clone, 'push', '-q', 'origin', 'side:develop');
    const all = await told();
    expect(all.map(({ event, task: id }) => `${event} ${id}`).sort()).toEqual(
      ['task.added B-1', 'task.added M-1', 'task.added S-1', 'task.added S-2', 'task.claimed B-1'].sort(),
    );
    const since = await told('--cursor', before.at(-1)?.cursor ?? '');
    expect(since.map(({ task: id }) => id)).toEqual(['S-1', 'S-2', 'M-1']);
    for (const [index, { cursor }] of all.entries()) {
      expect(await told('--cursor', cursor), `after ${index}`).toEqual(all.slice(index + 1));
    }
  });

  it('says that the branch was re-cut, and goes on from its new tip', async () => {
    const [first] = await told();
    await agentq('claim', 'a1');
    const watching = watch('--cursor', first?.cursor ?? '');
    await said(watching, 'stdout', /task.claimed/);
    const warned = said(watching, 'stderr', /does not lead on/);
    const renewed = said(watching, 'stdout', /"N-1"/);
    // At once, or the watch might be told of the move in two steps, and warn at the first.
    const anew = await sandbox.commitTo(remote, 'refs/heads/anew', { [`${HOME}/tasks/O-1.toon`]: task('O-1') }, 'Anew');
    await sandbox.git(remote, 'update-ref', '-d', 'refs/heads/develop');
    await sandbox.git(remote, 'update-ref', 'refs/heads/develop', anew);
    await warned;
    await commit({ [`${HOME}/tasks/N-1.toon`]: task('N-1') }, 'And on');
    expect(parse(await renewed).map(({ task: id }) => id)).toEqual(['N-1']);
  });

  it('waits for a remote that is away, and misses nothing', async () => {
    await using server = await HttpGitServer.start(sandbox.root, sandbox.env);
    await sandbox.git(clone, 'remote', 'set-url', 'origin', server.url(remote));
    const watching = watch('--cursor', '0');
    await said(watching, 'stdout', /"B-1"/);
    const warned = said(watching, 'stderr', /cannot be reached.*still waiting/);
    const back = said(watching, 'stdout', /"B-9"/);
    server.fault = () => ({ kind: 'reset' });
    await warned;
    await commit({ [`${HOME}/tasks/B-8.toon`]: task('B-8') }, 'While it was away');
    server.fault = () => undefined;
    await commit({ [`${HOME}/tasks/B-9.toon`]: task('B-9') }, 'And later');
    expect(parse(await back).map(({ task: id }) => id)).toEqual(['B-8', 'B-9']);
  });

  it('stops when nothing has happened for a while', async () => {
    const { code, stdout } = await agentq('watch', '--json', '--cursor', '0', '--until-idle', '300ms');
    expect(code).toBe(0);
    expect(parse(stdout).map(brief)).toEqual(LIFE.slice(0, 1));
  });

  it('stops when nobody reads any more', async () => {
    const watching = watch('--since', 'HEAD');
    watching.child.stdout?.destroy();
    let isOver = false;
    void watching.done.then(() => {
      isOver = true;
    });
    for (let id = 1; !isOver; id++) await commit({ [`${HOME}/tasks/N-${id}.toon`]: task(`N-${id}`) }, 'More');
    expect(await watching.done).toMatchObject({ code: 0 });
  });

  it('says from when on a shallow clone knows', async () => {
    await live();
    const shallow = await sandbox.clone(remote, 'shallow', '--depth', '2');
    const run = await runAgentq(['watch', '--json', '--once'], options(shallow));
    expect(run.stderr).toContain('the history of this clone begins at');
    expect(parse(run.stdout).map(brief)).toEqual(LIFE.slice(-1));
  });

  it('works without a remote', async () => {
    await sandbox.git(clone, 'remote', 'remove', 'origin');
    // By its id: the claim moves HEAD, and may do so before the watch has begun.
    const before = await sandbox.git(clone, 'rev-parse', 'HEAD');
    const watching = watch('--since', before);
    const heard = said(watching, 'stdout', /task.claimed/);
    expect(await agentq('claim', 'a1', '--no-sync')).toMatchObject({ code: 0 });
    await heard;
  });

  it('begins where HEAD is before it looks: a claim that comes meanwhile moves it', async () => {
    await sandbox.git(clone, 'remote', 'remove', 'origin');
    const gate = await Gate.create(sandbox, 'look');
    const slow = `case " $* " in *" for-each-ref "*) ${gate.script} ;; esac\nPATH='${sandbox.env.PATH}' exec git "$@"`;
    await sandbox.write('.', { 'slow/git': `#!/bin/sh\n${slow}\n` });
    await chmod(sandbox.path('slow', 'git'), 0o755);
    const env = { ...sandbox.env, PATH: `${sandbox.path('slow')}:${sandbox.env.PATH}` };
    const watching = watchIn(env, '--since', 'HEAD');
    const heard = said(watching, 'stdout', /task.claimed/);
    try {
      await Promise.race([gate.reached(), heard]);
      expect(await agentq('claim', 'a1', '--no-sync')).toMatchObject({ code: 0 });
      await gate.open();
    } finally {
      await gate.close();
    }
    expect(parse(await heard).map(brief)).toEqual(['task.claimed auth/B-1 a1']);
  });

  it.each([
    [['--since', 'nowhere'], 64, 'there is no commit "nowhere"'],
    [['--since=-x'], 64, 'neither a commit'],
    [['--since', '1000d'], 64, 'longer than 365 days'],
    [['--cursor', 'abc'], 64, 'is no cursor'],
    [['--since', '1h', '--cursor', '0'], 64, 'two beginnings'],
    [['--once', '--until-idle', '1s'], 64, '--once'],
    [['--branch', 'none'], 5, 'there is no branch none'],
  ])('refuses %j', async (args, code, words) => {
    const run = await agentq('watch', '--once', ...args);
    expect(run.code).toBe(code);
    expect(run.stderr).toContain(words);
  });

  it('fails at once where the remote was never there', async () => {
    await rename(sandbox.path(remote), sandbox.path('away.git'));
    expect((await agentq('watch')).code).toBe(4);
  });
});

function parse(stdout: string): Printed[] {
  return stdout
    .slice(0, stdout.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Printed);
}
