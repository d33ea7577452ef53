import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { READERS } from './kit/hostile/readers.ts';
import { programOf } from './kit/processes/program.ts';
import { sized } from './kit/sample.ts';

/**
 * Whoever may push a file decides what every agent reads, and no deadline ends a reader that does not come back. So
 * reading takes time in proportion to the text, whatever the text is.
 */

/** Processor time (s) of a process: some ten times what it takes. */
const LIMIT_S = 100;
const SLOW = { timeout: 600_000 };

/**
 * Of how many texts each reader's steps are counted for one: every 24th, others from reader to reader, so that the 33
 * readers count for each text. For each text, V8 is asked three times for its counts, which takes 10 ms: half of the
 * texts took 40 s of processor time.
 */
const MEASURED = sized(1, 24);

/**
 * How long the long texts are, and of how many of them each reader is given one. 150,000 characters are beyond what
 * recursion and the arguments of a call bear, too (some 10,000 and 120,000); texts of a megabyte took 23 s instead of
 * 4.
 */
const LONG = sized(1_000_000, 150_000);
const SHARE = sized(1, 48);

let folder = '';
let program = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'agentq-readers-'));
  program = await programOf('test/kit/hostile/measure-readers.ts', folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Said {
  readonly reader: string;
  readonly text: string;
  /** In the small text, and in one that is eight times as long. */
  readonly steps?: readonly [number, number];
  readonly error?: string;
}

/**
 * Runs readers in a process that the kernel ends when it has used this much of a processor: the time on the clock would
 * tell how busy the machine is.
 * @returns what it complained of; the last text where it had to be ended
 */
async function complaints(...args: readonly string[]): Promise<readonly Said[]> {
  const limited = `ulimit -t ${LIMIT_S}; exec "$0" "$@"`;
  const child = spawn('sh', ['-c', limited, process.execPath, program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = new Promise<number | string | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  const lines = (await textOf(child.stdout)).split('\n').filter((line) => line.endsWith('}'));
  const said = lines.map((line): Said => JSON.parse(line));
  const complained = said.filter(({ steps, error }) => steps !== undefined || error !== undefined);
  const end = await closed;
  const last = said.at(-1);
  return end === 0 || last === undefined ? complained : [...complained, { ...last, error: `ended by ${end}` }];
}

/**
 * How many readers share a process, and with it the 0.3 s that its start takes. A process that hangs names the reader.
 */
const TOGETHER = sized(1, 9);

const NAMES = Object.keys(READERS);
const GROUPS = Array.from({ length: Math.ceil(NAMES.length / TOGETHER) }, (_, at) =>
  NAMES.slice(at * TOGETHER, (at + 1) * TOGETHER),
);

it.each(GROUPS.map((names) => [names.join(', '), names] as const))(
  'take eight times the steps for eight times the text, and read a long one of anything, or refuse it: %s',
  SLOW,
  async (_, names) => {
    expect(await complaints(`${MEASURED}`, `${LONG}`, `${SHARE}`, ...names)).toEqual([]);
  },
);

describe('the expressions of the sources', () => {
  it('take time in proportion to the text', SLOW, async () => {
    expect(await linted()).toBe('');
  });

  it('are found where they do not', SLOW, async () => {
    const slow = [
      // Blanks that two repetitions can take.
      String.raw`/a\s*(b)?\s*c/`,
      String.raw`/^[\w.-]*\d[\w.-]*$/`,
      // Each blank may begin the run at the end.
      String.raw`/\s+$/`,
      '/^(a+)+$/',
      // The beginning is taken again by the repetition behind it.
      '/cannot lock .*expected/',
      '/^id[^]*end/m',
    ];
    const fast = [String.raw`/^[^:]*(?::|\[\d*\]:)$/`, '/unable to [^ ]* it/', '/a{1,9}b/'];
    const sources = join(folder, 'sources');
    mkdirSync(sources);
    writeFileSync(join(sources, 'some.ts'), [...slow, ...fast].map((each) => `use(${each});\n`).join(''));
    const said = await linted(sources);
    expect(slow.filter((each) => !said.includes(`${each}: `))).toEqual([]);
    expect(fast.filter((each) => said.includes(`${each}: `))).toEqual([]);
  });
});

async function linted(...args: readonly string[]): Promise<string> {
  const lint = fileURLToPath(new URL('../scripts/lint-expressions.mjs', import.meta.url));
  return await textOf(spawn(process.execPath, [lint, ...args], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout);
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}
