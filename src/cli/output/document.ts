import type { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import type { Rendering } from './rendering.ts';
import { sanitizeJson } from './sanitize.ts';

/** One JSON document: indented on a terminal, on one line elsewhere. */
export function renderDocument(document: object, { isTerminal }: Pick<Rendering, 'isTerminal'>): string {
  return `${sanitizeJson(JSON.stringify(document, undefined, isTerminal ? 2 : undefined))}\n`;
}

/** The one JSON document that goes to stdout when a command fails. */
export function renderFailure(failure: Failure, rendering: Pick<Rendering, 'isTerminal'>): string {
  const { code, message, hint, details } = failure;
  const error = { code, message, ...given({ hint }), ...details };
  return renderDocument({ error: { ...error, code, message } }, rendering);
}
