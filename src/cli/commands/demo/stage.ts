import type { Sandbox } from '../../../../lab/sandbox/sandbox.ts';
import type { Clock } from '../../../domain/base/clock.ts';
import { Failure } from '../../../domain/base/failure.ts';
import { type OwnRun, runOwnProcess } from '../../command/own-process.ts';
import { sanitizeLine } from '../../output/sanitize.ts';
import type { Style } from '../../output/style.ts';
import type { DemoCommand, DemoStep } from './result.ts';

export interface StageOptions {
  readonly sandbox: Sandbox;
  readonly style: Style;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether a command may draw on the terminal that shows the demo. */
  readonly canDraw: boolean;
  /** Prints one line at once. */
  say(line: string): void;
}

/** A command line for one agent, in that agent's own clone. */
export interface Cue {
  readonly agent: string;
  readonly args: readonly string[];
}

/** What an exit code of the demo means, in words. */
const MEANINGS: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'nothing to claim',
  3: 'not yours any more',
};

/** Shows the demo step by step, runs its commands, and records what happened. */
export class Stage {
  readonly #options: StageOptions;
  readonly #steps: { title: string; text: readonly string[]; commands: DemoCommand[] }[] = [];

  constructor(options: StageOptions) {
    this.#options = options;
  }

  /** What has happened so far. */
  get steps(): readonly DemoStep[] {
    return this.#steps;
  }

  /** Begins a step: its title on one line, and an explanation on a few. */
  step(title: string, ...text: readonly string[]): void {
    const { say, style } = this.#options;
    this.#steps.push({ title, text, commands: [] });
    say('');
    say(style.bold(`${this.#steps.length}. ${title}`));
    for (const line of text) say(`   ${line}`);
  }

  /**
   * Runs one command and shows it with its output.
   * @throws Failure `internal` if its exit code is not the expected one
   */
  async run(cue: Cue, expected: number): Promise<string> {
    const [command] = await this.runAtOnce([cue]);
    if (command?.exitCode !== expected) {
      throw new Failure('internal', `the demo's \`${command?.command}\` ended with ${command?.exitCode}`);
    }
    return command.stdout;
  }

  /**
   * Runs one command and shows its output as it comes; on a terminal, the command itself draws there.
   * @param typed its last argument as a user types it, with the quotes
   * @throws Failure `internal` if it does not succeed
   */
  async runLive({ agent, args }: Cue, last: string, typed: string): Promise<void> {
    const { sandbox, signal, say, style, canDraw } = this.#options;
    say('');
    const command = `${commandLine({ agent, args })} ${typed}`;
    this.#sayCommand(command, '');
    const run = await runOwnProcess(['-C', agent, ...args, last], {
      cwd: sandbox.root,
      env: sandbox.env,
      signal,
      stderr: canDraw ? 'inherit' : (line) => say(`     ${style.dim(sanitizeLine(line))}`),
    });
    const { stdout, stderr, exitCode } = run;
    this.#steps.at(-1)?.commands.push({ agent, command, exitCode, stdout, stderr });
    this.#sayOutput({ agent, command, exitCode, stdout, stderr: '' });
    if (exitCode !== 0) throw new Failure('internal', `the demo's \`${command}\` ended with ${exitCode}`);
  }

  /** Runs several commands at the same time, each in a process of its own. */
  async runAtOnce(cues: readonly Cue[]): Promise<readonly DemoCommand[]> {
    const { sandbox, signal, say } = this.#options;
    say('');
    const several = cues.length > 1;
    if (several) for (const cue of cues) this.#sayCommand(commandLine(cue), ' &');
    const runs = await Promise.all(
      cues.map(({ agent, args }) =>
        runOwnProcess(['-C', agent, ...args], { cwd: sandbox.root, env: sandbox.env, signal }),
      ),
    );
    const commands = cues.map((cue, index) => toCommand(cue, runs[index]));
    for (const command of commands) {
      if (several) say('');
      this.#sayCommand(command.command, '');
      this.#sayOutput(command);
    }
    this.#steps.at(-1)?.commands.push(...commands);
    return commands;
  }

  /** Shows a command of another program, and its output. */
  aside(command: string, lines: readonly string[]): void {
    this.#options.say('');
    this.#sayCommand(command, '');
    this.#show(lines);
  }

  /**
   * Waits for the next second: times are in whole seconds, and a heartbeat in the second of the claim changes nothing.
   */
  async nextSecond(): Promise<void> {
    const { clock, signal } = this.#options;
    await clock.sleep(1000 - (clock.now() % 1000), signal);
  }

  #show(lines: readonly string[]): void {
    const { say } = this.#options;
    for (const line of lines) say(`   ${line === '' ? '' : `  ${sanitizeLine(line)}`}`.trimEnd());
  }

  #sayCommand(command: string, end: string): void {
    const { say, style } = this.#options;
    say(`   ${style.green('$')} ${command}${style.dim(end)}`);
  }

  #sayOutput({ stdout, stderr, exitCode }: DemoCommand): void {
    const { say, style } = this.#options;
    // Messages come before the answer.
    for (const line of linesOf(stderr)) say(`     ${style.dim(sanitizeLine(line))}`);
    this.#show(linesOf(stdout));
    const meaning = MEANINGS[exitCode ?? -1];
    const end = `exit ${exitCode}${meaning === undefined ? '' : `: ${meaning}`}`;
    say(`     ${exitCode === 0 ? style.dim(end) : style.yellow(end)}`);
  }
}

/** The command as a user types it in the folder of the demo. */
function commandLine({ agent, args }: Cue): string {
  return ['agentq', '-C', agent, ...args].join(' ');
}

function toCommand(cue: Cue, run: OwnRun | undefined): DemoCommand {
  const { exitCode, stdout, stderr } = run ?? { exitCode: null, stdout: '', stderr: '' };
  return { agent: cue.agent, command: commandLine(cue), exitCode, stdout, stderr };
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
