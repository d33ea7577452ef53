/**
 * Which names agentq accepts from outside (CONTRACT 7.6). Each becomes part of a path, a commit, a ref or a git argument,
 * so each is checked before it gets anywhere near one: none can be an option, leave the queue's folders, add a line to a
 * file or a commit, or carry a terminal escape.
 */

/** Controls but those of C0, marks and overrides of direction, what is invisible, separators of lines, tags. */
const HIDDEN =
  '\\u007f-\\u009f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}';
const HIDDEN_CHARACTERS = new RegExp(`[${HIDDEN}]+`, 'gu');
const HIDDEN_OR_CONTROL = new RegExp(`[\\u0000-\\u001f${HIDDEN}]`, 'u');

/** Whether some of the text would not be seen on a terminal, or would change what is seen of the rest. */
export function hasHidden(text: string): boolean {
  return HIDDEN_OR_CONTROL.test(text);
}

const AGENT = /^[A-Za-z0-9][A-Za-z0-9._@+-]*$/;
const PROJECT = /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u;
const TASK_ID = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** Ids that agentq makes, and those that older versions made. */
const REQUEST = /^[a-z0-9][a-z0-9-]{5,63}$/;
const REMOTE = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;

/** Longest agent id, project name and task id: 300 characters would overflow a file name on some systems. */
export const MAX_NAME_LENGTH = 100;

/** @returns what is wrong with the agent id, or undefined where it is fine. */
export function agentProblem(value: string): string | undefined {
  return nameProblem('agent id', value, AGENT, 'letters, digits and . _ @ + -, starting with a letter or digit');
}

/** @returns what is wrong with the project name, or undefined where it is fine. */
export function projectProblem(value: string): string | undefined {
  return nameProblem('project', value, PROJECT, 'letters, digits and . _ -, starting with a letter or digit');
}

/** @returns what is wrong with the task id, or undefined where it is fine. */
export function taskIdProblem(value: string): string | undefined {
  return nameProblem('task id', value, TASK_ID, 'letters, digits and . _ -, starting with a letter or digit');
}

/**
 * What a task must not be called that is new: its worktree could not get a branch of that name. Files with such names are
 * read like any other.
 * @returns what is wrong with the task id, or undefined where it is fine.
 */
export function newTaskIdProblem(value: string): string | undefined {
  const problem = taskIdProblem(value);
  if (problem !== undefined) return problem;
  return /\.(?:lock)?$/i.test(value) ? `task id ${quote(value)} could not be the name of a branch` : undefined;
}

/** @returns what is wrong with the remote's name, or undefined where it is fine. URLs are not names. */
export function remoteProblem(value: string): string | undefined {
  return (
    nameProblem('remote', value, REMOTE, 'the name of a remote of this repository, not a URL') ??
    (value.endsWith('/') || value.endsWith('.lock') ? `remote ${quote(value)} is not a name git accepts` : undefined)
  );
}

/**
 * The rules of `git check-ref-format --branch`, and none of the shorthands it expands.
 * @returns what is wrong with the branch name, or undefined where it is fine.
 */
export function branchProblem(value: string): string | undefined {
  const wrong =
    value.length === 0 ||
    value.length > 200 ||
    /[\u0000-\u0020\u007f~^:?*[\\\u0080-\u009f]/.test(value) ||
    /^[-+/]|\/$|\/\/|\.\.|@\{|\.$/.test(value) ||
    value === '@' ||
    value === 'HEAD' ||
    value.startsWith('refs/') ||
    value.split('/').some((part) => part.startsWith('.') || part.endsWith('.lock'));
  return wrong ? `branch ${quote(value)} is not a branch name git accepts` : undefined;
}

/** @returns what is wrong with the URL of a pull request, or undefined where it is fine. */
export function prUrlProblem(value: string): string | undefined {
  const fine = value.length <= 500 && /^https?:\/\/[^\s"'\\<>`{}|^]+$/.test(value) && !hasHidden(value);
  return fine ? undefined : `pull request URL ${quote(value)} is not an http(s) URL`;
}

/** @returns what is wrong with the id of a request, or undefined where it is fine. */
export function requestProblem(value: string): string | undefined {
  return REQUEST.test(value) ? undefined : `request ${quote(value)} is not the id of a request`;
}

/** @returns what is wrong with the id of a claim, or undefined where it is fine. */
export function claimIdProblem(value: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(value) ? undefined : `claim id ${quote(value)} is not one`;
}

/** The text on one line with control characters shown as escapes, cut to a readable length: safe for a terminal. */
export function quote(value: string): string {
  const shown = value.length > 80 ? `${value.slice(0, 77)}...` : value;
  return JSON.stringify(shown).replace(HIDDEN_CHARACTERS, (text) => Array.from(text, escapeCharacter).join(''));
}

function nameProblem(what: string, value: string, allowed: RegExp, rule: string): string | undefined {
  if (value.length === 0) return `${what} is empty`;
  if (value.length > MAX_NAME_LENGTH)
    return `${what} is ${value.length} characters long, the limit is ${MAX_NAME_LENGTH}`;
  if (!allowed.test(value) || value.includes('..')) return `${what} ${quote(value)} is not valid: ${rule}`;
  return undefined;
}

function escapeCharacter(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }).join('');
}
