/**
 * Lets agents race for tasks with agentq and with tools like it, each as its own documentation says: how many took a task
 * that another had taken, how many had none, pushes that were in vain, and time as a ratio to agentq in the same run.
 * The others are installed from npm into a temporary folder, which is removed at the end; some are large.
 *
 *     npm run bench:peers -- [--agents 10] [--rounds 1] [--only name,name] [--json] [--program name=/path/to/it]
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchEnvironment, environmentNote, workInMemory } from '../bench/support/environment.ts';
import { frozenBuild } from '../bench/support/frozen-build.ts';
import { markdownTable, median } from '../bench/support/report.ts';
import { arenaFor } from './arena.ts';
import { must, type Place } from './commands.ts';
import { bytesIn, type Installed, install, present } from './install.ts';
import { NOT_RACED, PEERS } from './known.ts';
import { type Peer, toolAt } from './peer.ts';
import { type Outcome, RACES, type RaceKind, race, runs } from './race.ts';

const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    program: { type: 'string', multiple: true, default: [] },
  },
});
const agents = Number(values.agents);
const rounds = Number(values.rounds);
const only = values.only.split(',').filter((name) => name !== '');
const programs = new Map(
  values.program.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
);

/** Longest time (ms) of an installation, of one command, and of the agents of a loop. */
const LIMITS = { install: 600_000, command: 120_000, loop: 120_000 };

const WORDS: Readonly<Record<RaceKind, string>> = {
  folder: 'one clone',
  documented: 'a clone each, as documented',
  loop: 'a clone each, in a loop by hand',
};

interface Row {
  readonly peer: string;
  readonly version: string;
  readonly race: RaceKind;
  readonly outcomes: readonly Outcome[];
  /** Median time, divided by that of agentq in the race (a loop: by that of agentq with clones). */
  readonly ratio: number;
}

// On the disk: some packages are large.
const packages = realpathSync(mkdtempSync(join(tmpdir(), 'agentq-peers-')));
workInMemory();
const root = realpathSync(mkdtempSync(join(tmpdir(), 'agentq-peers-')));
const env = { ...benchEnvironment(root), npm_config_cache: process.env.npm_config_cache ?? '', CI: '1', NO_COLOR: '1' };
const base: Place = { cwd: root, env, limitMs: LIMITS.command };
process.once('SIGINT', () => {
  cleanUp();
  process.exit(130);
});

try {
  const git = (await must('git', ['--version'], base)).trim();
  const racing: { peer: Peer; installed: Installed }[] = [];
  const absent: { name: string; why: string }[] = [...NOT_RACED];
  for (const peer of PEERS.filter(({ name }) => only.length === 0 || name === 'agentq' || only.includes(name))) {
    say(`${peer.name}: installing`);
    try {
      racing.push({ peer, installed: await installed(peer) });
    } catch (error) {
      absent.push({ name: peer.name, why: `${peer.package} could not be installed: ${wordsOf(error)}` });
    }
  }

  const outcomes = new Map<string, Outcome[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const { peer, installed } of [...racing]) {
      for (const kind of RACES.filter((candidate) => runs(peer, candidate))) {
        say(`${peer.name}: ${WORDS[kind]}, round ${round}`);
        const key = `${peer.name}/${kind}`;
        const folder = join(root, `${key.replace('/', '-')}-${round}`);
        try {
          const arena = await arenaFor(peer, folder, base, (place) =>
            peer.prepare(toolAt(installed.command, place), agents),
          );
          const rules = { kind, agents, limitMs: LIMITS.loop };
          outcomes.set(key, [...(outcomes.get(key) ?? []), await race(peer, installed, arena, rules)]);
        } catch (error) {
          absent.push({ name: `${peer.name} ${installed.version}`, why: `made no queue: ${wordsOf(error)}` });
          racing.splice(
            racing.findIndex((each) => each.peer === peer),
            1,
          );
          break;
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      }
    }
  }
  report(racing, outcomes, absent, git);
} finally {
  cleanUp();
}

function cleanUp(): void {
  for (const folder of [root, packages]) rmSync(folder, { recursive: true, force: true });
}

async function installed(peer: Peer): Promise<Installed> {
  if (peer.package === undefined) {
    const bin = await frozenBuild(root);
    const version = (await must(process.execPath, [bin, '--version'], base)).trim();
    return { command: [process.execPath, bin], version, megabytes: (await bytesIn(join(bin, '..', '..'))) / 1e6 };
  }
  const program = programs.get(peer.name);
  if (program !== undefined) return present(program, base);
  const place = { cwd: packages, env: { ...env, HOME: process.env.HOME ?? root }, limitMs: LIMITS.install };
  return install(peer, join(packages, peer.name), place);
}

function report(
  racing: readonly { peer: Peer; installed: Installed }[],
  outcomes: ReadonlyMap<string, readonly Outcome[]>,
  absent: readonly { name: string; why: string }[],
  git: string,
): void {
  const secondsOf = (key: string): number => median((outcomes.get(key) ?? []).map(({ seconds }) => seconds));
  const rows = racing.flatMap(({ peer, installed }) =>
    RACES.flatMap((kind): Row[] => {
      const key = `${peer.name}/${kind}`;
      const those = outcomes.get(key);
      if (those === undefined) return [];
      const ratio = secondsOf(key) / secondsOf(`agentq/${kind === 'folder' ? kind : 'documented'}`);
      return [{ peer: peer.name, version: installed.version, race: kind, outcomes: those, ratio }];
    }),
  );
  const machine = { cores: cpus().length, node: process.version, git };
  const tools = racing.map(({ peer, installed }) => ({
    name: peer.name,
    version: installed.version,
    megabytes: installed.megabytes,
    says: peer.says,
  }));
  if (values.json) {
    console.log(
      JSON.stringify({ date: new Date().toISOString(), agents, rounds, machine, tools, rows, absent }, null, 2),
    );
    return;
  }
  console.log(
    `${agents} agents want a task each, out of ${agents}; ${rounds} rounds, medians. ${machine.cores} cores, node ${machine.node}, ${git}.\n`,
  );
  for (const kind of RACES) {
    const those = rows.filter((row) => row.race === kind);
    if (those.length === 0) continue;
    console.log(`${WORDS[kind]}:\n`);
    console.log(
      markdownTable(
        ['tool', 'taken twice', 'agents without a task', 'pushes', 'in vain', 'time, agentq = 1'],
        those.map(cellsOf),
      ),
    );
    for (const { peer, outcomes: list } of those) {
      const problem = list.find((each) => each.problem !== undefined)?.problem;
      if (problem !== undefined) console.log(`\n${peer}: a command failed: ${problem}`);
    }
    console.log('');
  }
  console.log(
    markdownTable(
      ['tool', 'installed, MB', 'what it tells agents'],
      tools.map((tool) => [`${tool.name} ${tool.version}`, tool.megabytes?.toFixed(1) ?? 'not from npm', tool.says]),
    ),
  );
  for (const { name, why } of absent) console.log(`\nNot raced: ${name}: ${why}.`);
  const note = environmentNote();
  if (note !== '') console.log(`\n${note}`);
}

function cellsOf({ peer, version, outcomes: list, ratio }: Row): string[] {
  const middle = (figure: (outcome: Outcome) => number): string => String(median(list.map(figure)));
  const hasPushed = list.some(({ wasted }) => wasted !== undefined);
  return [
    `${peer} ${version}`,
    middle(({ claims, tasks }) => claims - tasks),
    middle(({ without }) => without),
    middle(({ pushes }) => pushes),
    hasPushed ? middle(({ wasted }) => wasted ?? 0) : '',
    ratio.toFixed(1),
  ];
}

/** What happens meanwhile: a run takes minutes. */
function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
