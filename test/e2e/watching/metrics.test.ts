import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAgentqAtOnce } from '../../kit/processes/run-agentq.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const task = (id: string): string => `task:\n id: ${id}\n status: ready\n`;
const AGENTS = ['a1', 'a2', 'a3', 'a4'];
const QUEUE = {
  files: Object.fromEntries(
    AGENTS.map((_, index) => [`.agents/auth/tasks/T-${index + 1}.toon`, task(`T-${index + 1}`)]),
  ),
  clones: ['clone'],
};

describe('metrics', () => {
  async function figures(box: Scene, args: readonly string[] = [], dir = 'clone') {
    const { code, stdout, stderr } = await box.agentq(dir, 'metrics', '--json', ...args);
    expect(code, stderr).toBe(0);
    return { ...JSON.parse(stdout), stderr };
  }

  /** Four claims at once, a completion, a release, and an older script. */
  async function work(box: Scene): Promise<void> {
    const runs = await runAgentqAtOnce(AGENTS.map((agent) => ({ args: ['claim', agent], options: box.in('clone') })));
    const [first, second] = runs.map(({ stdout }) => stdout.trim());
    expect((await box.agentq('clone', 'complete', first ?? '', 'a1')).code).toBe(0);
    expect((await box.agentq('clone', 'release', second ?? '', 'a2')).code).toBe(0);
    await box.git('clone', 'pull', '-q');
    await box.git('clone', 'mv', `.agents/${second?.replace('/', '/tasks/')}.toon`, '.agents/auth/claimed/');
    await box.git(
      'clone',
      'commit',
      '-q',
      '-m',
      `[AGENT-CLAIM] old-1 claimed ${second?.replace('auth/', '')} from auth`,
    );
    await box.git('clone', 'push', '-q');
  }

  /** The history that most of these tests ask about, each for something else. They change nothing in it. */
  let box: Scene;
  beforeAll(async () => {
    box = await scene(QUEUE);
    await work(box);
  });
  afterAll(() => box[Symbol.asyncDispose]());

  it('are counted from the commits, on any clone', async () => {
    const here = await figures(box, ['--since', '1h']);
    expect(here).toMatchObject({ branch: 'develop', remote: 'origin', knownFrom: null, advice: [] });
    expect(here.all).toMatchObject({
      claims: 5,
      completions: 1,
      releases: 1,
      stalls: 0,
      conflictRate: expect.any(Number),
    });
    expect(here.all.attempts).toBeGreaterThanOrEqual(4);
    expect(here.all.latencyMs.p50).toBeGreaterThan(0);
    expect(here.agents.map(({ agent }: { agent: string }) => agent)).toEqual([...AGENTS, 'old-1']);

    const bare = await box.clone(box.remote, 'bare.git', '--bare');
    const partial = await box.clone(box.remote, 'partial', '--filter=blob:none', '--no-checkout');
    for (const other of [bare, partial]) {
      expect((await figures(box, ['--since', '1h'], other)).all).toMatchObject({
        claims: 5,
        attempts: here.all.attempts,
      });
    }
  });

  it('keep to a project and a window', async () => {
    expect((await box.agentq('clone', 'metrics', 'billing')).code).toBe(64);
    expect((await figures(box, ['auth'])).all.claims).toBe(5);
    // The queue was set up in 2023, which all that is known goes back to.
    expect((await figures(box, ['--since', 'all'])).all.claims).toBe(5);
    expect((await box.agentq('clone', 'metrics', '--since', 'soon')).code).toBe(64);
    expect((await box.agentq('clone', 'metrics', '--format', 'prometheus', '--json')).code).toBe(64);
  });

  it('say from when on a shallow clone knows', async () => {
    const shallow = await box.clone(box.remote, 'shallow', '--depth', '2');
    const { all, knownFrom, stderr } = await figures(box, ['--since', '1h'], shallow);
    expect(all).toMatchObject({ claims: 1, releases: 1 });
    expect(knownFrom).toMatch(/^\d{4}-/);
    expect(stderr).toContain('this clone is shallow: what happened before');
  });

  it('are a table', async () => {
    const { stdout } = await box.agentq('clone', 'metrics');
    expect(stdout).toMatch(/^develop of origin, .* to .*\n\nPROJECT +CLAIMS +DONE/);
    expect(stdout).toMatch(/\nauth +5 +1 +1 +0 /);
    expect(stdout).toMatch(/\nAGENT +CLAIMS/);
    expect(stdout).toMatch(/\nold-1 +1 +0 +0 +0 +0 +- +- +- +- /);
  });

  it("are in Prometheus' text format", async () => {
    const { code, stdout, stderr } = await box.agentq('clone', 'metrics', '--format', 'prometheus');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('# TYPE agentq_claims gauge\nagentq_claims{project="auth"} 5\n');
    expect(stdout).toContain('agentq_agent_claims{agent="old-1"} 1\n');
    expect(stdout).toContain('# TYPE agentq_claim_latency_seconds histogram\n');
    expect(stdout).toContain('agentq_claim_latency_seconds_count{project="auth"} 4\n');
    // Every line is a comment or a sample.
    const lines = stdout.split('\n').filter((line) => line !== '');
    expect(lines.filter((line) => !/^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? [\d.e+-]+)$/.test(line))).toEqual([]);
    const described = lines.flatMap((line) => /^# HELP (\w+)/.exec(line)?.[1] ?? []);
    expect(new Set(described).size).toBe(described.length);
  });

  it('judge the objectives that are named: exit 5 where one does not hold, with its value', async () => {
    const kept = await box.agentq('clone', 'metrics', '--slo', 'conflict-rate<99%,asking<1');
    expect(kept).toMatchObject({ code: 0 });
    expect(kept.stderr).not.toContain('does not hold');
    const broken = await box.agentq('clone', 'metrics', '--json', '--slo', 'completions<1,ready<1000,stalled<1');
    expect(broken.code).toBe(5);
    expect(broken.stderr).toMatch(/completions<1 does not hold: [1-9]/);
    expect(JSON.parse(broken.stdout).objectives).toMatchObject([
      { objective: 'completions<1', met: false },
      { objective: 'ready<1000', met: true },
      { objective: 'stalled<1', value: 0, met: true },
    ]);
    expect(await box.agentq('clone', 'metrics', '--slo', 'stalld<1')).toMatchObject({ code: 64, stdout: '' });
  });

  it('give the advice of the guide, with the number that led to it', async () => {
    await using busy = await scene(QUEUE);
    const claims = Array.from({ length: 12 }, (_, index) => index);
    for (const index of claims) {
      const trailers = `Agentq-Task: auth/T-${index}\nAgentq-Agent: b${index}\nAgentq-Request: r${index}\nAgentq-Attempts: 4\nAgentq-Waited-Ms: 10`;
      const message = `[AGENT-CLAIM] b${index} claimed T-${index} from auth\n\n${trailers}\n`;
      await busy.git('clone', 'commit', '-q', '--allow-empty', '-m', message);
    }
    await busy.git('clone', 'push', '-q');
    const { all, advice, stderr } = await figures(busy);
    expect(all).toMatchObject({ claims: 12, attempts: 48, conflictRate: 0.75 });
    expect(advice.map(({ advice: what }: { advice: string }) => what)).toEqual(['specialise', 'stagger', 'add-tasks']);
    expect(stderr).toContain('advice: 75% of the attempts to claim were lost to others');
  });
});
