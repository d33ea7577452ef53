import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { AGENTQ_BIN, NODE } from '../../kit/processes/run-agentq.ts';
import { scene } from '../../kit/scene/scene.ts';

interface Message {
  readonly id?: number;
  readonly result?: { readonly isError?: boolean; readonly content?: readonly { readonly text: string }[] };
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly hint?: string;
    readonly exitCode?: number;
  };
}

const INITIALIZE = {
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: '\u001b[31m../../\n', version: '1' } },
};

/** What no tool takes, with a part of what it must say. */
const REFUSED: readonly (readonly [name: string, args: unknown, says: RegExp])[] = [
  ['clam', {}, /there is no tool "clam".*did you mean claim/],
  ['x'.repeat(100_000), {}, /there is no tool/],
  ['claim', { tasks: 'TASK-1' }, /"tasks" is not known, did you mean task\?/],
  ['claim', { task: '--branch=main' }, /task id/],
  ['claim', { task: '../../etc/passwd' }, /neither TASK-ID nor project/],
  ['claim', { project: 'auth\nAGENTQ' }, /project/],
  ['claim', { type: 'back\u202eend' }, /one line without control characters/],
  ['claim', { wait: 'for ever' }, /for ever/],
  ['claim', { min_priority: 1e300 }, /whole number/],
  ['claim', { labels: { 'a=b': 'c\u0000' } }, /key=value/],
  ['claim', { labels: JSON.parse('{"__proto__":{"a":"b"}}') }, /__proto__/],
  ['note', { task: 'TASK-1' }, /text" is missing/],
  ['note', { task: 'TASK-1', text: 'x'.repeat(1_000_000) }, /characters long|the limit/],
  ['note', { text: 'hello' }, /you hold none/],
  ['complete', { task: 'TASK-1', pr_url: 'javascript:alert(1)' }, /pull request|http/],
  ['complete', { task: 'TASK-1' }, /not claimed|"exitCode":3/],
  ['release', { task: 'TASK-1', reason: 'a\r\nAgentq-Agent: root' }, /one line/],
  ['add', { tasks: [] }, /tasks/],
  ['add', { tasks: [{ title: 'a', requires: ['; rm -rf /'] }] }, /requires/],
  ['add', { tasks: [{ title: 'a', run: 'rm -rf /' }] }, /"run" is not known/],
  ['show', { task: ['TASK-1'] }, /task/],
  ['show', 'TASK-1', /./],
  ['status', { project: 'auht' }, /did you mean auth/],
];

it('answers whatever it is sent, changes nothing, and goes on', async () => {
  await using box = await scene({ tasks: 1, clones: ['clone'] });
  const before = await box.tip();
  const server = spawn(NODE, [AGENTQ_BIN, 'mcp'], {
    cwd: box.path('clone'),
    env: { ...process.env, ...box.env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  box.owns({ close: () => server.kill('SIGKILL') });
  const answers: Message[] = [];
  let rest = '';
  server.stdout.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    // stdout carries nothing but the protocol: this throws otherwise.
    answers.push(...lines.map((line): Message => JSON.parse(line)));
  });
  const send = (message: object): void =>
    void server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const answerTo = async (id: number | undefined, nth = 0): Promise<Message> => {
    for (;;) {
      const found = answers.filter((answer) => answer.id === id)[nth];
      if (found !== undefined) return found;
      await once(server.stdout, 'data');
    }
  };

  server.stdin.write('\n{"jsonrpc":"2.0"\u0000\n');
  expect((await answerTo(undefined)).error?.code).toBe(-32700);
  server.stdin.write(`${'['.repeat(10 * 1024 * 1024)}\n`);
  expect((await answerTo(undefined, 1)).error?.code).toBe(-32600);
  server.stdin.write('[{"jsonrpc":"2.0","id":1,"method":"ping"}]\n"x"\n');
  expect((await answerTo(undefined, 3)).error?.code).toBe(-32600);
  server.stdin.write('{"jsonrpc":"1.0","id":77,"method":"tools/list"}\n');
  expect((await answerTo(77)).error?.code).toBe(-32600);
  // A message that comes in pieces.
  const [half, other] = [`{"jsonrpc":"2.0","id":78,"met`, `hod":"ping"}\r\n`];
  server.stdin.write(half);
  await new Promise((resolve) => setImmediate(resolve));
  server.stdin.write(other);
  expect(await answerTo(78)).toMatchObject({ result: {} });
  send({ id: 79, ...INITIALIZE });
  expect((await answerTo(79)).result).toBeDefined();
  send({ id: 80, method: 'shutdown', params: {} });
  expect((await answerTo(80)).error?.code).toBe(-32601);
  send({ id: 81, method: 'resources/read', params: { uri: 'file:///etc/passwd' } });
  expect((await answerTo(81)).error?.code).toBe(-32602);
  server.stdin.write(
    `{"jsonrpc":"2.0","id":82,"method":"tools/call","params":{"name":"show","arguments":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}}}\n`,
  );
  expect((await answerTo(82)).result?.isError).toBe(true);

  const wrong: string[] = [];
  for (const [index, [name, args, says]] of REFUSED.entries()) {
    const id = 100 + index;
    send({ id, method: 'tools/call', params: { name, arguments: args } });
    const { result, error } = await answerTo(id);
    const said = error === undefined ? JSON.parse(result?.content?.[0]?.text ?? '{}').error : error;
    const text = `${said?.message} (${said?.hint}) ${said?.exitCode}`;
    if (result?.isError === false || !says.test(text)) wrong.push(`${name.slice(0, 20)} ${index}: ${text}`);
  }
  expect(wrong).toEqual([]);
  expect(await box.tip()).toBe(before);
  send({ id: 900, method: 'tools/call', params: { name: 'claim', arguments: { task: 'TASK-1', type: null } } });
  expect((await answerTo(900)).result?.isError).toBeUndefined();
  const closed = once(server, 'close');
  // Half a message at the end is none.
  server.stdin.end('{"jsonrpc":"2.0","id":901,"method":"ping"}');
  expect(await closed).toEqual([0, null]);
  expect(rest).toBe('');
  expect(await box.git(box.remote, 'log', '-1', '--format=%s', 'develop')).toMatch(/^\[AGENT-RELEASE\] 31m-/);
});
