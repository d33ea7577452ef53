import { formatKey, type Question } from '../queue/task.ts';
import { descriptionOf } from '../rules/task-view.ts';
import type { Requirement, Situation, TaskFacts } from './facts.ts';
import type { PromptValues } from './template.ts';

/**
 * What a prompt can say about the task.
 * @param file the task's file, as text
 */
export function promptValues(
  { key, task, requires, failures }: TaskFacts,
  situation: Situation,
  file: string,
): PromptValues {
  return {
    task: formatKey(key),
    project: key.project,
    id: key.id,
    title: task.title ?? key.id,
    type: task.type ?? '',
    priority: String(task.priority),
    description: descriptionOf(task) ?? '',
    criteria: list(task.acceptanceCriteria),
    checks: list((task.verify ?? []).map(code)),
    touches: list((task.touches ?? []).map(code)),
    dependencies: list(requires.map(requirementLine)),
    notes: list((task.notes ?? []).map(({ at, agent, text }) => `${at} ${agent}: ${text}`)),
    questions: list((task.questions ?? []).flatMap(questionLines)),
    failures: list(failures.map(({ at, agent, reason }) => `${at} ${agent}: ${reason}`)),
    agent: situation.agent ?? '',
    branch: situation.branch ?? '',
    place: placeOf(situation),
    end: endOf(formatKey(key), situation, (task.verify ?? []).length > 0),
    file,
  };
}

function questionLines({ at, agent, text, answer }: Question): readonly string[] {
  const asked = `${at} ${agent} asked: ${text}`;
  return answer === undefined ? [asked] : [asked, `${answer.at} ${answer.agent} answered: ${answer.text}`];
}

function requirementLine({ key, title, state, prUrl, branch }: Requirement): string {
  const name = title === undefined ? formatKey(key) : `${formatKey(key)}, ${title}`;
  const where = [prUrl, branch === undefined ? undefined : `branch \`${branch}\``].filter((part) => part !== undefined);
  return [`${name} (${state})`, ...where].join(', ');
}

function placeOf({ worktree, branch, base, queueBranch }: Situation): string {
  const from = base === undefined ? "the repository's default branch" : `\`${base}\``;
  const never = `Commit nothing to \`${queueBranch}\`, where the tasks are given out.`;
  if (worktree !== undefined) {
    const on = branch === undefined ? 'on a branch' : `on the branch \`${branch}\``;
    return `In \`${worktree}\`, a worktree ${on} that is yours alone. It is for ${from}. ${never}`;
  }
  const suchAs = branch === undefined ? '' : `, such as \`${branch}\``;
  return `On a branch of your own${suchAs}, from ${from}. ${never}`;
}

function endOf(task: string, { agent = '<agent-id>', holds }: Situation, hasChecks: boolean): string {
  const first = hasChecks ? 'Run the checks above first. ' : '';
  switch (holds) {
    case 'worker':
      return `${first}When all of it is done and committed, end: your worker renews the claim meanwhile, and completes the task. If you cannot do it, run \`agentq release --reason "<why>"\` before you end. If only a person can tell how to go on, run \`agentq ask "<question>"\`, and end. \`agentq note "<text>"\` leaves a note for whoever comes next.`;
    case 'holder':
      return `${first}When all of it is done and committed, run \`agentq complete ${task} ${agent} [pr-url]\`. If you cannot do it, run \`agentq release ${task} ${agent} --reason "<why>"\`. If only a person can tell how to go on, run \`agentq ask ${task} ${agent} "<question>"\`, which gives it back, too. Until then, run \`agentq heartbeat ${task} ${agent}\` every few minutes. Exit code 3 of any of them means that the task is not yours any more: stop.`;
    case 'nobody':
      return `You do not hold this task. Before anything else, run \`agentq claim ${agent} --task ${task}\`, and begin only if its exit code is 0. ${first}When all of it is done and committed, run \`agentq complete ${task} ${agent} [pr-url]\`, or \`agentq release ${task} ${agent} --reason "<why>"\` if you cannot do it.`;
  }
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** As Markdown has code; a text with a backtick of its own needs more of them around it. */
function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}
