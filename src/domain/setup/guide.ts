import { EXIT_CODES_SAID } from './exit-codes.ts';

/** A command that an agent needs, and what it is for. A test compares them with what agentq has. */
interface Step {
  readonly command: string;
  readonly does: string;
}

const STEPS: readonly Step[] = [
  {
    command: 'agentq prime',
    does: 'says who you are, what you hold and what comes next. Run it at the beginning of a session, and whenever you have lost track.',
  },
  {
    command: 'agentq claim <agent-id>',
    does: 'gives you a task, and prints its name. Work on no task that you do not hold.',
  },
  { command: 'agentq prompt <task>', does: 'says what to do, where, and how to finish.' },
  {
    command: 'agentq heartbeat <task> <agent-id>',
    does: 'renews your claim: every 10 minutes, unless a hook or `agentq work` does it for you. After 30 minutes of silence somebody else gets the task.',
  },
  { command: 'agentq note <task> "<text>"', does: 'leaves a note for the next agent.' },
  {
    command: 'agentq ask <task> <agent-id> "<question>"',
    does: 'gives the task back with a question that only a person can answer.',
  },
  { command: 'agentq complete <task> <agent-id> [pr-url]', does: 'when all of it is done, and pushed.' },
  { command: 'agentq release <task> <agent-id> --reason "<why>"', does: 'when you cannot do it.' },
];

const EXIT_CODES = `Exit codes: ${EXIT_CODES_SAID.map(({ codes, means }) => `${codes.join(', ')} ${means}`).join('; ')}.`;

const RULES =
  'Commit your work to a branch of its own, never to that of the queue, and never edit the files of the queue by hand.';

const SERVER =
  'If you have the tools of the MCP server agentq, use them instead of these commands: the server renews what you claim with them.';

const INTRODUCTION =
  'The command `agentq` gives out the work in this repository as tasks. A task has one owner at a time, and a claim ends unless it is renewed.';

/** The instructions for every agent, as a section of a file that it always reads. */
export const SECTION: string = [
  '## Tasks: agentq',
  '',
  INTRODUCTION,
  '',
  ...STEPS.map(({ command, does }) => `- \`${command}\` ${does}`),
  '',
  SERVER,
  EXIT_CODES,
  RULES,
  '',
].join('\n');

const DESCRIPTION =
  'Claim, renew, finish or give back a task of this repository with the agentq command. Use it to start work, when the next task is requested, when a task is done or cannot be done, and when agentq ends with an exit code other than 0.';

/** The instructions for an agent that loads a skill when it needs one. */
export const SKILL: string = [
  '---',
  'name: agentq',
  `description: ${DESCRIPTION}`,
  '---',
  '',
  '# Tasks: agentq',
  '',
  `${INTRODUCTION} If \`agentq\` is not installed, run \`.agents-core/bin/agentq\` instead.`,
  '',
  '1. `agentq prime`: who you are (your agent id), what you hold, what comes next. Keep the id, and use it in every command.',
  '2. `agentq claim <agent-id>` prints the task that you now have, as `project/TASK-ID`. If you already hold one, go on with that.',
  '3. `agentq prompt <task>`: read it, and do what it says. Every line of its criteria must hold. `agentq show <task>` has the file.',
  '4. `agentq heartbeat <task> <agent-id>` every 10 minutes, unless hooks do it (they are set up here). Exit code 3: the task is not yours any more, stop.',
  '5. `agentq note <task> "<text>"`: what you found out, for the next agent.',
  '6. Push your branch, then `agentq complete <task> <agent-id> [pr-url]`, or `agentq review <task> <agent-id> <pr-url>` if somebody has to merge it first.',
  '7. If only a person knows: `agentq ask <task> <agent-id> "<question>"` gives the task back until it is answered. Then claim another.',
  '8. If you cannot do it: `agentq release <task> <agent-id> --reason "<why>"`. Do not claim the same task again at once.',
  '',
  SERVER,
  RULES,
  'If something else must be done, add a task for it: `agentq add --title "<what>" --details "<why, where>"`.',
  '',
  'If `AGENTQ_TASK_ID` is set, `agentq work` runs you: it renews and completes the task. Do it, exit with 0, and claim nothing.',
  '',
  '## What to do for each exit code',
  '',
  '| code | what to do |',
  '|---|---|',
  ...EXIT_CODES_SAID.map(({ codes, means }) => `| ${codes.join(', ')} | ${means} |`),
  '',
  'stdout has only the answer; errors are on stderr. `agentq help <command>` explains a command.',
  '',
].join('\n');

/** A rule of Cursor that is always part of its prompt. */
export const CURSOR_RULE: string = ['---', `description: ${DESCRIPTION}`, 'alwaysApply: true', '---', '', SECTION].join(
  '\n',
);

/** A command of Gemini CLI, which runs what is in `!{}` before it asks the model. */
export function geminiCommand(description: string, prompt: readonly string[]): string {
  return [`description = "${description}"`, 'prompt = """', ...prompt, '"""', ''].join('\n');
}

/** The commands of Gemini CLI, by the name of their file. */
export const GEMINI_COMMANDS: Readonly<Record<string, string>> = {
  prime: geminiCommand('What you hold in the queue of this repository, and what comes next', [
    'This is what the queue of this repository says:',
    '',
    '!{agentq prime}',
    '',
    'Say in two sentences what to do now, and wait.',
  ]),
  next: geminiCommand('Work on the next task of this repository', [
    'This is what the queue of this repository says:',
    '',
    '!{agentq prime}',
    '',
    'Go on with the task that you hold. If you hold none, claim one with `agentq claim <agent-id>`. Then read',
    '`agentq prompt <task>`, do what it says, and finish as it says. {{args}}',
  ]),
};
