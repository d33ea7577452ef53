import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { Failure } from '../../../domain/base/failure.ts';
import { given } from '../../../domain/base/given.ts';
import { exitCodeOf } from '../../output/exit-codes.ts';

/** On the command line, `--request` says what became of it. For a claim, the session finds that out by itself. */
const LOOK_FIRST =
  'a claim that landed after all is given back by itself; before you do anything else again, check with show or status';

/** The answer of a tool: as data, and as text for clients that do not read data. */
export function answerOf(document: Readonly<Record<string, unknown>>, notices: readonly string[]): CallToolResult {
  const structuredContent = { ...noticed(notices), ...document };
  return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
}

/** What the CLI says with `--json` and by its exit code, as the answer of a tool. */
export function failedAnswer(failure: Failure, notices: readonly string[]): CallToolResult {
  const { code, message } = failure;
  const hint = failure.details.mayHaveLanded === true ? LOOK_FIRST : failure.hint;
  const error = { code, message, ...given({ hint }), exitCode: exitCodeOf(failure) };
  // No `structuredContent`: it would have to have the form of a success.
  return { isError: true, content: [{ type: 'text', text: JSON.stringify({ ...noticed(notices), error }) }] };
}

function noticed(notices: readonly string[]): { readonly notices?: readonly string[] } {
  return notices.length === 0 ? {} : { notices };
}
