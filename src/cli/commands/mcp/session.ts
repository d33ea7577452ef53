import { Failure } from '../../../domain/base/failure.ts';
import { formatKey, type TaskKey } from '../../../domain/queue/task.ts';
import { CallQueue } from '../../../engine/session/call-queue.ts';
import type { HoldingNotice } from '../../../engine/session/holding.ts';
import { isClaimGone, wordsOf } from '../../../engine/work/faults.ts';
import type { Job } from '../../../engine/work/job.ts';
import { type Lease, leaseOf } from '../../../engine/work/lease.ts';
import { limitAfterInterrupt, orAborted, type Shutdown } from '../../../engine/work/shutdown.ts';
import type { CommandContext } from '../../command/context.ts';
import type { Finished } from '../../command/declaration.ts';
import { usage } from '../../command/usage.ts';
import { ownMachine } from '../../presence/own-presence.ts';
import { sessionAgent } from './agent-name.ts';
import { leave, type OpenedSession, openSession, takeUp } from './opened-session.ts';
import type { McpOptions } from './options.ts';
import { documentOf, runCommand } from './run-command.ts';
import type { Caller, CommandCall, Tool } from './tools/tool.ts';

/**
 * How long (ms) the server may check who else uses its agent id before it serves: Codex waits 10 s for a server to
 * start.
 */
const ENTER_MS = 5_000;

/** Hears what happens between two calls. */
export interface Listener {
  /** The held tasks have changed. */
  onHeld(): void;
  onNotice(notice: HoldingNotice): void;
}

/** What a call is run with. */
export interface CallOptions {
  readonly signal: AbortSignal;
  /** Names the request, so that it can be cancelled although it has been answered. */
  readonly request: string | number;
  onProgress(message: string): void;
}

/** One session of an agent: who it is, what it holds, and its calls. */
export class Session implements Caller {
  listener: Listener = { onHeld: () => undefined, onNotice: () => undefined };
  /** How the client calls itself; undefined: it has not said yet. */
  client: () => string | undefined = () => undefined;
  readonly #options: McpOptions;
  readonly #context: CommandContext;
  readonly #ending = new AbortController();
  readonly #givenUp = new AbortController();
  readonly #urgent = new AbortController();
  readonly #shutdown: Shutdown;
  readonly #calls = new Set<Promise<unknown>>();
  /** What was claimed by which request. */
  readonly #claims = new Map<string | number, TaskKey>();
  #agent: string | undefined;
  #opened: OpenedSession | undefined;
  #opening: Promise<OpenedSession> | undefined;
  #takenUp: Promise<void> | undefined;
  #claiming = 0;
  readonly #notices: string[] = [];

  constructor(options: McpOptions, context: CommandContext) {
    this.#options = options;
    this.#context = context;
    this.#agent = options.agent;
    this.#shutdown = { clock: context.clock, interrupt: this.#ending.signal, urgent: this.#urgent.signal };
  }

  get agent(): string {
    const { env, random } = this.#context;
    this.#agent ??= sessionAgent(this.client(), ownMachine(env).machine, random.id());
    return this.#agent;
  }

  get project(): string | undefined {
    return this.#options.project;
  }

  get can(): readonly string[] {
    return this.#options.can;
  }

  /** What the session holds. */
  get jobs(): readonly Job[] {
    return this.#opened?.holding.jobs ?? [];
  }

  task(named: string | undefined): string {
    const own = this.jobs.map(({ task }) => task);
    if (named !== undefined) {
      const [same, second] = own.filter(({ id }) => id === named);
      return same === undefined || second !== undefined ? named : formatKey(same);
    }
    if (this.#options.workersTask !== undefined) return this.#options.workersTask;
    const [only, ...others] = own.map(formatKey);
    if (only !== undefined && others.length === 0) return only;
    if (only === undefined) throw usage('no task is named, and you hold none', 'claim one first, or name a task');
    throw usage(`no task is named, and you hold ${[only, ...others].join(', ')}`, 'name the one that is meant');
  }

  claimOn(task: string): string | undefined {
    return this.#job(task)?.claimId || undefined;
  }

  /**
   * Begins: refuses an agent id that another machine uses, and takes up what an earlier session of it has left.
   * @throws Failure `agent-in-use`
   */
  async begin(): Promise<void> {
    const { agent, names, workersTask } = this.#options;
    // An id of its own is used nowhere, and a worker has looked already.
    if (agent === undefined || workersTask !== undefined) return;
    const { log, signal } = this.#context;
    const enough = AbortSignal.any([signal, AbortSignal.timeout(ENTER_MS)]);
    try {
      const { presence } = await orAborted(this.#open(), enough);
      await orAborted(presence.enter(names === 'own' ? 'refuse' : 'take-over'), enough);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Failure && error.code === 'agent-in-use') throw error;
      // The first call has the same problem, and reports it to the agent.
      log.warning(`it could not be checked whether ${agent} is in use elsewhere: ${wordsOf(error)}`);
    }
    this.#takenUp = this.#takeUp(agent).catch((error: unknown) => {
      log.warning(`what ${agent} holds could not be taken up: ${wordsOf(error)}`);
    });
  }

  /**
   * Calls a tool.
   * @returns the answer, with what the agent must know before anything else under `notices`
   */
  async call(tool: Tool, values: unknown, options: CallOptions): Promise<Readonly<Record<string, unknown>>> {
    return this.#followed(async () => {
      await orAborted(this.#takenUp ?? Promise.resolve(), options.signal);
      const call = tool.toCall(values, this);
      const document = documentOf(await this.#carryOut(tool, call, options));
      if (tool.effect === 'ends-claim') this.#ended(String(document.project), String(document.task));
      return tool.name === 'status' ? { agent: this.agent, held: this.jobs.map(heldView), ...document } : document;
    });
  }

  /** What a command answers that only reads, for a resource. */
  async read(call: CommandCall, signal: AbortSignal): Promise<Finished> {
    return this.#followed(async () => {
      const { queue } = await this.#open();
      return runCommand(call, this.#context, { queue, signal, onLine: () => undefined });
    });
  }

  /** What the agent has not been told yet. Each is told once. */
  notices(): readonly string[] {
    return this.#notices.splice(0);
  }

  /** Resolves when the branch of the queue has moved. @throws the reason of the signal */
  async moved(signal: AbortSignal): Promise<void> {
    const { queue } = await this.#open();
    await queue.tips.changed(await queue.tips.look(signal), signal);
  }

  /** The request was cancelled, perhaps after its answer: what it claimed is given back. */
  cancelled(request: string | number): void {
    const task = this.#claims.get(request);
    const lease = task && this.#opened?.holding.leaseOn(task);
    if (lease !== undefined) void this.#followed(() => this.#giveBack(lease)).catch(() => undefined);
  }

  /**
   * Ends the session: gives back what is held, or leaves it.
   * @param how `finish`: what has been asked is still done, claims excepted; `at-once`: it is given up
   * @throws Failure if something could not be given back
   */
  async end(how: 'finish' | 'at-once'): Promise<void> {
    const { signal, secondSignal, log } = this.#context;
    const urgent = (): void => this.#urgent.abort();
    for (const told of [signal, secondSignal()]) told.addEventListener('abort', urgent, { once: true });
    const over = new Failure('interrupted', 'the session has ended');
    this.#ending.abort(over);
    if (how === 'at-once') this.#givenUp.abort(over);
    const limit = limitAfterInterrupt(this.#shutdown);
    await orAborted(this.#allDone(), limit.signal).catch(() => undefined);
    limit.release();
    this.#givenUp.abort(over);
    if (this.#opened === undefined) return;
    const kept = this.jobs.map(({ task }) => formatKey(task));
    const { onExit } = this.#options;
    const [problem] = await this.#opened.holding.end(onExit, 'the session of its agent has ended');
    if (onExit === 'keep' && kept.length > 0) {
      log.info(`${this.agent} keeps ${kept.join(', ')}: \`agentq mcp --agent ${this.agent}\` takes it up again`);
    }
    await leave(this.#opened, this.#shutdown);
    if (problem !== undefined) throw problem;
  }

  async #carryOut(tool: Tool, call: CommandCall, options: CallOptions): Promise<Finished> {
    const { onProgress } = options;
    const signal = AbortSignal.any([options.signal, this.#givenUp.signal]);
    const job = tool.effect === 'ends-claim' ? this.#job(call.args['task-id'] ?? '') : undefined;
    if (tool.effect === 'claims') return this.#claim(call, options);
    const { queue: own } = await orAborted(this.#open(), signal);
    const queue = new CallQueue(own, { signal, now: () => this.#context.clock.now(), onClaimed: () => undefined });
    try {
      return await runCommand(call, this.#context, { queue, signal, onLine: (_, line) => onProgress(line) });
    } catch (error) {
      if (job !== undefined && isClaimGone(error)) this.#ended(job.task.project, job.task.id);
      throw error;
    }
  }

  async #claim(call: CommandCall, { signal: unwanted, request, onProgress }: CallOptions): Promise<Finished> {
    const { clock } = this.#context;
    const signal = AbortSignal.any([unwanted, this.#ending.signal]);
    const { queue: own, holding, presence } = await orAborted(this.#open(), signal);
    this.#refuseTooMany();
    let lease: Lease | undefined;
    const queue = new CallQueue(own, {
      signal,
      now: () => clock.now(),
      onClaimed: (claimed, { commit }, askedAt) => {
        lease = leaseOf(this.agent, claimed, commit, { at: askedAt, answeredAt: clock.now() });
        holding.hold(lease);
      },
    });
    this.#claiming++;
    try {
      await orAborted(holding.settled(), signal);
      // Whoever waits for a task is at work.
      if (call.flags.wait !== undefined) presence.appear();
      const finished = await runCommand(call, this.#context, { queue, signal, onLine: (_, line) => onProgress(line) });
      signal.throwIfAborted();
      presence.appear();
      if (lease !== undefined) this.#claims.set(request, lease.job.task);
      this.listener.onHeld();
      return finished;
    } catch (error) {
      // The claim stands, and nobody was told about it.
      if (lease !== undefined) await this.#giveBack(lease);
      throw error;
    } finally {
      this.#claiming--;
      holding.settle(queue.doubts);
    }
  }

  #refuseTooMany(): void {
    const { mostHeld } = this.#options;
    const held = this.jobs.map(({ task }) => formatKey(task));
    if (held.length + this.#claiming < mostHeld) return;
    const what = held.length === 0 ? 'another claim of yours is under way' : `you hold ${held.join(', ')}`;
    const most = mostHeld === 1 ? 'one task' : `${mostHeld} tasks`;
    throw usage(`${what}, and a session holds ${most} at a time`, 'end it first with complete, ask or release');
  }

  async #giveBack(lease: Lease): Promise<void> {
    const problem = await this.#opened?.holding.giveBack(lease, 'the claim was cancelled');
    if (problem !== undefined) this.#context.log.error(problem.message);
    this.listener.onHeld();
  }

  #ended(project: string, id: string): void {
    if (this.#opened?.holding.drop({ project, id })) this.listener.onHeld();
  }

  #job(name: string): Job | undefined {
    return this.jobs.find(({ task }) => formatKey(task) === name || task.id === name);
  }

  /** Opens the queue when it is first needed; after a failure the next call tries again. */
  #open(): Promise<OpenedSession> {
    this.#opening ??= this.#openQueue().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #openQueue(): Promise<OpenedSession> {
    const onNotice = (notice: HoldingNotice): void => this.#onNotice(notice);
    this.#opened = await openSession(this.agent, this.#options, this.#context, this.#shutdown, onNotice);
    return this.#opened;
  }

  async #takeUp(agent: string): Promise<void> {
    const names = await takeUp(agent, await this.#open(), this.#context);
    if (names.length === 0) return;
    this.#context.log.info(`takes up ${names.join(', ')}, which ${agent} held before`);
    this.#notices.push(`you hold ${names.join(', ')} from before: the tool show tells what there is to do`);
    this.listener.onHeld();
  }

  #onNotice(notice: HoldingNotice): void {
    this.#context.log.warning(notice.message);
    this.#notices.push(notice.message);
    this.listener.onHeld();
    this.listener.onNotice(notice);
  }

  #followed<T>(work: () => Promise<T>): Promise<T> {
    const followed = work().finally(() => this.#calls.delete(followed));
    this.#calls.add(followed);
    return followed;
  }

  async #allDone(): Promise<void> {
    while (this.#calls.size > 0) await Promise.allSettled(this.#calls);
  }
}

/** A task that the session holds, as answers show it. */
function heldView({ task, title, claimId }: Job): Readonly<Record<string, unknown>> {
  return { project: task.project, task: task.id, title: title ?? null, claimId };
}
