import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  LoggingMessageNotificationSchema,
  ResourceListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { AGENTQ_BIN, NODE, scrubbedEnvironment } from '../processes/run-agentq.ts';
import type { Scene } from './scene.ts';

/** What a tool answered. */
export interface Answer {
  /** `structuredContent`; of an error, what its text says. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
}

/** The SDK's own client, at the server that it has started. Hold it with `await using`. */
export class McpSession {
  readonly client: Client;
  /** What the server has told without being asked. */
  readonly told: { readonly level: string; readonly data: unknown }[] = [];
  listChanges = 0;
  stderr = '';
  readonly #transport: StdioClientTransport;

  private constructor(box: Scene, dir: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#transport = new StdioClientTransport({
      command: NODE,
      args: [AGENTQ_BIN, 'mcp', ...args],
      cwd: box.path(dir),
      env: { ...scrubbedEnvironment(), ...box.env, ...env },
      stderr: 'pipe',
    });
    this.#transport.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.client = new Client({ name: 'Test Client', version: '1.0.0' });
    this.client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params: { level, data } }) => {
      this.told.push({ level, data });
    });
    this.client.setNotificationHandler(ResourceListChangedNotificationSchema, () => {
      this.listChanges++;
    });
  }

  /** Starts `agentq mcp` in a folder of the scene, and connects to it. */
  static async start(
    box: Scene,
    dir: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<McpSession> {
    const session = new McpSession(box, dir, args, env);
    box.owns({ close: () => session.close() });
    await session.client.connect(session.#transport);
    // From now on the client holds every answer against the tool's own schema.
    await session.client.listTools();
    return session;
  }

  /** The process of the server. */
  get pid(): number {
    return this.#transport.pid ?? 0;
  }

  /** Calls a tool. */
  async call(name: string, args: Readonly<Record<string, unknown>> = {}, options?: RequestOptions): Promise<Answer> {
    const {
      structuredContent,
      content,
      isError = false,
    } = await this.client.callTool({ name, arguments: args }, undefined, options);
    const [first] = Array.isArray(content) ? content : [];
    const data = structuredContent ?? JSON.parse(first?.type === 'text' ? first.text : '{}');
    return { data: data as Answer['data'], isError: isError === true };
  }

  /** The client goes, as clients do: it closes stdin, and waits for the server. */
  close(): Promise<void> {
    return this.client.close();
  }
}
