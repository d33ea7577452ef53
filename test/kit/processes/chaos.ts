import { spawn } from 'node:child_process';
import { seededRandomness } from '../../../lab/model/seeded-randomness.ts';
import { systemClock } from '../../../src/cli/command/system.ts';
import type { Randomness } from '../../../src/domain/base/clock.ts';
import { claimIntent, openedQueue, requestsIn, requestsOn } from '../engine/machine.ts';
import { auditQueue, type TaskMove } from '../queues/queue-audit.ts';
import { queueRemote } from '../queues/queue-files.ts';
import type { GitSandbox } from '../scene/git-sandbox.ts';
import { runOldAgent } from './old-agents.ts';
import { AGENTQ_BIN, NODE } from './run-agentq.ts';

/**
 * A pool of real processes on several machines of which any may be killed at any moment, with whatever else goes wrong
 * in the field; and afterwards the proof, from the history alone, that everybody who lived was told the truth.
 */
export interface ChaosSetting {
  readonly seed: number;
  readonly machines: number;
  readonly agents: number;
  readonly oldAgents: number;
  readonly tasks: number;
  /** Share of the processes that are killed. */
  readonly killed: number;
  /**
   * Share of the pushes to the branch whose server is killed: with only the branch moved, with all but that, or after
   * it.
   */
  readonly serverKilled: number;
  /** Merges that a human pushes, with their own work as the first parent. */
  readonly merges: number;
  /** Requests that somebody deletes from the remote by mistake. */
  readonly deleted: number;
}

/** One process, and what it said. */
interface Told {
  readonly agent: string;
  readonly action: 'claim' | 'complete';
  /** null: killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ChaosOutcome {
  readonly told: readonly Told[];
  readonly claims: number;
  /** What should not be, in words. */
  readonly violations: readonly string[];
}

export async function runChaos(box: GitSandbox, setting: ChaosSetting): Promise<ChaosOutcome> {
  const chaos = new Chaos(box, await queueRemote(box, setting.tasks), setting);
  await chaos.prepare();
  await chaos.run();
  return chaos.verdict();
}

class Chaos {
  readonly #box: GitSandbox;
  readonly #remote: string;
  readonly #setting: ChaosSetting;
  readonly #random: Randomness;
  readonly #told: Told[] = [];
  #oldClaims = 0;
  #disturbances: (() => Promise<void>)[] = [];

  constructor(box: GitSandbox, remote: string, setting: ChaosSetting) {
    this.#box = box;
    this.#remote = remote;
    this.#setting = setting;
    this.#random = seededRandomness(setting.seed);
  }

  async prepare(): Promise<void> {
    const { machines, oldAgents, merges, deleted } = this.#setting;
    const clones = Array.from({ length: machines }, (_, index) => `machine-${index}`);
    for (const clone of clones) {
      await this.#box.clone(this.#remote, clone);
      // The server does not die with its client, as it would on the same machine.
      await this.#box.git(clone, 'config', 'remote.origin.receivepack', 'setsid -w git-receive-pack');
      await this.#box.write('.', { [`run-${clone}/.keep`]: '' });
    }
    for (let i = 0; i < oldAgents; i++) await this.#box.clone(this.#remote, `old-${i}`);
    await this.#box.hook(this.#remote, 'pre-receive', this.#serverDeath());
    await this.#box.hook(
      this.#remote,
      'post-receive',
      '[ -e die-after-$PPID ] && rm die-after-$PPID && kill -9 $PPID\nexit 0',
    );
    this.#disturbances = [
      ...Array.from({ length: merges }, () => () => this.#mergeByHand()),
      ...Array.from({ length: deleted }, () => () => this.#deleteRequest()),
    ];
  }

  async run(): Promise<void> {
    const { agents, oldAgents, machines } = this.#setting;
    await Promise.all([
      ...Array.from({ length: agents }, (_, index) => this.#agent(`agent-${index}`, `machine-${index % machines}`)),
      ...Array.from({ length: oldAgents }, (_, index) => this.#oldAgent(`old-${index}`)),
    ]);
  }

  /** Claims, completes some of what it gets, and begins again, until there is nothing or it is killed. */
  async #agent(agent: string, machine: string): Promise<void> {
    for (;;) {
      const claim = await this.#process(agent, machine, 'claim', [agent]);
      await this.#disturb();
      if (claim.code !== 0) return;
      if (this.#random.next() < 0.5) {
        const complete = await this.#process(agent, machine, 'complete', [claim.stdout.trim(), agent]);
        if (complete.code === null) return;
      }
    }
  }

  async #oldAgent(agent: string): Promise<void> {
    const { exitCode } = await runOldAgent(this.#box, agent, 'claim', agent);
    if (exitCode === 0) this.#oldClaims++;
  }

  /** One process; where it is to be killed, that happens when it has said this many lines, or a moment after. */
  #process(agent: string, machine: string, action: Told['action'], args: readonly string[]): Promise<Told> {
    const isVictim = this.#random.next() < this.#setting.killed;
    const lines = Math.floor(this.#random.next() * 16);
    const moment = Math.floor(this.#random.next() * 30);
    const combine = this.#random.next() < 0.8 ? 'all' : 'remote';
    const sync = this.#random.next() < 0.5 ? ['--no-sync'] : [];
    const child = spawn(NODE, [AGENTQ_BIN, action, ...args, '-v', '--combine', combine, ...sync], {
      cwd: this.#box.path(machine),
      env: { ...this.#box.env, XDG_RUNTIME_DIR: this.#box.path(`run-${machine}`), AGENTQ_MAX_RETRIES: '50' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    let isKilled = false;
    const kill = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    };
    const watch = (): void => {
      if (!isVictim || isKilled || stderr.split('\n').length <= lines) return;
      isKilled = true;
      setTimeout(kill, moment);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      watch();
    });
    watch();
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => {
        const told = { agent, action, code, stdout, stderr };
        this.#told.push(told);
        resolve(told);
      });
    });
  }

  /**
   * A push to the branch now and then kills its server: with half of it done, the one or the other, or with nobody
   * told.
   */
  #serverDeath(): string {
    const share = Math.round(this.#setting.serverKilled * 1000);
    return `updates=$(cat)
set -- $(printf '%s\\n' "$updates" | grep ' refs/heads/develop$')
before=$1 after=$2
[ -n "$after" ] || exit 0
# Old agents do not look whether a push landed whose answer was lost.
git log -1 --format=%B "$after" | grep -q '^Agentq-Request:' || exit 0
dice=$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')
[ $((dice % 1000)) -lt ${share} ] || exit 0
end=$((dice / 1000 % 3))
[ $end = 0 ] && { touch die-after-$PPID; exit 0; }
[ -n "$GIT_QUARANTINE_PATH" ] || exit 0
cp -R "$GIT_QUARANTINE_PATH/." objects/
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
if [ $end = 1 ]; then git update-ref refs/heads/develop "$after" "$before"
else printf '%s\\n' "$updates" | while read -r old new ref; do
  [ "$ref" = refs/heads/develop ] || git update-ref "$ref" "$new" "$old"
done; fi
kill -9 $PPID`;
  }

  async #disturb(): Promise<void> {
    if (this.#random.next() < 0.5) await this.#disturbances.pop()?.();
  }

  async #mergeByHand(): Promise<void> {
    const { git, tryGit } = this.#gitOf(this.#remote);
    const [first = ''] = (await git('rev-list', '--max-parents=0', 'develop')).split('\n');
    for (;;) {
      const tip = await git('rev-parse', 'develop');
      const mine = await git('commit-tree', `${first}^{tree}`, '-p', first, '-m', 'Write the readme');
      const merge = await git('commit-tree', `${tip}^{tree}`, '-p', mine, '-p', tip, '-m', "Merge branch 'develop'");
      if ((await tryGit('update-ref', 'refs/heads/develop', merge, tip)).exitCode === 0) return;
    }
  }

  async #deleteRequest(): Promise<void> {
    const [ref] = await requestsOn(this.#box, this.#remote);
    if (ref !== undefined) await this.#box.tryGit(this.#remote, 'update-ref', '-d', ref);
  }

  #gitOf(dir: string) {
    return {
      git: (...args: string[]) => this.#box.git(dir, ...args),
      tryGit: (...args: string[]) => this.#box.tryGit(dir, ...args),
    };
  }

  async verdict(): Promise<ChaosOutcome> {
    const before = await auditQueue(this.#box.path(this.#remote));
    const violations = [
      ...before.violations,
      ...this.#untrue(before.moves, before.tip),
      ...(await this.#doubled()),
      ...(await this.#leftovers()),
    ];
    const after = await auditQueue(this.#box.path(this.#remote));
    violations.push(...after.violations.filter((violation) => !violations.includes(violation)));
    const claims = before.moves.filter(({ from }) => from === 'ready').length;
    return { told: this.#told, claims, violations };
  }

  /** What the living were told against what the history says. */
  #untrue(moves: readonly TaskMove[], tip: ReadonlyMap<string, string>): string[] {
    const violations: string[] = [];
    const isReady = [...tip.values()].includes('ready');
    const killed = new Set(this.#told.filter(({ code }) => code === null).map(({ agent }) => agent));
    for (const { agent, action, code, stdout, stderr } of this.#told) {
      const expected = action === 'claim' ? [0, 1] : [0];
      if (code === null) continue;
      if (!expected.includes(code)) violations.push(`${agent}: ${action} exited with ${code}:\n${stderr}`);
      if (code === 1 && isReady) violations.push(`${agent} was told that there is nothing, and there is`);
      const task = stdout.split('\n')[0] ?? '';
      if (action === 'complete' && code === 0 && tip.get(task) !== 'completed') {
        violations.push(`${agent} was told that ${task} is completed, and it is not`);
      }
    }
    const agents = new Set(this.#told.map(({ agent }) => agent));
    for (const agent of agents) {
      const told = this.#told.filter((one) => one.agent === agent && one.action === 'claim' && one.code === 0);
      const names = told.map(({ stdout }) => stdout.trim());
      const owned = moves.filter(({ from, to, owner }) => from === 'ready' && to === 'claimed' && owner === agent);
      const missing = names.filter((name) => !owned.some(({ task }) => task === name));
      violations.push(...missing.map((task) => `${agent} was told that it owns ${task}, and it does not`));
      const extra = owned.filter(({ task }) => !names.includes(task));
      // What a killed process had asked for may have been carried out: one task at most, for it asked once.
      if (extra.length > (killed.has(agent) ? 1 : 0)) {
        violations.push(`${agent} owns ${extra.map(({ task }) => task).join(' and ')} and was never told`);
      }
    }
    const old = moves.filter(({ from, owner }) => from === 'ready' && owner?.startsWith('old-'));
    if (old.length !== this.#oldClaims) {
      violations.push(`${this.#oldClaims} old agents were told that they own a task, and ${old.length} do`);
    }
    return violations;
  }

  async #doubled(): Promise<string[]> {
    const requests = await requestsIn(this.#box, this.#remote);
    const twice = requests.filter((request, index) => requests.indexOf(request) !== index);
    return twice.map((request) => `request ${request} was carried out twice`);
  }

  /**
   * The next command of each machine works, and they sweep away what has expired by then, which is five minutes later:
   * a server may still have been at work for a client that was killed when the first of them looked.
   */
  async #leftovers(): Promise<string[]> {
    const violations: string[] = [];
    const later = { ...systemClock, now: () => systemClock.now() + 300_000 };
    const machines = Array.from({ length: this.#setting.machines }, (_, index) => `machine-${index}`);
    for (const machine of [...machines, ...machines]) {
      await using opened = await openedQueue(this.#box, machine, { clock: later });
      await opened.queue.submit(claimIntent('next')).catch((error: unknown) => {
        if (!(error instanceof Error && 'code' in error && error.code === 'nothing-claimable'))
          violations.push(`the next command on ${machine} failed: ${error}`);
      });
    }
    const left = await requestsOn(this.#box, this.#remote);
    if (left.length > 0) violations.push(`requests are left after the next commands: ${left.join(', ')}`);
    return violations;
  }
}
