import { Failure } from '../../../domain/base/failure.ts';
import { quote } from '../../../domain/base/names.ts';
import { closest } from '../../../domain/base/suggest.ts';
import { AGENT_NAMES, type AgentName, CLAUDE_SETTINGS, setupOf } from '../../../domain/setup/agents.ts';
import { type OnExit, onExitIn } from '../../../domain/setup/hooks.ts';
import { planSetUp, type SetUpPlan } from '../../../store/setup/set-up.ts';
import { WorkingFiles } from '../../../store/setup/working-files.ts';
import { workTreeAbove } from '../../command/config.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import type { SetupFile, SetupResult } from './result.ts';

/** Options of `agentq setup`. */
export interface SetupOptions extends CommonOptions {
  /** `here`: those whose files are here. */
  readonly agents: readonly AgentName[] | 'here';
  readonly what: 'add' | 'remove';
  readonly mode: 'write' | 'check' | 'dry-run';
  readonly onChanged: 'keep' | 'overwrite';
  /** undefined: what the settings already say, or else `remind`. */
  readonly onExit: OnExit | undefined;
}

/** Reads and checks the options of `agentq setup`. */
export function parse(input: Input): SetupOptions {
  const named = new Set(input.rest('agent', agentNameProblem));
  const agents = AGENT_NAMES.filter((name) => named.has(name));
  const isAll = input.isOn('all');
  if (isAll && agents.length > 0) throw usage('agents are named together with --all', 'leave one of them out');
  if (!isAll && agents.length === 0) {
    throw usage('no agent is named', `name ${AGENT_NAMES.join(', ')}, or --all for those whose files are here`);
  }
  const [isRemoval, isCheck, isDryRun] = [input.isOn('remove'), input.isOn('check'), input.isOn('dry-run')];
  if (isRemoval && isCheck) throw usage('--check and --remove exclude each other');
  return {
    agents: isAll ? 'here' : agents,
    what: isRemoval ? 'remove' : 'add',
    mode: isCheck ? 'check' : isDryRun ? 'dry-run' : 'write',
    onChanged: input.isOn('force') ? 'overwrite' : 'keep',
    onExit: input.word('on-exit', ['remind', 'release']),
  };
}

/** Writes, checks or removes what the agents read. */
export async function run(options: SetupOptions, { config, log }: CommandContext): Promise<SetupResult> {
  const { what, mode, onChanged } = options;
  const dir = workTreeAbove(config.dir);
  if (dir === undefined) {
    throw new Failure('not-a-repository', `${config.dir} is not in a git working tree`, {
      hint: 'agents read the files of a repository: name it with -C',
    });
  }
  const working = new WorkingFiles(dir);
  const onExit = options.onExit ?? onExitIn(working.read(CLAUDE_SETTINGS).text ?? '') ?? 'remind';
  const setups = AGENT_NAMES.map((name) => ({ name, ...setupOf(name, onExit) })).filter(({ name, signs }) =>
    options.agents === 'here' ? signs.some((path) => working.has(path)) : options.agents.includes(name),
  );
  const plan = planSetUp(setups, working, { what, onChanged });
  if (mode === 'write') {
    working.apply(plan.changes);
    const gone = plan.changes.filter(({ after }) => after === undefined).map(({ path }) => path);
    const isLeft = (folder: string) => gone.some((path) => path.startsWith(`${folder}/`));
    for (const { folders } of setups) working.removeEmpty(folders.filter(isLeft));
  }
  const result: SetupResult = {
    agents: setups.map(({ name }) => name),
    dir,
    files: plan.files.map((file) => ({
      ...file,
      agents: setups.filter(({ parts }) => parts.some(({ path }) => path === file.path)).map(({ name }) => name),
    })),
    upToDate: plan.changes.length === 0,
    changed: mode === 'write' && plan.changes.length > 0,
    presentation: { mode },
  };
  tell(result, plan, options, log);
  if (setups.some(({ name }) => name === 'codex') && mode === 'write' && what === 'add' && !working.has('.codex'))
    log.info('Codex has no folder here; to tell it about the MCP server: `codex mcp add agentq -- agentq mcp`');
  return result;
}

function tell(
  { agents, files }: SetupResult,
  { changes }: SetUpPlan,
  { what, mode }: SetupOptions,
  log: CommandContext['log'],
): void {
  const named = (action: SetupFile['action']) => files.filter((file) => file.action === action).map(({ path }) => path);
  const kept = named('kept');
  if (kept.length > 0)
    log.info(`left as they are, since somebody has changed them: ${kept.join(', ')} (--force does not)`);
  if (agents.length === 0) log.info(`no file of an agent is here; name one: ${AGENT_NAMES.join(', ')}`);
  else if (changes.length === 0) log.info(what === 'add' ? 'everything is up to date' : 'there is nothing to remove');
  else if (mode === 'check') log.error('out of date: `agentq setup` brings it up to date');
  else if (mode === 'write') log.info('nothing is committed: check the files, then commit them');
}

function agentNameProblem(name: string): string | undefined {
  if (AGENT_NAMES.some((known) => known === name)) return undefined;
  const meant = closest(name, AGENT_NAMES);
  const help = meant === undefined ? 'codex stands for all that read AGENTS.md' : `did you mean ${meant}?`;
  return `there is no agent ${quote(name)}: it must be ${AGENT_NAMES.join(', ')} (${help})`;
}
