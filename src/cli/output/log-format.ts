import type { Environment } from './io.ts';

/** What lines on stderr are. */
export type LogFormat = 'text' | 'json';

/** The format that a command line asks for, before it is parsed: a misspelt option must not turn JSON into text. */
export function guessLogFormat(argv: readonly string[], env: Environment): LogFormat {
  const end = argv.indexOf('--');
  const options = end < 0 ? argv : argv.slice(0, end);
  if (options.includes('--log-format=json')) return 'json';
  const at = options.indexOf('--log-format');
  return (at < 0 ? env.AGENTQ_LOG_FORMAT : options[at + 1]) === 'json' ? 'json' : 'text';
}
