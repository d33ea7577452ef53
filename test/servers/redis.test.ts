import { writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CrashPoint } from '../../src/engine/base/crash-points.ts';
import { Started } from '../kit/processes/crash-roles.ts';
import type { AgentqRun } from '../kit/processes/run-agentq.ts';
import { Gate } from '../kit/remotes/gate.ts';
import { type Scene, scene } from '../kit/scene/scene.ts';
import { MEETING_SERVERS, type MeetingServer, type MeetingServerOptions } from '../kit/servers/meeting-servers.ts';
import { isTested, MEETING_FAMILIES, type MeetingFamily } from '../kit/servers/server.ts';

/**
 * What happens to machines that meet at a Redis or an etcd when it, or one of them, is killed, suspended, emptied, lied
 * to.
 */

/** Steps at which a machine that leads is killed. */
const STEPS: readonly CrashPoint[] = [
  'elected',
  'looked',
  'joined',
  'built',
  'announced',
  'pushing',
  'pushed',
  'settled',
];

const ONCE = /agents of other machines meet at the git remote alone/g;

/** Machines with a clone each, and a server. */
class Pool implements AsyncDisposable {
  readonly box: Scene;
  readonly server: MeetingServer;
  readonly clones: readonly string[];
  #started = 0;

  private constructor(box: Scene, server: MeetingServer, clones: readonly string[]) {
    this.box = box;
    this.server = server;
    this.clones = clones;
  }

  static async open(
    machines: number,
    family: MeetingFamily,
    options: MeetingServerOptions & { readonly tasks?: number } = {},
  ): Promise<Pool> {
    const { tasks = machines + 2, ...server } = options;
    const clones = Array.from({ length: machines }, (_, index) => `m${index}`);
    const box = await scene({ tasks, clones });
    for (const clone of clones) await box.folder(`run-${clone}`);
    return new Pool(box, await MEETING_SERVERS[family](box, server), clones);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.box[Symbol.asyncDispose]();
  }

  /** A claim of the machine's own agent. */
  claim(clone: string, env: Readonly<Record<string, string>> = {}, ...more: readonly string[]): Started {
    const steps = this.box.path(`steps-${this.#started++}`);
    const own = {
      XDG_RUNTIME_DIR: this.box.path(`run-${clone}`),
      AGENTQ_MEET: this.server.url,
      AGENTQ_TEST_STEPS: steps,
    };
    return new Started(this.box.start(clone, ['claim', clone, ...more], { env: { ...own, ...env } }), steps);
  }

  /** What agents hold, by the branch. Every task is in exactly one folder. */
  async held(): Promise<ReadonlyMap<string, string>> {
    const { stdout } = await this.box.agentq(this.clones.at(-1) ?? '', 'list', '--json');
    const { tasks } = JSON.parse(stdout) as {
      tasks: { task: string; project: string; claim?: { agent?: string } | null }[];
    };
    const files = (await this.box.git(this.box.remote, 'ls-tree', '-r', '--name-only', 'develop')).split('\n');
    const names = files.filter((path) => /TASK-\d+\.toon$/.test(path)).map((path) => path.replace(/^.*\//, ''));
    expect(new Set(names).size).toBe(names.length);
    return new Map(
      tasks.flatMap(({ task, project, claim }) => (claim?.agent ? [[`${project}/${task}`, claim.agent]] : [])),
    );
  }

  /** Everybody who was told about a task holds it, and nobody else was told about it. */
  async expectTrue(runs: ReadonlyMap<string, AgentqRun>): Promise<void> {
    const held = await this.held();
    for (const [agent, { code, stdout, stderr }] of runs) {
      expect(code, stderr).toBe(0);
      expect(held.get(stdout.trim()), stderr).toBe(agent);
    }
    const told = [...runs.values()].map(({ stdout }) => stdout.trim());
    expect(new Set(told).size).toBe(told.length);
    // An agent that was told about one task must not hold another that it does not know of.
    const owners = [...held.values()];
    expect(owners.filter((owner, index) => owners.indexOf(owner) !== index)).toEqual([]);
  }

  async all(claims: ReadonlyMap<string, Started>): Promise<Map<string, AgentqRun>> {
    const runs = new Map<string, AgentqRun>();
    for (const [agent, { done }] of claims) runs.set(agent, await done);
    return runs;
  }

  claimAll(clones: readonly string[]): Map<string, Started> {
    return new Map(clones.map((clone) => [clone, this.claim(clone)]));
  }

  /** A gate at which the first look of the machine stands, while others come. */
  async holdLook(clone: string): Promise<Gate> {
    const { box } = this;
    const gate = box.owns(await Gate.create(box, 'look'));
    const script = `#!/bin/sh\n${gate.script}\nexec git-upload-pack "$@"\n`;
    await writeFile(box.path('held-upload-pack'), script, { mode: 0o755 });
    await box.git(clone, 'config', 'remote.origin.uploadpack', box.path('held-upload-pack'));
    return gate;
  }

  async requests(): Promise<string> {
    return this.box.git(this.box.remote, 'for-each-ref', 'refs/agentq/requests');
  }
}

describe.each(MEETING_FAMILIES)('machines that meet at %s', (family) => {
  beforeEach(({ skip }) => skip(!isTested(family)));

  it('are 25 that claim at once, with few pushes and no request on the git server', async () => {
    await using pool = await Pool.open(25, family);
    const runs = await pool.all(pool.claimAll(pool.clones));
    await pool.expectTrue(runs);
    expect(await pool.requests()).toBe('');
  });

  it.each(STEPS)('go on when the one that leads is killed when it has %s', async (step) => {
    await using pool = await Pool.open(4, family);
    const [first = '', ...others] = pool.clones;
    const gate = await pool.holdLook(first);
    // It is elected among the processes of its machine, and then among the machines.
    const leader = pool.claim(first, { AGENTQ_TEST_CRASH: step === 'elected' ? 'elected:2' : step });
    await (step === 'elected' ? leader.done : gate.reached());
    const claims = pool.claimAll(others);
    if (step !== 'elected') {
      for (const claim of claims.values()) await claim.reached('submitted');
      await gate.open();
    }
    expect((await leader.done).signal).toBe('SIGKILL');
    const runs = await pool.all(claims);
    await pool.expectTrue(runs);
    // Those who had been told that they may be in its push have looked for themselves.
    expect([...(await pool.held()).values()].filter((owner) => owner !== first).sort()).toEqual(others);
  });

  it('go on when the one that leads is suspended, and are not harmed when it wakes as a second leader', async () => {
    await using pool = await Pool.open(4, family);
    const [first = '', ...others] = pool.clones;
    const gate = await pool.holdLook(first);
    const leader = pool.claim(first);
    await gate.reached();
    const claims = pool.claimAll(others);
    for (const claim of claims.values()) await claim.reached('submitted');
    leader.child.kill('SIGSTOP');
    // Its lease runs out, and somebody else leads.
    const runs = await pool.all(claims);
    leader.child.kill('SIGCONT');
    await gate.open();
    await pool.expectTrue(runs.set(first, await leader.done));
  });

  it.each(['killed', 'killed and started again', 'emptied', 'suspended'] as const)(
    'go on when the server is %s while they wait for a push',
    async (how) => {
      await using pool = await Pool.open(4, family);
      const [first = '', ...others] = pool.clones;
      const gate = await pool.holdLook(first);
      const leader = pool.claim(first);
      await gate.reached();
      const claims = pool.claimAll(others);
      for (const claim of claims.values()) await claim.reached('submitted');
      if (how === 'emptied') await pool.server.wipe();
      else if (how === 'suspended') pool.server.pause();
      else await pool.server.kill();
      if (how === 'killed and started again') await pool.server.restart();
      // Those who wait find out, and do without the one that leads.
      const runs = await pool.all(claims);
      await gate.open();
      runs.set(first, await leader.done);
      pool.server.resume();
      await pool.expectTrue(runs);
      for (const { stderr } of runs.values()) expect([...stderr.matchAll(ONCE)].length).toBeLessThanOrEqual(1);
    },
  );

  // What is said there is Redis' own command; who listens to whom is the same for both.
  it.runIf(family === 'redis')('are not misled by what anybody says there', async () => {
    await using pool = await Pool.open(4, family);
    const [first = '', ...others] = pool.clones;
    const gate = await pool.holdLook(first);
    const leader = pool.claim(first);
    await gate.reached();
    const claims = pool.claimAll(others);
    for (const claim of claims.values()) await claim.reached('submitted');
    const inboxes = (await pool.server.ask('pubsub', 'channels')).trim().split('\n');
    expect(inboxes.length).toBe(4);
    const says = (from: string, number: number, message: object): string =>
      JSON.stringify({ v: 1, from, number, kind: 'say', message });
    const lies = [
      'not json',
      '{"v":1}',
      'x'.repeat(100_000),
      says('somebody-else', 1, { kind: 'hand-over', intents: [{}] }),
      says('somebody-else', 7, { kind: 'over' }),
      says('constructor', 1, { kind: 'taken', base: 'f'.repeat(40) }),
      says('hasOwnProperty', 1, { kind: 'hand-over', intents: [] }).replace('"v":1', '"v":2'),
    ];
    for (const inbox of inboxes) for (const lie of lies) await pool.server.ask('publish', inbox, lie);
    await gate.open();
    await pool.expectTrue((await pool.all(claims)).set(first, await leader.done));
    expect(await pool.requests()).toBe('');
  });
});

/** What a server may say to everything. */
const REFUSALS: readonly (readonly [string, MeetingServerOptions, readonly (readonly string[])[], RegExp])[] = [
  ['is full', {}, [['config', 'set', 'maxmemory', '1']], /OOM/],
  ['is a replica', {}, [['replicaof', '127.0.0.1', '1']], /READONLY|MASTERDOWN/],
  ['is paused', {}, [['client', 'pause', '60000']], /no answer/],
];

describe.runIf(isTested('redis'))('a claim does without a Redis that', () => {
  it.each(REFUSALS)('%s, and says so once', async (_, options, before, words) => {
    await using pool = await Pool.open(1, 'redis', options);
    for (const words of before) await pool.server.ask(...words);
    const run = await pool.claim('m0').done;
    expect([...run.stderr.matchAll(ONCE)].length, run.stderr).toBe(1);
    expect(run.stderr).toMatch(words);
    await pool.expectTrue(new Map([['m0', run]]));
  });

  it.each([
    ['wants a password', 'redis://127.0.0.1', /NOAUTH/],
    ['wants another password', 'redis://:sesame@127.0.0.1', /WRONGPASS/],
  ])('%s, and repeats no secret', async (_, url, words) => {
    await using pool = await Pool.open(1, 'redis', { password: 'open' });
    const run = await pool.claim('m0', { AGENTQ_MEET: `${url}:${pool.server.port}/0` }).done;
    expect([...run.stderr.matchAll(ONCE)].length, run.stderr).toBe(1);
    expect(run.stderr).toMatch(words);
    expect(run.stderr).not.toContain('sesame');
    await pool.expectTrue(new Map([['m0', run]]));
  });
});
