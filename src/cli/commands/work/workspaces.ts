import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../domain/base/clock.ts';
import { Failure } from '../../../domain/base/failure.ts';
import { given } from '../../../domain/base/given.ts';
import { type Content, contentOf } from '../../../domain/changing/content.ts';
import type { QueueSnapshot } from '../../../domain/queue/snapshot.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Job } from '../../../engine/work/job.ts';
import type { RunningCommand, Workspace, Workspaces } from '../../../engine/work/workspace.ts';
import type { TaskWorktree } from '../../../git/checkout/task-worktrees.ts';
import type { WorkTrace } from '../../../git/checkout/work-trace.ts';
import { machineTrouble } from '../../../git/process/local-trouble.ts';
import { MarkedProcesses } from '../../../machine/marked-processes.ts';
import type { Environment } from '../../output/io.ts';
import { shellCommand, startCommand } from './command-process.ts';
import { startAfter } from './delayed-command.ts';
import { OutputLog } from './output-log.ts';
import type { TaskPlace, TaskPlaces } from './task-places.ts';

export interface WorkspacesOptions {
  readonly queue: Queue;
  readonly command: readonly string[];
  /** Shell commands that must succeed after it. */
  readonly checks: readonly string[];
  /** Whether the checks that a task's file names are run after these. */
  readonly taskChecks: 'run' | 'ignore';
  /** What a success must have left: a commit or a change, or nothing but its exit code. */
  readonly proof: 'commits' | 'exit-code';
  readonly clock: Clock;
  readonly env: Environment;
  /** The remote that the user named; undefined: none. */
  readonly remote: string | undefined;
  /** Where commands without a worktree of their own run. */
  readonly cwd: string;
  /** What a command gets on stdin. */
  readonly stdin: 'task' | 'none';
  /** The template of a prompt that it gets instead of the task's text; undefined: it gets the text. */
  readonly promptTemplate: string | undefined;
  /** Undefined: commands run in `cwd`. */
  readonly worktrees: TaskPlaces | undefined;
  readonly logDir: string | undefined;
  onLine(job: Job, line: string, stream: 'stdout' | 'stderr'): void;
  /** Settles when the reader of the lines has caught up; undefined if it is not behind. */
  drained(): Promise<void> | undefined;
  onNotice(job: Job, message: string): void;
}

/** The file of a task as its claim left it, and the queue at that moment. */
interface ClaimedTask {
  readonly text: Uint8Array;
  readonly snapshot: QueueSnapshot;
  /** undefined: it cannot be read. */
  readonly content: Content | undefined;
}

/** What all workspaces have in common. */
interface Shared {
  /** Temporary folder, with a folder for each claim. */
  readonly folder: string;
  readonly processes: MarkedProcesses;
}

/** The variable that only a task's own processes have with its value: no two claims have the same id. */
const MARK = 'AGENTQ_CLAIM_ID';

/** Variables that would lead git from a worktree to the repository that agentq was started in. */
const OTHER_REPOSITORY = /^GIT_(DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|NAMESPACE)$/;

/**
 * Opens workspaces with real commands in real folders.
 * @returns the workspaces; `close` removes their temporary folder
 * @throws Failure if the folder for logs cannot be used
 */
export async function openWorkspaces(options: WorkspacesOptions): Promise<Workspaces & { close(): Promise<void> }> {
  if (options.logDir !== undefined) OutputLog.prepare(options.logDir, options.cwd);
  const folder = await mkdtemp(join(tmpdir(), 'agentq-work-'));
  const removeAtExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  const shared: Shared = { folder, processes: new MarkedProcesses(MARK, options.clock) };
  return {
    async open(job) {
      try {
        return await openBench(job, shared, options);
      } catch (error) {
        throw error instanceof Failure ? error : (machineTrouble(error) ?? ofThisMachine(error));
      }
    },
    async close() {
      process.removeListener('exit', removeAtExit);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function openBench(job: Job, shared: Shared, options: WorkspacesOptions): Promise<Workspace> {
  const claimed = await readTask(job, options.queue);
  const { text, snapshot } = claimed;
  const home = join(shared.folder, job.claimId);
  // It may be there from a try that failed.
  mkdirSync(home, { mode: 0o700, recursive: true });
  // Agents quote the name of the file.
  const file = join(home, `${job.task.id}.toon`);
  await writeFile(file, text, { mode: 0o600 });
  const log = options.logDir === undefined ? undefined : new OutputLog(options.logDir, job, options.cwd);
  let place = await options.worktrees?.prepare(job, snapshot);
  const env = environmentFor(job, file, place?.base, options);
  const trace = options.proof === 'commits' ? await traceOf(place?.worktree, options) : undefined;
  /** Where the last run was told to write about its work. */
  let resultFile = '';
  let runs = 0;
  let input = options.stdin === 'none' ? undefined : ((await promptFor(job, claimed, place, options)) ?? text);
  const own = options.taskChecks === 'run' ? await checksIn(text, job) : [];
  const startHere = (command: readonly string[], input: Uint8Array | undefined): RunningCommand =>
    startCommand({
      command,
      cwd: place?.worktree.path ?? options.cwd,
      env: { ...env, AGENTQ_RESULT_FILE: resultFile },
      input,
      clock: options.clock,
      marked: { processes: shared.processes, value: job.claimId },
      onLine: (line, stream) => options.onLine(job, line, stream),
      onBytes: (bytes) => log?.write(bytes),
      drained: () => options.drained() ?? log?.drained(),
    });
  const start = (command: readonly string[], input: Uint8Array | undefined): RunningCommand => {
    if (place === undefined || options.worktrees?.isThere(place)) return startHere(command, input);
    options.onNotice(job, `its worktree was removed while its command ran: ${place.worktree.path}`);
    const again = async (): Promise<void> => {
      place = await options.worktrees?.prepare(job, snapshot);
    };
    return startAfter(again(), () => startHere(command, input));
  };
  return {
    checks: [...options.checks, ...own],
    ...given({ content: claimed.content }),
    async refresh() {
      const now = await readTask({ ...job, commit: undefined }, options.queue);
      // Whoever reads it meanwhile finds one or the other.
      const fresh = `${file}.new`;
      await writeFile(fresh, now.text, { mode: 0o600 });
      await rename(fresh, file);
      if (options.stdin !== 'none') input = (await promptFor(job, now, place, options)) ?? now.text;
      return now.content;
    },
    start(attempt) {
      log?.head(job, attempt, options.clock.now());
      // One that no earlier run has written.
      resultFile = join(home, `result-${++runs}.json`);
      return start(options.command, input);
    },
    startCheck(check) {
      log?.headOfCheck(job, check, options.clock.now());
      return start(shellCommand(check), undefined);
    },
    async lacking() {
      if (trace === undefined || (await trace.hasWork())) return undefined;
      const on = place === undefined ? '' : ` on ${place.worktree.branch}`;
      return `ended with 0, but left neither a commit nor a change${on}`;
    },
    async said() {
      if (!existsSync(resultFile)) return { problems: [] };
      return (await import('./result-file.ts')).readResult(resultFile);
    },
    async clear(result, end) {
      await rm(home, { recursive: true, force: true });
      log?.tail(job, end, options.clock.now());
      const failed = await log?.close();
      if (log && failed) options.onNotice(job, `${log.path} is not complete: ${failed.message}`);
      return { ...given({ log: log?.path }), ...(await options.worktrees?.clear(place, result)) };
    },
  };
}

/** A file or folder that cannot be made here is not the task's fault, whatever the reason. */
function ofThisMachine(error: unknown): unknown {
  const isOfSystem = error instanceof Error && 'syscall' in error;
  return isOfSystem ? new Failure('machine-unusable', error.message, { cause: error }) : error;
}

/**
 * The prompt for the task, if commands get one. It is written for each claim, and code for it is loaded only then.
 */
async function promptFor(
  job: Job,
  { text, snapshot }: ClaimedTask,
  place: TaskPlace | undefined,
  { promptTemplate, queue }: WorkspacesOptions,
): Promise<Uint8Array | undefined> {
  if (promptTemplate === undefined) return undefined;
  const { workersPrompt } = await import('../prompt/workers-prompt.ts');
  const { worktree, base, branchName } = place ?? {};
  const known = { text, snapshot, ...given({ worktree, base, branchName }) };
  return Buffer.from(await workersPrompt(queue, job, known, promptTemplate));
}

/** The task file as the claim left it, and the queue at that moment. */
async function readTask({ task, commit }: Job, queue: Queue): Promise<ClaimedTask> {
  const scope = { read: new Set<never>(), ids: new Set([task.id]) };
  const reader = await queue.read(commit === undefined ? 'tip' : 'clone');
  const snapshot = await reader.snapshot(scope, commit === undefined ? {} : { commit, unreadable: 'leave' });
  const entry = snapshot.projects.get(task.project)?.entries.find(({ key }) => key.id === task.id);
  if (entry) {
    const content = entry.reading.kind === 'read' ? contentOf(entry.reading.task) : undefined;
    return { text: await reader.taskBytes(entry), snapshot, content };
  }
  throw new Failure('internal', `${formatKey(task)} is not where its claim put it`);
}

async function traceOf(worktree: TaskWorktree | undefined, { cwd, env }: WorkspacesOptions): Promise<WorkTrace> {
  const { WorkTrace } = await import('../../../git/checkout/work-trace.ts');
  return WorkTrace.begin({ dir: worktree?.path ?? cwd, env, ...given({ worktree }) });
}

/** The checks that the task names. Reading a task takes a schema library: most tasks name none. */
async function checksIn(text: Uint8Array, { task, path }: Job): Promise<readonly string[]> {
  if (!Buffer.from(text).includes('verify')) return [];
  const { readTask } = await import('../../../store/codec/read-task.ts');
  const reading = readTask(text, { path, ...task });
  return reading.kind === 'read' ? (reading.task.verify ?? []) : [];
}

function environmentFor(
  job: Job,
  file: string,
  base: string | undefined,
  options: WorkspacesOptions,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.env)) {
    if (value === undefined || (options.worktrees && OTHER_REPOSITORY.test(name))) continue;
    env[name] = value;
  }
  return {
    ...env,
    ...given({ AGENTQ_REMOTE: options.remote }),
    ...given({ AGENTQ_BASE: base }),
    AGENTQ_BRANCH: options.queue.place.branch,
    AGENTQ_PROJECT: job.task.project,
    AGENTQ_TASK_ID: job.task.id,
    AGENTQ_TASK_FILE: file,
    [MARK]: job.claimId,
    AGENTQ_AGENT: job.agent,
  };
}
