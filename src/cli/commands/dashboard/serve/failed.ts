import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Failure } from '../../../../domain/base/failure.ts';
import { given } from '../../../../domain/base/given.ts';
import { exitCodeOf } from '../../../output/exit-codes.ts';
import { failureFrom } from '../../../output/failure-from.ts';

/** What the page gets instead of an answer. */
export interface FailedAnswer {
  readonly status: ContentfulStatusCode;
  readonly body: { readonly error: { readonly code: string; readonly message: string; readonly hint?: string } };
}

/** By the exit code of the command that would fail so. */
const STATUS: Readonly<Record<number, ContentfulStatusCode>> = { 2: 409, 3: 409, 4: 502, 64: 400 };

/** What the task itself does not allow. */
const CONFLICTS: ReadonlySet<string> = new Set(['task-invalid', 'task-unreadable', 'task-in-two-states']);

/** A failure as the page is told it: with the code, the words and the hint that a command has. */
export async function answerTo(error: unknown): Promise<FailedAnswer> {
  if (error instanceof HTTPException) {
    return { status: error.status, body: { error: { code: 'usage', message: error.message || 'it is too large' } } };
  }
  const failure = await failureFrom(error);
  const { code, message, hint } = failure;
  return { status: statusOf(failure), body: { error: { code, message, ...given({ hint }) } } };
}

function statusOf(failure: Failure): ContentfulStatusCode {
  if (failure.code === 'unknown-task') return 404;
  return CONFLICTS.has(failure.code) ? 409 : (STATUS[exitCodeOf(failure)] ?? 500);
}
