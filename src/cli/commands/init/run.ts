import { Failure } from '../../../domain/base/failure.ts';
import { given } from '../../../domain/base/given.ts';
import { projectProblem } from '../../../domain/base/names.ts';
import { SETTINGS_FILE } from '../../../domain/base/settings-file.ts';
import type { InstallRequest } from '../../../domain/kit/install.ts';
import { type ProgramPlan, type ProgramRequest, parsePackage, RELEASES_FOLDER } from '../../../domain/kit/program.ts';
import { SERVICES, type Service } from '../../../domain/kit/workflows.ts';
import { LAYOUT_NAMES, type LayoutName } from '../../../domain/queue/layouts.ts';
import { compareText } from '../../../domain/queue/ordering.ts';
import type { PoolSettings } from '../../../domain/queue/snapshot.ts';
import { baseFindings } from '../../../engine/queue/base-findings.ts';
import type { FollowNotice, Queue } from '../../../engine/queue/queue.ts';
import { placeOf } from '../../command/answers.ts';
import { followCheckout } from '../../command/carry-out.ts';
import { DEFAULT_BRANCH } from '../../command/config.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { ownProgram } from '../../command/own-process.ts';
import { cronLine } from './cron.ts';
import { kitFiles, ownRelease } from './kit.ts';
import type { InitResult } from './result.ts';

/** The value of `--package` that puts the running agentq back into the repository. */
const BUNDLED = 'bundled';

/** Options of `agentq init`. */
export interface InitOptions extends CommonOptions {
  readonly projects: readonly string[];
  readonly layout: LayoutName | undefined;
  readonly onDifference: 'keep' | 'overwrite';
  readonly start: InstallRequest['start'];
  /** What scripts and workflows are to run; undefined: what they run now, or else this agentq. */
  readonly pin: ProgramRequest['pin'];
  readonly workflows: Service | undefined;
}

/** Reads and checks the options of `agentq init`. */
export function parse(input: Input): InitOptions {
  return {
    projects: input.rest('project', projectProblem),
    layout: input.word('layout', LAYOUT_NAMES),
    onDifference: input.isOn('force') ? 'overwrite' : 'keep',
    start: input.isOn('queue-only') ? 'nothing' : 'default-branch',
    pin: readPin(input.typed('package', packageProblem)),
    workflows: input.word('workflows', SERVICES),
  };
}

function packageProblem(text: string): string | undefined {
  const parsed = text === BUNDLED ? undefined : parsePackage(text);
  return parsed?.kind === 'problem' ? parsed.problem : undefined;
}

function readPin(text: string | undefined): ProgramRequest['pin'] {
  if (text === undefined) return undefined;
  if (text === BUNDLED) return { kind: 'bundled' };
  const parsed = parsePackage(text);
  return parsed.kind === 'package' ? parsed : undefined;
}

/** Adds to the branch what a queue needs and the branch lacks. */
export function run(options: InitOptions, context: CommandContext): Promise<InitResult> {
  return context.withQueue(async (queue) => {
    const { projects, layout, onDifference, start, pin } = options;
    if (options.workflows !== undefined && queue.place.remote === undefined) {
      throw new Failure('remote-missing', 'this repository has no remote where workflows could run');
    }
    const running = ownRelease(context.alone);
    const { installation, program, settings, commit, branch, unsigned } = await queue.install({
      projects,
      layout,
      onDifference,
      start,
      signing: context.config.signing,
      kit: kitFiles(),
      program: { running, onDifference, ...given({ pin }) },
    });
    const { locations } = installation;
    const all = (what: 'created' | 'overwritten' | 'kept'): string[] =>
      [...installation[what], ...(program?.[what] ?? [])].sort(compareText);
    const [created, overwritten, kept] = [all('created'), all('overwritten'), all('kept')];
    const { updated } = installation;
    const { branch: name, remote } = queue.place;
    const where = remote === undefined ? name : `${name} of ${remote}`;
    if (branch === 'created') context.log.info(`made the branch ${where}`);
    if (branch === 'created' && start === 'nothing' && name !== DEFAULT_BRANCH) context.log.info(howToFind(name));
    if (unsigned !== undefined) context.log.warning(`the commit is not signed: ${unsigned}`);
    if (updated.length > 0) context.log.info(`updated, since nobody had changed them: ${updated.join(', ')}`);
    if (overwritten.length > 0) context.log.info(`overwrote ${overwritten.join(', ')}`);
    if (kept.length > 0) {
      context.log.info(
        `left as they are, though they differ from this version's: ${kept.join(', ')} (--force overwrites them)`,
      );
    }
    if (program) sayProgram(program, running.version, context);
    if (commit === undefined) context.log.info(`everything is there already on ${where}`);
    else sayWhere(await followCheckout(queue, context, commit), queue, context);
    if (branch === 'created' || program?.from === undefined)
      context.log.info(`for a crontab: ${cronFor(queue, context)}`);
    await warnOfBase(queue, settings, context);
    const workflows = await putWorkflows(queue, options, settings.signing, context);
    return {
      ...placeOf(queue),
      commit: commit ?? null,
      branchCreated: branch === 'created',
      created,
      overwritten,
      updated,
      kept,
      removed: program?.removed ?? [],
      program: { from: program?.from ?? null, to: program?.to ?? running.version },
      workflows,
      projects: locations.map(({ project, layout, folders }) => ({ project, layout, tasks: folders.ready })),
    };
  });
}

/** Otherwise only the first worker would learn of it. */
async function warnOfBase(queue: Queue, settings: PoolSettings, { log }: CommandContext): Promise<void> {
  const findings = await baseFindings(settings, queue.place, async () => (await queue.read('clone')).code);
  for (const { message, hint, file } of findings) log.warning(`${file}: ${message} (${hint})`);
}

/** Scripts and the page for agents are files, and a checkout of another branch does not have them. */
function sayWhere(notice: FollowNotice, { place }: Queue, { log }: CommandContext): void {
  const { branch, remote } = place;
  const isElsewhere =
    notice.kind === 'skipped' && (notice.because === 'not-on-branch' || notice.because === 'beside-code');
  if (!isElsewhere || remote === undefined) return;
  log.info(
    `the kit is on ${branch} of ${remote}, which is not checked out here: \`git fetch ${remote} ${branch}\`, then \`git worktree add ../${branch.replaceAll('/', '-')} ${branch}\` for its files`,
  );
}

function cronFor({ place }: Queue, { config }: CommandContext): string {
  const { branch, remote } = place;
  return cronLine({
    program: ownProgram(),
    dir: config.dir,
    branch: branch === DEFAULT_BRANCH ? undefined : branch,
    remote: remote === 'origin' ? undefined : remote,
  });
}

async function putWorkflows(
  queue: Queue,
  { workflows: service, onDifference }: InitOptions,
  signing: PoolSettings['signing'],
  { log }: CommandContext,
): Promise<InitResult['workflows']> {
  if (service === undefined) return null;
  const { plan, branch, commit, refused } = await queue.installWorkflows({
    service,
    onDifference,
    signing,
    kit: kitFiles(),
  });
  const { created, overwritten, updated, kept, byHand } = plan;
  const where = `${branch} of ${queue.place.remote ?? ''}`;
  if (kept.length > 0)
    log.info(`left as they are on ${where}, though they differ: ${kept.join(', ')} (--force overwrites them)`);
  if (byHand !== undefined) log.warning(byHand);
  if (refused !== undefined && commit !== undefined) {
    throw new Failure('remote-refused', `${where} takes no commit with the workflows: ${refused}`, {
      hint: `the queue itself is set up; to propose the workflows: \`git push ${queue.place.remote ?? ''} ${commit}:refs/heads/agentq-workflows\`, or as a patch: \`git format-patch -1 --stdout ${commit} | git am\``,
      details: { commit },
    });
  }
  log.info(commit === undefined ? `the workflows are there already on ${where}` : `put the workflows on ${where}`);
  return { branch, commit: commit ?? null, created, overwritten, updated, kept };
}

/** Nothing on the branch of the code says where the queue is. */
function howToFind(branch: string): string {
  return `agents find it by AGENTQ_BRANCH=${branch}, by --branch ${branch}, or by \`branch: ${branch}\` below \`agentq:\` in ${SETTINGS_FILE} of the branch that they check out`;
}

function sayProgram({ from, to, removed, because }: ProgramPlan, own: string, { log }: CommandContext): void {
  if (removed.length > 0) log.info(`removed ${removed.join(', ')}`);
  const [before, now] = [from === undefined ? undefined : programName(from), programName(to)];
  if (because === 'newer') {
    log.warning(`the queue has ${now}, which is newer than this ${own}: it stays (--force replaces it)`);
  } else if (before === undefined) log.info(`scripts and workflows run ${now}, from ${RELEASES_FOLDER}`);
  else if (before !== now) log.info(`scripts and workflows ran ${before}; now they run ${now}`);
}

function programName(name: string): string {
  return /^\d/.test(name) ? `agentq ${name}` : `the ${name}`;
}
