import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { AGENTQ_BIN, NODE } from '../../kit/processes/run-agentq.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';
import { until } from '../../kit/scene/work-session.ts';

const hasTmux = spawnSync('tmux', ['-V']).status === 0;
// The name tells what was skipped.
const NAME = `agentq status --watch in a terminal${hasTmux ? '' : ' (skipped: there is no tmux)'}`;

/** A terminal with a shell in the clone. */
class Terminal {
  readonly #box: Scene;

  private constructor(box: Scene) {
    this.#box = box;
  }

  static async open(box: Scene): Promise<Terminal> {
    const terminal = new Terminal(box);
    box.owns({ close: () => terminal.#tmux('kill-server').then(() => undefined) });
    const shell = `cd '${box.path('clone')}' && PS1='ready> ' exec bash --norc --noprofile -i`;
    await terminal.#tmux('-f', '/dev/null', 'new-session', '-d', '-x', '100', '-y', '24', `sh -c "${shell}"`);
    await terminal.shows('ready>');
    return terminal;
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    return (await this.#box.run(this.#box.root, 'tmux', ['-S', this.#box.path('tmux'), ...args])).stdout;
  }

  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  screen(): Promise<string> {
    return this.#tmux('capture-pane', '-p');
  }

  /** Waits until the screen has all of these words, and returns it. */
  async shows(...words: readonly string[]): Promise<string> {
    let screen = '';
    await until(async () => {
      screen = await this.screen();
      return words.every((word) => screen.includes(word));
    });
    return screen;
  }

  cursor(): Promise<string> {
    return this.#tmux('display-message', '-p', '#{cursor_flag} #{alternate_on}');
  }
}

describe.runIf(hasTmux)(NAME, () => {
  it('follows a claim, opens a task, finds, survives Ctrl-Z and another size, and leaves the terminal as it was', async () => {
    await using box = await scene({ tasks: 3, clones: ['clone', 'other'] });
    const terminal = await Terminal.open(box);
    await terminal.press(`'${NODE}' '${AGENTQ_BIN}' status --watch; echo "ended with $?"`, 'Enter');
    await terminal.shows('develop of origin', '0/3 done', 'NEXT', 'q quit');
    expect(await terminal.cursor()).toBe('0 1\n');

    await box.agentq('other', 'claim', 'a1', '--task', 'TASK-2');
    await terminal.shows('AGENTS', 'a1', 'working', '1 in progress');

    await terminal.press('/', 'TASK-3', 'Enter');
    await terminal.shows('FOUND 1');
    await terminal.press('Enter');
    await terminal.shows('id: TASK-3', 'LOG of auth/TASK-3', 'esc back');
    await terminal.press('Escape');
    await terminal.shows('FOUND 1');
    await terminal.press('Escape');
    await terminal.shows('NEXT');

    await terminal.press('C-z');
    await terminal.shows('Stopped');
    expect(await terminal.cursor()).toBe('1 0\n');
    await terminal.press('fg', 'Enter');
    await terminal.shows('develop of origin', 'NEXT');
    await terminal.resize(40, 12);
    await until(async () => {
      const lines = (await terminal.screen()).trimEnd().split('\n');
      return lines.length === 11 && lines[0]?.startsWith('develop of origin') === true;
    });

    await terminal.press('q');
    await terminal.shows('ready>');
    expect(await terminal.cursor()).toBe('1 0\n');

    await terminal.press('clear', 'Enter');
    await terminal.press(`'${NODE}' '${AGENTQ_BIN}' status --watch auth; echo "ended with $?"`, 'Enter');
    await terminal.shows('develop of origin | auth', 'PROJECTS');
    await terminal.press('C-c');
    await terminal.shows('ended with 130');
    expect(await terminal.cursor()).toBe('1 0\n');
  });
});

it('is a line for each change without a terminal, and ends when nobody reads', async () => {
  await using box = await scene({ tasks: 2, clones: ['clone', 'other'] });
  const child = spawn(NODE, [AGENTQ_BIN, 'status', '--watch'], { cwd: box.path('clone'), env: box.env });
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value).replace(/^\S+ {2}/, '');
  expect(await next()).toBe('0/2 done (0%), 2 ready');
  await box.agentq('other', 'claim', 'a1');
  expect(await next()).toBe('0/2 done (0%), 1 ready, 1 in progress');
  child.kill('SIGTERM');
  expect(await exit).toBe(143);
});
