// A client that a test can kill: it starts the server of its arguments, claims a task, says which, and waits forever.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const [command, ...args] = process.argv.slice(2);
const transport = new StdioClientTransport({ command, args, env: { ...process.env }, stderr: 'inherit' });
const client = new Client({ name: 'mortal', version: '1' });
await client.connect(transport);
const { structuredContent } = await client.callTool({ name: 'claim', arguments: {} });
process.stdout.write(`${JSON.stringify({ pid: transport.pid, ...structuredContent })}\n`);
setInterval(() => undefined, 60_000);
