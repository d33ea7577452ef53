import { describe, expect, it } from 'vitest';
import { ENVIRONMENT } from '../../src/cli/command/environment.ts';
import { GLOBAL_OPTIONS } from '../../src/cli/command/shared-options.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import { HELP_TOPICS, topicAsked } from '../../src/cli/reference/topic.ts';
import { topicText } from '../../src/cli/reference/topic-text.ts';
import { SETTING_KEYS } from '../../src/store/reading/settings.ts';

function helpOf(argv: readonly string[], columns?: number): string {
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  expect(parseCommandLine(argv, { version: '1.2.3', columns, write })).toEqual({ kind: 'shown' });
  return text;
}

const NAMES = COMMANDS.map(({ name }) => name);

describe('help', () => {
  it.each(HELP_TOPICS)('on %s fits the usual terminal', (topic) => {
    const lines = topicText(topic, 80).split('\n');
    expect(lines.length).toBeGreaterThan(20);
    // Addresses and names of pages cannot be broken.
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(topicAsked(['help', topic])).toBe(topic);
    expect(topicAsked([topic])).toBeUndefined();
  });

  it('explains every variable and every setting', () => {
    for (const { name } of ENVIRONMENT) expect(topicText('environment', 80)).toContain(`\n${name}`);
    for (const key of SETTING_KEYS) expect(topicText('settings', 80)).toContain(`\n${key}  `);
  });

  it.each([[[]], [['--help']], ...NAMES.map((name) => [[name, '--help']])])('of %j fits the usual terminal', (argv) => {
    for (const columns of [undefined, 80]) {
      expect(
        helpOf(argv, columns)
          .split('\n')
          .filter((line) => line.length > 80),
      ).toEqual([]);
    }
  });

  it('names every command, of agentq alone in a few lines', () => {
    for (const text of [helpOf([]), helpOf(['--help'])]) {
      for (const name of NAMES) expect(text).toMatch(new RegExp(`(^|[\\s,])${name}([\\s,]|$)`));
    }
    expect(helpOf([]).split('\n').length).toBeLessThan(16);
  });

  it('explains the options of every command in one place, and names them in all', () => {
    const all = helpOf(['--help']);
    for (const { flags, description } of GLOBAL_OPTIONS) {
      expect(all).toContain(flags);
      expect(all.replace(/\s+/g, ' ')).toContain(description);
    }
    const one = helpOf(['claim', '--help']);
    expect(one).toContain('--no-sync');
    expect(one).not.toContain('leave the checkout as it is');
  });

  it('is the same for `help` and `--help`, wherever other options stand', () => {
    const text = helpOf(['list', '--help']);
    expect(helpOf(['help', 'list'])).toBe(text);
    expect(helpOf(['-C', '.', 'help', 'list'])).toBe(text);
    expect(helpOf(['-q', 'list', '--help'])).toBe(text);
  });
});
