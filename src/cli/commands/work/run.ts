import { resolve } from 'node:path';
import type { NothingClaimable } from '../../../domain/base/claimable.ts';
import { Failure } from '../../../domain/base/failure.ts';
import { given } from '../../../domain/base/given.ts';
import { agentProblem, projectProblem, quote } from '../../../domain/base/names.ts';
import type { TaskFilter } from '../../../domain/intents/intent.ts';
import { secretsIn } from '../../../domain/secrets/mask.ts';
import type { PoolOptions, PoolReport } from '../../../engine/pool/options.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Presence } from '../../../engine/registry/presence.ts';
import type { CheckoutFollowerParts } from '../../../engine/work/checkout-follower.ts';
import { isDone } from '../../../engine/work/job.ts';
import { MOST_LAST_WORDS } from '../../../engine/work/last-words.ts';
import { courteously, orAborted, type Shutdown } from '../../../engine/work/shutdown.ts';
import { placeOf } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import { readClaimFilter } from '../../command/filter.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import { nestedWorkProblem } from '../../command/worker-arguments.ts';
import { exitCodeOf } from '../../output/exit-codes.ts';
import { ownPresence } from '../../presence/own-presence.ts';
import { type PromptChoice, readPromptChoice, templateOf } from '../prompt/prompt-choice.ts';
import { checkProgram } from './find-program.ts';
import { fitting } from './fitting.ts';
import { Progress } from './progress.ts';
import { describeEnding, exitCode } from './render.ts';
import { countsOf, toWorked, type WorkResult } from './result.ts';
import { openPlaces, type WorktreeChoice, worktreeChoice } from './worktree-choice.ts';

/** Most agents in one process: each runs a command. */
const MOST_AGENTS = 500;

const DEFAULT_GRACE_MS = 10_000;
const DEFAULT_RETRY_DELAY_MS = 10_000;

/** Options of `agentq work`. */
export interface WorkOptions extends CommonOptions {
  readonly agent: string;
  readonly command: readonly string[];
  readonly pool: PoolOptions;
  /** Shell commands that must succeed after it. */
  readonly checks: readonly string[];
  readonly taskChecks: 'run' | 'ignore';
  readonly proof: 'commits' | 'exit-code';
  readonly stdin: 'task' | 'none';
  /** undefined: commands get the task's text. */
  readonly prompt: PromptChoice | undefined;
  readonly worktrees: WorktreeChoice | undefined;
  readonly logDir: string | undefined;
  /** How many lines of a failed command's output go into the commit. */
  readonly lastWords: number;
  /** Whether it may work under an agent id that another machine uses. */
  readonly names: 'own' | 'taken-over';
}

/** Reads and checks the options of `agentq work`. */
export function parse(input: Input): WorkOptions {
  const agent = input.agent();
  const command = input.tail();
  const filter: TaskFilter = readClaimFilter(input);
  const prefer = input.text('prefer', projectProblem);
  if (prefer !== undefined && filter.project !== undefined && prefer !== filter.project) {
    throw usage(`${prefer} cannot be preferred when claims are only from ${filter.project}`);
  }
  const concurrency = input.integer('concurrency', 1, MOST_AGENTS);
  const agents = agentNames(agent, concurrency);
  const busy = nestedWorkProblem(agents, (name) => input.workers(name));
  if (busy !== undefined) throw usage(busy, 'finish this one, or name another agent');
  const wait = input.wait('wait');
  const worktrees = worktreeChoice(input);
  return {
    agent,
    command,
    pool: {
      agents,
      filter,
      prefer,
      staggerMs: input.typedDuration('stagger') ?? 0,
      maxTasks: input.integer('max-tasks', 1, Number.MAX_SAFE_INTEGER),
      until: input.isOn('once') ? 'one-task' : 'nothing-claimable',
      idle: wait === undefined ? { kind: 'leave' } : { kind: 'wait', ms: wait.ms },
      heartbeatMs: input.typedDuration('heartbeat'),
      rules: {
        graceMs: input.typedDuration('grace') ?? DEFAULT_GRACE_MS,
        timeoutMs: input.typedDuration('timeout'),
        retries: input.integer('retries', 0, 1000),
        retryDelayMs: input.typedDuration('retry-delay') ?? DEFAULT_RETRY_DELAY_MS,
        ...(input.isOn('review') ? { success: 'review' } : {}),
        ...given({ onChange: readOnChange(input) }),
      },
    },
    checks: readChecks(input),
    taskChecks: input.isOff('verify') ? 'ignore' : 'run',
    proof: proofOf(input, worktrees, concurrency),
    stdin: input.isOff('stdin') ? 'none' : 'task',
    prompt: readPromptChoice(input),
    worktrees,
    logDir: input.typed('log-dir', folderProblem),
    lastWords: input.integer('last-words', 0, MOST_LAST_WORDS) ?? 0,
    names: input.isOn('force') ? 'taken-over' : 'own',
  };
}

/** Runs a command for one task after another, until there is nothing to claim or a signal ends it. */
export async function run(options: WorkOptions, context: CommandContext): Promise<WorkResult> {
  const startedAt = context.clock.now();
  checkProgram(options.command[0] ?? '', context.env);
  // The queue is still needed after the first signal, to give back what is claimed.
  const terms = { signal: new AbortController().signal, timeoutMs: undefined, timeoutOf: 'each-submit' } as const;
  return context.withQueue(async (queue) => {
    const progress = progressFor(options, context);
    const presence = presenceOf(queue, options, context);
    let report: PoolReport;
    try {
      await orAborted(presence.enter(options.names === 'own' ? 'refuse' : 'take-over'), context.signal);
      report = await workWith(queue, options, context, { progress, presence });
      await courteously(queue.forgetHeartbeats(), shutdownOf(context));
    } finally {
      await courteously(presence.leave(), shutdownOf(context));
      progress.close();
    }
    const result: WorkResult = {
      ...placeOf(queue),
      agents: options.pool.agents,
      ...countsOf(report.results),
      once: options.pool.until === 'one-task',
      tasks: report.results.map(toWorked),
      elapsedMs: context.clock.now() - startedAt,
    };
    sayHowItEnded(result, report, options.pool, context);
    throwIfNotWell(result, report, context);
    return result;
  }, terms);
}

async function workWith(
  queue: Queue,
  options: WorkOptions,
  context: CommandContext,
  { progress, presence }: { readonly progress: Progress; readonly presence: Presence },
): Promise<PoolReport> {
  const { clock, random, config, env, signal, log } = context;
  const [{ runPool }, { CheckoutFollower }, { openWorkspaces: openWorkshop }, worktrees] = await Promise.all([
    import('../../../engine/pool/pool.ts'),
    import('../../../engine/work/checkout-follower.ts'),
    import('./workspaces.ts'),
    openPlaces(queue, options.worktrees, context),
  ]);
  const workspaces = await openWorkshop({
    queue,
    command: options.command,
    checks: options.checks,
    taskChecks: options.taskChecks,
    proof: options.proof,
    clock,
    env: { ...env, ...config.meet?.passedOn },
    remote: config.remote,
    cwd: config.dir,
    stdin: options.stdin,
    promptTemplate: options.prompt && (await templateOf(options.prompt, config.dir)),
    worktrees,
    logDir: options.logDir === undefined ? undefined : resolve(config.dir, options.logDir),
    onLine: (job, line, stream) => progress.output(job, line, stream),
    drained: () => context.stderr.sink.drained?.(),
    onNotice: (job, message) => context.logFor(job.agent).info(message),
  });
  const checkout = new CheckoutFollower({
    queue,
    clock,
    startsAfter: startsAfter(queue, options),
    onSkipped: (reason) => log.info(`the checkout was not updated: ${reason}`),
  });
  try {
    return await runPool(fitting(withSecrets(options, context), log), {
      queue,
      workspaces,
      clock,
      random,
      interrupt: signal,
      urgent: context.secondSignal(),
      at: context.at,
      onEvent(event) {
        progress.on(event);
        const isWaiting = event.kind === 'idle' && options.pool.idle.kind === 'wait';
        if (event.kind === 'claimed' || isWaiting) presence.appear();
        if (event.kind === 'renewed' && event.commit !== undefined) checkout.pushed(event.commit);
        if (event.kind !== 'finished' || !isDone(event.result)) return;
        const { project, id } = event.result.job.task;
        context.say(`${project}/${id}`);
      },
      checkout,
    });
  } finally {
    await courteously(checkout.settled(), shutdownOf(context));
    await workspaces.close();
  }
}

function presenceOf(queue: Queue, { pool }: WorkOptions, context: CommandContext): Presence {
  const { agents, filter } = pool;
  return ownPresence(
    queue,
    { agents, command: 'work', capabilities: filter.can ?? [], project: filter.project },
    context,
  );
}

/** Adds the secrets of this machine that commands may print or write about their work. */
function withSecrets({ pool, lastWords: lines }: WorkOptions, { env, config }: CommandContext): PoolOptions {
  const secrets = secretsIn({ ...env, MEET_PASSWORD: config.meet?.url?.login?.password });
  const rules = { ...pool.rules, secrets };
  return { ...pool, rules: lines === 0 ? rules : { ...rules, lastWords: { lines, secrets } } };
}

function shutdownOf(context: CommandContext): Shutdown {
  return { clock: context.clock, interrupt: context.signal, urgent: context.secondSignal() };
}

/**
 * When a command may start. Without a remote, a checkout that lags behind shows the reverse of the claim as if it were
 * a change of the user, and a command may commit it. The command of a lone agent may begin with a git of its own in the
 * checkout, which fails while ours is at work there. Commands that share a checkout cannot rely on it anyway.
 */
function startsAfter(queue: Queue, { pool, worktrees }: WorkOptions): CheckoutFollowerParts['startsAfter'] {
  if (queue.place.remote === undefined) return 'checkout';
  return pool.agents.length === 1 && worktrees === undefined ? 'moment' : 'nothing';
}

function progressFor({ pool }: WorkOptions, context: CommandContext): Progress {
  const { stderr, log, logFor, clock, env } = context;
  const isDisplay =
    stderr.sink.isTerminal && stderr.format === 'text' && stderr.level !== 'error' && env.TERM !== 'dumb';
  return new Progress({
    agents: pool.agents,
    logFor,
    log,
    stderr,
    form: isDisplay ? 'display' : 'lines',
    now: () => clock.now(),
  });
}

function agentNames(agent: string, concurrency: number | undefined): readonly string[] {
  if (concurrency === undefined) return [agent];
  const names = Array.from({ length: concurrency }, (_, index) => `${agent}-${index + 1}`);
  const problem = agentProblem(names.at(-1) ?? '');
  if (problem !== undefined) throw usage(problem);
  return names;
}

function readOnChange(input: Input): 'restart' | 'signal' | undefined {
  const how = input.typed('on-change', (value) =>
    value === 'restart' || value === 'signal' ? undefined : `--on-change ${quote(value)} is neither restart nor signal`,
  );
  return how === 'restart' || how === 'signal' ? how : undefined;
}

function readChecks(input: Input): readonly string[] {
  const checks = input.list('check');
  const [unusable] = checks.filter((check) => check.includes('\0'));
  if (unusable !== undefined) throw usage('--check has a NUL in its command');
  return checks;
}

/** Agents that share a checkout cannot be told apart: what one of them leaves would count for all. */
function proofOf(input: Input, worktrees: WorktreeChoice | undefined, concurrency = 1): WorkOptions['proof'] {
  if (!input.isOn('require-commits')) return 'exit-code';
  if (worktrees === undefined && concurrency > 1) {
    throw usage('--require-commits with several agents needs --worktree', 'each then has a branch of its own');
  }
  return 'commits';
}

function folderProblem(value: string): string | undefined {
  return value.includes('\0') ? 'the folder has a NUL in its name' : undefined;
}

/** The last line, which says what became of a pool. An interrupt, and a pool without tasks, say so themselves. */
function sayHowItEnded(
  result: WorkResult,
  { failure, nothing }: PoolReport,
  { until, maxTasks }: PoolOptions,
  { signal, log }: CommandContext,
): void {
  if (signal.aborted || result.tasks.length === 0) return;
  const code = failure === undefined ? exitCode(result) : exitCodeOf(failure);
  // A pool that ended for another reason has not asked what is left.
  const isDrained = failure === undefined && until === 'nothing-claimable' && maxTasks === undefined;
  const why = isDrained ? (nothing?.details.why as NothingClaimable | undefined) : undefined;
  log.info(describeEnding(result, code, why));
}

/** Throws what counts as a failure. Its document has the tasks all the same, since some may have been completed. */
function throwIfNotWell(result: WorkResult, { failure, nothing }: PoolReport, { signal }: CommandContext): void {
  if (signal.aborted) {
    const stuck = result.tasks.filter(({ outcome }) => outcome === 'unsettled');
    const names = stuck.map(({ project, task, agent }) => `\`agentq release ${project}/${task} ${agent}\``);
    const given = result.givenBack === 0 ? '' : `, ${result.givenBack} given back`;
    throw new Failure('interrupted', `interrupted: ${result.completed} completed${given}`, {
      ...(names.length === 0 ? {} : { hint: `still held: ${names.join(', ')} gives it back` }),
      details: { ...result },
    });
  }
  if (failure !== undefined) {
    const { code, message, hint, details } = failure;
    throw new Failure(code, message, { ...given({ hint }), details: { ...details, ...result } });
  }
  if (result.tasks.length > 0) return;
  if (nothing !== undefined) throw nothing;
}
