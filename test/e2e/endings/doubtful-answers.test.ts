import { describe, expect, it } from 'vitest';
import { said } from '../../kit/processes/said.ts';
import type { HttpGitServer } from '../../kit/remotes/http-git-server.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/**
 * What is not certain is said to be so, and by which request it is found out: nothing is ever done twice for asking
 * again.
 */

// With other machines, a busy one asks for help first, and then it is that push whose answer is lost.
const QUICK = ['--max-retries', '2', '--backoff-base', '1ms', '--no-sync', '--combine', 'local'];

/** A clone of a remote with three tasks, over http. */
async function overHttp(): Promise<Scene> {
  const made = await scene({ tasks: 3, clones: ['clone'] });
  await made.git('clone', 'remote', 'set-url', 'origin', (await made.http()).url(made.remote));
  return made;
}

/** The first push lands and its answer is lost; from then on nothing can be reached, until `over` is called. */
function loseAnswerAndNetwork(server: HttpGitServer): { over(): void } {
  let isAway = false;
  server.fault = ({ kind }) => {
    // Curl sends a push again whose connection was reset: that one comes too late.
    isAway ||= kind === 'push';
    if (kind === 'push') return { kind: 'reset-after' };
    return isAway ? { kind: 'reset' } : undefined;
  };
  return {
    over() {
      server.fault = () => undefined;
    },
  };
}

async function subjects(box: Scene): Promise<string[]> {
  const { remote } = box;
  return (await box.git(remote, 'log', '--format=%s', 'develop')).split('\n');
}

/** The request that a failure names. */
function requestIn(text: string): string {
  return /--request ([a-z0-9]+)/.exec(text)?.[1] ?? '';
}

describe('a push whose answer is lost, and then the network', () => {
  it('is told as one that may have landed, with its request, in words and as JSON', async () => {
    await using box = await overHttp();
    const { remote } = box;
    const server = await box.http();
    loseAnswerAndNetwork(server);
    const text = await box.agentq('clone', 'claim', 'a1', ...QUICK);
    expect(text.code).toBe(4);
    expect(text.stderr).toMatch(/may have landed.*--request [a-z0-9]{16}/);
    expect(text.stderr).not.toContain('nothing was changed');
    loseAnswerAndNetwork(server);
    const json = await box.agentq('clone', 'claim', 'a2', '--json', ...QUICK);
    const { error } = JSON.parse(json.stdout);
    expect(error).toMatchObject({ code: 'remote-unreachable', mayHaveLanded: true });
    expect(
      await box.git(remote, 'log', '-1', '--format=%(trailers:key=Agentq-Request,valueonly)', 'develop'),
    ).toContain(error.request);
  });

  it('of `add` is found by its request: the tasks are not added twice', async () => {
    await using box = await overHttp();
    const server = await box.http();
    const outage = loseAnswerAndNetwork(server);
    const add = ['add', '--title', 'One more', '--project', 'auth', ...QUICK];
    const lost = await box.agentq('clone', ...add);
    expect(lost.code).toBe(4);
    outage.over();
    const again = await box.agentq('clone', ...add, '--request', requestIn(lost.stderr));
    expect(again).toMatchObject({ code: 0, stdout: 'auth/TASK-4\n' });
    expect((await subjects(box)).filter((subject) => subject.includes('Added'))).toHaveLength(1);
  });

  it('that did not land is carried out under the same request, once', async () => {
    await using box = await overHttp();
    const server = await box.http();
    let isAway = false;
    server.fault = ({ kind }) => {
      isAway ||= kind === 'push';
      return isAway ? { kind: 'reset' } : undefined;
    };
    const lost = await box.agentq('clone', 'claim', 'a1', ...QUICK);
    const request = requestIn(lost.stderr);
    server.fault = () => undefined;
    for (let time = 0; time < 2; time++) {
      const again = await box.agentq('clone', 'claim', 'a1', '--request', request, '--json', ...QUICK);
      expect(JSON.parse(again.stdout)).toMatchObject({ task: 'TASK-1', claimId: request });
    }
    expect((await subjects(box)).filter((subject) => subject.startsWith('[AGENT-CLAIM]'))).toHaveLength(1);
  });

  it('of a claim that was given back since is told as lost', async () => {
    await using box = await overHttp();
    const server = await box.http();
    const outage = loseAnswerAndNetwork(server);
    const request = requestIn((await box.agentq('clone', 'claim', 'a1', ...QUICK)).stderr);
    outage.over();
    await box.agentq('clone', 'release', 'TASK-1', 'a1', ...QUICK);
    const again = await box.agentq('clone', 'claim', 'a1', '--request', request, ...QUICK);
    expect(again.code).toBe(3);
    expect(again.stderr).toContain('was carried out');
  });

  it('is found again by a claim that waits: it gets no second task', async () => {
    await using box = await overHttp();
    const server = await box.http();
    const outage = loseAnswerAndNetwork(server);
    const waiting = box.start('clone', ['claim', 'a1', '--wait', ...QUICK]);
    await said(waiting, 'stderr', /may have landed.*waiting/);
    outage.over();
    expect(await waiting.done).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
    expect((await subjects(box)).filter((subject) => subject.startsWith('[AGENT-CLAIM]'))).toHaveLength(1);
  });
});

describe('a request that is named', () => {
  it('and is that of something else is refused, and nothing is done', async () => {
    await using box = await overHttp();
    const claimed = JSON.parse((await box.agentq('clone', 'claim', 'a1', '--json', ...QUICK)).stdout);
    const before = await subjects(box);
    for (const args of [
      ['add', '--title', 'x', '--project', 'auth'],
      ['claim', 'a2'],
      ['release', 'TASK-1', 'a1'],
    ]) {
      const run = await box.agentq('clone', ...args, '--request', claimed.claimId, ...QUICK);
      expect(run, args.join(' ')).toMatchObject({ code: 64, stdout: '' });
    }
    expect(await subjects(box)).toEqual(before);
  });

  it('and is no request is wrong usage', async () => {
    await using box = await overHttp();
    for (const request of ['x', '-rf', 'Agentq Request', 'a'.repeat(65), 'abcdef\nAgentq-Task: x']) {
      expect(await box.agentq('clone', 'claim', 'a1', `--request=${request}`), request).toMatchObject({ code: 64 });
    }
  });
});

// Side by side: they wait for limits of 15 s and less.
describe.concurrent('a push that never ends', () => {
  it('is ended by --timeout, and told as one that may have landed', async () => {
    await using box = await overHttp();
    const server = await box.http();
    server.fault = ({ kind }) => (kind === 'push' ? { kind: 'hang' } : undefined);
    const run = await box.agentq('clone', 'claim', 'a1', '--timeout', '2s', ...QUICK);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/may have landed.*--request/);
    expect(run.stderr).not.toContain('nothing was changed');
  });

  it('but has landed is found by the last look: the claim is an answer', async () => {
    await using box = await overHttp();
    const server = await box.http();
    server.fault = ({ kind }) => (kind === 'push' ? { kind: 'hang', after: true } : undefined);
    const run = await box.agentq('clone', 'claim', 'a1', '--timeout', '16s', ...QUICK);
    expect(run).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
  });

  it('does not outlive --wait, nor does a look', async () => {
    await using box = await overHttp();
    const server = await box.http();
    for (const hanging of ['push', 'info-push']) {
      server.fault = ({ kind }) => (kind === hanging ? { kind: 'hang' } : undefined);
      const run = await box.agentq('clone', 'claim', 'a1', '--wait', '1s', ...QUICK);
      expect(run.code, hanging).not.toBe(0);
    }
  });
});

it.each(['list', 'status', 'show TASK-1', 'validate', 'metrics'])(
  'a remote that accepts and never answers does not hold up `%s` beyond --timeout',
  async (command) => {
    await using box = await overHttp();
    const server = await box.http();
    server.fault = () => ({ kind: 'hang' });
    const run = await box.agentq('clone', ...command.split(' '), '--timeout', '1s');
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('--timeout 1s');
  },
);

describe('a command that builds its commits itself', () => {
  /** Every push lands, and its answer does not come; from then on nothing is answered. */
  function landAndHang(server: HttpGitServer): void {
    let isAway = false;
    server.fault = ({ kind }) => {
      const isLast = !isAway && kind === 'push';
      isAway ||= kind === 'push';
      if (isLast) return { kind: 'hang', after: true };
      return isAway ? { kind: 'hang' } : undefined;
    };
  }

  it.each([
    ['init', ['init', 'another']],
    ['branch', ['branch', 'auth', 'own']],
  ])('says of a push without an answer that it may have landed: %s', async (_name, command) => {
    await using box = await overHttp();
    const { remote } = box;
    const before = await box.git(remote, 'for-each-ref', '--format=%(objectname)', 'refs/heads');
    landAndHang(await box.http());
    const ended = await box.agentq('clone', ...command, '--timeout', '5s', '--json', '--no-sync');
    const after = await box.git(remote, 'for-each-ref', '--format=%(objectname)', 'refs/heads');
    expect(after).not.toBe(before);
    const { error } = JSON.parse(ended.stdout);
    expect(error).toMatchObject({ mayHaveLanded: true });
    expect(after).toContain(error.commits[0]);
    expect(ended.stderr).toMatch(/[0-9a-f]{12} may have landed on /);
    expect(ended.stderr).not.toContain('nothing was changed');
  });
});
