import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../../../domain/base/failure.ts';
import { quote } from '../../../domain/base/names.ts';
import { DEFAULT_PROMPT, expandPrompt, PROMPT_FIELDS, type PromptValues } from '../../../domain/prompt/template.ts';

/** Largest template (bytes). */
const MAX_BYTES = 1_000_000;

const NO_VALUES = Object.fromEntries(PROMPT_FIELDS.map((field) => [field, ''])) as PromptValues;

/**
 * The template of a prompt.
 * @param path as the user names it; undefined: the built-in one
 * @throws Failure `config-invalid` if it cannot be read or filled in: a worker must not find out at its first task
 */
export function readTemplate(path: string | undefined, dir: string): string {
  if (path === undefined) return DEFAULT_PROMPT;
  const template = textOf(resolve(dir, path), path);
  const tried = expandPrompt(template, NO_VALUES);
  if (tried.kind === 'problem') throw unusable(path, tried.problem);
  return template;
}

function textOf(file: string, path: string): string {
  let bytes: Uint8Array;
  try {
    const stat = statSync(file);
    if (!stat.isFile()) throw unusable(path, 'it is not a regular file');
    if (stat.size > MAX_BYTES) throw unusable(path, 'it is larger than 1 MB');
    bytes = readFileSync(file);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw unusable(path, cause instanceof Error ? cause.message : String(cause));
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unusable(path, 'it is not UTF-8');
  }
}

function unusable(path: string, why: string): Failure {
  return new Failure('config-invalid', `the template ${quote(path)} cannot be used: ${why}`);
}
