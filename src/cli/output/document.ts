import type { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import type { Rendering } from './rendering.ts';
import { sanitizeJson } from './sanitize.ts';

/** One JSON document, indented for a terminal and on one line for everybody else. */
export function renderDocument(document: object, { isTerminal }: Pick<Rendering, 'isTerminal'>): string {
  return `${sanitizeJson(JSON.stringify(document, undefined, isTerminal ? 2 : undefined))}\n`;
}

/** The one JSON document that stands on stdout when a command failed. */
export function renderFailure(failure: Failure, rendering: Pick<Rendering, 'isTerminal'>): string {
  const { code, message, hint, details } = failure;
  const error = { code, message, ...given({ hint }), ...details };
  return renderDocument({ error: { ...error, code, message } }, rendering);
}
