import { asciiFirst } from './ascii-first.ts';

/**
 * Which names agentq accepts from outside (CONTRACT 7.6). Each becomes part of a path, a commit, a ref or a git
 * argument, so each is checked before that. No name can be an option, leave the queue's folders, add a line to a file
 * or a commit, or carry a terminal escape.
 */

/** Control characters (C0 excepted), direction marks and overrides, invisible characters, line separators, tags. */
const HIDDEN =
  '\\u007f-\\u009f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}';
const HIDDEN_CHARACTERS = new RegExp(`[${HIDDEN}]+`, 'gu');
const HIDDEN_OR_CONTROL = new RegExp(`[\\u0000-\\u001f${HIDDEN}]`, 'u');

/** Whether a terminal would not show part of the text, or would show the rest differently because of it. */
export function hasHidden(text: string): boolean {
  return HIDDEN_OR_CONTROL.test(text);
}

/** The text without characters that a terminal would not show. */
export function withoutHidden(text: string): string {
  return text.replace(HIDDEN_CHARACTERS, '');
}

const AGENT = /^[A-Za-z0-9][A-Za-z0-9._@+-]*$/;
const AUTHOR = asciiFirst(/^[\p{L}\p{N}](?:[^"\\#<>:]*[^"\\#<>:\s])?$/u);
const PROJECT = asciiFirst(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u);
const TASK_ID = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** Ids that agentq makes or that older versions made. */
const REQUEST = /^[a-z0-9][a-z0-9-]{5,63}$/;
const REMOTE = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;

/** Longest agent id, project name or task id (characters): 300 would overflow a file name on some systems. */
export const MAX_NAME_LENGTH = 100;

/** @returns what is wrong with the agent id, or undefined if it is valid. */
export function agentProblem(value: string): string | undefined {
  return nameProblem('agent id', value, AGENT, 'letters, digits and . _ @ + -, starting with a letter or digit');
}

/**
 * Who writes a note: an agent, or a person by the name that git has.
 * @returns what is wrong with the name, or undefined if it is valid.
 */
export function authorProblem(value: string): string | undefined {
  const rule = 'a name on one line without quotes, backslashes, colons, #, < and >, starting with a letter or digit';
  return hasHidden(value) ? `author ${quote(value)} is not valid: ${rule}` : nameProblem('author', value, AUTHOR, rule);
}

/** The name of a person as an author of notes; undefined if nothing is left of it. */
export function authorFrom(name: string): string | undefined {
  const plain = withoutHidden(name.replace(/[\u0000-\u001f"\\#<>:]+/g, ' '));
  const cut = plain
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .replace(/\.{2,}/g, '.')
    .replace(/ {2,}/g, ' ')
    .slice(0, MAX_NAME_LENGTH)
    .trim();
  return authorProblem(cut) === undefined ? cut : undefined;
}

/** @returns what is wrong with the project name, or undefined if it is valid. */
export function projectProblem(value: string): string | undefined {
  return nameProblem('project', value, PROJECT, 'letters, digits and . _ -, starting with a letter or digit');
}

/** @returns what is wrong with the task id, or undefined if it is valid. */
export function taskIdProblem(value: string): string | undefined {
  return nameProblem('task id', value, TASK_ID, 'letters, digits and . _ -, starting with a letter or digit');
}

/**
 * Like {@link taskIdProblem}, but for new tasks: a task's worktree gets a branch with its name. Existing files with
 * other names are still read.
 * @returns what is wrong with the task id, or undefined if it is valid.
 */
export function newTaskIdProblem(value: string): string | undefined {
  const problem = taskIdProblem(value);
  if (problem !== undefined) return problem;
  return /\.(?:lock)?$/i.test(value) ? `task id ${quote(value)} could not be the name of a branch` : undefined;
}

/** @returns what is wrong with the remote's name, or undefined if it is valid. URLs are not names. */
export function remoteProblem(value: string): string | undefined {
  return (
    nameProblem('remote', value, REMOTE, 'the name of a remote of this repository, not a URL') ??
    (value.endsWith('/') || value.endsWith('.lock') ? `remote ${quote(value)} is not a name git accepts` : undefined)
  );
}

/**
 * The rules of `git check-ref-format --branch`, without the shorthands that it expands.
 * @returns what is wrong with the branch name, or undefined if it is valid.
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

/** @returns what is wrong with the URL of a pull request, or undefined if it is valid. */
export function prUrlProblem(value: string): string | undefined {
  const fine = value.length <= 500 && /^https?:\/\/[^\s"'\\<>`{}|^]+$/.test(value) && !hasHidden(value);
  return fine ? undefined : `pull request URL ${quote(value)} is not an http(s) URL`;
}

/** @returns what is wrong with the id of a request, or undefined if it is valid. */
export function requestProblem(value: string): string | undefined {
  return REQUEST.test(value) ? undefined : `request ${quote(value)} is not the id of a request`;
}

/** @returns what is wrong with the id of a claim, or undefined if it is valid. */
export function claimIdProblem(value: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(value) ? undefined : `claim id ${quote(value)} is not valid`;
}

/**
 * The text in quotes on one line, with control characters as escapes, cut to a readable length: safe for a terminal.
 */
export function quote(value: string): string {
  const shown = value.length > 80 ? `${value.slice(0, 77)}...` : value;
  return JSON.stringify(shown).replace(HIDDEN_CHARACTERS, (text) => Array.from(text, escapeCharacter).join(''));
}

function nameProblem(what: string, value: string, allowed: Pick<RegExp, 'test'>, rule: string): string | undefined {
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
