import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** Which chunks of the bundle a command loads, as `scripts/chunks.mjs` groups them. */

/** Runs before agentq, and writes down each chunk that is evaluated. */
const HOOK = `
const { appendFileSync } = require('node:fs');
const { basename } = require('node:path');
const vm = require('node:vm');
const { Script } = vm;
vm.Script = class extends Script {
  constructor(source, options) {
    super(source, options);
    appendFileSync(process.env.LOADED, basename(options.filename).replace(/-.{8}\\.cjs$/, '') + '\\n');
  }
};
`;

async function loadedBy(box: Scene, args: readonly string[]): Promise<string[]> {
  const [hook, loaded] = [box.path('hook.cjs'), box.path('loaded')];
  await writeFile(hook, HOOK);
  await writeFile(loaded, '');
  const env = { NODE_OPTIONS: `--require ${hook}`, LOADED: loaded };
  const { code, stderr } = await box.start('clone', args, { env }).done;
  expect(code, `agentq ${args.join(' ')}: ${stderr}`).toBe(0);
  return [...new Set((await readFile(loaded, 'utf8')).trim().split('\n'))].filter((name) => !PLUMBING.has(name)).sort();
}

const PLUMBING: ReadonlySet<string> = new Set(['rolldown-runtime']);

const CLAIM = ['carry-out', 'following', 'open-branches', 'start-git'];
const REST = [...CLAIM, 'debug', 'hooks', 'rest', 'settings'].sort();

it.each([
  ['claim a1', [...CLAIM, 'settings'].sort()],
  ['claim a1 --dry-run', REST],
  ['status', REST],
  ['list', REST],
  ['show TASK-1', REST],
  ['log', REST],
  ['agents', REST],
  ['graph', REST],
  ['validate', REST],
  ['note TASK-1 words --agent a1', REST],
  ['edit TASK-1 --title words', REST],
  // What is rare is loaded with the rest, and alone.
  ['graph --format svg', [...REST, 'layout'].sort()],
  ['metrics --format prometheus', [...REST, 'prometheus'].sort()],
  ['dashboard --export report.html', [...REST, 'dashboard'].sort()],
  ['setup claude --dry-run', [...REST, 'setup'].sort()],
])('%s loads what it needs', async (line, chunks) => {
  await using box = await scene({ tasks: 2, clones: ['clone'] });
  expect(await loadedBy(box, line.split(' '))).toEqual(chunks);
});
