import { ENVIRONMENT } from '../command/environment.ts';
import { EXIT_CODE_REFERENCE } from './exit-codes.ts';
import { hanging } from './hanging.ts';
import { SETTINGS } from './settings.ts';
import type { HelpTopic } from './topic.ts';

/** What `agentq help <topic>` prints, in lines of at most this many columns. */
export function topicText(topic: HelpTopic, width: number): string {
  return `${TEXTS[topic](width).join('\n')}\n`;
}

const TEXTS: Readonly<Record<HelpTopic, (width: number) => string[]>> = {
  settings: (width) => [
    ...hanging(
      '',
      'Settings, below `agentq:` in .agents-core/config/agentq.toon. Options and the environment win.',
      width,
    ),
    ...SETTINGS.flatMap(({ key, otherwise, from, meaning, page }) => [
      '',
      `${key}  ${otherwise}`,
      ...hanging('  ', from === 'branch' ? `${meaning} (read from the coordination branch)` : meaning, width),
      ...(page === undefined ? [] : [`  ${page}`]),
    ]),
  ],
  environment: (width) => [
    'Variables. Options win over them, and they win over the settings file.',
    ...ENVIRONMENT.flatMap(({ name, flag, meaning }) => [
      '',
      flag === undefined ? name : `${name}  ${flag}`,
      ...hanging('  ', meaning, width),
    ]),
  ],
  'exit-codes': (width) => [
    'Exit codes, and what a shell loop does then.',
    ...EXIT_CODE_REFERENCE.flatMap(({ codes, meaning, loop }) => [
      '',
      ...hanging(`${codes.join(', ')}  `.padEnd(5), meaning, width),
      ...hanging('     -> ', loop, width),
    ]),
  ],
};
