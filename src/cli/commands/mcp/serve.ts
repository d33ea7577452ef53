import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  type ServerNotification,
  type ServerRequest,
  SubscribeRequestSchema,
  type Tool as ToolListing,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod/mini';
import type { Clock } from '../../../domain/base/clock.ts';
import { formatDuration } from '../../../domain/base/duration.ts';
import { quote } from '../../../domain/base/names.ts';
import { closest } from '../../../domain/base/suggest.ts';
import { usage } from '../../command/usage.ts';
import { failureFrom } from '../../output/failure-from.ts';
import type { Log } from '../../output/log.ts';
import { answerOf, failedAnswer } from './answers.ts';
import type { LineTransport } from './line-transport.ts';
import { readResource, resourcesOf, TEMPLATES } from './resources.ts';
import type { Session } from './session.ts';
import { Subscriptions } from './subscriptions.ts';
import { TOOLS } from './tools/all.ts';
import type { Tool } from './tools/tool.ts';

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** Most calls at a time: a client that sends more than it waits for is told so. */
const MOST_CALLS = 64;

/** How often (ms) a client that wants to know hears that its call is still under way. */
const PROGRESS_MS = 10_000;

const INSTRUCTIONS =
  'agentq hands out the tasks of this repository. `claim` gives you one that nobody else gets; its claim is renewed for you. Work on it, then end it: `complete` if all of it is done, `ask` if a person must decide, `release` if you cannot do it. Work on no task that you do not hold. If an answer has `notices`, read them first: your claim may be lost.';

export interface ServeOptions {
  readonly session: Session;
  readonly transport: LineTransport;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
}

/** Serves one client. @returns a function that ends that; answers that are still under way are not sent then */
export async function serve(options: ServeOptions): Promise<() => Promise<void>> {
  const { session, transport, log, version } = options;
  const server = new Server(
    { name: 'agentq', version },
    {
      capabilities: { tools: {}, resources: { subscribe: true, listChanged: true }, logging: {} },
      instructions: INSTRUCTIONS,
      // It would check the answers of a client to our questions, and we ask none.
      jsonSchemaValidator: { getValidator: () => () => ({ valid: false, data: undefined, errorMessage: 'unused' }) },
    },
  );
  const quietly = (sent: Promise<void>): void => void sent.catch((error: unknown) => log.debug(String(error)));
  const subscriptions = new Subscriptions(session, {
    clock: options.clock,
    onUpdated: (uri) => quietly(server.sendResourceUpdated({ uri })),
  });
  let calls = 0;

  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TOOLS.map(listingOf) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra): Promise<CallToolResult> => {
    calls++;
    const over = new AbortController();
    try {
      if (calls > MOST_CALLS) throw usage(`${MOST_CALLS} calls are under way already`, 'wait for an answer first');
      const tool = toolNamed(params.name);
      const onProgress = progressFor(server, extra, tool, options.clock, over.signal);
      const call = { signal: extra.signal, request: extra.requestId, onProgress };
      const document = await session.call(tool, params.arguments ?? {}, call);
      return answerOf(document, session.notices());
    } catch (error) {
      const failure = await failureFrom(error);
      log.info(`${quote(params.name)}: ${failure.message}`, { code: failure.code });
      return failedAnswer(failure, session.notices());
    } finally {
      calls--;
      over.abort();
    }
  });

  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: resourcesOf(session) }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: [...TEMPLATES] }));
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params }, { signal }) => {
    try {
      return await readResource(params.uri, session, signal);
    } catch (error) {
      const { code, message, hint } = await failureFrom(error);
      throw new McpError(ErrorCode.InvalidParams, message, { code, hint });
    }
  });
  server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    subscriptions.add(params.uri);
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    subscriptions.remove(params.uri);
    return {};
  });

  session.listener = {
    onHeld: () => quietly(server.sendResourceListChanged()),
    onNotice({ kind, message, task }) {
      const data = { kind, task: `${task.project}/${task.id}`, message };
      quietly(server.sendLoggingMessage({ level: kind === 'safe' ? 'info' : 'warning', logger: 'agentq', data }));
      subscriptions.changed(task);
    },
  };
  transport.onCancelled = (request) => session.cancelled(request);
  session.client = () => server.getClientVersion()?.name;
  server.onerror = (error) => log.debug(error.message);
  await server.connect(transport);
  return async () => {
    subscriptions.close();
    await server.close();
  };
}

function toolNamed(name: string): Tool {
  const tool = TOOLS.find((one) => one.name === name);
  if (tool !== undefined) return tool;
  const names = TOOLS.map((one) => one.name);
  const meant = closest(name.slice(0, 100), names);
  throw usage(
    `there is no tool ${quote(name)}`,
    meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`,
  );
}

/** A tool in the list that the client gets. */
export function listingOf({ name, title, description, input, output, effect, again }: Tool): ToolListing {
  return {
    name,
    title,
    description,
    inputSchema: schemaOf(input, 'input'),
    outputSchema: schemaOf(output, 'output'),
    annotations: {
      readOnlyHint: effect === 'reads',
      destructiveHint: effect === 'ends-claim',
      idempotentHint: again === 'same',
      // The queue is a closed world of its own.
      openWorldHint: false,
    },
  };
}

function schemaOf(schema: Tool['input'], io: 'input' | 'output'): ToolListing['inputSchema'] {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return { ...rest, type: 'object' } as ToolListing['inputSchema'];
}

/** Tells a client that asked for it what a call does, and that it is still under way. */
function progressFor(
  server: Server,
  { _meta, sendNotification }: Extra,
  tool: Tool,
  clock: Clock,
  over: AbortSignal,
): (message: string) => void {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return () => undefined;
  const startedAt = clock.now();
  let progress = 0;
  let last = tool.title;
  const send = (message: string): void => {
    if (over.aborted) return;
    progress++;
    void sendNotification({ method: 'notifications/progress', params: { progressToken, progress, message } }).catch(
      (error: unknown) => server.onerror?.(error instanceof Error ? error : new Error(String(error))),
    );
  };
  const tick = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(PROGRESS_MS, over);
      send(`${last} (${formatDuration(Math.round((clock.now() - startedAt) / 1000) * 1000)})`);
    }
  };
  tick().catch(() => undefined);
  return (message) => {
    last = message;
    send(message);
  };
}
