import { existsSync, readdirSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { IN_VAIN, KEYS, type Kind, ONCE } from '../../kit/day/agent.ts';
import { DayMachine } from '../../kit/day/machine.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { isFull } from '../../kit/sample.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';
import { until } from '../../kit/scene/work-session.ts';

const PROJECTS = ['auth', 'docs', 'shop'] as const;

/** Of 20 tasks of a project, in this order; `works` where none is named. */
const UNUSUAL: Readonly<Record<number, Kind>> = {
  2: 'fails-once',
  4: 'not-now',
  5: 'leaks',
  7: 'killed',
  9: 'serves',
  11: 'crash',
  12: 'hopeless',
  14: 'hangup',
  15: 'could-not',
  17: 'hangs',
};
const PER_PROJECT = 20;

/** Most time of a day (ms). A worker that loses its machine is silent for `stalled_after`, 20 s. */
const DAY_MS = 600_000;

const SETTLED: ReadonlySet<string> = new Set(['completed', 'review', 'blocked']);

const WORKER = '--timeout 5s --grace 1s --require-commits --last-words 5'
  .split(' ')
  .concat('--check', 'test -f README.md');

/** How long (ms) the remote is away, when a third of the work is done. */
const OUTAGE_MS = 4_000;

interface Listed {
  readonly project: string;
  readonly task: string;
  readonly type: Kind;
  readonly state: string;
  readonly claim: { readonly agent: string } | null;
}

/** 60 tasks; each third one requires the one before it, and the first of a project is required by five. */
function plan(): string {
  const lines = PROJECTS.flatMap((project) =>
    Array.from({ length: PER_PROJECT }, (_, index) => {
      const id = `${project.toUpperCase()}-${index + 1}`;
      const type = UNUSUAL[index] ?? 'works';
      const requires = index % 5 === 3 ? [`${project.toUpperCase()}-1`] : [];
      return JSON.stringify({ id, project, title: `Task ${index + 1} of ${project}`, type, requires });
    }),
  );
  return `${lines.join('\n')}\n`;
}

function nameOf({ project, task }: Listed): string {
  return `${project}/${task}`;
}

async function refs(box: Scene, below: string): Promise<string[]> {
  return (await box.git(box.remote, 'for-each-ref', '--format=%(refname)', below)).split('\n').filter(Boolean);
}

/** What is in the queue; nobody needs it while the remote is away. */
async function list(box: Scene): Promise<readonly Listed[]> {
  const { code, stdout, stderr } = await box.agentq('office', 'list', '--all', '--json');
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout).tasks;
}

/** A queue-only branch next to code on `main`, four machines, and an office that looks after them. */
async function morning(): Promise<Scene> {
  const code = { 'README.md': 'the code\n', 'src/app.txt': 'app\n' };
  const box = await scene();
  await box.bareRemote(code, { name: box.remote, branch: 'main' });
  await box.clone(box.remote, 'office');
  const settings = 'agentq:\n  stalled_after: 20s\n  heartbeat: ref\n';
  expect((await box.agentq('office', 'init', '--queue-only', ...PROJECTS)).code).toBe(0);
  await box.commitTo(box.remote, 'refs/heads/develop', { '.agents-core/config/agentq.toon': settings }, 'Set it up');
  const added = await box.start('office', ['add', '--file', '-'], { input: plan() }).done;
  expect(added.code, added.stderr).toBe(0);
  await box.folder('day');
  return box;
}

describe.runIf(isFull && existsSync('/proc/self/environ'))('a day of a pool', () => {
  it('ends with every task done, in review or blocked with a reason, and with nothing left behind', {
    timeout: DAY_MS + 60_000,
  }, async () => {
    await using box = await morning();
    const machines: DayMachine[] = [];
    for (const [index, name] of ['m1', 'm2', 'm3', 'm4'].entries()) {
      await box.clone(box.remote, name);
      await box.folder(`run-${name}`);
      // Two machines have their work reviewed.
      const review = index < 2 ? ['--review'] : [];
      machines.push(new DayMachine(box, name, [...WORKER, ...review, '--log-dir', box.path(`logs-${name}`)]));
    }
    const days = machines.map((machine) => machine.supervise());
    const startedAt = Date.now();
    let tasks: readonly Listed[] = [];
    let hasBeenAway = false;
    await until(async () => {
      for (const machine of machines) machine.switchOffIfAsked();
      tasks = await list(box);
      const settled = tasks.filter(({ state }) => SETTLED.has(state));
      if (!hasBeenAway && settled.length > 20) {
        hasBeenAway = true;
        await rename(box.path(box.remote), box.path('away.git'));
        await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
        await rename(box.path('away.git'), box.path(box.remote));
      }
      // The office merges what others wait for.
      const wanted = tasks.filter(({ state, task }) => state === 'review' && task.endsWith('-1'));
      for (const task of wanted) await box.agentq('office', 'complete', nameOf(task), task.claim?.agent ?? '');
      if (Date.now() - startedAt > DAY_MS) throw new Error(`the day does not end: ${JSON.stringify(tasks)}`);
      return settled.length === PROJECTS.length * PER_PROJECT;
    });
    for (const machine of machines) machine.end();
    await Promise.all(days);

    // All of it has happened.
    const tried = readdirSync(box.path('day')).filter((name) => name.startsWith('tried-'));
    expect(tried.length).toBe(PROJECTS.length * ONCE.size);
    expect(hasBeenAway).toBe(true);
    const ends = machines.flatMap(({ runs }) => runs.map(({ code, signal }) => code ?? signal));
    expect(ends).toEqual(expect.arrayContaining([129, 'SIGKILL']));
    const bodies = await box.git(box.remote, 'log', '--format=%B', 'develop');
    expect(bodies).toMatch(/AWS_ACCESS_KEY_ID=\S*\*\*\*/);

    const wrong = tasks.filter(({ type, state }) => IN_VAIN.has(type) !== (state === 'blocked'));
    expect(wrong.map((task) => `${nameOf(task)} (${task.type}) is ${task.state}`)).toEqual([]);
    for (const task of tasks.filter(({ state }) => state === 'blocked')) {
      const { stdout } = await box.agentq('office', 'show', nameOf(task), '--json');
      expect(JSON.parse(stdout).blockedReason).toMatch(/failed 3 times/);
    }

    // A machine that is switched off says nothing about what it has just finished; all else that was said is true.
    const said = machines.flatMap(({ runs }) => runs.flatMap(({ stdout }) => stdout.split('\n').filter(Boolean)));
    const done = tasks.filter(({ state }) => state !== 'blocked').map(nameOf);
    expect(new Set(said).size).toBe(said.length);
    expect(said.filter((name) => !done.includes(name))).toEqual([]);
    expect(said.length).toBeGreaterThan(done.length / 2);
    expect((await auditQueue(box.path(box.remote))).violations).toEqual([]);

    const everything = await box.git(box.remote, 'cat-file', '--batch-all-objects', '--batch', '--unordered');
    expect(KEYS.filter((key) => everything.includes(key))).toEqual([]);

    expect(machines.flatMap((machine) => machine.left())).toEqual([]);
    // What is left of requests and heartbeats is of machines that were switched off, or was told.
    const off = machines.filter(({ runs }) => runs.some(({ signal }) => signal === 'SIGKILL')).map(({ name }) => name);
    const stderr = machines.flatMap(({ runs }) => runs.map((one) => one.stderr)).join('');
    for (const ref of await refs(box, 'refs/agentq')) {
      if (stderr.includes(`${ref} stays there`)) continue;
      const what = `${ref} ${await box.git(box.remote, 'cat-file', '-p', ref)}`;
      expect(off, what).toContain(/\b(m\d)-\d\b/.exec(what)?.[1]);
    }

    // A task that was finished as its machine was switched off is done again, and may have two branches.
    const pushed = new Set<string>();
    for (const branch of await refs(box, 'refs/heads/feature')) {
      const subjects = await box.git(box.remote, 'log', '--format=%s', `main..${branch}`);
      expect(subjects).toMatch(/^Do \w+-\d+$/);
      expect(await box.git(box.remote, 'ls-tree', '--name-only', branch)).toBe('README.md\nsrc');
      pushed.add(subjects.replace('Do ', ''));
    }
    expect([...pushed].sort()).toEqual(done.map((name) => name.replace(/^.*\//, '')).sort());
  });
});
