import { doublingPause } from '../../../domain/base/doubling-pause.ts';
import { given } from '../../../domain/base/given.ts';
import { type EventView, saidWith } from '../../../domain/past/event-view.ts';
import type { CommandEnd } from '../../../engine/work/workspace.ts';
import type { CommandContext } from '../../command/context.ts';
import { sanitizeJson, sanitizeLine } from '../../output/sanitize.ts';
import { startCommand } from '../work/command-process.ts';

/** How a command is run for events. */
export interface EventCommandRules {
  /** Program and arguments; no shell is involved, and nothing of an event is in them. */
  readonly command: readonly string[];
  /** After how many failures it is not tried again. */
  readonly retries: number;
  /** The first pause (ms) between two tries; each is twice as long as the one before. */
  readonly retryDelayMs: number;
  /** After this long (ms) it is ended, and has failed. */
  readonly timeoutMs: number;
}

/** Where the queue is, for an agentq that the command starts. */
export interface EventCommandPlace {
  readonly branch: string;
  readonly remote: string | undefined;
}

/** What became of an event. */
export type Handled = { readonly kind: 'done' } | { readonly kind: 'given-up'; readonly why: string };

/** An event as commands get it on stdin. */
export type EventDocument = EventView & { readonly cursor: string };

const LONGEST_PAUSE_MS = 60_000;
const GRACE_MS = 5_000;

/** Longest value (characters) of a variable: systems limit them, and stdin has it whole. */
const LONGEST_VALUE = 10_000;

/** Variables of a worker whose command may have started us: the command of an event does not act for it. */
const OF_WORKERS = ['AGENTQ_CLAIM_ID', 'AGENTQ_AGENT', 'AGENTQ_TASK_FILE', 'AGENTQ_RESULT_FILE'] as const;

/** Runs a command for one event after another, and tries again if it fails. */
export class EventCommand {
  readonly #rules: EventCommandRules;
  readonly #place: EventCommandPlace;
  readonly #context: Pick<CommandContext, 'clock' | 'config' | 'env' | 'log' | 'signal'>;

  constructor(
    rules: EventCommandRules,
    place: EventCommandPlace,
    context: Pick<CommandContext, 'clock' | 'config' | 'env' | 'log' | 'signal'>,
  ) {
    this.#rules = rules;
    this.#place = place;
    this.#context = context;
  }

  /**
   * Runs the command until it exits with 0, or has failed as often as it may.
   * @throws the reason of the signal if it is aborted; the command has ended then, and the event counts as not handled
   */
  async handle(event: EventDocument): Promise<Handled> {
    const { retries, retryDelayMs } = this.#rules;
    const { clock, log, signal } = this.#context;
    for (let tries = 1; ; tries++) {
      const why = await this.#try(event);
      signal.throwIfAborted();
      if (why === undefined) return { kind: 'done' };
      if (tries > retries) return { kind: 'given-up', why: tries === 1 ? why : `${why}, after ${tries} tries` };
      const pauseMs = doublingPause(retryDelayMs, LONGEST_PAUSE_MS, tries);
      log.info(`the command for ${nameOf(event)} failed (${why}): again in ${Math.ceil(pauseMs / 1000)} s`);
      await clock.sleep(pauseMs, signal);
    }
  }

  /** @returns why it failed; undefined: it did not */
  async #try(event: EventDocument): Promise<string | undefined> {
    const { clock, config, log, signal } = this.#context;
    const { command, timeoutMs } = this.#rules;
    const running = startCommand({
      command,
      cwd: config.dir,
      env: this.#environment(event),
      input: Buffer.from(`${sanitizeJson(JSON.stringify(event))}\n`),
      clock,
      onLine: (line) => log.info(`${nameOf(event)}: ${line}`),
      onBytes: () => undefined,
    });
    const over = new AbortController();
    const stop = (): void => running.stop(GRACE_MS);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    let isLate = false;
    clock.sleep(timeoutMs, over.signal).then(
      () => {
        isLate = true;
        stop();
      },
      () => undefined,
    );
    try {
      const end = await running.ended;
      if (end.kind === 'exited' && end.code === 0) return undefined;
      return isLate ? `it did not end within ${Math.ceil(timeoutMs / 1000)} s` : describe(end);
    } finally {
      over.abort();
      signal.removeEventListener('abort', stop);
    }
  }

  #environment(event: EventDocument): Record<string, string> {
    const { env } = this.#context;
    const kept = Object.entries(env).filter(([name]) => !OF_WORKERS.some((one) => one === name));
    const values = {
      AGENTQ_EVENT: event.event,
      AGENTQ_EVENT_TIME: event.time,
      AGENTQ_EVENT_AGENT: event.agent,
      AGENTQ_EVENT_COMMIT: event.commit,
      AGENTQ_EVENT_TITLE: event.title ?? '',
      AGENTQ_EVENT_REASON: saidWith(event) ?? '',
      AGENTQ_EVENT_PR_URL: event.prUrl ?? '',
      AGENTQ_EVENT_REF: event.ref ?? '',
      AGENTQ_TASK: nameOf(event),
      AGENTQ_TASK_ID: event.task ?? '',
      AGENTQ_PROJECT: event.project ?? '',
      AGENTQ_BRANCH: this.#place.branch,
      ...given({ AGENTQ_REMOTE: this.#place.remote }),
    };
    // What a task says is shown by terminals and put into messages: it stays one line without hidden characters.
    const safe = Object.entries(values).map(([name, value]) => [name, sanitizeLine(value).slice(0, LONGEST_VALUE)]);
    return Object.fromEntries(
      [...kept, ...safe].flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
  }
}

/** The task of the event, as people name it. */
export function nameOf({ project, task }: Pick<EventView, 'project' | 'task'>): string {
  return project === null ? (task ?? '-') : `${project}/${task ?? '-'}`;
}

function describe(end: CommandEnd): string {
  switch (end.kind) {
    case 'exited':
      return `exit code ${end.code}`;
    case 'signalled':
      return end.signal;
    case 'not-started':
      return end.message;
  }
}
